"""What a manifest has to say after an edit, to hold against what it does say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

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
from ..outline import (
    BASE,
    FeatureName,
    Outline,
    OutlineChannel,
    OutlineDependency,
    OutlineEnvironment,
    OutlineFeature,
    OutlineVariable,
)
from .entries import canonical, key_of
from .model import DEFAULT


def gist(outline: Outline) -> Any:
    """What counts of an outline: not on which line of which table something stands, nor empty tables."""
    features = {
        one.feature: (
            one.channels,
            one.platforms,
            sorted((*key_of(row), _bare(row.spec)) for row in one.dependencies),
            [(variable.target, variable.name, variable.value) for variable in one.variables],
        )
        for one in outline.features
    }
    environments = {one.name: replace(one, line=None) for one in outline.environments}
    return replace(outline, features=(), environments=()), features, environments


def _bare(spec: str) -> str:
    return re.sub(r"\s+", "", spec).removeprefix("*")


def intended(outline: Outline, edit: Edit) -> Outline:
    """What the manifest shall say after an edit."""
    match edit:
        case SetDependency() | RemoveDependency():
            found = _with(outline, edit.feature, lambda one: _with_dependency(one, edit))
        case SetVariable() | RemoveVariable():
            found = _with(outline, edit.feature, lambda one: _with_variable(one, edit))
        case SetChannels():
            found = _with_channels(outline, edit)
        case AddFeature():
            found = replace(outline, features=(*outline.features, OutlineFeature(edit.feature)))
        case RenameFeature():
            found = _renamed(outline, edit.feature, replace(edit.feature, name=edit.to))
        case RemoveFeature():
            found = _removed(outline, edit.feature)
        case AddEnvironment() | SetEnvironment() | RenameEnvironment() | RemoveEnvironment():
            found = replace(outline, environments=_environments(outline, edit))
        case _:
            found = outline
    return found


def _with(
    outline: Outline, feature: FeatureName, change: Callable[[OutlineFeature], OutlineFeature]
) -> Outline:
    return replace(
        outline, features=tuple(change(one) if one.feature == feature else one for one in outline.features)
    )


def _with_dependency(one: OutlineFeature, edit: SetDependency | RemoveDependency) -> OutlineFeature:
    key = edit.kind, canonical(edit.kind, edit.name), edit.target
    rows = tuple(row for row in one.dependencies if key_of(row) != key)
    if isinstance(edit, SetDependency):
        rows += (OutlineDependency(edit.kind, edit.name, edit.spec, edit.target),)
    return replace(one, dependencies=rows)


def _with_variable(one: OutlineFeature, edit: SetVariable | RemoveVariable) -> OutlineFeature:
    """A variable keeps its place; a new one is the last of its target."""
    key = edit.target, edit.name
    rows = {(row.target, row.name): row for row in one.variables}
    if isinstance(edit, RemoveVariable):
        rows.pop(key, None)
    else:
        rows[key] = OutlineVariable(edit.target, edit.name, edit.value)
    targets = list(dict.fromkeys(["", *one.targets, edit.target]))
    return replace(one, variables=tuple(sorted(rows.values(), key=lambda row: targets.index(row.target))))


def _with_channels(outline: Outline, edit: SetChannels) -> Outline:
    if edit.feature == BASE:
        return replace(outline, channels=_channels(outline.channels, edit.channels or ()))
    return _with(
        outline,
        edit.feature,
        lambda one: replace(
            one, channels=None if edit.channels is None else _channels(one.channels or (), edit.channels)
        ),
    )


def _channels(before: tuple[OutlineChannel, ...], names: tuple[str, ...]) -> tuple[OutlineChannel, ...]:
    """Channels keep what their own tables say."""
    known = {channel.name: channel for channel in before}
    return tuple(known.get(name, OutlineChannel(name)) for name in names)


def _renamed(outline: Outline, old: FeatureName, new: FeatureName) -> Outline:
    def name(feature: FeatureName) -> FeatureName:
        return new if feature == old else feature

    return replace(
        outline,
        features=tuple(replace(one, feature=name(one.feature)) for one in outline.features),
        environments=tuple(
            replace(one, features=tuple(map(name, one.features))) for one in outline.environments
        ),
    )


def _removed(outline: Outline, feature: FeatureName) -> Outline:
    return replace(
        outline,
        features=tuple(one for one in outline.features if one.feature != feature),
        environments=tuple(
            replace(one, features=tuple(name for name in one.features if name != feature))
            for one in outline.environments
        ),
    )


def _environments(
    outline: Outline, edit: AddEnvironment | SetEnvironment | RenameEnvironment | RemoveEnvironment
) -> tuple[OutlineEnvironment, ...]:
    found = {one.name: one for one in outline.environments}
    if isinstance(edit, RenameEnvironment):
        found[edit.to] = replace(found.pop(edit.name), name=edit.to)
    elif isinstance(edit, RemoveEnvironment):
        del found[edit.name]
        if edit.name == DEFAULT:
            found[DEFAULT] = OutlineEnvironment(DEFAULT, declared=False)
    else:
        found[edit.name] = OutlineEnvironment(
            edit.name, features=edit.features, solve_group=edit.solve_group, with_base=edit.with_base
        )
    return tuple(found.values())
