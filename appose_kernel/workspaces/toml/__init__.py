"""Read TOML 1.1 files, and say where in them something stands."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import Any

import tomli

from ...errors import ManifestInvalid
from .. import files
from .positions import Key, positions

#: Characters of a text that takes long to parse.
_LONG = 2**16
_parsed: dict[Path, tuple[files.Signature, dict[str, Any]]] = {}
_drafts: ContextVar[Mapping[Path, str]] = ContextVar("drafts", default=MappingProxyType({}))


@contextmanager
def draft(path: Path, text: str) -> Iterator[None]:
    """Inside the ``with`` block, in this thread or task, the file at ``path`` reads as ``text``, though it is
    not written yet and may not even exist."""
    token = _drafts.set({**_drafts.get(), path: text.removeprefix("\ufeff")})
    try:
        yield
    finally:
        _drafts.reset(token)


def read(path: Path) -> dict[str, Any]:
    """The content of a TOML file, which callers must not change: it is remembered until the file changes.

    Raises ManifestNotFound or ManifestInvalid.
    """
    drafted = _drafts.get().get(path)
    if drafted is not None:
        return parse(path, drafted)
    now = files.note(path)
    known = _parsed.get(path)
    if known and known[0] == now:
        return known[1]
    data = parse(path, files.read_text(path))
    if now and now.settled:
        _parsed[path] = now, data
    return data


def parse(path: Path, text: str) -> dict[str, Any]:
    """The content of a text without a byte order mark; ``path`` names it. Raises ManifestInvalid."""
    try:
        return _loads(text)
    except tomli.TOMLDecodeError as error:
        raise ManifestInvalid(
            path, error.lineno, f"this is not valid TOML: {error.msg}.", remedy="Correct this line."
        ) from None
    except RecursionError:
        raise ManifestInvalid(
            path, None, "its lists or tables are nested too deeply.", remedy="Nest them less deeply."
        ) from None


def _loads(text: str) -> dict[str, Any]:
    """tomli's parser is compiled, and lets no other thread run: with a long text a server would stand still.
    The standard library's is slower and knows no TOML 1.1."""
    if len(text) > _LONG and sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415  (for the few that need it)

        with suppress(tomllib.TOMLDecodeError):
            return tomllib.loads(text)
    return tomli.loads(text)


def line_of(path: Path, *keys: Key) -> int | None:
    """The line of a table, key or list element of a TOML file; its parent's where it is absent."""
    drafted = _drafts.get().get(path)
    text = files.read_text(path) if drafted is None else drafted
    try:
        tomli.loads(text)
    except (tomli.TOMLDecodeError, RecursionError):
        return None  # somebody has written to it meanwhile
    lines = positions(text)
    for length in range(len(keys), 0, -1):
        if line := lines.get(keys[:length]):
            return line
    return None
