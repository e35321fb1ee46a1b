"""Edits of pixi manifests: ``pixi.toml``, and ``[tool.pixi]`` in a ``pyproject.toml``.

What stands in the file decides where a change goes: a requirement that is there is changed where it is, be it
in ``host-dependencies`` or in the ``[project]`` of a ``pyproject.toml``, and an environment keeps its form of
a list or a table as long as that can say it. What is new goes where people write it. What a removal leaves
empty goes with it, header and all, unless somebody commented on it; but never a feature, which environments
may list.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path as File
from typing import Any

from ...errors import EditRefused, ManifestInvalid
from ..edits import (
    AddEnvironment,
    AddFeature,
    Edit,
    RemoveDependency,
    RemoveEnvironment,
    RemoveFeature,
    RemoveVariable,
    RenameEnvironment,
    RenameFeature,
    SetChannels,
    SetDependency,
    SetEnvironment,
    SetVariable,
)
from ..outline import Outline, Outlined
from ..toml.editing import TomlText
from ..toml.positions import Path
from . import editing_environments, editing_features, editing_requirements
from .entries import root
from .intending import gist, intended
from .outlining import outline

__all__ = ["edit", "outline"]

#: In which order people write a manifest's tables, and those of a feature.
_CONTENT = (
    "dependencies",
    "host-dependencies",
    "build-dependencies",
    "constraints",
    "pypi-dependencies",
    "pypi-options",
    "target",
    "system-requirements",
    "activation",
    "tasks",
)
_TOP = ("workspace", "project", "package", *_CONTENT, "feature", "environments")
_EDITS: dict[type, Callable[[TomlText, Outline, Any], None]] = {
    SetDependency: editing_requirements.put,
    RemoveDependency: editing_requirements.remove,
    AddFeature: editing_features.add,
    RenameFeature: editing_features.rename,
    RemoveFeature: editing_features.remove,
    SetChannels: editing_features.put_channels,
    SetVariable: editing_features.put_variable,
    RemoveVariable: editing_features.remove_variable,
    AddEnvironment: editing_environments.add,
    SetEnvironment: editing_environments.change,
    RenameEnvironment: editing_environments.rename,
    RemoveEnvironment: editing_environments.remove,
}


def order(file: File, table: Path) -> tuple[str, ...]:
    """In which order people write the tables in ``table``."""
    if table == root(file):
        return _TOP
    return _CONTENT if "feature" in table[-2:-1] or "target" in table[-2:-1] else ()


def edit(file: File, before: Outlined, edit: Edit) -> Outlined:
    """The manifest after one edit. Raises EditRefused."""
    try:
        return _edited(file, before, edit)
    except RecursionError:
        raise EditRefused(
            f"{file}: its lists or tables are nested too deeply.",
            remedy="Make this change in the file itself.",
        ) from None


def _edited(file: File, before: Outlined, change: Edit) -> Outlined:
    document = TomlText(file, before.text, lambda table: order(file, table))
    if type(change) not in _EDITS:
        raise EditRefused(
            f"{file}: named indexes, their packages and conflicts are settings of uv.",
            remedy="With pixi, write `index` in the entry of `pypi-dependencies`, in the file itself.",
        )
    _EDITS[type(change)](document, before.outline, change)
    try:
        after = Outlined(document.text, outline(file, document.text))
    except ManifestInvalid as error:
        raise EditRefused(error.message, remedy=error.remedy) from None
    if gist(after.outline) != gist(intended(before.outline, change)):
        raise EditRefused(
            f"{file}: this edit would change more than was asked for.",
            remedy="Make this change in the file itself.",
        )
    return after
