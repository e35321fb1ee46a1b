"""Manifests as browsers see, edit and make them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .. import errors, process
from ..environments import planning
from ..errors import EditRefused
from ..model import Workspace
from ..workspaces import creating, files, formats, saving, specs, suggesting
from ..workspaces.editors import EDITORS
from . import answers, manifest_work
from .places import Places

#: Bytes of a manifest from which on a process of its own is worth its start.
LARGE = 2**16
#: Seconds for that process: a megabyte takes some.
PATIENCE = 300.0


class Manifests:
    """What a request says comes as it was sent, and is what wire.json defines."""

    def __init__(self, places: Places) -> None:
        self._places = places

    async def do(self, task: str, request: Mapping[str, Any]) -> str:
        """A task of :mod:`.manifest_work` on the manifest of the request's workspace; the answer as JSON."""
        file, kind, name = await asyncio.to_thread(self._edited, request["workspace"])
        request = {**request, "manifest": name}
        found = await asyncio.to_thread(files.signature, file)  # None where it has gone meanwhile
        if found and found.size > LARGE:
            return await _apart(task, file, kind, request)
        return await asyncio.to_thread(lambda: answers.text(manifest_work.do(task, file, kind, request)))

    async def planned(self, request: Mapping[str, Any]) -> tuple[Path, str]:
        """The manifest that a dry run is about, and its text after the edits."""
        workspace = await asyncio.to_thread(self._places.workspace, request["workspace"])
        planning.demand_possible(workspace)
        if request["edits"]:
            return workspace.manifest, json.loads(await self.do("after", request))["text"]
        now = await asyncio.to_thread(saving.demand, workspace.manifest, request["digest"])
        return workspace.manifest, now.text

    def draft(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A new workspace's manifest: shown, or made. Writes files: not for the server's loop."""
        folder = self._places.folder(request["folder"])
        draft = creating.Draft(
            format=request["format"],
            name=request["name"],
            python=request["python"],
            packages=tuple(request["packages"]),
            pypi=tuple(request["pypi"]),
            channels=tuple(request["channels"]),
            cuda=request["cuda"],
        )
        drafted = creating.compose(draft)
        creating.check_folder(folder, draft)
        made = creating.write(folder, draft) if request["write"] else None
        return {
            "manifest": self._places.name(folder / drafted.file_name),
            "text": drafted.text,
            "notes": drafted.notes,
            "workspace": made and self._places.name(formats.address(formats.open_workspace(made))),
        }

    def suggest(self, source: str) -> dict[str, Any]:
        """A draft to begin with, from what a file asks for. Reads files: not for the server's loop."""
        file = self._places.file(source)
        found = suggesting.suggest(file)
        folder = self._places.name(file.parent)
        return {"draft": {**asdict(found.draft), "folder": folder, "write": False}, "notes": found.notes}

    def check(self, kind: str, text: str) -> dict[str, Any]:
        """What somebody types into the field for a package."""
        typed = specs.check(kind, text)
        return {"ok": typed.ok, **asdict(typed)}

    def _edited(self, name: str) -> tuple[Path, str, str]:
        workspace = self._places.workspace(name)
        demand_editable(workspace, self._places)
        return workspace.manifest, workspace.format, self._places.name(workspace.manifest)


def demand_editable(workspace: Workspace, places: Places) -> None:
    """Raise EditRefused where nothing may edit the workspace's manifest."""
    if workspace.format not in EDITORS:
        raise EditRefused(
            f"{workspace.manifest}: manifests of the format “{workspace.format}” are not edited here.",
            remedy="Open the file, and change it there.",
        )
    if not places.owns(workspace):
        raise EditRefused(
            f"{workspace.manifest} is a link that leads out of the server's root folder.",
            remedy="Edit the file where it lies.",
        )


async def _apart(task: str, file: Path, kind: str, request: Mapping[str, Any]) -> str:
    """Do a task in a process of its own."""
    job = {"task": task, "file": str(file), "kind": kind, "request": request}
    with TemporaryDirectory(prefix="appose-kernel-", ignore_cleanup_errors=True) as folder:
        await asyncio.to_thread(Path(folder, "job.json").write_text, json.dumps(job), "utf-8")
        argv = [sys.executable, "-m", manifest_work.__name__, folder]
        answer = await process.output(argv, env=os.environ, cwd=Path(folder), timeout=PATIENCE)
    if answer.startswith('{"error"'):
        raise errors.from_dict(json.loads(answer)["error"])
    return answer
