"""Which files decide what the environments of a pixi workspace contain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..uv.members import ARCHIVES, LEGACY
from .model import Dependency, PixiManifest
from .workspace import MANIFEST, PYPROJECT


def inputs(manifest: PixiManifest) -> Iterator[Path]:
    """All files beside the manifest whose content decides what the environments contain, the absent ones too.

    The manifest is among them where its folder is a package that is installed.
    """
    root = manifest.root
    yield from (root / "pixi.lock", root / ".pixi" / "config.toml")
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
