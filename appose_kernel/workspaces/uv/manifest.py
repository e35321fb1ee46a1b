"""What a uv project's ``pyproject.toml`` says, checked: the tables that uv reads, and our own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...model import Feature
from .. import pyproject, toml
from ..pep508 import normalized
from ..pixi.workspace import is_workspace
from ..pyproject import Groups
from ..tables import Table
from .model import Conflict, Index, Source, UvManifest

#: uv installs this group unless told otherwise.
DEFAULT_GROUPS = ("dev",)

_manifests: dict[Path, tuple[Mapping[str, Any], UvManifest]] = {}


def is_ours(data: Mapping[str, Any]) -> bool:
    """Whether a ``pyproject.toml`` is a uv project or workspace root: not pixi's, and not unmanaged."""
    tool = data.get("tool")
    tool = tool if isinstance(tool, dict) else {}
    uv = tool.get("uv")
    uv = uv if isinstance(uv, dict) else {}
    if is_workspace(Path("pyproject.toml"), data) or uv.get("managed") is False:
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
    name = pyproject.name(project) if "project" in document else None
    groups = _groups(document, uv)
    workspace = uv.table("workspace") if "workspace" in uv else None
    return UvManifest(
        file=document.file,
        name=name,
        python=pyproject.python(project),
        dynamic=frozenset(project.texts("dynamic")),
        dependencies=pyproject.requirements(project, "dependencies"),
        extras=pyproject.extras(project),
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


def _groups(document: Table, uv: Table) -> Groups:
    groups = pyproject.groups(document)
    if legacy := pyproject.requirements(uv, "dev-dependencies"):
        groups["dev"] = (*groups.get("dev", ()), *legacy)
    pyproject.check_includes(document, groups)
    return groups


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
