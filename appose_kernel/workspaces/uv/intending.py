"""What a uv project has to say after an edit, to hold against what it does say.

Environments that nobody declares follow from the rest, and are not compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .. import specs
from ..edits import (
    AddEnvironment,
    AddFeature,
    Edit,
    RemoveDependency,
    RemoveEnvironment,
    RemoveFeature,
    RemoveIndex,
    RenameEnvironment,
    RenameFeature,
    SetConflicts,
    SetDependency,
    SetEnvironment,
    SetIndex,
    SetSource,
)
from ..outline import (
    FeatureName,
    Outline,
    OutlineDependency,
    OutlineEnvironment,
    OutlineFeature,
    OutlineIndex,
    OutlineSource,
)
from ..pep508 import normalized
from .editing_environments import implied
from .outlining import INCLUDED


def gist(outline: Outline) -> Any:
    """What counts of an outline: not in which line or order something stands."""
    features = {
        one.feature: sorted((normalized(row.name), _bare(row.spec)) for row in one.dependencies)
        for one in outline.features
    }
    environments = {one.name: frozenset(one.features) for one in outline.environments if one.declared}
    conflicts = {frozenset(members) for members in outline.conflicts}
    return outline.name, outline.python, outline.indexes, features, environments, conflicts


def keeps_sources(before: Outline, after: Outline) -> bool:
    """Whether what both require comes ``after`` from where ``before`` says."""
    found = _sources(after)
    return all(sources == found.get(key, sources) for key, sources in _sources(before).items())


def _sources(outline: Outline) -> dict[tuple[FeatureName, str], tuple[OutlineSource, ...]]:
    return {
        (one.feature, normalized(row.name)): row.sources
        for one in outline.features
        for row in one.dependencies
    }


def _bare(spec: str) -> str:
    return re.sub(r"\s+", "", spec)


def intended(outline: Outline, edit: Edit) -> Outline:
    """What the manifest shall say after an edit."""
    match edit:
        case SetDependency() | RemoveDependency():
            return _with(outline, edit.feature, lambda one: _with_dependency(one, edit))
        case SetSource():
            return _with(outline, edit.feature, lambda one: _with_source(one, edit))
        case AddFeature() | RenameFeature() | RemoveFeature():
            return _with_features(outline, edit)
        case AddEnvironment() | SetEnvironment() | RenameEnvironment() | RemoveEnvironment():
            return replace(outline, environments=_environments(outline, edit))
    if isinstance(edit, SetConflicts):
        return replace(outline, conflicts=edit.conflicts)
    return replace(outline, indexes=_indexes(outline, edit))


def _with_features(outline: Outline, edit: AddFeature | RenameFeature | RemoveFeature) -> Outline:
    if isinstance(edit, AddFeature):
        return replace(outline, features=(*outline.features, OutlineFeature(_new(edit.feature))))
    if isinstance(edit, RemoveFeature):
        return _removed(outline, edit.feature)
    return _renamed(outline, edit.feature, _new(replace(edit.feature, name=edit.to)))


def _new(feature: FeatureName) -> FeatureName:
    return replace(feature, name=normalized(feature.name))


def _with(
    outline: Outline, feature: FeatureName | None, change: Callable[[OutlineFeature], OutlineFeature]
) -> Outline:
    """With one feature changed, or all of them."""
    features = tuple(change(one) if feature in (one.feature, None) else one for one in outline.features)
    return replace(outline, features=features)


def _with_dependency(one: OutlineFeature, edit: SetDependency | RemoveDependency) -> OutlineFeature:
    own = normalized(edit.name)
    before = [row for row in one.dependencies if normalized(row.name) == own and row.spec != INCLUDED]
    rows = [row for row in one.dependencies if row not in before]
    if isinstance(edit, SetDependency):
        spec = specs.check("pypi", f"{edit.name} {edit.spec}").spec
        rows += [replace(row, spec=spec) for row in before] or [OutlineDependency("pypi", edit.name, spec)]
    return replace(one, dependencies=tuple(rows))


def _renamed(outline: Outline, old: FeatureName, new: FeatureName) -> Outline:
    def name(feature: FeatureName) -> FeatureName:
        return new if feature == old else feature

    def entry(row: OutlineDependency) -> OutlineDependency:
        return _with_reference(outline, row, old, [new.name])

    return replace(
        outline,
        features=tuple(
            replace(
                one,
                feature=name(one.feature),
                dependencies=tuple(_moved(entry(row), old, new) for row in one.dependencies),
            )
            for one in outline.features
        ),
        environments=tuple(
            replace(one, features=tuple(map(name, one.features))) for one in outline.environments
        ),
        conflicts=tuple(tuple(map(name, members)) for members in outline.conflicts),
    )


def _moved(row: OutlineDependency, old: FeatureName, new: FeatureName) -> OutlineDependency:
    sources = (replace(each, feature=new if each.feature == old else each.feature) for each in row.sources)
    return replace(row, sources=tuple(sources))


def _removed(outline: Outline, feature: FeatureName) -> Outline:
    def entries(one: OutlineFeature) -> tuple[OutlineDependency, ...]:
        rows = (_with_reference(outline, row, feature, []) for row in one.dependencies)
        return tuple(row for row in rows if row.name)

    def left(features: tuple[FeatureName, ...]) -> tuple[FeatureName, ...]:
        return tuple(each for each in features if each != feature)

    return replace(
        outline,
        features=tuple(
            replace(one, dependencies=entries(one)) for one in outline.features if one.feature != feature
        ),
        environments=tuple(replace(one, features=left(one.features)) for one in outline.environments),
        conflicts=tuple(left(members) for members in outline.conflicts if len(left(members)) > 1),
    )


def _with_reference(
    outline: Outline, row: OutlineDependency, feature: FeatureName, names: list[str]
) -> OutlineDependency:
    """What includes a group or extra, with ``names`` in the place of its name.

    It has no name itself where nothing is left of it.
    """
    if feature.kind == "group":
        if row.spec == INCLUDED and row.name == feature.name:
            return replace(row, name="".join(names))
        return row
    match = re.match(r"\[([^\]]*)\]", row.spec)
    if match is None or normalized(row.name) != normalized(outline.name):
        return row
    written = [extra.strip() for extra in match[1].split(",")]
    if feature.name not in map(normalized, written):
        return row
    kept = [name for extra in written for name in (names if normalized(extra) == feature.name else [extra])]
    if not kept:
        return replace(row, name="")
    return replace(row, spec=f"[{','.join(kept)}]{row.spec[match.end() :]}")


def _environments(
    outline: Outline, edit: AddEnvironment | SetEnvironment | RenameEnvironment | RemoveEnvironment
) -> tuple[OutlineEnvironment, ...]:
    found = {one.name: one for one in outline.environments if one.declared}
    if isinstance(edit, RenameEnvironment):
        found[edit.to] = replace(found.pop(edit.name), name=edit.to)
    elif isinstance(edit, RemoveEnvironment):
        del found[edit.name]
    else:
        found[edit.name] = OutlineEnvironment(edit.name, edit.features)
        by_itself = implied(outline, edit.name)
        if by_itself is not None and set(by_itself) == set(edit.features):
            del found[edit.name]
    return tuple(found.values())


def _with_source(one: OutlineFeature, edit: SetSource) -> OutlineFeature:
    def row(dependency: OutlineDependency) -> OutlineDependency:
        if normalized(dependency.name) != normalized(edit.package) or dependency.spec == INCLUDED:
            return dependency
        others = tuple(each for each in dependency.sources if each.feature != edit.feature)
        if edit.index is None:
            return replace(dependency, sources=others)
        places = [number for number, each in enumerate(dependency.sources) if each.feature == edit.feature]
        at = places[0] if places else len(others)
        new = OutlineSource(edit.feature, None, edit.index)
        return replace(dependency, sources=(*others[:at], new, *others[at:]))

    return replace(one, dependencies=tuple(map(row, one.dependencies)))


def _indexes(outline: Outline, edit: Edit) -> tuple[OutlineIndex, ...]:
    """A new index is the last one, of those that have a table of their own."""
    if isinstance(edit, RemoveIndex):
        return tuple(one for one in outline.indexes if one.name != edit.name)
    if not isinstance(edit, SetIndex):
        return outline.indexes
    changed = [
        replace(one, url=edit.url, explicit=edit.explicit) if one.name == edit.name else one
        for one in outline.indexes
    ]
    if all(one.name != edit.name for one in changed):
        at = next((number for number, one in enumerate(changed) if one.name is None), len(changed))
        changed.insert(at, OutlineIndex(edit.name, edit.url, edit.explicit))
    return tuple(changed)
