"""What a pixi manifest says, as data; :mod:`.manifest` reads and checks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import ManifestInvalid
from .. import toml
from ..toml.positions import Key

#: The feature that the tables at the top of the manifest make up.
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Platform:
    """One of the workspace's platforms: ``packages`` are the virtual packages that it declares.

    The value of ``__archspec`` is a microarchitecture, that of any other a version.
    """

    name: str
    subdir: str
    packages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Channel:
    """``cutoff`` tells whether it has an ``exclude-newer`` of its own."""

    name: str
    priority: int = 0
    cutoff: bool = False


@dataclass(frozen=True, slots=True)
class Dependency:
    """One requirement; ``kind``, ``requirement``, ``index`` and ``editable`` are those of a Spec.

    ``keys`` is where it stands in the manifest, ``local`` the file or folder that it installs.
    """

    kind: str
    name: str
    requirement: str
    keys: tuple[Key, ...]
    index: str | None = None
    editable: bool = False
    local: Path | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a feature says for the platforms that ``selector`` matches; an empty one matches all.

    ``scripts`` is None where it says nothing about them. ``dev`` are the keys of its ``[dev]`` entries.
    """

    selector: str
    conda: Mapping[str, Dependency]
    constraints: Mapping[str, Dependency]
    pypi: Mapping[str, tuple[Dependency, ...]]
    scripts: tuple[str, ...] | None
    variables: Mapping[str, str]
    dev: tuple[tuple[Key, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class PixiFeature:
    """``channels`` and ``platforms`` are None where the workspace's count.

    ``targets`` start with the one for all platforms; of those that match, the later one wins.
    ``requirements`` are the virtual packages of ``[system-requirements]``.
    """

    name: str
    keys: tuple[Key, ...]
    channels: tuple[Channel, ...] | None
    platforms: tuple[str, ...] | None
    channel_priority: str | None
    strategy: str | None
    requirements: Mapping[str, str]
    pypi_options: Mapping[str, Any]
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class PixiEnvironment:
    """``features`` are those that it lists, as a few list the default one; ``inline`` is its own table's."""

    name: str
    keys: tuple[Key, ...]
    features: tuple[str, ...] = ()
    solve_group: str | None = None
    with_default: bool = True
    inline: PixiFeature | None = None


@dataclass(frozen=True, slots=True)
class PixiManifest:
    """``keys`` leads to the manifest's tables: ``tool.pixi``, in a ``pyproject.toml``.

    ``python`` is the ``requires-python`` of the project beside them, None where there is none.
    ``solving`` are keys that only count while a lock is made, and that nobody but pixi heeds, each with the
    reason.
    """

    file: Path
    keys: tuple[Key, ...]
    workspace_keys: tuple[Key, ...]
    name: str | None
    python: str | None
    channels: tuple[Channel, ...]
    platforms: tuple[Platform, ...]
    exclude_newer: str | None
    requires_pixi: str | None
    conda_pypi_map: Mapping[str, str]
    pypi_options: Mapping[str, Any]
    features: Mapping[str, PixiFeature]
    environments: Mapping[str, PixiEnvironment]
    solving: tuple[tuple[tuple[Key, ...], str], ...] = ()

    @property
    def root(self) -> Path:
        return self.file.parent

    def line(self, *keys: Key) -> int | None:
        return toml.line_of(self.file, *keys)

    def invalid(self, reason: str, *keys: Key, remedy: str = "") -> ManifestInvalid:
        """The error to raise about what stands at ``keys``, counted from the top of the file."""
        return ManifestInvalid(self.file, self.line(*keys), reason, remedy=remedy)

    def features_of(self, environment: PixiEnvironment) -> tuple[PixiFeature, ...]:
        """In pixi's order, in which the earlier one wins: inline, those listed, the default one."""
        names = dict.fromkeys([*environment.features, *([DEFAULT] if environment.with_default else [])])
        inline = [environment.inline] if environment.inline else []
        return (*inline, *(self.features[name] for name in names))

    def all_features(self) -> Iterator[PixiFeature]:
        """Every feature that the manifest defines, in use or not."""
        yield from self.features.values()
        yield from (env.inline for env in self.environments.values() if env.inline)
