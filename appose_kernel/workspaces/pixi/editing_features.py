"""Edits of a pixi manifest's features: their names, channels and activation variables."""

from __future__ import annotations

from ...errors import EditRefused
from ..edits import AddFeature, RemoveFeature, RemoveVariable, RenameFeature, SetChannels, SetVariable
from ..outline import BASE, FeatureName, Outline
from ..pep508 import normalized
from ..toml.editing import TomlText
from ..toml.positions import Path
from .entries import feature_path, lists, root, scope
from .model import DEFAULT
from .workspace import PYPROJECT


def known(document: TomlText, before: Outline, feature: FeatureName) -> None:
    """Refuse a feature that is not there."""
    if feature not in (one.feature for one in before.features):
        raise EditRefused(
            f"{document.file}: there is no feature `{feature.name}`.", remedy="Add it first, or pick another."
        )


def kept(document: TomlText, feature: FeatureName) -> Path:
    """The table that stays when the last thing in it goes, for it is what makes the feature one."""
    path = feature_path(document.file, feature)
    alone = document.get(path) is not None and not _groups(document, feature)
    return path if alone else root(document.file)


def _groups(document: TomlText, feature: FeatureName) -> list[Path]:
    """The groups and extras of a ``pyproject.toml`` that make up a feature."""
    if feature == BASE or document.file.name != PYPROJECT:
        return []
    return [path for path in lists(feature) if document.get(path) is not None]


def add(document: TomlText, before: Outline, edit: AddFeature) -> None:
    """A new feature is an empty table of dependencies, which the first one fills."""
    _check_name(document, before, edit.feature)
    document.add_table((*feature_path(document.file, edit.feature), "dependencies"))


def rename(document: TomlText, before: Outline, edit: RenameFeature) -> None:
    path = _own_table(document, before, edit.feature)
    _check_name(document, before, FeatureName("feature", edit.to))
    document.replace(_mentions(document, before, edit.feature), edit.to)
    document.rename(path, edit.to)


def remove(document: TomlText, before: Outline, edit: RemoveFeature) -> None:
    path = _own_table(document, before, edit.feature)
    document.remove_elements(_mentions(document, before, edit.feature))
    document.remove(path, root(document.file))


def _check_name(document: TomlText, before: Outline, feature: FeatureName) -> None:
    """Refuse a new name that cannot be one, or that is taken."""
    name = feature.name
    if (
        feature.kind != "feature"
        or name in ("", DEFAULT)
        or any(not (c.isalnum() or c in "._-") for c in name)
    ):
        raise EditRefused(
            f"{document.file}: `{name}` cannot be the name of a new feature.",
            remedy="Use letters, digits, `-`, `_` and `.`; `default` is the base's own name.",
        )
    for one in before.features:
        if normalized(one.feature.name) == normalized(name):
            raise EditRefused(
                f"{document.file} line {one.line}: there is a feature `{one.feature.name}` already.",
                remedy="Pick another name.",
            )


def _own_table(document: TomlText, before: Outline, feature: FeatureName) -> Path:
    """The table of a feature that is nothing else. Refused for the base, for extras and for groups."""
    known(document, before, feature)
    path = feature_path(document.file, feature)
    if feature == BASE:
        raise EditRefused(
            f"{document.file}: the base cannot be renamed or removed.", remedy="Remove what it requires."
        )
    if groups := _groups(document, feature):
        raise EditRefused(
            f"{document.file} line {document.line(groups[0])}: the feature `{feature.name}` is a group or an"
            " extra of the Python project.",
            remedy="Change it in the file itself.",
        )
    return path


def _mentions(document: TomlText, before: Outline, feature: FeatureName) -> list[Path]:
    """Where environments list a feature."""
    found: list[Path] = []
    for environment in before.environments:
        if environment.declared and feature in environment.features:
            path: Path = (*root(document.file), "environments", environment.name)
            path = path if isinstance(document.get(path), list) else (*path, "features")
            found.append((*path, environment.features.index(feature)))
    return found


def put_channels(document: TomlText, before: Outline, edit: SetChannels) -> None:
    known(document, before, edit.feature)
    path = feature_path(document.file, edit.feature)
    if edit.feature == BASE:
        top = root(document.file)
        path = (*top, "workspace" if document.get((*top, "workspace")) is not None else "project")
    path = (*path, "channels")
    present = [_name(entry) for entry in document.get(path) or []]
    if edit.channels is None:
        _forget(document, edit.feature, path)
    elif len({*edit.channels}) < len(edit.channels) or not all(map(str.strip, edit.channels)):
        raise EditRefused(
            f"{document.file}: a channel is empty, or stands twice in the list.", remedy="Name each one once."
        )
    elif document.get(path) is None:
        document.set(path, list(edit.channels), place="last")
    else:
        put_list(document, path, present, edit.channels)


def _forget(document: TomlText, feature: FeatureName, path: Path) -> None:
    if feature == BASE:
        raise EditRefused(
            f"{document.file}: the workspace needs its channels.", remedy="Remove those of a feature instead."
        )
    if document.get(path) is not None:
        document.remove(path, kept(document, feature))


def _name(entry: object) -> str:
    return str(entry["channel"] if isinstance(entry, dict) else entry)


def put_list(document: TomlText, path: Path, present: list[str], wanted: tuple[str, ...]) -> None:
    """Make a list have the wanted elements in their order; those that are there stay as they are written."""
    for number in range(len(present) - 1, -1, -1):
        if present[number] not in wanted:
            document.remove((*path, number))
            del present[number]
    _arrange(document, path, present, wanted)
    for number, name in enumerate(wanted):
        if name in present:
            continue
        if document.item(path):
            document.insert(path, number, name)
            present.insert(number, name)
        else:
            document.append_table(path, {"channel": name})
            present.append(name)
    _arrange(document, path, present, wanted)


def _arrange(document: TomlText, path: Path, present: list[str], wanted: tuple[str, ...]) -> None:
    """Put those that are there into the wanted order."""
    order = sorted(range(len(present)), key=lambda number: wanted.index(present[number]))
    if order != sorted(order):
        document.arrange(path, order)
        present[:] = [present[number] for number in order]


def put_variable(document: TomlText, before: Outline, edit: SetVariable) -> None:
    known(document, before, edit.feature)
    if not edit.name or any(c.isspace() or c in "=\0" for c in edit.name) or "\0" in edit.value:
        raise EditRefused(
            f"{document.file}: `{edit.name}` cannot be set as a variable.",
            remedy="A name has neither blanks nor `=`.",
        )
    document.set(_variable(document, edit), edit.value, place="last")


def remove_variable(document: TomlText, before: Outline, edit: RemoveVariable) -> None:
    known(document, before, edit.feature)
    path = _variable(document, edit)
    if document.get(path) is None:
        raise EditRefused(
            f"{document.file}: there is no variable `{edit.name}` to remove.",
            remedy="Read the manifest again.",
        )
    document.remove(path, kept(document, edit.feature))


def _variable(document: TomlText, edit: SetVariable | RemoveVariable) -> Path:
    return (*scope(document.file, edit.feature, edit.target), "activation", "env", edit.name)
