"""Edits of a pixi manifest's environments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import EditRefused
from ..edits import AddEnvironment, RemoveEnvironment, RenameEnvironment, SetEnvironment
from ..outline import BASE, FeatureName, Outline, OutlineEnvironment
from ..toml.editing import TomlText
from ..toml.positions import Path
from ..toml.writing import Value
from .editing_features import put_list
from .entries import root
from .model import DEFAULT


def add(document: TomlText, before: Outline, edit: AddEnvironment) -> None:
    for one in before.environments:
        if one.name == edit.name and one.declared:
            raise EditRefused(
                f"{document.file} line {one.line}: there is an environment `{edit.name}` already.",
                remedy="Pick another name.",
            )
    document.set(_path(document, edit.name), _content(edit))


def _path(document: TomlText, name: str) -> Path:
    return (*root(document.file), "environments", name)


def _content(edit: AddEnvironment | SetEnvironment) -> Value:
    """A list of features, unless there is more to say."""
    more = _more(edit)
    names = _names(edit.features)
    if not more:
        return names
    return {"features": names, **more} if names else more


def _more(edit: AddEnvironment | SetEnvironment) -> dict[str, Value]:
    found: dict[str, Value] = {"solve-group": edit.solve_group} if edit.solve_group is not None else {}
    return found if edit.with_base else {**found, "no-default-feature": True}


def _names(features: tuple[FeatureName, ...]) -> list[str]:
    return [DEFAULT if feature == BASE else feature.name for feature in features]


def change(document: TomlText, before: Outline, edit: SetEnvironment) -> None:
    one = _known(document, before, edit.name)
    path = _path(document, edit.name)
    if not one.declared:
        document.set(path, _content(edit))
        return
    present, wanted = _names(one.features), tuple(_names(edit.features))
    if isinstance(document.get(path), list):
        put_list(document, path, present, wanted)
        if more := _more(edit):
            document.wrap(path, "features", more)
        return
    if present and not wanted and len(document.get(path)) > 1:
        document.remove((*path, "features"), path)
    elif document.get((*path, "features")) is not None:
        put_list(document, (*path, "features"), present, wanted)
    elif wanted:
        document.set((*path, "features"), list(wanted), place="first")
    more = _more(edit)
    for key in ("solve-group", "no-default-feature"):
        if key in more:
            document.set((*path, key), more[key], place="last")
        elif document.get((*path, key)):
            document.remove((*path, key), path)


def rename(document: TomlText, before: Outline, edit: RenameEnvironment) -> None:
    _known(document, before, edit.name, declared=True)
    if edit.name == DEFAULT or any(one.name == edit.to for one in before.environments):
        raise EditRefused(
            f"{document.file}: `{edit.name}` cannot be renamed to `{edit.to}`.",
            remedy="`default` is always there." if edit.name == DEFAULT else "Pick a name that is not taken.",
        )
    document.replace(tuple(_mentions(document.data, edit.name)), edit.to)
    document.rename(_path(document, edit.name), edit.to)


def remove(document: TomlText, before: Outline, edit: RemoveEnvironment) -> None:
    _known(document, before, edit.name, declared=True)
    for place in _mentions(document.data, edit.name):
        raise EditRefused(
            f"{document.file} line {document.line(place)}: a task runs in the environment `{edit.name}`.",
            remedy="Change the task in the file first.",
        )
    document.remove(_path(document, edit.name), root(document.file))


def _known(document: TomlText, before: Outline, name: str, *, declared: bool = False) -> OutlineEnvironment:
    for one in before.environments:
        if one.name == name and (one.declared or not declared):
            return one
    raise EditRefused(
        f"{document.file}: it does not define an environment `{name}`.",
        remedy="`default` is always there." if name == DEFAULT else "Add it first, or pick another.",
    )


def _mentions(data: Any, name: str, *path: Any) -> Iterator[Path]:
    """Where tasks name an environment.

    https://pixi.prefix.dev/latest/workspace/advanced_tasks/
    """
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        place = (*path, key)
        if value == name and key in ("environment", "default-environment") and "tasks" in path:
            yield place
        else:
            yield from _mentions(value, name, *place)
