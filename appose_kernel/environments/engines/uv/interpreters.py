"""Which interpreters uv gets to see, and what is said when none fits."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, suppress
from pathlib import Path

from ....errors import ApposeKernelError, ToolFailed, ToolNotFound
from ....model import WINDOWS, Phase, Step, Workspace
from .command import Uv


def search_path(environ: Mapping[str, str]) -> str:
    """``PATH`` for uv: interpreters instead of pyenv's shims for them, and last the one that runs us.

    A shim is there for every version, but fails unless that version is selected; uv takes the failure
    for a missing interpreter, or gives up.
    """
    root = Path(environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found: list[str] = []
    for entry in environ.get("PATH", "").split(os.pathsep):
        if Path(entry).name == "shims" and Path(entry).is_relative_to(root):
            with suppress(PermissionError):  # another user's
                found += _pyenv(root)
        else:
            found.append(entry)
    found.append(str(Path(sys.base_prefix) if WINDOWS else Path(sys.base_prefix, "bin")))
    return os.pathsep.join(dict.fromkeys(filter(None, found)))


def _pyenv(root: Path) -> Iterator[str]:
    """The folders of pyenv's interpreters: the selected ones first, then the newest."""
    installed = [path.name for path in (root / "versions").glob("*")]
    installed.sort(key=_numbers, reverse=True)
    for name in dict.fromkeys([*_selected(root), *installed]):
        folder = root / "versions" / name / ("" if WINDOWS else "bin")
        # uv cannot ask older ones anything, and takes that for a broken interpreter
        if folder.is_dir() and not [2] <= _numbers(name) < [3, 8]:
            yield str(folder)


def _numbers(name: str) -> list[int]:
    return [int(part) for part in name.split(".") if part.isdigit()]


def _selected(root: Path) -> list[str]:
    try:
        return (root / "version").read_text(encoding="utf-8").split()
    except OSError:
        return []


async def ensure(uv: Uv, workspace: Workspace, *what: str) -> AsyncGenerator[Step, None]:
    """Make sure that there is an interpreter for the workspace; uv fetches one if it is allowed to.

    ``what`` are uv's arguments for another thing than the project in its folder: ``--script`` and a file.
    """
    try:
        found = await uv.output("python", "find", "--no-python-downloads", *what)
    except ToolNotFound as missing:
        async with aclosing(_install(uv, workspace, missing)) as steps:
            async for step in steps:
                yield step
    else:
        yield Step(Phase.LOCKING, f"Python: {found.strip()}", output=True)


async def _install(uv: Uv, workspace: Workspace, missing: ApposeKernelError) -> AsyncGenerator[Step, None]:
    request = wanted(missing.detail)
    if request is None:
        raise missing
    yield Step(Phase.LOCKING, f"No Python {request} on this machine; trying to fetch one")
    # Without network each retry would cost seconds: https://docs.astral.sh/uv/reference/environment/#uv_http_retries
    patient = uv.with_variables({"UV_HTTP_RETRIES": "0"})
    try:
        async with aclosing(patient.lines("python", "install", "--no-bin", request)) as lines:
            async for line in lines:
                yield Step(Phase.LOCKING, line, output=True)
    except ApposeKernelError as error:
        raise await _nothing_fits(uv, workspace, request, error.detail) from error


def wanted(explanation: str) -> str | None:
    """What uv was looking for, out of "No interpreter found for Python >=3.10, <3.12 in …"."""
    match = re.search(r"No interpreter found for (?:Python )?(.+?) in ", explanation)
    return match[1].replace(", ", ",") if match else None


async def _nothing_fits(uv: Uv, workspace: Workspace, request: str, detail: str) -> ToolNotFound:
    pin = workspace.root / ".python-version"
    cause = f"{pin.name}" if pin.is_file() else "`requires-python`"
    here = ", ".join(await _installed(uv)) or "no Python that uv can use"
    return ToolNotFound(
        f"{workspace.manifest}: {cause} asks for Python {request}, and this machine has {here}; "
        "none could be downloaded.",
        remedy=f"Install a Python {request} (with network access: `uv python install '{request}'`), "
        f"or change {cause}.",
        detail=detail,
    )


async def _installed(uv: Uv) -> list[str]:
    try:
        answer = await uv.output("python", "list", "--only-installed", "--output-format", "json")
    except ToolFailed:
        return []
    return list(dict.fromkeys(entry["version"] for entry in json.loads(answer)))
