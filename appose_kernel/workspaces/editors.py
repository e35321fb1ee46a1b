"""Edits of manifests: text to text, format by format. Nothing here touches the disk.

What an edit does not ask for stays as it is, to the byte: comments, order, blank lines, line endings, a byte
order mark. An edit's outcome is read again before it is given out: where it does not say exactly what was
asked for, :class:`EditRefused` is raised instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from . import toml
from .edits import Edit
from .outline import Outline, Outlined
from .pixi import editing as pixi_editing
from .uv import editing as uv_editing


class Editor(Protocol):
    """Knows one format's manifests. ``file`` only names the manifest, in errors and by its suffix; ``text``
    is its content, with a byte order mark if it has one and with its own line endings."""

    def outline(self, file: Path, text: str) -> Outline:
        """What the manifest says. Raises ManifestInvalid."""

    def edit(self, file: Path, before: Outlined, edit: Edit) -> Outlined:
        """The manifest after one edit. Raises EditRefused where the edit cannot be made."""


EDITORS: dict[str, Editor] = {"pixi": pixi_editing, "uv": uv_editing}


def apply(editor: Editor, file: Path, text: str, edits: Sequence[Edit]) -> Outlined:
    """The manifest after all ``edits``, one after the other. Those that together lead back to what it said
    before give back the text before them: a table that stood there empty, and comments on what went.

    Raises ManifestInvalid where ``text`` cannot be read, and EditRefused.
    """
    states = [Outlined(text, editor.outline(file, text))]
    for edit in edits:
        after = editor.edit(file, states[-1], edit)
        states.append(next((earlier for earlier in states if _say_the_same(file, earlier, after)), after))
    return states[-1]


def _say_the_same(file: Path, one: Outlined, other: Outlined) -> bool:
    """Neither lines nor empty tables count."""
    return _said(one.outline) == _said(other.outline) and _content(file, one) == _content(file, other)


def _said(outline: Outline) -> object:
    features = {
        one.feature: (
            frozenset(replace(row, line=None) for row in one.dependencies),
            tuple(replace(row, line=None) for row in one.variables),
        )
        for one in outline.features
    }
    return features, {replace(one, line=None) for one in outline.environments}


def _content(file: Path, state: Outlined) -> object:
    return _filled(toml.parse(file, state.text.removeprefix("\ufeff")))


def _filled(value: Any) -> Any:
    """Without empty tables, and tables of nothing else."""
    if isinstance(value, list):
        return [_filled(element) for element in value]
    if not isinstance(value, dict):
        return value
    found = {key: _filled(inner) for key, inner in value.items()}
    return {key: inner for key, inner in found.items() if inner != {}}
