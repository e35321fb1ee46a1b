"""Format ``pixi``: a ``pixi.toml``, or a ``pyproject.toml`` with ``[tool.pixi.workspace]``.

An environment's features are those that it lists; the default feature is implied, and its specs have no
origin. What the environment's own table says has the environment's name for its origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..model import Composition, Environment, Feature, Workspace
from . import files, pixi_compose, pixi_platforms, toml
from .pixi_manifest import PYPROJECT, is_workspace, parse
from .pixi_model import Dependency, PixiEnvironment, PixiFeature, PixiManifest, Platform
from .positions import Key
from .uv_members import ARCHIVES, LEGACY

NAME = "pixi"
MANIFEST = "pixi.toml"
manifests: tuple[str, ...] = (MANIFEST, PYPROJECT)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A key of a manifest that only the pixi binary can follow, where it stands, and why.

    ``solving``: it counts only while a lock is made; with a lock, any engine can install.
    """

    file: Path
    line: int | None
    key: str
    reason: str
    solving: bool = False


def detect(path: Path) -> Workspace | None:
    """The workspace of the manifest at ``path``; None if there is none, or if it is a member of another."""
    if not files.exists(path) or not is_workspace(path, toml.read(path)):
        return None
    manifest = parse(path)
    return Workspace(
        name=manifest.name or files.display_name(path.parent),
        format=NAME,
        manifest=path,
        root=path.parent,
        lock=path.parent / "pixi.lock",
        inputs=tuple(dict.fromkeys(_inputs(manifest))),
    )


def environments(workspace: Workspace) -> tuple[Environment, ...]:
    manifest = parse(workspace.manifest)
    return tuple(
        Environment(
            workspace=workspace,
            name=found.name,
            features=tuple(Feature(name, "feature") for name in found.features),
            solve_group=found.solve_group,
        )
        for found in manifest.environments.values()
    )


def compose(environment: Environment, platform: str) -> Composition:
    """What the environment contains on ``platform``, one of conda's or the name of the workspace's.

    Raises PlatformUnsupported where the manifest does not list the platform.
    """
    manifest, found = _opened(environment)
    return pixi_compose.compose(manifest, found, platform)


def platforms(environment: Environment) -> tuple[Platform, ...]:
    """The environment's platforms, in the order in which pixi tries whether the machine can run them."""
    return pixi_compose.platforms(*_opened(environment))


def virtual_packages(composition: Composition) -> dict[str, str]:
    """What to solve with: the declared virtual packages, and pixi's defaults for all others.

    The value of ``__archspec`` is a microarchitecture, that of any other a version.
    """
    return pixi_platforms.completed(composition.platform, composition.requirements)


def requires_pixi(workspace: Workspace) -> str | None:
    """The versions of pixi that the manifest asks for, as conda writes them (``>=0.70``)."""
    return parse(workspace.manifest).requires_pixi


def needs_pixi(environment: Environment, platform: str) -> list[Refusal]:
    """What of the environment on ``platform`` only the pixi binary can build. Raises PlatformUnsupported."""
    manifest, found = _opened(environment)
    chosen = pixi_compose.platform_for(manifest, found, platform)
    features = manifest.features_of(found)
    return [*_from_sources(manifest, features, chosen), *_solved_by_pixi(manifest, features, chosen)]


def _opened(environment: Environment) -> tuple[PixiManifest, PixiEnvironment]:
    manifest = parse(environment.workspace.manifest)
    return manifest, manifest.environments[environment.name]


def _from_sources(
    manifest: PixiManifest, features: tuple[PixiFeature, ...], platform: Platform
) -> Iterator[Refusal]:
    for feature in features:
        for dependency in pixi_compose.dependencies(feature, platform):
            if dependency.kind == "source":
                reason = f"the conda package `{dependency.name}` is built from its sources"
                yield _refusal(manifest, dependency.keys, reason)
        for target in pixi_compose.targets(feature, platform):
            for keys in target.dev:
                yield _refusal(manifest, keys, f"what `{keys[-1]}` is built with comes from its sources")


def _solved_by_pixi(
    manifest: PixiManifest, features: tuple[PixiFeature, ...], platform: Platform
) -> Iterator[Refusal]:
    for keys, reason in manifest.solving:
        yield _refusal(manifest, keys, reason, solving=True)
    for feature in features:
        for number, channel in enumerate(feature.channels or ()):
            if channel.cutoff:
                keys = (*feature.keys, "channels", number)
                yield _refusal(manifest, keys, "a date for a single channel", solving=True)
    found = [found for feature in features for found in pixi_compose.dependencies(feature, platform)]
    if manifest.conda_pypi_map and any(dependency.kind == "pypi" for dependency in found):
        keys = (*manifest.workspace_keys, "conda-pypi-map")
        yield _refusal(manifest, keys, "names of Python packages that differ from conda's", solving=True)


def _refusal(manifest: PixiManifest, keys: tuple[Key, ...], reason: str, *, solving: bool = False) -> Refusal:
    key = ".".join(str(key) for key in keys if isinstance(key, str))
    return Refusal(manifest.file, manifest.line(*keys), key, reason, solving)


def _inputs(manifest: PixiManifest) -> Iterator[Path]:
    """All files whose content decides what the environments contain, the absent ones too."""
    root = manifest.root
    yield from (manifest.file, root / "pixi.lock", root / ".pixi" / "config.toml")
    for target in (target for feature in manifest.all_features() for target in feature.targets):
        yield from (root / script for script in target.scripts or ())
        for dependency in (*target.conda.values(), *target.constraints.values()):
            yield from _local(dependency, MANIFEST, PYPROJECT)
        for alike in target.pypi.values():
            for dependency in alike:
                yield from _local(dependency, PYPROJECT, *LEGACY)
    yield from (root / place for place in manifest.conda_pypi_map.values() if "://" not in place)


def _local(dependency: Dependency, *names: str) -> Iterator[Path]:
    """An archive, or the files in which a folder says what it needs."""
    if dependency.local is not None:
        is_archive = dependency.local.suffix in ARCHIVES | {".conda"}
        yield from [dependency.local] if is_archive else [dependency.local / name for name in names]
