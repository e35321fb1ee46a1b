"""What a pixi manifest says, for people: every feature and environment as it stands in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path as File
from typing import Any

from .. import files, toml
from ..outline import (
    BASE,
    FeatureName,
    Outline,
    OutlineChannel,
    OutlineDependency,
    OutlineEnvironment,
    OutlineFeature,
    OutlineVariable,
)
from ..toml.positions import Path, positions
from . import manifest
from .entries import at, entries, feature_name, feature_path, lists, root, scope
from .model import PixiManifest


def outline(file: File, text: str) -> Outline:
    """The manifest that ``text`` would be at ``file``. Raises ManifestInvalid."""
    text = text.removeprefix("\ufeff")
    with toml.draft(file, text):
        checked = manifest.parse(file)
    return _Outlining(checked, toml.parse(file, text), positions(text)).outline()


class _Outlining:
    def __init__(self, checked: PixiManifest, data: Mapping[str, Any], lines: Mapping[Path, int]) -> None:
        self._checked = checked
        self._file = checked.file
        self._data = data
        self._lines = lines

    def outline(self) -> Outline:
        checked = self._checked
        return Outline(
            format="pixi",
            name=checked.name or files.display_name(checked.root),
            python=checked.python or "",
            features=tuple(self._feature(feature_name(name)) for name in checked.features),
            environments=tuple(self._environments()),
            platforms=tuple(platform.name for platform in checked.platforms),
            channels=self._channels(checked.workspace_keys) or (),
        )

    def _feature(self, feature: FeatureName) -> OutlineFeature:
        path = feature_path(self._file, feature)
        own = at(self._data, path)
        targets = tuple(own.get("target", {}))
        places = [path, *lists(feature)] if feature != BASE else []
        return OutlineFeature(
            feature,
            channels=None if feature == BASE else self._channels(path),
            platforms=None if feature == BASE or "platforms" not in own else tuple(own["platforms"]),
            dependencies=tuple(self._dependencies(feature)),
            variables=tuple(
                OutlineVariable(target, name, value, self._lines.get((*env, name)))
                for target in ("", *targets)
                for env in [(*scope(self._file, feature, target), "activation", "env")]
                for name, value in at(self._data, env).items()
            ),
            targets=targets,
            line=next((self._lines[place] for place in places if place in self._lines), None),
        )

    def _dependencies(self, feature: FeatureName) -> Iterator[OutlineDependency]:
        """What stands in several places cannot be changed by its name."""
        found = list(entries(self._file, self._data, feature))
        times = Counter(entry.key for entry in found)
        for entry in found:
            yield replace(
                entry.shown,
                line=self._lines.get(entry.path),
                editable=entry.shown.editable and times[entry.key] == 1,
            )

    def _channels(self, path: Path) -> tuple[OutlineChannel, ...] | None:
        table = at(self._data, path)
        if "channels" not in table:
            return None
        return tuple(
            OutlineChannel(entry)
            if isinstance(entry, str)
            else OutlineChannel(entry["channel"], entry.get("priority"))
            for entry in table["channels"]
        )

    def _environments(self) -> Iterator[OutlineEnvironment]:
        path = (*root(self._file), "environments")
        written = at(self._data, path)
        for name, found in self._checked.environments.items():
            yield OutlineEnvironment(
                name,
                features=tuple(map(feature_name, found.features)),
                solve_group=found.solve_group,
                with_base=found.with_default,
                declared=name in written,
                line=self._lines.get((*path, name)),
            )
