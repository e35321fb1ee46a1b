"""Where in a pixi manifest each requirement stands, as people see it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from ..outline import BASE, FeatureName, OutlineDependency
from ..pep508 import normalized
from ..toml import writing
from ..toml.positions import Path
from .model import DEFAULT
from .workspace import PYPROJECT

CONDA = ("dependencies", "host-dependencies", "build-dependencies")
PYPI = "pypi-dependencies"
#: With one of these, a requirement is more than a version.
_PLACES = frozenset({"git", "url", "path", "workspace"})
_NAME = re.compile(r"\s*[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement of a feature, and the path of its key or, in a list, of its text."""

    path: Path
    feature: FeatureName
    shown: OutlineDependency

    @property
    def key(self) -> tuple[str, str, str]:
        """What an edit names it by, within its feature."""
        return key_of(self.shown)


def key_of(shown: OutlineDependency) -> tuple[str, str, str]:
    return shown.kind, canonical(shown.kind, shown.name), shown.target


def canonical(kind: str, name: str) -> str:
    """The one form of all spellings of a package's name."""
    return normalized(name) if kind == "pypi" else name.lower()


def root(file: File) -> Path:
    """The path of pixi's tables."""
    return ("tool", "pixi") if file.name == PYPROJECT else ()


def feature_path(file: File, feature: FeatureName) -> Path:
    """The path of a feature's table; the base's are those at the top."""
    return root(file) if feature == BASE else (*root(file), "feature", feature.name)


def scope(file: File, feature: FeatureName, target: str) -> Path:
    """The path of the table with a feature's tables for a target."""
    return (*feature_path(file, feature), *(("target", target) if target else ()))


def feature_name(name: str) -> FeatureName:
    return BASE if name == DEFAULT else FeatureName("feature", name)


def at(data: Mapping[str, Any], path: Path) -> Any:
    """The table at ``path`` of a checked manifest, empty where there is none."""
    table: Any = data
    for key in path:
        table = table.get(key, {})
    return table


def entries(file: File, data: Mapping[str, Any], feature: FeatureName) -> Iterator[Entry]:
    """The requirements of a feature of a checked manifest."""
    if file.name == PYPROJECT:
        yield from _listed(data, feature)
    own = at(data, feature_path(file, feature))
    for target in ("", *own.get("target", {})):
        where = scope(file, feature, target)
        tables = at(data, where)
        for table in (*CONDA, "constraints", PYPI):
            for name, value in tables.get(table, {}).items():
                yield Entry((*where, table, name), feature, _shown(table, name, value, target))


def _shown(table: str, name: str, value: Any, target: str) -> OutlineDependency:
    kind = {"constraints": "constraint", PYPI: "pypi"}.get(table, "conda")
    spec, is_version = _spec(kind, value)
    return OutlineDependency(
        kind, name, spec, target=target, table=table, editable=is_version and kind != "constraint"
    )


def _spec(kind: str, value: Any) -> tuple[str, bool]:
    """What a field shows, and whether it can be edited there."""
    if isinstance(value, str):
        return value.strip(), True
    if not _PLACES.isdisjoint(value):
        return writing.value(value), False
    version = str(value.get("version", "*")).strip()
    extras = f"[{','.join(value['extras'])}]" if kind == "pypi" and value.get("extras") else ""
    marker = f"; {value['env-markers']}" if value.get("env-markers") else ""
    if extras or marker:
        return f"{extras}{'' if version == '*' else version}{marker}", True
    return version, True


def _listed(data: Mapping[str, Any], feature: FeatureName) -> Iterator[Entry]:
    """Those of a ``pyproject.toml``'s own lists, which are PEP 508 texts."""
    for path in lists(feature):
        texts = at(data, path) or []
        for number, text in enumerate(texts):
            if isinstance(text, str) and (name := _NAME.match(text)):
                shown = OutlineDependency("pypi", name[0].strip(), text[name.end() :].strip())
                yield Entry((*path, number), feature, shown)


def lists(feature: FeatureName) -> tuple[Path, ...]:
    """The lists of a ``pyproject.toml`` whose requirements belong to a feature."""
    if feature == BASE:
        return (("project", "dependencies"),)
    return ("project", "optional-dependencies", feature.name), ("dependency-groups", feature.name)
