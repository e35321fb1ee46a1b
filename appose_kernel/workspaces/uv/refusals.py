"""What to say where an edit of a uv project cannot be made."""

from __future__ import annotations

from ...errors import EditRefused
from ..outline import FeatureName
from ..toml.editing import TomlText
from ..toml.positions import Key

IN_THE_FILE = "Make this change in the file itself."


def refusal(document: TomlText, reason: str, *path: Key, remedy: str = IN_THE_FILE) -> EditRefused:
    """The error to raise about what stands at ``path``, which need not be there."""
    line = document.line(path) if path else None
    where = f"{document.file} line {line}" if line else str(document.file)
    return EditRefused(f"{where}: {reason}", remedy=remedy)


def missing(document: TomlText, feature: FeatureName) -> EditRefused:
    return refusal(
        document, f"{described(feature)} is not defined.", remedy="Add it first, or pick another one."
    )


def described(feature: FeatureName) -> str:
    return "the project's dependencies" if feature.kind == "base" else f"the {feature.kind} `{feature.name}`"
