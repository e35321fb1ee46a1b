"""The lines of a requirements file and of the files it includes, as pip and uv read them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...errors import ManifestInvalid, ManifestNotFound
from .. import files
from ..pep508 import problem

#: Options that stand on a line of their own, by the name we know them under; True if a value follows.
#: https://pip.pypa.io/en/stable/reference/requirements-file-format/
_OPTIONS = {
    "requirement": True,
    "constraint": True,
    "editable": True,
    "index-url": True,
    "extra-index-url": True,
    "find-links": True,
    "no-index": False,
    "no-binary": True,
    "only-binary": True,
    "trusted-host": True,
    "use-feature": True,
    "pre": False,
    "prefer-binary": False,
    "require-hashes": False,
}
_SHORT = {
    "-r": "requirement",
    "-c": "constraint",
    "-e": "editable",
    "-i": "index-url",
    "-f": "find-links",
}
_OPTION = re.compile(r"(?P<name>--[a-z-]+|-[a-z])(?:\s*=\s*|\s+|(?=[^-a-z])|$)(?P<value>.*)", re.DOTALL)
_COMMENT = re.compile(r"(?:^|\s)#.*$", re.MULTILINE)
#: Options of one requirement follow it: `--hash=sha256:…`.
_OWN_OPTIONS = re.compile(r"\s--(?:hash|config-settings?|global-option)\b")
_NAMED_URL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?\s*@")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|file:")


@dataclass(frozen=True, slots=True)
class Entry:
    """One logical line. ``kind`` is an option's long name, or ``package``, or ``link`` for a URL or path."""

    file: Path
    line: int
    kind: str
    value: str
    constrains: bool = False

    @property
    def local(self) -> Path | None:
        """The file or folder that an editable or a link means, if it is on this machine."""
        if self.kind not in ("editable", "link"):
            return None
        path = re.split(r" ;|#", self.value)[0].strip()
        path = re.sub(r"\[[^\]]*\]$", "", path)
        if path.startswith("file:"):
            path = path.removeprefix("file:").removeprefix("//")
        elif _URL.match(path) or "+" in path.partition(":")[0]:
            return None
        return Path(os.path.normpath(self.file.parent / path))


def entries(manifest: Path) -> Iterator[Entry]:
    """All entries of ``manifest``, those of an included file in the include's place.

    Raises ManifestInvalid for a line that pip and uv would refuse, and for an include that is missing.
    """
    with _discreet(manifest.parent):
        yield from _read(manifest, constrains=False, seen=set())


def listed(file: Path, lines: Iterable[tuple[int, str]]) -> Iterator[Entry]:
    """As :func:`entries`, for numbered lines that ``file`` holds in another syntax (``pip:`` in YAML)."""
    with _discreet(file.parent):
        yield from _parsed(file, lines, constrains=False, seen={file})


@contextmanager
def _discreet(folder: Path) -> Iterator[None]:
    """Errors quote no line of a file outside of ``folder``."""
    try:
        yield
    except ManifestInvalid as error:
        if error.line is None or files.is_below(error.file, folder):
            raise
        raise _unquoted(error.file, error.line) from None


def _unquoted(file: Path, line: int) -> ManifestInvalid:
    """An error for who may see the workspace, and perhaps not the file that a `-r` in it leads to."""
    return ManifestInvalid(
        file,
        line,
        "this line of a file outside of the workspace is not valid in a requirements file.",
        remedy="Correct it, or include another file.",
    )


def _read(file: Path, *, constrains: bool, seen: set[Path]) -> Iterator[Entry]:
    if file in seen:
        return
    seen.add(file)
    yield from _parsed(file, _logical_lines(files.read_text(file)), constrains=constrains, seen=seen)


def _parsed(
    file: Path, lines: Iterable[tuple[int, str]], *, constrains: bool, seen: set[Path]
) -> Iterator[Entry]:
    for line, text in lines:
        entry = _entry(file, line, text, constrains)
        yield entry
        if entry.kind in ("requirement", "constraint") and not _URL.match(entry.value):
            yield from _included(entry, constrains or entry.kind == "constraint", seen)


def _included(entry: Entry, constrains: bool, seen: set[Path]) -> Iterator[Entry]:
    target = Path(os.path.normpath(entry.file.parent / entry.value))
    try:
        yield from _read(target, constrains=constrains, seen=seen)
    except ManifestNotFound:
        raise ManifestInvalid(
            entry.file,
            entry.line,
            f"it includes `{entry.value}`, which does not exist.",
            remedy="Correct the path, or remove this line.",
        ) from None


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, with continuations joined, and the number of the first of each."""
    start, parts = 1, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if not parts:
            start = number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            parts.append(line[:-1])
            continue
        parts.append(line)
        joined = _COMMENT.sub("", " ".join(parts)).strip()
        parts = []
        if joined:
            yield start, joined
    if joined := _COMMENT.sub("", " ".join(parts)).strip():
        yield start, joined


def _entry(file: Path, line: int, text: str, constrains: bool) -> Entry:
    if text.startswith("-"):
        return _option(file, line, text, constrains)
    value = _OWN_OPTIONS.split(text, maxsplit=1)[0].strip()
    if _is_link(value):
        return Entry(file, line, "link", value, constrains)
    if reason := problem(value):
        raise ManifestInvalid(
            file,
            line,
            f"`{value}` is not a valid requirement: {reason}.",
            remedy="Write it like `name >=1.2` (PEP 508).",
        )
    return Entry(file, line, "package", value, constrains)


def _option(file: Path, line: int, text: str, constrains: bool) -> Entry:
    match = _OPTION.fullmatch(text)
    written = match["name"] if match else text.split(maxsplit=1)[0]
    name = _SHORT.get(written, written.removeprefix("--"))
    value = _OWN_OPTIONS.split(match["value"], maxsplit=1)[0].strip().strip("\"'") if match else ""
    if name not in _OPTIONS:
        raise ManifestInvalid(
            file, line, f"`{written}` is not an option of requirements files.", remedy="Remove it."
        )
    if _OPTIONS[name] and not value:
        raise ManifestInvalid(
            file, line, f"`{written}` lacks its value.", remedy="Write it behind the option."
        )
    return Entry(file, line, name, value, constrains)


def _is_link(value: str) -> bool:
    """Whether a line names a place and no package: a URL, a path, or an archive in this folder."""
    head = value.split(";", 1)[0].strip()
    if _NAMED_URL.match(head):
        return False
    return (
        _URL.match(head) is not None
        or "/" in head
        or head.startswith(".")
        or head.lower().endswith((".whl", ".tar.gz", ".zip"))
    )
