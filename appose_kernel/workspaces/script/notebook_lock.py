"""Put a lock into a notebook's metadata, and leave every other character as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

from ...errors import ManifestInvalid
from .. import files
from .notebooks import LOCK, MAX_BYTES, parse

_decoder = json.JSONDecoder()
_space = re.compile(r"[ \t\r\n]*")


class _Span(NamedTuple):
    """Where a member of a JSON object stands: its key, and its value."""

    key: int
    start: int
    end: int


def write(notebook: Path, lock: str) -> bool:
    """Put ``lock`` into the file; whether that changed anything. Raises ManifestInvalid, or OSError."""
    before = files.read_text(notebook, MAX_BYTES)
    after = insert(notebook, before, lock)
    if after != before:
        files.replace_text(notebook, after)
    return after != before


def insert(notebook: Path, text: str, lock: str) -> str:
    """The notebook's ``text`` with ``lock`` in it, in place of an older one. Raises ManifestInvalid."""
    document = parse(notebook, text)
    if not isinstance(document.get("metadata"), dict):
        raise ManifestInvalid(
            notebook, None, "it has no `metadata`, as a notebook must.", remedy="Save it from Jupyter again."
        )
    top = text.index("{")
    outer = _members(text, top)
    metadata = outer["metadata"]
    inner = _members(text, metadata.start)
    value = json.dumps(lock, ensure_ascii=False)
    if LOCK in inner:
        return text[: inner[LOCK].start] + value + text[inner[LOCK].end :]
    outer_break = text[top + 1 : min(span.key for span in outer.values())]
    return _with_member(text, metadata, inner, f"{json.dumps(LOCK)}: {value}", outer_break)


def _with_member(text: str, whole: _Span, members: dict[str, _Span], member: str, outer_break: str) -> str:
    """``text`` with a new member in the object at ``whole``, in the order in which Jupyter saves keys."""
    indent = outer_break.rpartition("\n")[2]
    inner_break = outer_break + indent
    before = [span for name, span in members.items() if name < LOCK]
    if not members:
        return f"{text[: whole.start]}{{{inner_break}{member}{outer_break}}}{text[whole.end :]}"
    if not before:
        first = min(span.key for span in members.values())
        return f"{text[:first]}{member},{inner_break or ' '}{text[first:]}"
    end = max(span.end for span in before)
    return f"{text[:end]},{inner_break or ' '}{member}{text[end:]}"


def _members(text: str, start: int) -> dict[str, _Span]:
    """The members of the JSON object that begins at ``start`` of a text that a parser has accepted."""
    members: dict[str, _Span] = {}
    at = _skip(text, start + 1)
    while text[at] != "}":
        name, end = _decoder.raw_decode(text, at)
        value = _skip(text, _skip(text, end) + 1)
        _, end = _decoder.raw_decode(text, value)
        members[name] = _Span(at, value, end)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return members


def _skip(text: str, at: int) -> int:
    match = _space.match(text, at)
    return match.end() if match else at
