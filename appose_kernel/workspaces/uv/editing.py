"""Edits of uv projects: a ``pyproject.toml`` with a ``[project]``, or the root of a uv workspace.

A feature is an extra or a dependency group; the base is the project's own dependencies. What names a feature
follows when it is renamed or removed: environments, sources, conflicts, includes, requirements such as
``project[cuda]``, default groups. Other manifests of a workspace are not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path as File
from typing import Any

from ...errors import EditRefused, ManifestInvalid
from .. import toml
from ..edits import (
    AddEnvironment,
    AddFeature,
    Edit,
    RemoveDependency,
    RemoveEnvironment,
    RemoveFeature,
    RemoveIndex,
    RemoveVariable,
    RenameEnvironment,
    RenameFeature,
    SetChannels,
    SetConflicts,
    SetDependency,
    SetEnvironment,
    SetIndex,
    SetSource,
    SetVariable,
)
from ..outline import Outline, Outlined
from ..toml.editing import TomlText
from ..toml.positions import Path
from . import editing_environments, editing_features, editing_indexes, editing_requirements
from .checking import check
from .intending import gist, intended, keeps_sources
from .outlining import outline
from .project import Project
from .refusals import IN_THE_FILE

__all__ = ["edit", "outline"]

#: In which order people write a project's tables.
_ORDER: dict[Path, tuple[str, ...]] = {
    (): ("project", "dependency-groups", "build-system", "tool"),
    ("tool", "uv"): ("sources", "index"),
}


def edit(file: File, before: Outlined, edit: Edit) -> Outlined:
    """The manifest after one edit. Raises EditRefused."""
    try:
        return _edited(file, before, edit)
    except RecursionError:
        raise EditRefused(f"{file}: its lists or tables are nested too deeply.", remedy=IN_THE_FILE) from None


def _edited(file: File, before: Outlined, edit: Edit) -> Outlined:
    document = TomlText(file, before.text, lambda table: _ORDER.get(table, ()))
    _MAKERS[type(edit)](document, before.outline, edit)
    _hold(file, before.text, document.text)
    try:
        after = Outlined(document.text, outline(file, document.text))
    except ManifestInvalid as error:
        raise EditRefused(error.message, remedy=error.remedy) from None
    wanted = intended(before.outline, edit)
    if gist(after.outline) != gist(wanted) or not keeps_sources(wanted, after.outline):
        raise EditRefused(f"{file}: this edit would change more than was asked for.", remedy=IN_THE_FILE)
    return after


def _hold(file: File, before: str, after: str) -> None:
    """Refuse what uv would refuse, unless it would have done so before."""
    if (problem := _problem(file, after)) and _problem(file, before) is None:
        raise EditRefused(f"This edit would not do: {problem.message}", remedy=problem.remedy)


def _problem(file: File, text: str) -> ManifestInvalid | None:
    with toml.draft(file, text):
        try:
            check(Project.open(file))
        except ManifestInvalid as error:
            return error
    return None


def _refuse_channels(document: TomlText, _: Outline, __: SetChannels) -> None:
    raise EditRefused(
        f"{document.file}: channels are conda's, and a uv project has indexes.",
        remedy="Add an index, and take packages from it.",
    )


def _refuse_variables(document: TomlText, _: Outline, __: SetVariable | RemoveVariable) -> None:
    raise EditRefused(
        f"{document.file}: uv sets no variables when an environment is activated.",
        remedy="Set them in the notebook, or use a pixi workspace.",
    )


#: Each changes the document; the outline is of the text before.
_MAKERS: dict[type[Edit], Callable[[TomlText, Outline, Any], None]] = {
    SetDependency: editing_requirements.put,
    RemoveDependency: editing_requirements.remove,
    AddFeature: editing_features.add,
    RenameFeature: editing_features.rename,
    RemoveFeature: editing_features.remove,
    AddEnvironment: editing_environments.add,
    SetEnvironment: editing_environments.change,
    RenameEnvironment: editing_environments.rename,
    RemoveEnvironment: editing_environments.remove,
    SetSource: editing_indexes.put_source,
    SetIndex: editing_indexes.put_index,
    RemoveIndex: editing_indexes.remove_index,
    SetConflicts: editing_indexes.put_conflicts,
    SetChannels: _refuse_channels,
    SetVariable: _refuse_variables,
    RemoveVariable: _refuse_variables,
}
