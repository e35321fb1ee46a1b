"""What a uv manifest says, as data; :mod:`.manifest` reads and checks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import ManifestInvalid
from ...model import Feature
from .. import toml
from ..pyproject import Groups
from ..toml.positions import Key


@dataclass(frozen=True, slots=True)
class Source:
    """Where ``[tool.uv.sources]`` takes a package from, and for which extra, group or marker."""

    key: str
    package: str
    index: str | None
    path: str | None
    feature: Feature | None
    marker: str | None


@dataclass(frozen=True, slots=True)
class Index:
    url: str
    name: str | None
    default: bool
    explicit: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """One member of a set in ``tool.uv.conflicts``; without a feature it is the package itself."""

    package: str
    feature: Feature | None


@dataclass(frozen=True, slots=True)
class UvManifest:
    """``name`` is None for a workspace root without a project. Names of extras and groups are normalized.

    ``default_groups`` may name a group that is not there: uv's own default is ``dev``.
    """

    file: Path
    name: str | None
    python: str
    dynamic: frozenset[str]
    dependencies: tuple[str, ...]
    extras: Mapping[str, tuple[str, ...]]
    groups: Groups
    default_groups: tuple[str, ...]
    sources: tuple[Source, ...]
    indexes: tuple[Index, ...]
    conflicts: tuple[frozenset[Conflict], ...]
    environments: Mapping[str, tuple[Feature, ...]]
    members: tuple[str, ...] | None
    exclude: tuple[str, ...]

    def invalid(self, reason: str, *keys: Key, remedy: str = "") -> ManifestInvalid:
        """The error to raise about what stands at ``keys``."""
        return ManifestInvalid(self.file, toml.line_of(self.file, *keys), reason, remedy=remedy)
