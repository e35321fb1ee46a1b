"""What is done with one manifest for a browser: in a thread, or, with a large one, in a process of its own:
``python -m appose_kernel.server.manifest_work FOLDER``.

The process reads ``job.json`` in FOLDER and prints an answer of wire.json, or ``{"error": …}``. A thread
would not do: while C parses a megabyte of TOML, or its garbage is collected, the server's loop stands still.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..environments import folders
from ..errors import ApposeKernelError
from ..workspaces import edits, line_diff, saving
from ..workspaces.editors import EDITORS, Editor
from . import answers

Request = Mapping[str, Any]


def do(task: str, file: Path, kind: str, request: Request) -> dict[str, Any]:
    """A task of :data:`TASKS` with a manifest of the format ``kind``; ``request`` is as wire.json has it, and
    ``manifest`` in it what browsers call the file."""
    return TASKS[task](EDITORS[kind], file, request)


def _show(editor: Editor, file: Path, request: Request) -> dict[str, Any]:
    now = saving.read(file)
    return {
        "manifest": request["manifest"],
        "digest": now.digest,
        "text": now.text,
        "outline": asdict(editor.outline(file, now.text)),
    }


def _preview(editor: Editor, file: Path, request: Request) -> dict[str, Any]:
    found = saving.preview(editor, file, request["digest"], _edits(request))
    return {
        "digest": found.digest,
        "text": found.after.text,
        "diff": [asdict(line) for line in line_diff.diff(found.before, found.after.text)],
        "outline": asdict(found.after.outline),
    }


def _after(editor: Editor, file: Path, request: Request) -> dict[str, Any]:
    return {"text": saving.preview(editor, file, request["digest"], _edits(request)).after.text}


def _save(editor: Editor, file: Path, request: Request) -> dict[str, Any]:
    return asdict(saving.save(editor, file, request["digest"], _edits(request), history=_history()))


def _restore(editor: Editor, file: Path, request: Request) -> dict[str, Any]:
    return asdict(saving.restore(file, request["digest"], request["to"], history=_history()))


TASKS: dict[str, Callable[[Editor, Path, Request], dict[str, Any]]] = {
    "show": _show,
    "preview": _preview,
    "after": _after,
    "save": _save,
    "restore": _restore,
}


def _edits(request: Request) -> list[edits.Edit]:
    return [edits.from_dict(edit) for edit in request["edits"]]


def _history() -> Path:
    return folders.state_dir() / "history"


def main(argv: Sequence[str]) -> None:
    job = json.loads(Path(argv[0], "job.json").read_text(encoding="utf-8"))
    try:
        answer = answers.text(do(job["task"], Path(job["file"]), job["kind"], job["request"]))
    except ApposeKernelError as error:
        answer = json.dumps({"error": error.to_dict()})
    sys.stdout.write(answer)


if __name__ == "__main__":
    main(sys.argv[1:])
