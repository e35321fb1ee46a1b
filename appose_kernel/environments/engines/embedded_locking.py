"""Which lock the embedded engine installs from, and the making of one of our own.

pixi's lock is used where it satisfies the manifest, and never written. Else there is a private lock, which
belongs to one state of the files that it was made from: it cannot be out of date, only missing.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from tempfile import TemporaryDirectory

from ...errors import EngineUnsupported, LockOutdated
from ...model import Environment, Phase, Step
from ...workspaces import pixi
from .. import generations, private_lock
from ..rattler_worker.errors import PIXI
from ..rattler_worker.tasks import Drift, Section
from . import embedded_solving
from .base import Job
from .embedded_places import Place, here
from .rattler_process import Worker


async def lock(job: Job) -> AsyncGenerator[Step, None]:
    """Check the lock, or make a private one. Raises LockOutdated, EngineUnsupported, SolveError…"""
    worker = Worker(job.environment.workspace, job.environ)
    place = await here(job.environment, worker)
    _refuse(place, solving=False)
    if _frozen(job):
        yield Step(Phase.LOCKING, f"{section(place, job).lock}, without a look at the manifest", output=True)
        return
    theirs, private = _pixis(job.environment), private_lock.path(job.environment)
    if job.options.locked and private.exists():
        yield Step(Phase.LOCKING, f"{private}, made for the manifest as it is", output=True)
        return
    if theirs is not None:
        stale = await drift(place, worker)
        if not stale:
            yield Step(Phase.LOCKING, f"{theirs.name} does what {place.manifest.name} asks for", output=True)
            return
        if job.options.locked:
            raise LockOutdated(
                f"{theirs} is older than {place.manifest.name}: {stale[0]}.",
                remedy="Run `pixi lock`; or `jupyter appose lock`, for a lock that only appose-kernel uses.",
                detail="\n".join(stale),
            )
        for reason in stale:
            yield Step(Phase.LOCKING, reason, output=True)
    _refuse(place, solving=True)
    # to lock again what is locked already is to ask for newer versions
    prefer = None if private.exists() else private_lock.latest(job.environment) or theirs
    async with aclosing(_make(job, place, worker, prefer)) as steps:
        async for step in steps:
            yield step


def section(place: Place, job: Job) -> Section:
    """The part of the lock to install from. Raises LockOutdated if there is none."""
    private, theirs = private_lock.path(place.environment), _pixis(place.environment)
    if private.exists() and not (_frozen(job) and theirs):
        return _section(private, place)
    if theirs is None:
        raise LockOutdated(
            f"{place.manifest}: there is no lock, and a frozen build needs one.",
            remedy="Run `jupyter appose lock` to make one, or build without `--frozen`.",
        )
    return _section(theirs, place)


async def drift(place: Place, worker: Worker) -> list[str]:
    """Where pixi.lock does not do what the manifest asks for, in words; nothing where there is none."""
    theirs = _pixis(place.environment)
    if theirs is None:
        return []
    specs = place.composition.specs
    found: list[str] = await worker.ask(
        Drift(
            _section(theirs, place),
            channels=place.composition.channels,
            conda=[spec.requirement for spec in specs if spec.kind == "conda"],
            constraints=[spec.requirement for spec in specs if spec.kind == "constraint"],
            pypi=[spec.requirement for spec in specs if spec.kind == "pypi"],
        )
    )
    return found


def _section(lock: Path, place: Place) -> Section:
    return Section(str(lock), place.environment.name, place.composition.platform, place.platform)


def _pixis(environment: Environment) -> Path | None:
    path = environment.workspace.lock
    return path if path is not None and path.exists() else None


def _frozen(job: Job) -> bool:
    return job.options.frozen or (job.settings.frozen and job.options.locked)


def _refuse(place: Place, *, solving: bool) -> None:
    """Raise EngineUnsupported for what only pixi can do; ``solving``: for what only pixi can lock."""
    if place.environment.workspace.format != pixi.NAME:
        return
    for refusal in pixi.needs_pixi(place.environment, place.platform):
        if refusal.solving == solving:
            line = f" line {refusal.line}" if refusal.line else ""
            task = "solve" if solving else "build"
            commit = " Or commit a pixi.lock that was made with it." if solving else ""
            raise EngineUnsupported(
                f"{refusal.file}{line}: `{refusal.key}`: {refusal.reason}; only pixi can {task} that.",
                remedy=f"{PIXI}{commit}",
            )


async def _make(job: Job, place: Place, worker: Worker, prefer: Path | None) -> AsyncGenerator[Step, None]:
    workspace = job.environment.workspace
    with TemporaryDirectory(prefix="appose-kernel-", ignore_cleanup_errors=True) as name:
        made = Path(name) / "made.lock"
        solving = embedded_solving.solve(job, place, worker, prefer, made)
        async with aclosing(solving) as steps:
            async for step in steps:
                yield step
        before = private_lock.path(job.environment)
        if before.exists() and made.read_bytes() == before.read_bytes():
            yield Step(Phase.LOCKING, "Nothing newer is there.")
            return
        if before.exists():
            generations.renew(workspace)
        generations.prepare(workspace)
        await asyncio.to_thread(keep, made, private_lock.path(job.environment))
    yield Step(Phase.LOCKING, f"Locked in {private_lock.path(job.environment)}", output=True)


def keep(made: Path, lock: Path) -> None:
    """Put ``made`` in the place of ``lock`` in one step; a power cut leaves it whole, or not there."""
    draft = lock.with_name(f".{lock.name}.{os.getpid()}")
    with made.open("rb") as source, draft.open("wb") as target:
        shutil.copyfileobj(source, target)
        target.flush()
        os.fsync(target.fileno())
    draft.replace(lock)
