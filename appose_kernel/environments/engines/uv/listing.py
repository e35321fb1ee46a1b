"""What uv.lock names for an environment on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tomli
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from ....workspaces import formats
from ....workspaces.markers import Target
from ..base import Job
from ..locked import LockedPackage
from . import selection, uv_for


async def locked(job: Job) -> list[LockedPackage]:
    """The packages that have a version of their own; nothing where there is no lock."""
    lock = job.environment.workspace.lock
    if lock is None or not lock.exists():
        return []
    uv = await uv_for(job)
    python = Version(await uv.output("python", "find", "--no-python-downloads", "--show-version"))
    arguments = ("--frozen", "--format", "pylock.toml", "--quiet", *selection(job.environment))
    exported = tomli.loads(await uv.output("export", *arguments))
    return list(_packages(exported, (python.major, python.minor)))


def _packages(exported: Mapping[str, Any], python: tuple[int, int]) -> Iterator[LockedPackage]:
    """https://packaging.python.org/en/latest/specifications/pylock-toml/"""
    target = Target(formats.host_platform(), "=={}.{}.*".format(*python))
    tags = (*cpython_tags(python), *compatible_tags(python))
    ranks = {tag: rank for rank, tag in enumerate(tags)}
    for package in exported.get("packages", ()):
        if "version" in package and ("marker" not in package or target.holds(package["marker"])):
            size = _size(package.get("wheels", ()), package.get("sdist"), ranks)
            yield LockedPackage(canonicalize_name(package["name"]), "pypi", package["version"], size)


def _size(
    wheels: Sequence[Mapping[str, Any]], sdist: Mapping[str, Any] | None, ranks: Mapping[Tag, int]
) -> int | None:
    """Of the wheel that fits best, else of the sources."""
    fitting = [(rank, wheel) for wheel in wheels if (rank := _rank(wheel, ranks)) is not None]
    if fitting:
        _, chosen = min(fitting, key=lambda pair: pair[0])
        return chosen.get("size")
    return sdist.get("size") if sdist and not wheels else None


def _rank(wheel: Mapping[str, Any], ranks: Mapping[Tag, int]) -> int | None:
    name = wheel.get("name") or wheel.get("url", wheel.get("path", "")).rpartition("/")[2]
    try:
        _, _, _, tags = parse_wheel_filename(name)
    except InvalidWheelFilename:
        return None
    return min((ranks[tag] for tag in tags if tag in ranks), default=None)
