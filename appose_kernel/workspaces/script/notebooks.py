"""Notebooks as files: where one says what it needs.

``nbformat`` is not asked: it would validate every cell of what may be megabytes.
https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ManifestInvalid
from .. import files

#: A notebook with its outputs is larger than any manifest.
MAX_BYTES = 2**26
#: The key of a notebook's metadata under which its lock stands. juv chose it:
#: https://github.com/manzt/juv/blob/main/src/juv/_lock.py
LOCK = "uv.lock"
#: Under which of our keys the metadata may have the block, as TOML without comment signs.
OURS, SCRIPT = "appose-kernel", "script"

_OPENING = re.compile(r"# /// script\s*")
_CLOSING = re.compile(r"# ///\s*")
_MARK = "/// script"


@dataclass(frozen=True, slots=True)
class Block:
    """The PEP 723 block of a notebook.

    ``text`` is its TOML, ``place`` the cell (or the metadata) it stands in, ``line`` the line of that place
    where the TOML begins; ``lock`` is the notebook's own, if it has one.
    """

    notebook: Path
    text: str
    place: str
    line: int
    lock: str | None = None

    def invalid(self, reason: str, line: int | None, *, remedy: str) -> ManifestInvalid:
        """An error in ``line`` of the block's TOML, counted from 1."""
        where = self.place if line is None else f"{self.place}, line {self.line + line - 1}"
        return ManifestInvalid(self.notebook, None, f"{where}: {reason}", remedy=remedy)


def block(notebook: Path) -> Block | None:
    """The block of the code cell that has one, else of the metadata; None if there is neither.

    Raises ManifestNotFound, and ManifestInvalid if the file, or a block's frame, is broken, or if two cells
    have one: https://packaging.python.org/en/latest/specifications/inline-script-metadata/#specification
    """
    text = files.read_text(notebook, MAX_BYTES)
    if _MARK not in text and OURS not in text:
        return None  # the ordinary case, spared the parsing of what may be megabytes of pictures
    document = parse(notebook, text)
    metadata = document.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    lock = metadata.get(LOCK)
    lock = lock if isinstance(lock, str) and lock.strip() else None
    first = None
    for number, source in enumerate(code_cells(document), 1):
        if _MARK in source:
            place = "first code cell" if number == 1 else f"code cell {number}"
            found = _framed(notebook, source, place, lock)
            if first and found:
                raise _second(first, found)
            first = first or found
    if first:
        return first
    ours = metadata.get(OURS)
    script = ours.get(SCRIPT) if isinstance(ours, dict) else None
    if isinstance(script, str):
        return Block(notebook, script, f"metadata `{OURS}.{SCRIPT}`", 1, lock)
    return None


def _second(first: Block, second: Block) -> ManifestInvalid:
    return second.invalid(
        f"this is a second block `# /// script`, and the {first.place} has one already.",
        0,
        remedy="Join the two.",
    )


def demand_whole(notebook: Path) -> None:
    """Raise ManifestNotFound or ManifestInvalid if the file is no notebook, or a damaged one."""
    document = parse(notebook, files.read_text(notebook, MAX_BYTES))
    if "cells" not in document and "worksheets" not in document:
        raise ManifestInvalid(
            notebook, None, "this is no notebook: it has no cells.", remedy="Save it from Jupyter again."
        )


def parse(notebook: Path, text: str) -> dict[str, Any]:
    """The notebook's content. Raises ManifestInvalid where it is no JSON."""
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        reason = getattr(error, "msg", "its lists or objects are nested too deeply")
        raise ManifestInvalid(
            notebook,
            getattr(error, "lineno", None),
            f"this is not valid JSON, as a notebook must be: {reason}.",
            remedy="Restore the notebook; a merge may have left its marks in it.",
        ) from None
    return document if isinstance(document, dict) else {}


def code_cells(document: Mapping[str, Any]) -> Iterator[str]:
    """The sources of a parsed notebook's code cells.

    Version 3 had them in worksheets, and called them ``input``.
    """
    sheets = document.get("worksheets")
    for sheet in [document, *(sheets if isinstance(sheets, list) else [])]:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        for cell in cells if isinstance(cells, list) else []:
            if isinstance(cell, dict) and cell.get("cell_type") == "code":
                source = cell.get("source", cell.get("input", ""))
                yield "".join(map(str, source)) if isinstance(source, list) else str(source)


def _framed(notebook: Path, source: str, place: str, lock: str | None) -> Block | None:
    """The block in a cell, whatever stands before it: a magic, a comment, code.

    https://packaging.python.org/en/latest/specifications/inline-script-metadata/
    """
    lines = source.splitlines()
    starts = [number for number, line in enumerate(lines) if _OPENING.fullmatch(line)]
    if not starts:
        return None
    start = starts[0]
    end = start + 1
    while end < len(lines) and re.match(r"#(?: |$)", lines[end]):
        end += 1
    closings = [number for number in range(start + 1, end) if _CLOSING.fullmatch(lines[number])]
    found = Block(notebook, "", place, start + 1)
    if not closings:
        raise found.invalid(
            "the block that begins here is never closed.", 1, remedy="End it with a line `# ///`."
        )
    if more := [number for number in starts if number > closings[-1]]:
        raise found.invalid(
            "this is a second block `# /// script`, and there may be one.",
            more[0] - start + 1,
            remedy="Join the two.",
        )
    text = "\n".join(line[2:] for line in lines[start + 1 : closings[-1]])
    return Block(notebook, text, place, start + 2, lock)
