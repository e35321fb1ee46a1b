"""Which lock the embedded engine installs from, and the making of one of our own.

pixi's lock is used where it satisfies the manifest, and never written. Else there is a private lock, which
belongs to one state of the files that it was made from: it cannot be out of date, only missing. Where it is
missing, the one of an earlier state is taken over if it still does what is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ....errors import LockOutdated
from ....model import Environment, Phase, Step, Workspace
from ....workspaces import formats
from ... import choice, generations, locks, private_lock
from ..base import Job
from . import limits, lock_files, origins, solve_group
from .places import Place, here
from .worker import Worker

#: What to do about a pixi.lock that is older than its manifest, whether or not there is a pixi.
_WITH_PIXI = "Run `pixi lock`; or `jupyter appose lock`, for a lock that only appose-kernel uses."
_WITHOUT = "Run `jupyter appose lock`, for a lock that only appose-kernel uses; or lock with pixi elsewhere."


async def lock(job: Job) -> AsyncGenerator[Step, None]:
    """Check the lock of an environment, or make a private one where there is none.

    Without ``job.options.locked`` it is asked for new locks, and those of the whole workspace are made.
    Raises LockOutdated, EngineUnsupported, SolveError…
    """
    async with aclosing(_ensure(job) if job.options.locked else _renew(job)) as steps:
        async for step in steps:
            yield step


async def _ensure(job: Job) -> AsyncGenerator[Step, None]:
    worker = Worker(job.environment.workspace, job.environ)
    private = private_lock.path(job.environment)
    place = await here(job.environment, worker)
    limits.refuse(place, solving=False)
    limits.demand_packages(place)
    if _frozen(job):
        lock_files.section(place)  # says so where there is none
        yield _said("Using the lock as it is, without a look at the manifest.")
        return
    theirs = lock_files.pixis(job.environment)
    if private.exists():
        yield _said("Using the lock made for this manifest.")
        return
    if theirs is not None:
        if stale := await lock_files.drift(place, worker):
            raise LockOutdated(
                f"{theirs} is older than {place.manifest.name}: {stale[0]}.",
                remedy=_WITH_PIXI if choice.pixi() else _WITHOUT,
                detail="\n".join(stale),
            )
        yield _said(f"{theirs.name} does what {place.manifest.name} asks for")
        return
    async with aclosing(_make(job, place, worker, private)) as steps:
        async for step in steps:
            yield step


async def _make(job: Job, place: Place, worker: Worker, private: Path) -> AsyncGenerator[Step, None]:
    """Make the lock ``private``, unless another build of the solve group does so just now."""
    making = private_lock.making(job.environment)
    if locks.held(making):
        yield Step(Phase.LOCKING, "Waiting for a build that makes the same lock")
    async with locks.holding(making):
        if private.exists():
            yield _said("Using the lock that another build has just made.")
            return
        group = await solve_group.members(place, worker)
        if good := await _still_good(job, group, worker):
            yield _said(f"{place.manifest.name} has changed, and its lock does what it asks for now.")
            private_lock.demand_unchanged(job.environment, private)
            await asyncio.to_thread(private_lock.keep, good, private)
            return
        with TemporaryDirectory(prefix="appose-kernel-", ignore_cleanup_errors=True) as folder:
            made = Path(folder) / "made.lock"
            async with aclosing(_solve(job, group, worker, made)) as steps:
                async for step in steps:
                    yield step
            private_lock.demand_unchanged(job.environment, private)
            await asyncio.to_thread(private_lock.keep, made, private)


async def _still_good(job: Job, group: list[Place], worker: Worker) -> Path | None:
    """The newest lock of the solve group, if it does what the manifest asks for now.

    So nothing is solved, and no channel is needed, where only something else has changed.
    """
    latest = private_lock.latest(job.environment)
    before = origins.read(latest) if latest else {}
    now = origins.of(group, job.environ)
    if latest is None or any(before.get(part) != now[part] for part in ("how", "pypi")):
        return None
    with suppress(LockOutdated):  # it cannot be read, or lacks an environment
        if before["conda"] == now["conda"]:
            return latest
        stale = [reason for place in group for reason in await lock_files.compared(latest, place, worker)]
        return None if stale else latest
    return None


async def _renew(job: Job) -> AsyncGenerator[Step, None]:
    """Make the locks of all environments anew, where pixi's does not do what the manifest asks for, or where
    ``job.own`` asks for that too; where it does, no other counts any more."""
    workspace = job.environment.workspace
    worker = Worker(workspace, job.environ)
    made: dict[Environment, Path] = {}
    spare: list[Path] = []
    told: set[str] = set()
    with TemporaryDirectory(prefix="appose-kernel-", ignore_cleanup_errors=True) as folder:
        before = _by_lock(workspace)
        for number, (private, members) in enumerate(before.items()):
            group = await solve_group.present(members, worker)
            if not group:
                names = ", ".join(member.name for member in members)
                yield _said(f"{names}: not for this machine, or without packages")
                continue
            stale = await _stale(group, worker)
            if lock_files.pixis(members[0]) is not None and not stale and not job.own:
                yield _said(f"pixi.lock does what {workspace.manifest.name} asks for")
                spare.append(private)
                continue
            for reason in stale:
                if reason not in told:
                    yield _said(reason)
                told.add(reason)
            first = group[0].environment
            made[first] = Path(folder, str(number), "made.lock")
            made[first].parent.mkdir()
            async with aclosing(_solve(replace(job, environment=first), group, worker, made[first])) as steps:
                async for step in steps:
                    yield step
        for lock, members in before.items():
            private_lock.demand_unchanged(members[0], lock)
        yield await asyncio.to_thread(_keep_all, workspace, made, spare)


async def _stale(group: list[Place], worker: Worker) -> list[str]:
    """Why pixi.lock is no good for the environments of a group."""
    try:
        return [reason for place in group for reason in await lock_files.drift(place, worker)]
    except LockOutdated as unreadable:
        return [unreadable.message]


def _by_lock(workspace: Workspace) -> dict[Path, list[Environment]]:
    """The environments, those together that have one lock."""
    found: dict[Path, list[Environment]] = {}
    for environment in formats.environments(workspace):
        found.setdefault(private_lock.path(environment), []).append(environment)
    return found


def _keep_all(workspace: Workspace, made: Mapping[Environment, Path], spare: Iterable[Path]) -> Step:
    """Put new locks into their places, under a generation of their own where there were others; and take away
    those that pixi.lock has made ``spare``."""
    for lock in spare:
        lock.unlink(missing_ok=True)
    before = {environment: private_lock.path(environment) for environment in made}
    there = [environment for environment in made if before[environment].exists()]
    same = [each for each in there if before[each].read_bytes() == made[each].read_bytes()]
    if len(same) == len(made):
        return Step(Phase.LOCKING, "Nothing newer is there." if made else "Nothing had to be locked.")
    if len(there) > len(same):
        generations.renew(workspace)
    generations.prepare(workspace)
    for environment, draft in made.items():
        private_lock.keep(draft, private_lock.path(environment))
    return _said(f"Locked {', '.join(environment.title for environment in made)}")


def _said(message: str) -> Step:
    return Step(Phase.LOCKING, message, output=True)


def _frozen(job: Job) -> bool:
    return job.options.frozen or (job.settings.frozen and job.options.locked)


async def _solve(job: Job, group: list[Place], worker: Worker, made: Path) -> AsyncGenerator[Step, None]:
    """Write the lock ``made``. To lock again what is locked already is to ask for newer versions."""
    for place in group:
        limits.refuse(place, solving=False)
        limits.refuse(place, solving=True)
    environment = job.environment
    again = private_lock.path(environment).exists()
    prefer = None if again else private_lock.latest(environment) or lock_files.pixis(environment)
    async with aclosing(solve_group.solve(job, group, worker, prefer, made)) as steps:
        async for step in steps:
            yield step
    origins.write(made, origins.of(group, job.environ))
