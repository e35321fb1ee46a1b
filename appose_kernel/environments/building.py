"""What a build does: lock, install, verify, compile. A stamp BUILDING is on the disk before the prefix is
touched, and a stamp READY only after everything else is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from ..model import Activation, Environment, Phase, Prefix, Stamp, StampState, Step
from ..workspaces import formats
from . import (
    buildlog,
    bytecode,
    durable,
    engines,
    inputs,
    orphans,
    overlay,
    own_kernels,
    settings,
    sizes,
    stamp,
    verify,
)
from .buildlog import BuildRecord, Log
from .engines import Engine, Job
from .verify import Damage, Site


async def build(record: BuildRecord, log: Log) -> None:
    """Make the prefix that ``record`` names ready; the builder calls it, holding the prefix's lock."""
    job = _job(record)
    buildlog.announce(record, inputs.digest(job.environment))
    engine = engines.choose(job.environment)
    await _follow(engine.lock(job), log)
    job = replace(job, environment=_environment(record))
    unfinished = _stamp(record, job, engine)
    buildlog.announce(record, unfinished.digest)  # to lock may have changed a file
    if _distrusted(job.prefix, unfinished):
        job = _from_scratch(job)
    stamp.write(job.prefix, unfinished)
    activation, site, notes = await _install(engine, job, log)
    kernels = own_kernels.find(job.prefix)
    if activation.python:
        added = await _equip(job, activation, site, log)
    else:
        own_kernels.demand(job.environment, kernels)
        added = None
    await asyncio.to_thread(durable.flush, job.prefix.path)
    finished = replace(
        unfinished,
        state=StampState.READY,
        time=time.time(),
        seal=stamp.seal(job.prefix),
        activation=activation,
        overlay=added,
        passed=tuple(job.settings.pass_variables),
        kernels=kernels,
        notes=tuple(notes),
        size=await asyncio.to_thread(sizes.of, job.prefix.path),
    )
    stamp.write(job.prefix, finished)


async def _equip(job: Job, activation: Activation, site: Site, log: Log) -> str | None:
    """Make sure of an ipykernel, and of bytecode; the answer is the overlay, if there has to be one."""
    log.add(Step(Phase.VERIFYING, "looking for an ipykernel that fits"))
    root = job.environment.workspace.root
    added = await overlay.ensure(activation.python, site.folders, job.settings, job.environ, root)
    if job.environment.prefix is None:  # else it belongs to another application
        log.add(Step(Phase.COMPILING, "Compiling bytecode"))

        def tell(done: int, total: int) -> None:
            log.add(Step(Phase.COMPILING, "Compiling bytecode", done=done, total=total))

        await bytecode.compile_all(activation.python, site.folders, job.environ, tell=tell)
    return added


def _job(record: BuildRecord) -> Job:
    configured = settings.load()
    return Job(
        environment=_environment(record),
        prefix=record.prefix,
        options=record.options,
        settings=configured,
        environ=engines.surroundings(configured) | {orphans.MARK: record.id},
    )


def _environment(record: BuildRecord) -> Environment:
    """The environment as its manifest says it now."""
    return formats.environment(formats.open_workspace(record.manifest), record.environment)


def _stamp(record: BuildRecord, job: Job, engine: Engine) -> Stamp:
    """The stamp of the build that begins. Its digest is of what the build is about to read.

    What there was to start stays in it, and its size: lists go on to show that while the build runs.
    """
    found = inputs.fingerprint(job.environment)
    before = stamp.read(job.prefix)
    return Stamp(
        state=StampState.BUILDING,
        digest=inputs.digest_of(found),
        engine=engine.name,
        build=record.id,
        time=time.time(),
        inputs=found,
        activation=before.activation if before else None,
        kernels=before.kernels if before else {},
        size=before.size if before else None,
    )


def _distrusted(prefix: Prefix, now: Stamp) -> bool:
    """Whether what is in the prefix counts for nothing: a build was cut short there, it was moved, or files
    of it were found damaged."""
    before = stamp.read(prefix)
    if before is None:
        return False
    moved = before.inputs.get("folder") != now.inputs["folder"]
    return moved or before.state is StampState.BUILDING or before.seal == stamp.DAMAGED


def _from_scratch(job: Job) -> Job:
    return replace(job, options=replace(job.options, rebuild=True))


async def _follow(steps: AsyncGenerator[Step, None], log: Log) -> list[str]:
    """Log the steps, and return those that are notes."""
    notes = []
    async with aclosing(steps):
        async for step in steps:
            log.add(step)
            notes += [step.message] if step.note else []
    return notes


async def _install(engine: Engine, job: Job, log: Log) -> tuple[Activation, Site, list[str]]:
    """Install, and verify; where files are damaged, once more from scratch."""
    while True:
        notes = await _follow(engine.install(job), log)
        activation, told = await _activation(engine, job, log)
        notes += told
        site = Site(str(job.prefix.path), ())
        if activation.python:
            site = await verify.site(activation.python, job.environ)
        if job.environment.prefix is not None:
            return activation, site, notes  # as its application made it, which is all there is to know
        found = await _verify(site, log)
        if job.options.rebuild:
            # a few packages were published with wrong sizes in RECORD: nothing that we could mend
            found = [damage for damage in found if damage.lost]
        if not found:
            return activation, site, notes
        if job.options.rebuild:
            raise verify.complain(found, job.prefix.path)
        log.add(Step(Phase.INSTALLING, f"Installing from scratch: {found[0].file} {found[0].problem}"))
        job = _from_scratch(job)


async def _activation(engine: Engine, job: Job, log: Log) -> tuple[Activation, list[str]]:
    """How to run something in the prefix, and what the activation passed over."""
    told: list[str] = []
    activation = await engine.activation(replace(job, tell=told.append))
    for line in told:
        log.add(Step(Phase.INSTALLING, line, output=True))
    return activation, told


async def _verify(site: Site, log: Log) -> list[Damage]:
    packages = verify.packages(site)
    found: list[Damage] = []
    for done, package in enumerate(packages):
        log.add(Step(Phase.VERIFYING, "Verifying installed files", done=done, total=len(packages)))
        found += verify.damage(site, package)
        await asyncio.sleep(0)  # a build can be stopped here
    return found
