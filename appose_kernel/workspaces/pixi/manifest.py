"""A pixi manifest, read and checked: ``pixi.toml``, or ``[tool.pixi]`` in a ``pyproject.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...errors import ManifestInvalid
from .. import toml
from ..pep508 import normalized
from ..tables import Table
from ..toml.positions import Key
from . import feature_tables, known_keys, options, pyproject, rich_platforms
from .model import DEFAULT, Channel, PixiEnvironment, PixiFeature, PixiManifest, Platform
from .workspace import PYPROJECT

_ENVIRONMENT = re.compile(r"[a-z0-9-]+")

_manifests: dict[Path, tuple[Mapping[str, Any], PixiManifest]] = {}


def parse(file: Path) -> PixiManifest:
    """Read and check the manifest of a pixi workspace; remembered as long as its TOML is."""
    data = toml.read(file)
    known = _manifests.get(file)
    if known is None or known[0] is not data:
        known = _manifests[file] = data, _checked(Table(file, data))
    return known[1]


def _checked(document: Table) -> PixiManifest:
    is_pyproject = document.file.name == PYPROJECT
    pixi = document.table("tool").table("pixi") if is_pyproject else document
    known_keys.check(pixi, known_keys.MANIFEST)
    workspace = pixi.table("workspace" if "workspace" in pixi else "project")
    known_keys.check(workspace, known_keys.WORKSPACE)
    platforms = rich_platforms.read(workspace)
    project = pyproject.read(document) if is_pyproject else pyproject.NONE
    features = _features(pixi, workspace, platforms, project)
    manifest = PixiManifest(
        file=document.file,
        keys=pixi.keys,
        workspace_keys=workspace.keys,
        name=workspace.text("name") or project.name,
        python=project.python,
        channels=_channels(workspace),
        platforms=platforms,
        exclude_newer=workspace.text("exclude-newer"),
        requires_pixi=workspace.text("requires-pixi"),
        conda_pypi_map=_map(workspace),
        pypi_options=options.read(workspace),
        features=features,
        environments=_environments(pixi, platforms, features),
        solving=tuple(_solving(pixi, workspace)),
    )
    for environment in manifest.environments.values():
        _check_environment(manifest, environment)
    return manifest


def _channels(workspace: Table) -> tuple[Channel, ...]:
    channels = feature_tables.channels(workspace)
    if channels is None:
        raise workspace.invalid(
            f"`[{'.'.join(map(str, workspace.keys))}]` has no `channels`.",
            remedy='Add them, such as channels = ["conda-forge"].',
        )
    return channels


def _map(workspace: Table) -> Mapping[str, str]:
    """``conda-pypi-map``: where the names are that conda's packages have as Python packages."""
    if workspace.data.get("conda-pypi-map") is False:
        return {}
    table = workspace.table("conda-pypi-map")
    return {channel: table.text(channel) or "" for channel in table.data}


def _features(
    pixi: Table, workspace: Table, platforms: tuple[Platform, ...], project: pyproject.Project
) -> dict[str, PixiFeature]:
    tables = pixi.table("feature")
    if DEFAULT in tables:
        raise tables.invalid(
            "the feature `default` is made up of the tables at the top of the manifest.",
            DEFAULT,
            remedy="Move what it says there, or give it another name.",
        )
    default = feature_tables.read(
        DEFAULT, pixi, platforms, known=known_keys.MANIFEST, settings=workspace, pypi=project.dependencies
    )
    found = {DEFAULT: pyproject.with_python(default, project)}
    for name in tables.data:
        inner = tables.table(name)
        found[name] = feature_tables.read(name, inner, platforms, pypi=project.groups.get(name))
    for name, group in project.groups.items():
        if name not in found:
            found[name] = feature_tables.read(name, Table(pixi.file, {}, ()), platforms, pypi=group)
    return found


def _environments(
    pixi: Table, platforms: tuple[Platform, ...], features: Mapping[str, PixiFeature]
) -> dict[str, PixiEnvironment]:
    """The manifest's environments by name; ``default`` is always there, and first."""
    tables = pixi.table("environments")
    spelt = {normalized(name): name for name in features} | {name: name for name in features}
    found = {DEFAULT: PixiEnvironment(DEFAULT, pixi.keys)}
    for name in tables.data:
        if not _ENVIRONMENT.fullmatch(name):
            raise tables.invalid(
                f"`{name}` cannot be the name of an environment.",
                name,
                remedy="Use lower-case letters, digits and `-`.",
            )
        found[name] = _environment(tables, name, platforms, spelt)
    return found


def _environment(
    tables: Table, name: str, platforms: tuple[Platform, ...], spelt: Mapping[str, str]
) -> PixiEnvironment:
    if isinstance(tables.data[name], list):
        return PixiEnvironment(name, (*tables.keys, name), _listed(tables, (name,), spelt))
    table = tables.table(name)
    known_keys.check(table, known_keys.ENVIRONMENT)
    return PixiEnvironment(
        name=name,
        keys=table.keys,
        features=_listed(table, ("features",), spelt),
        solve_group=table.text("solve-group"),
        with_default=not table.flag("no-default-feature"),
        inline=_inline(name, table, platforms),
    )


def _inline(name: str, table: Table, platforms: tuple[Platform, ...]) -> PixiFeature | None:
    """What an environment asks for by itself, as a feature of its own."""
    if known_keys.INLINE.isdisjoint(table.data):
        return None
    return feature_tables.read(name, table, platforms, known=known_keys.ENVIRONMENT)


def _listed(table: Table, keys: tuple[Key, ...], spelt: Mapping[str, str]) -> tuple[str, ...]:
    """The features of an environment, each of which has to exist: ``spelt`` has their names by all others."""
    found: list[str] = []
    for number, name in enumerate(table.texts(*keys)):
        feature = spelt.get(name) or spelt.get(normalized(name))
        if feature is None:
            raise _undefined(table, name, *keys, number)
        if feature in found:
            raise table.invalid(f"`{name}` is listed twice.", *keys, number, remedy="Remove one of them.")
        found.append(feature)
    return tuple(found)


def _undefined(table: Table, name: str, *keys: Key) -> ManifestInvalid:
    environment = (*table.keys, *keys)[-2 if keys[0] != "features" else -3]
    path = ".".join(str(key) for key in table.keys if key in ("tool", "pixi"))
    return table.invalid(
        f"feature `{name}` is used by environment `{environment}` but not defined.",
        *keys,
        remedy=f"Add `[{path + '.' if path else ''}feature.{name}]` or remove it from the list.",
    )


def _solving(pixi: Table, workspace: Table) -> Iterator[tuple[tuple[Key, ...], str]]:
    for key in ("exclude-newer", "pypi-exclude-newer"):
        if pixi.table(key).data:
            yield (*pixi.keys, key), "dates for single packages"
    channels = workspace.elements("channels")
    for number, channel in enumerate(channels):
        if isinstance(channel, dict) and "exclude-newer" in channel:
            yield (*workspace.keys, "channels", number), "a date for a single channel"


def _check_environment(manifest: PixiManifest, environment: PixiEnvironment) -> None:
    """Refuse what pixi refuses: features that contradict each other."""
    features = manifest.features_of(environment)
    priorities = {feature.channel_priority for feature in features} - {None}
    if len(priorities) > 1:
        raise manifest.invalid(
            f"the features of environment `{environment.name}` ask for different `channel-priority`.",
            *environment.keys,
            remedy="Let them agree, or remove it from all but one.",
        )
    for key in options.SINGLE:
        values = [feature.pypi_options[key] for feature in features if key in feature.pypi_options]
        if any(value != values[0] for value in values):
            raise manifest.invalid(
                f"the features of environment `{environment.name}` ask for different `{key}` in their"
                " `pypi-options`.",
                *environment.keys,
                remedy="Let them agree, or remove it from all but one.",
            )
