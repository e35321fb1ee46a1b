"""What a uv project says, for people to look at and edit.

Environments that nobody declares are there too: ``default``, and one for each extra.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Any

from ...errors import ManifestInvalid
from .. import files, toml
from ..outline import (
    FeatureName,
    Outline,
    OutlineDependency,
    OutlineEnvironment,
    OutlineFeature,
    OutlineIndex,
    OutlineSource,
)
from ..toml import writing
from ..toml.positions import Path, positions
from . import places
from .manifest import is_ours
from .places import Entry, Row
from .project import Project

#: What stands in place of a version where a group is part of another one.
INCLUDED = "include-group"


def outline(file: File, text: str) -> Outline:
    """What the manifest at ``file`` says where it reads as ``text``. Raises ManifestInvalid."""
    body = text.removeprefix("\ufeff")
    with toml.draft(file, body):
        data = toml.read(file)
        if not is_ours(data):
            raise ManifestInvalid(
                file, None, "this is no project of uv's.", remedy="Add a [project] with a name and a version."
            )
        return _Outlining(Project.open(file), data, positions(body)).outline()


class _Outlining:
    def __init__(self, project: Project, data: Mapping[str, Any], lines: Mapping[Path, int]) -> None:
        self._project = project
        self._manifest = project.manifest
        self._data = data
        self._lines = lines
        self._entries = defaultdict[FeatureName, list[Entry]](list)
        for entry in places.entries(data):
            self._entries[entry.feature].append(entry)
        self._rows = defaultdict[tuple[str, FeatureName | None], list[Row]](list)
        for row in places.rows(data):
            self._rows[row.package, row.feature].append(row)

    def outline(self) -> Outline:
        manifest = self._manifest
        return Outline(
            format="uv",
            name=manifest.name or files.display_name(manifest.file.parent),
            python=manifest.python,
            features=tuple(self._features()),
            environments=tuple(self._environments()),
            indexes=tuple(
                OutlineIndex(index.name, index.url, index.explicit, index.default)
                for index in manifest.indexes
            ),
            conflicts=tuple(features for _, features in places.conflicts(self._data)),
        )

    def _features(self) -> Iterator[OutlineFeature]:
        for feature, path in places.lists(self._data).items():
            fixed = self._manifest.name is None or path[1] in self._manifest.dynamic
            yield OutlineFeature(
                feature,
                dependencies=tuple(self._dependencies(feature)),
                line=self._lines.get(path) or self._lines.get(path[:1]),
                editable=feature.kind == "group" or not fixed,
            )

    def _dependencies(self, feature: FeatureName) -> Iterator[OutlineDependency]:
        entries = self._entries[feature]
        times = Counter(entry.name for entry in entries)
        for entry in entries:
            line = self._lines.get(entry.path)
            if entry.include:
                yield OutlineDependency("pypi", entry.include, INCLUDED, line=line, editable=False)
                continue
            written, behind = entry.written
            # for all of the project, or where the requirement stands
            rows = self._rows[entry.name, None] + self._rows[entry.name, feature]
            yield OutlineDependency(
                "pypi",
                written,
                behind.strip(),
                line=line,
                editable=times[entry.name] == 1 and places.is_editable(entry, self._data),
                sources=tuple(map(_source, rows)),
            )

    def _environments(self) -> Iterator[OutlineEnvironment]:
        for name, features in self._project.environments.items():
            yield OutlineEnvironment(
                name,
                tuple(FeatureName(feature.kind, feature.name) for feature in features),
                declared=name in self._manifest.environments,
                line=self._lines.get((*places.ENVIRONMENTS, name)),
            )


def _source(row: Row) -> OutlineSource:
    index = row.data.get("index")
    # uv refuses values of other types
    known = {key: value for key, value in row.data.items() if isinstance(value, (str, bool))}
    return OutlineSource(row.feature, row.data.get("marker"), index, "" if index else writing.value(known))
