"""What a manifest says, for people to look at and edit: its features, environments and dependencies as they
stand in the file, each with its line. Nothing is merged, resolved or left out, unlike in a Composition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeatureName:
    """``kind`` is ``feature`` (pixi), ``extra`` or ``group`` (uv); ``base``, without a name, is what every
    environment has."""

    kind: str
    name: str = ""


BASE = FeatureName("base")


@dataclass(frozen=True, slots=True)
class OutlineChannel:
    name: str
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class OutlineSource:
    """A row of ``[tool.uv.sources]``; ``text`` is the row as TOML writes it, where it names no index."""

    feature: FeatureName | None
    marker: str | None
    index: str | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class OutlineDependency:
    """``kind`` is ``conda``, ``pypi`` or ``constraint``; ``spec`` what a field shows and takes: ``11.8.*``,
    ``>=2``, or for PyPI PEP 508 text without the name.

    ``target`` is a platform selector, empty for all platforms. ``table`` is the table of a pixi manifest
    (``dependencies``, ``host-dependencies``…). What is richer than a version is not ``editable``.
    """

    kind: str
    name: str
    spec: str
    target: str = ""
    table: str = ""
    line: int | None = None
    editable: bool = True
    sources: tuple[OutlineSource, ...] = ()


@dataclass(frozen=True, slots=True)
class OutlineVariable:
    """A variable that activation sets."""

    target: str
    name: str
    value: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class OutlineFeature:
    """``channels`` and ``platforms`` are None where those of the workspace count; ``targets`` are the
    platform selectors that it has tables for."""

    feature: FeatureName
    channels: tuple[OutlineChannel, ...] | None = None
    platforms: tuple[str, ...] | None = None
    dependencies: tuple[OutlineDependency, ...] = ()
    variables: tuple[OutlineVariable, ...] = ()
    targets: tuple[str, ...] = ()
    line: int | None = None
    editable: bool = True


@dataclass(frozen=True, slots=True)
class OutlineEnvironment:
    """``with_base`` tells whether the base counts; one that is not ``declared`` is there because the format
    implies it (``default``, or one for each extra). ``editable``: its features can be toggled."""

    name: str
    features: tuple[FeatureName, ...] = ()
    solve_group: str | None = None
    with_base: bool = True
    declared: bool = True
    editable: bool = True
    line: int | None = None


@dataclass(frozen=True, slots=True)
class OutlineIndex:
    """A package index of a uv project."""

    name: str | None
    url: str
    explicit: bool = False
    default: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """``features`` has the base first; ``platforms``, ``channels`` are the workspace's, ``indexes`` and
    ``conflicts`` uv's."""

    format: str
    name: str
    python: str
    features: tuple[OutlineFeature, ...]
    environments: tuple[OutlineEnvironment, ...]
    platforms: tuple[str, ...] = ()
    channels: tuple[OutlineChannel, ...] = ()
    indexes: tuple[OutlineIndex, ...] = ()
    conflicts: tuple[tuple[FeatureName, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Outlined:
    """A manifest's text, and what it says."""

    text: str
    outline: Outline
