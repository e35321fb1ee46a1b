"""Edits of manifests: text to text, format by format. Nothing here touches the disk.

What an edit does not ask for stays as it is, to the byte: comments, order, blank lines, line endings, a byte
order mark. An edit's outcome is read again before it is given out: where it does not say exactly what was
asked for, :class:`EditRefused` is raised instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from .edits import Edit
from .outline import Outline
from .pixi import editing as pixi_editing
from .uv import editing as uv_editing


class Editor(Protocol):
    """Knows one format's manifests. ``file`` only names the manifest, in errors and by its suffix; ``text``
    is its content, with a byte order mark if it has one and with its own line endings."""

    def outline(self, file: Path, text: str) -> Outline:
        """What the manifest says. Raises ManifestInvalid."""

    def edit(self, file: Path, text: str, edit: Edit) -> str:
        """The text after one edit. Raises ManifestInvalid where ``text`` cannot be read, and EditRefused
        where the edit cannot be made."""


EDITORS: dict[str, Editor] = {"pixi": pixi_editing, "uv": uv_editing}


def apply(editor: Editor, file: Path, text: str, edits: Sequence[Edit]) -> str:
    """The text after all ``edits``, one after the other."""
    for edit in edits:
        text = editor.edit(file, text, edit)
    return text
