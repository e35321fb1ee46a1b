"""A lock of our own: conda's part solved for a whole solve group, then PyPI's part under what conda brings.

The group is solved as one, and each of its environments is given the part that it needs, so they agree on
all that they share.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from ....errors import EngineUnsupported, LockOutdated, ManifestInvalid
from ....model import Environment, Phase, Spec, Step
from ....workspaces import formats
from ...rattler_worker.tasks import Part, Read, Section, Solve, Write
from ..base import Job
from ..uv.command import Uv
from . import pypi, resolving
from .conda_python import Target
from .places import Place, at_least, possibly
from .resolving import Resolution, Wanted
from .worker import Worker


async def solve(
    job: Job, group: list[Place], worker: Worker, prefer: Path | None, made: Path
) -> AsyncGenerator[Step, None]:
    """Write the lock ``made`` of the environments of ``group``, which are all for one platform.

    Versions of ``prefer`` are kept where the manifests still allow them.
    """
    conda, union = made.with_name("conda.lock"), _union(group)
    parts = {one.environment.name: Part(_roots(one), one.composition.channels) for one in group}
    write = Write(str(conda), group[0].composition.platform, parts, str(made))
    with_python = any(spec.kind == "pypi" for one in group for spec in one.composition.specs)
    yield Step(Phase.LOCKING, "Solving conda packages")
    task = replace(union, out=str(conda), distributions=with_python, then=None if with_python else write)
    if prefer is not None:
        task = replace(task, prefer=str(prefer), environments=[one.environment.name for one in group])
    async with aclosing(worker.steps(task)) as steps:
        async for step in steps:
            yield step
    if with_python:
        solved = worker.answer
        yield Step(Phase.LOCKING, "Resolving PyPI packages")
        uv, kept = await pypi.find(job), await _kept(group, worker, prefer)
        resolved = await _with_pypi(uv, group, solved, kept, made.parent)
        added = {name: _with(parts[name], found, solved) for name, found in resolved.items()}
        await worker.ask(replace(write, environments={**parts, **added}))


async def members(place: Place, worker: Worker) -> list[Place]:
    """The environments that are solved together with this one."""
    environment = place.environment
    if environment.solve_group is None:
        return [place]
    alike = formats.environments(environment.workspace)
    return await present([other for other in alike if other.solve_group == environment.solve_group], worker)


async def present(environments: Iterable[Environment], worker: Worker) -> list[Place]:
    """Those that are for this platform, and contain anything there."""
    found = [await possibly(environment, worker) for environment in environments]
    return [one for one in found if one is not None and one.asks]


def _union(group: list[Place]) -> Solve:
    """All that the environments of a group ask for, as one task."""
    specs = [spec for place in group for spec in place.composition.specs]
    for place in group:
        for spec in place.composition.specs:
            if spec.kind == "source":
                raise EngineUnsupported(
                    f"{place.manifest}: `{spec.name}` is a conda package that is built from its sources.",
                    remedy="Only pixi can build it; install pixi, then build again.",
                )
    options = group[0].composition.options
    return Solve(
        out="",
        platform=group[0].composition.platform,
        virtual=_all_virtual(group),
        channels=_all_channels(group),
        specs=list(_texts(specs, "conda")),
        constraints=list(_texts(specs, "constraint")),
        channel_priority=options.channel_priority,
        strategy=options.strategy,
        exclude_newer=options.exclude_newer,
    )


def _texts(specs: Iterable[Spec], kind: str) -> Iterable[str]:
    return dict.fromkeys(spec.requirement for spec in specs if spec.kind == kind)


def _roots(place: Place) -> list[str]:
    return [spec.name for spec in place.composition.specs if spec.kind == "conda"]


def _all_channels(group: list[Place]) -> list[str]:
    """The environments' channels, the longest list first: it has the others' among more important ones."""
    lists = sorted((place.composition.channels for place in group), key=len, reverse=True)
    return list(dict.fromkeys(channel for channels in lists for channel in channels))


def _all_virtual(group: list[Place]) -> dict[str, str] | None:
    """The most that any of the environments declares, as pixi solves a group."""
    merged: dict[str, str] = {}
    for place in group:
        if place.virtual is None:
            return None
        for name, version in place.virtual.items():
            if name not in merged or at_least(version, merged[name]):
                merged[name] = version
    return merged


async def _kept(group: list[Place], worker: Worker, prefer: Path | None) -> dict[str, str]:
    """The versions of PyPI packages in the lock that is preferred."""
    found: dict[str, str] = {}
    for place in group if prefer is not None else ():
        section = Section(str(prefer), place.environment.name, place.composition.platform, place.platform)
        try:
            answer = await worker.ask(Read(section))
        except (LockOutdated, EngineUnsupported):
            continue  # nothing of it can be kept
        found |= {package["name"]: package["version"] for package in answer["pypi"]}
    return found


async def _with_pypi(
    uv: Uv, group: list[Place], solved: Mapping[str, Any], kept: Mapping[str, str], folder: Path
) -> dict[str, Resolution]:
    """By environment, its PyPI packages: resolved for the group, then for each under the group's versions."""
    wanted = _wanted(group, solved, kept)
    union = await resolving.resolve(uv, folder / "group", wanted)
    if len(group) == 1:
        return {group[0].environment.name: union}
    pins = {package.name: package.version for package in union.packages if "://" in package.location}
    result = {}
    for number, place in enumerate(group):
        if own := _pypi(place):
            mine = replace(wanted, specs=own, pinned=pins, kept={})
            result[place.environment.name] = await resolving.resolve(uv, folder / str(number), mine)
    return result


def _with(part: Part, resolution: Resolution, solved: Mapping[str, Any]) -> Part:
    """An environment's part with its PyPI packages, and the conda packages that these want."""
    bringers = {
        str(canonicalize_name(name)): conda
        for conda, names in solved["distributions"].items()
        for name, _ in names
    }
    roots = [*part.roots, *(bringers[name] for name in sorted(resolution.from_conda))]
    packages = [[package.name, package.version, package.location] for package in resolution.packages]
    return replace(part, roots=roots, pypi=packages)


def _wanted(group: list[Place], solved: Mapping[str, Any], kept: Mapping[str, str]) -> Wanted:
    first = group[0]
    if solved["python"] is None:
        raise ManifestInvalid(
            first.manifest,
            None,
            "there are Python packages, and no Python to install them for.",
            remedy="Add `python` to conda's dependencies.",
        )
    version, build = solved["python"]
    brought = {
        str(canonicalize_name(name)): version
        for names in solved["distributions"].values()
        for name, version in names
    }
    return Wanted(
        specs=list(dict.fromkeys(spec for place in group for spec in _pypi(place))),
        options=first.composition.options,
        target=Target(version, build, first.composition.platform, solved["virtual"]),
        brought=brought,
        kept=kept,
    )


def _pypi(place: Place) -> list[Spec]:
    return [spec for spec in place.composition.specs if spec.kind == "pypi"]
