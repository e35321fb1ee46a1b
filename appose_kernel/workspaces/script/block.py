"""What a notebook's PEP 723 block says, checked, and as the script that uv reads."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli

from ...errors import ManifestInvalid
from .. import pyproject
from ..spelling import nearest
from ..tables import Table
from ..toml.positions import Key, positions
from ..uv.manifest import indexes
from ..uv.model import Index
from .notebooks import Block

#: All that may stand at the top of a block; everything else belongs below ``tool``.
#: https://packaging.python.org/en/latest/specifications/inline-script-metadata/#script-type
KEYS = frozenset({"dependencies", "requires-python", "tool"})


@dataclass(frozen=True, slots=True)
class _BlockTable(Table):
    """A table of a block: errors count lines in its cell, not in the notebook's JSON."""

    block: Block | None = None

    def invalid(self, reason: str, *keys: Key, remedy: str = "") -> ManifestInvalid:
        assert self.block is not None
        path, lines = (*self.keys, *keys), positions(self.block.text)
        found = (lines.get(path[:length]) for length in range(len(path), 0, -1))
        return self.block.invalid(reason, next(filter(None, found), None), remedy=remedy)


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of ``[tool.uv.sources]``, as far as anybody here asks."""

    package: str
    index: str | None
    path: str | None
    editable: bool


@dataclass(frozen=True, slots=True)
class Script:
    """A block's content. ``own`` are its indexes; ``exclude_newer`` and ``resolution`` as written."""

    block: Block
    data: Mapping[str, Any]
    python: str
    dependencies: tuple[str, ...]
    sources: tuple[Source, ...]
    indexes: tuple[Index, ...]
    exclude_newer: str | None
    resolution: str | None

    @property
    def root(self) -> Path:
        return self.block.notebook.parent

    @property
    def local(self) -> tuple[Path, ...]:
        """The folders and archives of this machine that packages come from."""
        paths = (source.path for source in self.sources if source.path is not None)
        return tuple(Path(os.path.normpath(self.root / path)) for path in paths)

    @property
    def names_places(self) -> bool:
        """Whether it means files by where they are from the notebook."""
        return _absolute(self.data, self.root) != self.data

    def code(self) -> str:
        """A Python file with this block, for uv, whose relative paths hold wherever it lies.

        As written where possible, so that uv's errors name the lines that people see.
        """
        text = self.block.text
        if self.names_places:
            absolute = _absolute(self.data, self.root)
            text = "\n".join(f"{_key(key)} = {_toml(value)}" for key, value in absolute.items())
        lines = (f"# {line}".rstrip() for line in text.splitlines())
        return "\n".join(["# /// script", *lines, "# ///", ""])


def parse(block: Block) -> Script:
    """Read and check a block. Raises ManifestInvalid, which names the cell and its line."""
    data = _data(block)
    document = _BlockTable(block.notebook, data, block=block)
    _check_keys(document)
    uv = document.table("tool").table("uv")
    return Script(
        block=block,
        data=data,
        python=pyproject.python(document),
        dependencies=pyproject.requirements(document, "dependencies"),
        sources=tuple(_sources(uv)),
        indexes=tuple(indexes(uv)),
        exclude_newer=str(uv.data["exclude-newer"]) if "exclude-newer" in uv else None,
        resolution=uv.text("resolution"),
    )


def _check_keys(document: Table) -> None:
    """Refuse keys that the specification does not have: a misspelt one would be a package that is missing."""
    for key in document.data:
        if key not in KEYS:
            meant = nearest(key, KEYS)
            raise document.invalid(
                f"`{key}` is not a key of a block `# /// script`.",
                key,
                remedy=f"Did you mean `{meant}`?"
                if meant
                else f"It may have: {', '.join(f'`{known}`' for known in sorted(KEYS))}.",
            )


def _data(block: Block) -> dict[str, Any]:
    try:
        return tomli.loads(block.text)
    except tomli.TOMLDecodeError as error:
        raise block.invalid(
            f"this is not valid TOML: {error.msg}.", error.lineno, remedy="Correct this line."
        ) from None
    except RecursionError:
        raise block.invalid(
            "its lists or tables are nested too deeply.", None, remedy="Nest them less deeply."
        ) from None


def _sources(uv: Table) -> Iterator[Source]:
    table = uv.table("sources")
    for key in table.data:
        for source in table.one_or_more(key):
            editable = bool(source.flag("editable"))
            yield Source(key, source.text("index"), source.text("path"), editable)


def _absolute(data: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """``data`` with the paths that uv takes from the script's own folder as absolute ones."""
    found = deepcopy(dict(data))
    tool = found.get("tool")
    uv = tool.get("uv", {}) if isinstance(tool, dict) else {}
    for source in uv.get("sources", {}).values():
        for each in source if isinstance(source, list) else [source]:
            _place(each, "path", root)
    for index in uv.get("index", ()):
        _place(index, "url", root)
    _place(uv, "index-url", root)
    for key in ("find-links", "extra-index-url"):
        if key in uv:
            uv[key] = [_placed(each, root) for each in uv[key]]
    return found


def _place(table: dict[str, Any], key: str, root: Path) -> None:
    if key in table:
        table[key] = _placed(table[key], root)


def _placed(written: Any, root: Path) -> Any:
    """A relative path from ``root``; URLs, and what uv will refuse, as they are."""
    if not isinstance(written, str) or re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", written):
        return written
    return os.path.normpath(root / written)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def _key(key: str) -> str:
    return json.dumps(key, ensure_ascii=False)
