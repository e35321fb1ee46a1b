"""Edits of a uv project's extras and groups, and of whatever names them."""

from __future__ import annotations

from collections.abc import Iterator

from ..edits import AddFeature, RemoveFeature, RenameFeature
from ..outline import FeatureName, Outline
from ..pep508 import is_name, name_and_extras, normalized
from ..toml.editing import TomlText
from ..toml.positions import Path
from . import places
from .editing_environments import leave_out
from .editing_requirements import forget_sources
from .refusals import described, missing, refusal


def add(document: TomlText, _: Outline, edit: AddFeature) -> None:
    feature = edit.feature
    _check_new(document, feature)
    if feature.kind == "extra" and document.get(places.NAME) is None:
        raise refusal(document, "a workspace's root without a project has no extras.", remedy="Add a group.")
    table = places.EXTRAS if feature.kind == "extra" else places.GROUPS
    document.set((*table, feature.name), [])


def rename(document: TomlText, _: Outline, edit: RenameFeature) -> None:
    feature, to = edit.feature, edit.to
    path = _own(document, feature)
    _check_new(document, FeatureName(feature.kind, to))
    document.replace(list(_mentions(document, feature)), to)
    for entry, extras in list(_self_references(document, feature)):
        named = [
            extra.replace(extra.strip(), to) if normalized(extra.strip()) == feature.name else extra
            for extra in extras
        ]
        document.set(entry.path, places.with_extras(entry.text, named))
    if feature == places.DEV and document.get(places.DEFAULT_GROUPS) is None:
        document.set(places.DEFAULT_GROUPS, [to])  # so that uv goes on to install it unasked
    if settings := _settings(document, feature):
        document.rename(settings, to)
    document.rename(path, to)


def remove(document: TomlText, _: Outline, edit: RemoveFeature) -> None:
    feature = edit.feature
    path = _own(document, feature)
    packages = [entry.name for entry in places.entries(document.data) if entry.feature == feature]
    for name in document.get(places.ENVIRONMENTS) or {}:
        leave_out(document, name, feature)
    _remove_conflicts(document, feature)
    for entry, extras in reversed(list(_self_references(document, feature))):
        kept = [extra for extra in extras if normalized(extra.strip()) != feature.name]
        if kept:
            document.set(entry.path, places.with_extras(entry.text, kept))
        else:
            document.remove(entry.path)
    if feature.kind == "group":
        included = [entry.path for entry in places.entries(document.data) if entry.include == feature.name]
        document.remove_elements([*included, *_defaults(document, feature)])
    if settings := _settings(document, feature):
        document.remove(settings)
    document.remove(path)
    for package in dict.fromkeys(filter(None, packages)):
        forget_sources(document, package, feature)


def _check_new(document: TomlText, feature: FeatureName) -> None:
    """Refuse a name that cannot be one, or that is taken."""
    if feature.kind not in ("extra", "group"):
        raise refusal(
            document,
            "a uv project's features are extras and groups.",
            remedy="Add an extra, which others can install too, or a group, for work on the project.",
        )
    if not is_name(feature.name):
        raise refusal(
            document,
            f"`{feature.name}` cannot be the name of an extra or a group.",
            remedy="Use letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.",
        )
    if feature.kind == "extra" and "optional-dependencies" in (document.get(("project", "dynamic")) or ()):
        raise refusal(document, "the build backend makes up the extras (`dynamic`).", "project", "dynamic")
    same = FeatureName(feature.kind, normalized(feature.name))
    if found := places.lists(document.data).get(same):
        raise refusal(document, f"{described(same)} is there already.", *found, remedy="Pick another name.")


def _own(document: TomlText, feature: FeatureName) -> Path:
    """The list of an extra or group. Refused for the base, and for what stands in two places."""
    if feature.kind == "base":
        raise refusal(
            document, "the project's own dependencies cannot be renamed or removed.", remedy="Remove each."
        )
    path = places.lists(document.data).get(feature)
    if path is None:
        raise missing(document, feature)
    if feature == places.DEV and document.get(places.LEGACY) is not None:
        raise refusal(
            document,
            "the group `dev` stands in `tool.uv.dev-dependencies`, as uv had it before there were groups.",
            *places.LEGACY,
            remedy="Move what is there to [dependency-groups] first, in the file itself.",
        )
    return path


def _mentions(document: TomlText, feature: FeatureName) -> Iterator[Path]:
    """Where the name alone of an extra or group stands."""
    data = document.data
    for name, environment in (document.get(places.ENVIRONMENTS) or {}).items():
        key = f"{feature.kind}s"
        for number, other in enumerate(environment.get(key, ())):
            if normalized(other) == feature.name:
                yield (*places.ENVIRONMENTS, name, key, number)
    for row in places.rows(data):
        if row.feature == feature:
            yield (*row.path, feature.kind)
    for path in _conflicts(document, feature):
        yield (*path, feature.kind)
    if feature.kind == "group":
        yield from _defaults(document, feature)
        for entry in places.entries(data):
            if entry.include == feature.name:
                yield (*entry.path, "include-group")


def _defaults(document: TomlText, feature: FeatureName) -> Iterator[Path]:
    names = document.get(places.DEFAULT_GROUPS)
    for number, name in enumerate(names if isinstance(names, list) else ()):
        if normalized(name) == feature.name:
            yield (*places.DEFAULT_GROUPS, number)


def _conflicts(document: TomlText, feature: FeatureName) -> Iterator[Path]:
    """The project's own rows with ``feature`` in the sets of what excludes each other."""
    own = normalized(document.get(places.NAME) or "")
    for number, members in enumerate(document.get(places.CONFLICTS) or ()):
        for inner, data in enumerate(members):
            row = places.Row((*places.CONFLICTS, number, inner), normalized(data.get("package", own)), data)
            if row.package == own and row.feature == feature:
                yield row.path


def _remove_conflicts(document: TomlText, feature: FeatureName) -> None:
    """A set of one says nothing, and uv refuses it: it goes too."""
    while path := next(_conflicts(document, feature), None):
        members = path[:-1]
        document.remove(path if len(document.get(members)) > 2 else members)
    if document.get(places.CONFLICTS) == []:
        document.remove(places.CONFLICTS)


def _self_references(document: TomlText, feature: FeatureName) -> Iterator[tuple[places.Entry, list[str]]]:
    """Requirements such as ``project[cuda]``, with the extras they name as written, blanks included."""
    own = normalized(document.get(places.NAME) or "")
    for entry in places.entries(document.data) if own and feature.kind == "extra" else ():
        if entry.name == own and feature.name in name_and_extras(entry.text)[1]:
            written = entry.text[entry.text.index("[") + 1 : entry.text.index("]")]
            yield entry, written.split(",")


def _settings(document: TomlText, feature: FeatureName) -> Path | None:
    """The table of what a group asks for beside its requirements."""
    for name in (document.get(places.GROUP_SETTINGS) or {}) if feature.kind == "group" else ():
        if normalized(name) == feature.name:
            return (*places.GROUP_SETTINGS, name)
    return None
