"""Manifests as browsers see and edit them. Reads and writes files: not for the server's loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..environments import folders, planning
from ..errors import EditRefused
from ..model import Workspace
from ..workspaces import creating, edits, formats, line_diff, saving, specs
from ..workspaces.editors import EDITORS, Editor
from .places import Places


class Manifests:
    """Each answer is as wire.json defines it; what a request says comes as it was sent."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def show(self, workspace: str) -> dict[str, Any]:
        """A manifest as it is on the disk."""
        file, editor = self._edited(workspace)
        now = saving.read(file)
        return {
            "manifest": self._places.name(file),
            "digest": now.digest,
            "text": now.text,
            "outline": asdict(editor.outline(file, now.text)),
        }

    def preview(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What a manifest would be after the edits; nothing is written."""
        file, editor = self._edited(request["workspace"])
        found = saving.preview(editor, file, request["digest"], _edits(request))
        return {
            "digest": found.digest,
            "text": found.after,
            "diff": [asdict(line) for line in line_diff.diff(found.before, found.after)],
            "outline": asdict(editor.outline(file, found.after)),
        }

    def save(self, request: Mapping[str, Any]) -> dict[str, Any]:
        file, editor = self._edited(request["workspace"])
        written = saving.save(editor, file, request["digest"], _edits(request), history=_history())
        return asdict(written)

    def restore(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Give a manifest the exact bytes back that it had before."""
        file, _ = self._edited(request["workspace"])
        return asdict(saving.restore(file, request["digest"], request["to"], history=_history()))

    def planned(self, request: Mapping[str, Any]) -> tuple[Path, str]:
        """The manifest that a dry run is about, and its text after the edits."""
        workspace = self._places.workspace(request["workspace"])
        planning.demand_possible(workspace)
        if request["edits"]:
            found = saving.preview(
                editor(workspace, self._places), workspace.manifest, request["digest"], _edits(request)
            )
            return workspace.manifest, found.after
        return workspace.manifest, saving.demand(workspace.manifest, request["digest"]).text

    def draft(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A new workspace's manifest: shown, or made."""
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

    def check(self, kind: str, text: str) -> dict[str, Any]:
        """What somebody types into the field for a package."""
        typed = specs.check(kind, text)
        return {"ok": typed.ok, **asdict(typed)}

    def _edited(self, name: str) -> tuple[Path, Editor]:
        workspace = self._places.workspace(name)
        return workspace.manifest, editor(workspace, self._places)


def editor(workspace: Workspace, places: Places) -> Editor:
    """What edits the workspace's manifest. Raises EditRefused where nothing may."""
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
    return EDITORS[workspace.format]


def _edits(request: Mapping[str, Any]) -> list[edits.Edit]:
    return [edits.from_dict(edit) for edit in request["edits"]]


def _history() -> Path:
    return folders.state_dir() / "history"
