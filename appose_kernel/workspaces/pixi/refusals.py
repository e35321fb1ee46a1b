"""What of a pixi manifest only the pixi binary can follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..toml.positions import Key
from . import composing
from .model import PixiEnvironment, PixiFeature, PixiManifest, Platform


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


def refusals(manifest: PixiManifest, environment: PixiEnvironment, platform: str) -> list[Refusal]:
    """Those of an environment on a platform. Raises PlatformUnsupported."""
    chosen = composing.platform_for(manifest, environment, platform)
    features = manifest.features_of(environment)
    return [*_from_sources(manifest, features, chosen), *_solved_by_pixi(manifest, features, chosen)]


def _from_sources(
    manifest: PixiManifest, features: tuple[PixiFeature, ...], platform: Platform
) -> Iterator[Refusal]:
    for feature in features:
        for dependency in composing.dependencies(feature, platform):
            if dependency.kind == "source":
                reason = f"the conda package `{dependency.name}` is built from its sources"
                yield _refusal(manifest, dependency.keys, reason)
        for target in composing.targets(feature, platform):
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
    found = [found for feature in features for found in composing.dependencies(feature, platform)]
    if manifest.conda_pypi_map and any(dependency.kind == "pypi" for dependency in found):
        keys = (*manifest.workspace_keys, "conda-pypi-map")
        yield _refusal(manifest, keys, "names of Python packages that differ from conda's", solving=True)


def _refusal(manifest: PixiManifest, keys: tuple[Key, ...], reason: str, *, solving: bool = False) -> Refusal:
    key = ".".join(str(key) for key in keys if isinstance(key, str))
    return Refusal(manifest.file, manifest.line(*keys), key, reason, solving)
