"""Where in a ``pyproject.toml`` the things stand that people edit.

Works on the data of a manifest that :mod:`.manifest` accepts. Names of extras and groups are normalized, as
everywhere in this wing, while paths have the keys as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..outline import BASE, FeatureName
from ..pep508 import name_and_extras, normalized
from ..toml.positions import Path

NAME = ("project", "name")
BASE_LIST = ("project", "dependencies")
EXTRAS = ("project", "optional-dependencies")
GROUPS = ("dependency-groups",)
#: Where uv had the group `dev` before there were groups.
LEGACY = ("tool", "uv", "dev-dependencies")
DEV = FeatureName("group", "dev")
DEFAULT_GROUPS = ("tool", "uv", "default-groups")
#: What a group asks for beside its requirements: its Python.
GROUP_SETTINGS = ("tool", "uv", "dependency-groups")
SOURCES = ("tool", "uv", "sources")
INDEXES = ("tool", "uv", "index")
CONFLICTS = ("tool", "uv", "conflicts")
ENVIRONMENTS = ("tool", "appose-kernel", "environments")


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement of a feature, or with an ``include`` the group that is part of it."""

    path: Path
    feature: FeatureName
    text: str = ""
    include: str = ""

    @property
    def name(self) -> str:
        """The package's normalized name; empty for an include."""
        return "" if self.include else name_and_extras(self.text)[0]

    @property
    def written(self) -> tuple[str, str]:
        """The package's name as written, and all behind it."""
        end = len(self.text) - len(self.text.lstrip(" "))
        while end < len(self.text) and (self.text[end].isalnum() or self.text[end] in "._-"):
            end += 1
        return self.text[:end].strip(), self.text[end:]


@dataclass(frozen=True, slots=True)
class Row:
    """Where a package comes from: a row of ``[tool.uv.sources]``."""

    path: Path
    package: str
    data: Mapping[str, Any]

    @property
    def feature(self) -> FeatureName | None:
        for kind in ("extra", "group"):
            if name := self.data.get(kind):
                return FeatureName(kind, normalized(name))
        return None


def at(data: Mapping[str, Any], path: Path) -> Any:
    """What stands at ``path``; None where nothing does."""
    found: Any = data
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def lists(data: Mapping[str, Any]) -> dict[FeatureName, Path]:
    """The list of each feature that is defined, the base's first, be it there or not."""
    found: dict[FeatureName, Path] = {BASE: BASE_LIST}
    for kind, table in (("extra", EXTRAS), ("group", GROUPS)):
        for key in at(data, table) or {}:
            found[FeatureName(kind, normalized(key))] = (*table, key)
    if at(data, LEGACY) is not None:
        found.setdefault(DEV, LEGACY)
    return found


def entries(data: Mapping[str, Any]) -> Iterator[Entry]:
    """What all features require, in the order of :func:`lists`."""
    for feature, path in lists(data).items():
        for place in dict.fromkeys((path, LEGACY) if feature == DEV else (path,)):
            for number, entry in enumerate(at(data, place) or ()):
                own = (*place, number)
                if isinstance(entry, str):
                    yield Entry(own, feature, entry)
                else:
                    yield Entry(own, feature, include=normalized(entry["include-group"]))


def is_editable(entry: Entry, data: Mapping[str, Any]) -> bool:
    """Whether a requirement is a package, its version and perhaps extras and a marker: no URL, and not the
    project itself, whose extras are features."""
    is_url = "@" in entry.written[1].partition(";")[0]
    own = normalized(at(data, NAME) or "")
    return entry.path[:-1] != LEGACY and not is_url and entry.name != own


def with_extras(requirement: str, extras: Sequence[str]) -> str:
    """A requirement, or what stands behind its name, with other extras than it had."""
    return re.sub(r"\[[^\]]*\]", f"[{','.join(extras).strip()}]" if extras else "", requirement, count=1)


def spelt(data: Mapping[str, Any], feature: FeatureName) -> str:
    """The name of an extra or group as it is written where it is defined."""
    path = lists(data)[feature]
    return feature.name if path == LEGACY else str(path[-1])


def rows(data: Mapping[str, Any]) -> Iterator[Row]:
    for key, value in (at(data, SOURCES) or {}).items():
        if isinstance(value, dict):
            yield Row((*SOURCES, key), normalized(key), value)
        else:
            for number, row in enumerate(value):
                yield Row((*SOURCES, key, number), normalized(key), row)


def conflicts(data: Mapping[str, Any]) -> Iterator[tuple[Path, tuple[FeatureName, ...]]]:
    """The sets of the project's own features that exclude each other, each with its place.

    Those that name other packages are left out: they belong to a workspace's root.
    """
    own = normalized(at(data, NAME) or "")
    for number, members in enumerate(at(data, CONFLICTS) or ()):
        found = [Row((), normalized(row.get("package", own)), row) for row in members]
        features = [row.feature for row in found if row.package == own]
        if len(features) == len(found) and None not in features:
            yield (*CONFLICTS, number), tuple(filter(None, features))
