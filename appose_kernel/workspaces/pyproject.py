"""The standard tables of a ``pyproject.toml``, checked: ``[project]`` (PEP 621), groups (PEP 735)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import ManifestInvalid
from .pep508 import is_name, normalized, problem, python_problem
from .tables import Table
from .toml.positions import Key


@dataclass(frozen=True, slots=True)
class Include:
    """``{ include-group = "name" }`` in a dependency group (PEP 735)."""

    group: str


Groups = Mapping[str, tuple[str | Include, ...]]


def name(project: Table) -> str:
    name = project.text("name")
    if name is None:
        raise project.invalid("`[project]` has no `name`.", remedy='Add one, such as `name = "my-project"`.')
    if not is_name(name):
        raise _bad_name(project, name, "name")
    return name


def _bad_name(table: Table, name: str, *keys: Key) -> ManifestInvalid:
    return table.invalid(
        f"`{name}` is not a valid name.",
        *keys,
        remedy="Use letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.",
    )


def python(project: Table) -> str:
    specifier = project.text("requires-python") or ""
    if specifier and (reason := python_problem(specifier)):
        raise project.invalid(
            f"`requires-python` is no set of versions: {reason}.",
            "requires-python",
            remedy='Write it like `requires-python = ">=3.11"`.',
        )
    return specifier


def requirements(table: Table, key: str) -> tuple[str, ...]:
    texts = table.texts(key)
    for number, text in enumerate(texts):
        _check_requirement(table, text, key, number)
    return texts


def _check_requirement(table: Table, text: str, *keys: Key) -> None:
    if reason := problem(text):
        raise table.invalid(
            f"`{text}` is not a valid requirement: {reason}.",
            *keys,
            remedy='Write it like `"name >=1.2"` (PEP 508).',
        )


def names(table: Table) -> Iterator[tuple[str, str]]:
    """The keys of a table of extras or groups: normalized, and as written."""
    seen: dict[str, str] = {}
    for key in table.data:
        if not is_name(key):
            raise _bad_name(table, key, key)
        if other := seen.get(normalized(key)):
            raise table.invalid(
                f"`{key}` and `{other}` are the same name.", key, remedy="Remove or rename one of them."
            )
        seen[normalized(key)] = key
        yield normalized(key), key


def extras(project: Table) -> dict[str, tuple[str, ...]]:
    table = project.table("optional-dependencies")
    return {name: requirements(table, key) for name, key in names(table)}


def groups(document: Table) -> dict[str, tuple[str | Include, ...]]:
    """The dependency groups by normalized name; :func:`check_includes` before anybody follows them."""
    table = document.table("dependency-groups")
    return {name: tuple(_group(table, key)) for name, key in names(table)}


def _group(table: Table, key: str) -> Iterator[str | Include]:
    for number, item in enumerate(table.elements(key)):
        if isinstance(item, dict) and isinstance(item.get("include-group"), str):
            yield Include(normalized(item["include-group"]))
        elif isinstance(item, str):
            _check_requirement(table, item, key, number)
            yield item
        else:
            raise table.invalid(
                f"this entry of the group `{key}` is neither a requirement nor an include.",
                key,
                number,
                remedy='Write a requirement, or `{ include-group = "name" }`.',
            )


def check_includes(document: Table, groups: Groups) -> None:
    """Refuse includes of groups that are not there, and circles of them."""
    table = document.table("dependency-groups")
    for name, key in names(table):
        _check_includes(table, groups, key, (name,))


def _check_includes(table: Table, groups: Groups, key: str, path: tuple[str, ...]) -> None:
    for item in groups[path[-1]]:
        if not isinstance(item, Include):
            continue
        if item.group not in groups:
            raise table.invalid(
                f"the group `{path[-1]}` includes `{item.group}`, which is not defined.",
                key,
                remedy="Add it under [dependency-groups] or remove the include.",
            )
        if item.group in path:
            cycle = " → ".join((*path, item.group))
            raise table.invalid(
                f"these groups include each other: {cycle}.", key, remedy="Remove one of the includes."
            )
        _check_includes(table, groups, key, (*path, item.group))
