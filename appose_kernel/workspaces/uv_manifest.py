"""What a uv project's ``pyproject.toml`` says, checked: the tables that uv reads, and our own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import ManifestInvalid
from ..model import Feature
from . import toml
from .pep508 import is_name, normalized, problem, python_problem
from .positions import Key
from .tables import Table
from .uv_model import Conflict, Include, Index, Source, UvManifest

#: uv installs this group unless told otherwise.
DEFAULT_GROUPS = ("dev",)

_manifests: dict[Path, tuple[Mapping[str, Any], UvManifest]] = {}


def is_ours(data: Mapping[str, Any]) -> bool:
    """Whether a ``pyproject.toml`` is a uv project or workspace root: not pixi's, and not unmanaged."""
    tool = data.get("tool")
    tool = tool if isinstance(tool, dict) else {}
    uv = tool.get("uv")
    uv = uv if isinstance(uv, dict) else {}
    if "pixi" in tool or uv.get("managed") is False:
        return False
    return "project" in data or "workspace" in uv


def parse(file: Path) -> UvManifest:
    """Read and check a manifest for which :func:`is_ours` holds; remembered as long as its TOML is."""
    data = toml.read(file)
    known = _manifests.get(file)
    if known is None or known[0] is not data:
        known = _manifests[file] = data, _checked(Table(file, data))
    return known[1]


def _checked(document: Table) -> UvManifest:
    project, uv = document.table("project"), document.table("tool").table("uv")
    name = _name(project) if "project" in document else None
    groups = _groups(document, uv)
    workspace = uv.table("workspace") if "workspace" in uv else None
    return UvManifest(
        file=document.file,
        name=name,
        python=_python(project),
        dynamic=frozenset(project.texts("dynamic")),
        dependencies=_requirements(project, "dependencies"),
        extras=_extras(project),
        groups=groups,
        default_groups=_default_groups(uv, groups),
        sources=tuple(_sources(uv)),
        indexes=tuple(indexes(uv)),
        conflicts=tuple(_conflicts(uv, normalized(name or ""))),
        environments=_environments(document),
        members=workspace.texts("members") if workspace else None,
        exclude=workspace.texts("exclude") if workspace else (),
    )


def indexes(settings: Table) -> Iterator[Index]:
    """The indexes of ``[tool.uv]`` or of a ``uv.toml``, in the order of their priority."""
    for table in settings.tables("index"):
        url = table.text("url")
        if url is None:
            raise table.invalid("this index has no `url`.", remedy="Add one.")
        yield Index(url, table.text("name"), bool(table.flag("default")), bool(table.flag("explicit")))
    for url in settings.texts("extra-index-url"):
        yield Index(url, None, default=False, explicit=False)
    if url := settings.text("index-url"):
        yield Index(url, None, default=True, explicit=False)


def _name(project: Table) -> str:
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


def _python(project: Table) -> str:
    specifier = project.text("requires-python") or ""
    if specifier and (reason := python_problem(specifier)):
        raise project.invalid(
            f"`requires-python` is no set of versions: {reason}.",
            "requires-python",
            remedy='Write it like `requires-python = ">=3.11"`.',
        )
    return specifier


def _requirements(table: Table, key: str) -> tuple[str, ...]:
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


def _names(table: Table) -> Iterator[tuple[str, str]]:
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


def _extras(project: Table) -> dict[str, tuple[str, ...]]:
    table = project.table("optional-dependencies")
    return {name: _requirements(table, key) for name, key in _names(table)}


def _groups(document: Table, uv: Table) -> dict[str, tuple[str | Include, ...]]:
    table = document.table("dependency-groups")
    groups = {name: tuple(_group(table, key)) for name, key in _names(table)}
    if legacy := _requirements(uv, "dev-dependencies"):
        groups["dev"] = (*groups.get("dev", ()), *legacy)
    for name, key in _names(table):
        _check_includes(table, groups, key, (name,))
    return groups


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


def _check_includes(
    table: Table, groups: Mapping[str, tuple[str | Include, ...]], key: str, path: tuple[str, ...]
) -> None:
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


def _default_groups(uv: Table, groups: Mapping[str, object]) -> tuple[str, ...]:
    if uv.data.get("default-groups") == "all":
        return tuple(groups)
    if "default-groups" not in uv:
        return DEFAULT_GROUPS
    names = tuple(normalized(name) for name in uv.texts("default-groups"))
    for number, name in enumerate(names):
        if name not in groups:
            raise uv.invalid(
                f"the default group `{name}` is not defined.",
                "default-groups",
                number,
                remedy="Add it under [dependency-groups] or remove it.",
            )
    return names


def _sources(uv: Table) -> Iterator[Source]:
    table = uv.table("sources")
    for key in table.data:
        for source in table.one_or_more(key):
            # `workspace` may be a path too: the root of another workspace.
            other = source.data.get("workspace")
            yield Source(
                key=key,
                package=normalized(key),
                index=source.text("index"),
                path=other if isinstance(other, str) else source.text("path"),
                feature=_feature(source),
                marker=source.text("marker"),
            )


def _feature(table: Table) -> Feature | None:
    for kind in ("extra", "group"):
        if name := table.text(kind):
            return Feature(normalized(name), kind)
    return None


def _conflicts(uv: Table, project: str) -> Iterator[frozenset[Conflict]]:
    for number in range(len(uv.elements("conflicts"))):
        yield frozenset(
            Conflict(normalized(row.text("package") or project), _feature(row))
            for row in uv.tables("conflicts", number)
        )


def _environments(document: Table) -> dict[str, tuple[Feature, ...]]:
    ours = document.table("tool").table("appose-kernel")
    ours.only("environments")
    table = ours.table("environments")
    return {name: _environment(table, name) for name in table.data}


def _environment(table: Table, name: str) -> tuple[Feature, ...]:
    if not name.strip() or any(unicodedata.category(letter) == "Cc" for letter in name):
        raise table.invalid(
            "an environment's name is empty or holds control characters.", name, remedy="Rename it."
        )
    environment = table.table(name)
    environment.only("extras", "groups")
    features = [Feature(normalized(extra), "extra") for extra in environment.texts("extras")]
    features += [Feature(normalized(group), "group") for group in environment.texts("groups")]
    return tuple(dict.fromkeys(features))
