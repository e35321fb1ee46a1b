"""A uv manifest in its workspace: what a choice of extras and groups brings, and what it forbids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ...model import Feature, Spec
from .. import files, toml
from ..pep508 import PYPI, name_and_extras, normalized
from ..pyproject import Include
from ..tables import Table
from .manifest import indexes, parse
from .members import MANIFEST, member_folders, root_of
from .model import Conflict, Index, Source, UvManifest

if TYPE_CHECKING:
    from ..markers import Target


@dataclass(frozen=True)
class Project:
    """``manifest``, and the root of its workspace (itself, where it stands alone)."""

    manifest: UvManifest
    root: UvManifest

    @classmethod
    def open(cls, file: Path) -> Project:
        manifest = parse(file)
        return cls(manifest, root_of(manifest))

    @cached_property
    def members(self) -> tuple[UvManifest, ...]:
        return tuple(parse(folder / MANIFEST) for folder in member_folders(self.root))

    @cached_property
    def own(self) -> tuple[UvManifest, ...]:
        """The manifests that speak for an environment: this one, or with all members if it is a bare root."""
        return (self.manifest, *self.members) if self.manifest.name is None else (self.manifest,)

    @property
    def installed(self) -> tuple[UvManifest, ...]:
        """The projects that an environment installs."""
        return tuple(project for project in self.own if project.name is not None)

    @property
    def extras(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(extra for project in self.installed for extra in project.extras))

    @property
    def environments(self) -> dict[str, tuple[Feature, ...]]:
        """``default``, one for each extra, and the declared ones, which replace these by their name."""
        found: dict[str, tuple[Feature, ...]] = {"default": ()}
        for extra in self.extras:
            features = (Feature(extra, "extra"),)
            # An extra that brings conflicting ones (`all = ["p[cpu,cuda]"]`) cannot be installed.
            if not self.conflicting(features):
                found.setdefault(extra, features)
        return {**found, **self.manifest.environments}

    def defines(self, feature: Feature) -> bool:
        # A build backend that computes the extras is only asked by a build.
        dynamic = any("optional-dependencies" in project.dynamic for project in self.installed)
        return (feature.kind == "extra" and dynamic) or bool(self._owners(feature))

    def conflicting(self, features: Iterable[Feature]) -> tuple[Conflict, ...]:
        """Those of the features' conflicts, with all that they bring along, that exclude each other."""
        active = self._active(features)
        for declared in (*self.manifest.conflicts, *self.root.conflicts):
            clash = [conflict for conflict in active if conflict in declared]
            if len(clash) > 1:
                return tuple(clash)
        return ()

    def _active(self, features: Iterable[Feature]) -> list[Conflict]:
        active = [Conflict(normalized(project.name or ""), None) for project in self.installed]
        for feature in features:
            active += [
                Conflict(normalized(project.name or ""), inner)
                for project in self._owners(feature)
                for inner in _closure(project, feature)
            ]
        return list(dict.fromkeys(active))

    def _owners(self, feature: Feature) -> list[UvManifest]:
        """The manifests whose extra or group it is; a member may also use the groups of the root."""
        if own := [project for project in self.own if _entries(project, feature) is not None]:
            return own
        return [self.root] if feature.kind == "group" and feature.name in self.root.groups else []

    @property
    def _default_groups(self) -> list[Feature]:
        return [
            Feature(name, "group")
            for name in self.manifest.default_groups
            if any(name in project.groups for project in self.own)
        ]

    def excluded_groups(self, features: tuple[Feature, ...]) -> tuple[str, ...]:
        """The default groups that conflict with ``features``, or with a default group before them."""
        kept, excluded = features, []
        for group in self._default_groups:
            if group not in features and self.conflicting((*kept, group)):
                excluded.append(group.name)
            else:
                kept = (*kept, group)
        return tuple(excluded)

    def active_features(self, features: tuple[Feature, ...]) -> tuple[Feature, ...]:
        """The default groups that uv adds, then ``features``."""
        excluded = self.excluded_groups(features)
        defaults = (group for group in self._default_groups if group.name not in excluded)
        return tuple(dict.fromkeys((*defaults, *features)))

    def specs(self, features: tuple[Feature, ...]) -> Iterator[Spec]:
        """Every requirement, as written and with the feature that writes it; the project's own first."""
        for project in self.installed:
            yield from (_spec(text, "") for text in project.dependencies)
        for feature in self.active_features(features):
            for project in self._owners(feature):
                for inner in _closure(project, feature):
                    yield from (_spec(text, inner.name) for text in _texts(project, inner))

    def requires_python(self) -> tuple[str, ...]:
        """What the project asks for, then what the others that share its lock ask for."""
        everyone = (self.manifest, self.root, *self.members)
        return tuple(dict.fromkeys(project.python for project in everyone if project.python))

    def channels(self, specs: Iterable[Spec], features: tuple[Feature, ...], target: Target) -> Iterator[str]:
        """The index URLs in the order in which uv asks them; the default one is last."""
        pinned = set(self._pinned(specs, self.active_features(features), target))
        own = () if self.root is self.manifest else self.manifest.indexes
        yield from (index.url for index in own if index.name in pinned)
        general = self._general_indexes()
        for index in general:
            if (index.explicit and index.name in pinned) or not (index.explicit or index.default):
                yield index.url
        defaults = [index for index in general if index.default]
        yield from (index.url for index in defaults if not index.explicit)
        if not defaults:
            yield PYPI

    def _general_indexes(self) -> tuple[Index, ...]:
        settings = self.root.file.parent / "uv.toml"
        if not files.exists(settings):
            return self.root.indexes
        # A `uv.toml` replaces the settings of the `[tool.uv]` beside it, but not the pinned indexes:
        # https://docs.astral.sh/uv/concepts/configuration-files/
        named = tuple(index for index in self.root.indexes if index.explicit)
        return (*named, *indexes(Table(settings, toml.read(settings))))

    def _pinned(self, specs: Iterable[Spec], features: tuple[Feature, ...], target: Target) -> Iterator[str]:
        for name in {spec.name for spec in specs}:
            for source in self._sources(name):
                if (
                    source.index is not None
                    and (source.feature is None or source.feature in features)
                    and (source.marker is None or target.holds(source.marker))
                ):
                    yield source.index

    def _sources(self, package: str) -> list[Source]:
        """A project's own sources of a package hide those of the workspace's root."""
        for project in (*self.installed, self.root):
            if found := [source for source in project.sources if source.package == package]:
                return found
        return []

    def undefined_index(self) -> Source | None:
        """A source of the manifest that names an index which nobody defines."""
        names = {index.name for index in (*self.manifest.indexes, *self.root.indexes)}
        return next((s for s in self.manifest.sources if s.index is not None and s.index not in names), None)


def _closure(project: UvManifest, feature: Feature) -> list[Feature]:
    """``feature`` and those it brings along: ``all = ["project[cpu]"]``, ``{ include-group = "test" }``."""
    found: dict[Feature, None] = {}
    waiting = [feature]
    while waiting:
        current = waiting.pop(0)
        if current not in found:
            found[current] = None
            waiting += _brought(project, current)
    return [current for current in found if _entries(project, current) is not None]


def _brought(project: UvManifest, feature: Feature) -> Iterator[Feature]:
    for entry in _entries(project, feature) or ():
        if isinstance(entry, Include):
            yield Feature(entry.group, "group")
            continue
        name, extras = name_and_extras(entry)
        if name == normalized(project.name or ""):
            yield from (Feature(extra, "extra") for extra in extras)


def _entries(project: UvManifest, feature: Feature) -> tuple[str | Include, ...] | None:
    return (project.extras if feature.kind == "extra" else project.groups).get(feature.name)


def _texts(project: UvManifest, feature: Feature) -> Iterator[str]:
    yield from (entry for entry in _entries(project, feature) or () if isinstance(entry, str))


def _spec(requirement: str, origin: str) -> Spec:
    return Spec("pypi", name_and_extras(requirement)[0], requirement, origin)
