"""What to say where the generic kernel finds neither a workspace nor a notebook's own block."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ...errors import ManifestError, ManifestNotFound
from ...model import Environment
from .. import names
from . import EXAMPLE, detect, environments

#: Of a folder: how many entries are looked through for notebooks, how many notebooks are read, of how many
#: bytes at most, and how many are told. A kernel that cannot start must say so soon.
ENTRIES, NOTEBOOKS, BYTES, TOLD = 2_000, 50, 2**20, 5


def unknown_notebook(folder: Path) -> ManifestNotFound:
    """For clients that do not tell which notebook they run: nbclient, and with it nbconvert and papermill."""
    found = list(islice(_own(folder), TOLD))
    lines = [f"{_register(own.workspace.manifest)}   ({names.kernel_name(own)})" for own in found]
    if not lines:
        lines = [f"{_register(folder / 'NOTEBOOK.ipynb')}   (NOTEBOOK begins with a block `# /// script`)"]
    return ManifestNotFound(
        f"There is no workspace in {folder} or above it, and this client does not tell which notebook it"
        " runs.",
        remedy="\n".join(
            [
                "Register a notebook that says itself what it needs, then run it with the kernel named here:",
                *lines,
                "Or move it into its workspace, or pick another kernel.",
            ]
        ),
    )


def _register(notebook: Path) -> str:
    return shlex.join(["jupyter", "appose", "register", str(notebook)])


def without_block(folder: Path) -> ManifestNotFound:
    """For a notebook that says nothing itself, or is not saved yet."""
    return ManifestNotFound(
        f"There is no workspace in {folder} or above it, and the notebook does not say which packages it"
        " needs.",
        remedy=f"Begin its first cell with these lines, save it, then restart the kernel:\n{EXAMPLE}\n"
        "Or move it into its workspace, or pick another kernel.",
    )


def _own(folder: Path) -> Iterator[Environment]:
    """The environments of the small notebooks in a folder that have a block."""
    for path in _notebooks(folder):
        try:
            workspace = detect(path)
        except ManifestError:
            continue  # its own start says what is wrong with it
        if workspace is not None:
            yield from environments(workspace)


def _notebooks(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            found = [
                entry.name
                for entry in islice(entries, ENTRIES)
                if entry.name.endswith(".ipynb") and entry.is_file() and entry.stat().st_size <= BYTES
            ]
    except OSError:
        return []
    return [folder / name for name in sorted(found)[:NOTEBOOKS]]
