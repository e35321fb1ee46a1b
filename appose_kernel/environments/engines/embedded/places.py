"""An environment on this machine: which of its platforms it is, and what it contains there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from ....errors import PlatformUnsupported
from ....model import Composition, Environment
from ....workspaces import formats, pixi
from ...rattler_worker.tasks import Detect
from .worker import Worker


@dataclass(frozen=True, slots=True)
class Place:
    """``platform`` is what the workspace calls the platform that ``composition`` is for."""

    environment: Environment
    platform: str
    composition: Composition

    @property
    def manifest(self) -> Path:
        return self.environment.workspace.manifest

    @property
    def asks(self) -> bool:
        """Whether there is anything to install."""
        return any(spec.kind != "constraint" for spec in self.composition.specs)

    @property
    def virtual(self) -> dict[str, str] | None:
        """The virtual packages to solve with; None for what the machine has, as conda itself does."""
        if self.environment.workspace.format != pixi.NAME:
            return None
        return pixi.virtual_packages(self.composition)


async def here(environment: Environment, worker: Worker) -> Place:
    """The environment on this machine. Raises PlatformUnsupported where it is for others only."""
    platform = await _platform(environment, worker)
    return Place(environment, platform, formats.compose(environment, platform))


async def possibly(environment: Environment, worker: Worker) -> Place | None:
    """As :func:`here`; None for an environment of other platforms."""
    try:
        return await here(environment, worker)
    except PlatformUnsupported:
        return None


async def _platform(environment: Environment, worker: Worker) -> str:
    """Of several platforms of this machine's kind (``linux-64`` with CUDA, and without), the first that it
    can run, as pixi takes it; if there is none, the first."""
    host = formats.host_platform()
    if environment.workspace.format != pixi.NAME:
        return host
    known = [platform for platform in pixi.platforms(environment) if platform.subdir == host]
    if len(known) > 1:
        has = await worker.ask(Detect())
        known.sort(key=lambda platform: not _runs(platform.packages, has))
    return known[0].name if known else host


def _runs(wanted: Mapping[str, str], has: Mapping[str, str]) -> bool:
    return all(name in has and at_least(has[name], version) for name, version in wanted.items())


def at_least(version: str, floor: str) -> bool:
    """Whether one version of a virtual package is not below another; other values, of processors, go by."""
    try:
        return Version(version) >= Version(floor or "0")
    except InvalidVersion:
        return True
