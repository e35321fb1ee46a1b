"""Edits of a uv project's environments.

``default`` and one for each extra are there by themselves. A declared one of the same name takes such a
one's place: so to change its features is to declare it, and to change them back is to take that away.
"""

from __future__ import annotations

from ..edits import AddEnvironment, RemoveEnvironment, RenameEnvironment, SetEnvironment
from ..outline import FeatureName, Outline, OutlineEnvironment
from ..pep508 import is_name, normalized
from ..toml.editing import TomlText
from ..toml.positions import Path
from . import places
from .refusals import missing, refusal

DEFAULT = "default"
_KINDS = {"extras": "extra", "groups": "group"}


def add(document: TomlText, before: Outline, edit: AddEnvironment) -> None:
    _check_new(document, before, edit.name)
    _check_members(document, edit)
    document.set(_path(edit.name), _content(document, edit.features))


def change(document: TomlText, before: Outline, edit: SetEnvironment) -> None:
    environment = _existing(document, before, edit.name)
    _check_members(document, edit)
    by_itself = implied(before, edit.name)
    if by_itself is not None and set(edit.features) == set(by_itself):
        if environment.declared:
            document.remove(_path(edit.name))
    elif not environment.declared:
        document.set(_path(edit.name), _content(document, edit.features))
    else:
        for key, names in _names(document, edit.features).items():
            _put_list(document, _path(edit.name), key, names)


def rename(document: TomlText, before: Outline, edit: RenameEnvironment) -> None:
    _demand_declared(document, before, edit.name)
    _check_new(document, before, edit.to)
    document.rename(_path(edit.name), edit.to)


def remove(document: TomlText, before: Outline, edit: RemoveEnvironment) -> None:
    _demand_declared(document, before, edit.name)
    document.remove(_path(edit.name))


def leave_out(document: TomlText, name: str, feature: FeatureName) -> None:
    """Take a feature out of a declared environment."""
    for key, kind in _KINDS.items():
        present = document.get((*_path(name), key)) or []
        kept = [other for other in present if FeatureName(kind, normalized(other)) != feature]
        if len(kept) < len(present):
            _put_list(document, _path(name), key, kept)


def implied(outline: Outline, name: str) -> tuple[FeatureName, ...] | None:
    """What an environment is made of that nobody declares; None where there is none."""
    if name == DEFAULT:
        return ()
    own = FeatureName("extra", name)
    return (own,) if any(feature.feature == own for feature in outline.features) else None


def _path(name: str) -> Path:
    return (*places.ENVIRONMENTS, name)


def _check_new(document: TomlText, before: Outline, name: str) -> None:
    if not is_name(name):
        raise refusal(
            document,
            f"`{name}` cannot be the name of an environment.",
            remedy="Use letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.",
        )
    for environment in before.environments:
        if environment.name == name:
            raise refusal(
                document,
                f"there is an environment `{name}` already.",
                *(_path(name) if environment.declared else ()),
                remedy="Pick another name, or change its features.",
            )


def _check_members(document: TomlText, edit: AddEnvironment | SetEnvironment) -> None:
    if edit.solve_group is not None:
        raise refusal(
            document,
            "a uv project has one lock for all its environments, and no solve groups.",
            remedy="Leave the solve group empty.",
        )
    if not edit.with_base:
        raise refusal(
            document,
            "each environment of a uv project has the project's own dependencies.",
            remedy="Move them to an extra or a group, and list that.",
        )
    known = places.lists(document.data)
    for feature in edit.features:
        if feature.kind == "base" or feature not in known:
            raise missing(document, feature)


def _existing(document: TomlText, before: Outline, name: str) -> OutlineEnvironment:
    for environment in before.environments:
        if environment.name == name:
            return environment
    raise refusal(document, f"there is no environment `{name}`.", remedy="Read the manifest again.")


def _demand_declared(document: TomlText, before: Outline, name: str) -> None:
    if _existing(document, before, name).declared:
        return
    why = "every project has it" if name == DEFAULT else f"it is there because of the extra `{name}`"
    raise refusal(
        document,
        f"the environment `{name}` is declared nowhere: {why}.",
        remedy="Change its features, or leave it." if name == DEFAULT else "Rename or remove the extra.",
    )


def _names(document: TomlText, features: tuple[FeatureName, ...]) -> dict[str, list[str]]:
    """The features by our keys."""
    return {
        key: [places.spelt(document.data, feature) for feature in features if feature.kind == kind]
        for key, kind in _KINDS.items()
    }


def _content(document: TomlText, features: tuple[FeatureName, ...]) -> dict[str, list[str]]:
    return {key: names for key, names in _names(document, features).items() if names}


def _put_list(document: TomlText, environment: Path, key: str, names: list[str]) -> None:
    """Make a list have these names; those that are there stay as they are written."""
    path = (*environment, key)
    present, wanted = document.get(path), {normalized(name): name for name in names}
    if present is None:
        if names:
            document.set(path, names)
        return
    if not names:
        document.remove(path, environment)
        return
    for number in range(len(present) - 1, -1, -1):
        if normalized(present[number]) not in wanted:
            document.remove((*path, number), environment)
        else:
            wanted.pop(normalized(present[number]))
    for name in wanted.values():
        document.insert(path, len(document.get(path)), name)
