"""Solve conda's part of a solve group at once, and write the lock of its environments."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from rattler import (
    Channel,
    ChannelPriority,
    GenericVirtualPackage,
    LockFile,
    MatchSpec,
    PackageName,
    RepoDataRecord,
    Subdir,
    Version,
)
from rattler import solve as rattler_solve
from rattler.exceptions import InvalidMatchSpecError, SolverError
from rattler.lock import LockPlatform
from rattler.package import BuildString
from rattler.solver.solver import SolveStrategy

from ...errors import ApposeKernelError, ManifestInvalid, SolveError
from . import errors, locks
from .distributions import distributions
from .network import Network
from .tasks import GROUP, Part, Section, Solve, Surroundings, Write

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


async def solve(task: Solve, surroundings: Surroundings) -> dict[str, Any]:
    """Returns ``virtual``, the virtual packages; ``python``, its version and build, or None; and
    ``distributions``, if asked for: by conda's name, ``[PyPI's name, version]`` of each Python
    distribution that the packages bring."""
    network = Network(surroundings)
    virtual = locks.detected() if task.virtual is None else task.virtual
    channels = network.channels(task.channels)
    try:
        records = await _solved(task, network, channels, virtual)
    except SolverError as error:
        await _demand_known(error, task, network, channels)
        raise
    platform = LockPlatform(
        task.platform, Subdir(task.platform), [f"{name}={version}" for name, version in virtual.items()]
    )
    lock = LockFile([platform])
    lock.set_channels(GROUP, [channel.to_lock_channel() for channel in channels])
    for record in records:
        lock.add_conda_package(GROUP, platform, record)
    lock.to_path(Path(task.out))
    if task.then is not None:
        write(task.then, surroundings)
    python = next((record for record in records if record.name.normalized == "python"), None)
    return {
        "virtual": virtual,
        "python": python and [str(python.version), str(python.build)],
        "distributions": await distributions(records, network.client) if task.distributions else {},
    }


async def _solved(
    task: Solve, network: Network, channels: list[Channel], virtual: Mapping[str, str]
) -> list[RepoDataRecord]:
    manifest = Path(network.surroundings.manifest)
    return await rattler_solve(
        channels,
        [spec(manifest, text) for text in task.specs],
        gateway=network.gateway,
        platforms=[Subdir(task.platform), Subdir("noarch")],
        locked_packages=await _preferred(task, network, channels),
        virtual_packages=[_virtual(name, version) for name, version in virtual.items()],
        channel_priority=ChannelPriority.Disabled
        if task.channel_priority == "disabled"
        else ChannelPriority.Strict,
        exclude_newer=cutoff(manifest, task.exclude_newer) if task.exclude_newer else None,
        strategy=cast("SolveStrategy", task.strategy),
        constraints=[spec(manifest, text) for text in task.constraints],
    )


async def _demand_known(error: SolverError, task: Solve, network: Network, channels: list[Channel]) -> None:
    """Raise SolveError if a package without candidates is one that the channels have in no version."""
    platforms = [Subdir(task.platform), Subdir("noarch")]
    for name in dict.fromkeys(re.findall(r"No candidates were found for ([\w.-]+)", str(error))):
        if name.startswith("__"):
            continue
        if not any(await network.gateway.query(channels, platforms, [name], recursive=False)):
            raise SolveError(
                f"{network.surroundings.manifest}: there is no package `{name}` for {task.platform} in"
                f" {' or '.join(task.channels)}.",
                remedy="Check how it is spelt (conda and PyPI may have different names for a package), or add"
                " the channel that has it.",
                detail=errors.explanation(error),
            ) from error


def spec(manifest: Path, text: str) -> MatchSpec:
    """Read as pixi does: ``python 3.12`` is ``python ==3.12``."""
    try:
        return MatchSpec(text)
    except InvalidMatchSpecError as error:
        raise ManifestInvalid(
            manifest,
            None,
            f"`{text}` is no requirement that conda understands: {error}",
            remedy="Correct it.",
        ) from error


def name_of(text: str) -> str:
    """The package that a requirement, of a manifest or a record, is about."""
    return MatchSpec(text).name.normalized


def cutoff(manifest: Path, written: str) -> dt.datetime | dt.timedelta:
    """``exclude-newer``: a time, a day (which is still within), or how long ago.
    https://pixi.prefix.dev/latest/reference/pixi_manifest/#exclude-newer-optional"""
    if match := re.fullmatch(r"(\d+)\s*([smhdw])[a-z]*", written.strip()):
        return dt.timedelta(**{_UNITS[match[2]]: int(match[1])})
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", written):
            day = dt.date.fromisoformat(written) + dt.timedelta(days=1)
            return dt.datetime(day.year, day.month, day.day, tzinfo=dt.timezone.utc)
        time = dt.datetime.fromisoformat(written.replace("Z", "+00:00"))
    except ValueError as error:
        raise ManifestInvalid(
            manifest,
            None,
            f"`exclude-newer` is neither a time nor a duration: {written}.",
            remedy="Write a day (`2026-11-01`), a time, or a duration (`7d`).",
        ) from error
    return time.astimezone(dt.timezone.utc)


def _virtual(name: str, version: str) -> GenericVirtualPackage:
    if name == "__archspec":  # its build says what it is: https://github.com/conda/ceps/blob/main/cep-0030.md
        return GenericVirtualPackage(PackageName(name), Version("1"), BuildString(version))
    return GenericVirtualPackage(PackageName(name), Version(version), BuildString("0"))


async def _preferred(task: Solve, network: Network, channels: list[Channel]) -> list[RepoDataRecord]:
    """The records of the earlier lock whose versions are to be kept: those that the channels still have, for
    the solver takes what it is given here without looking for it there."""
    locked = _locked(task)
    names = sorted({record.name.normalized for record in locked})
    if not names:
        return []
    platforms = [Subdir(task.platform), Subdir("noarch")]
    there = await network.gateway.query(channels, platforms, names, recursive=False)
    urls = {record.url for record in locked}
    return [record for records in there for record in records if record.url in urls]


def _locked(task: Solve) -> list[RepoDataRecord]:
    """What an earlier lock has for the environments; nothing of what cannot be read any more."""
    found: list[RepoDataRecord] = []
    for environment in task.environments if task.prefer else ():
        with suppress(ApposeKernelError):
            found += locks.read(Section(str(task.prefer), environment, task.platform)).conda
    return found


def write(task: Write, surroundings: Surroundings) -> None:
    """Give each environment of the group what it needs of the group's solution."""
    group = locks.read(Section(task.group, GROUP, task.platform))
    records = {record.name.normalized: record for record in group.conda}
    platform = LockPlatform(task.platform, Subdir(task.platform), group.platform.virtual_packages)
    lock = LockFile([platform])
    network = Network(surroundings)
    for name, part in task.environments.items():
        channels = [channel.to_lock_channel() for channel in network.channels(part.channels)]
        lock.set_channels(name, channels)
        _add(lock, name, platform, part, records)
    lock.to_path(Path(task.out))


def _add(
    lock: LockFile,
    environment: str,
    platform: LockPlatform,
    part: Part,
    records: Mapping[str, RepoDataRecord],
) -> None:
    for record in closure(part.roots, records):
        lock.add_conda_package(environment, platform, record)
    for name, version, location in part.pypi:
        lock.add_pypi_package(environment, platform, name, version, location)


def closure(roots: Iterable[str], records: Mapping[str, RepoDataRecord]) -> list[RepoDataRecord]:
    """The records of ``roots`` and all that they depend on, by name."""
    reached: dict[str, RepoDataRecord] = {}
    ahead = [name for name in roots if name in records]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached[name] = records[name]
            needed = [name_of(text) for text in records[name].depends]
            ahead += [other for other in needed if other in records]
    return [reached[name] for name in sorted(reached)]
