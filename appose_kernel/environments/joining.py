"""Coming to a build: following the one that runs, or starting a builder; and noticing that a builder died.

Whether a builder lives is whether somebody holds the prefix's lock. Who acts upon it looks under
``spawn.lock``: looking takes the lock for a moment, and two who look must not take each other for a builder.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import Timeout

from .. import process
from ..errors import BuilderDied
from ..model import BuildEvent, BuildOptions, Environment, Phase, Prefix, StampState, Step
from . import buildlog, locks, records, stamp
from .buildlog import BuildRecord, Log

#: Seconds between two looks at a log, and of silence after which the builder's life is checked.
POLL = 0.05
SILENCE = 0.5
#: The exit code of a builder that found another one at work.
BUSY = 75


async def join(env: Environment, prefix: Prefix, options: BuildOptions) -> BuildRecord:
    """The build of ``prefix`` that runs; where none does, one is started. ``prefix`` has been prepared."""
    while True:
        async with locks.holding(looking(prefix)):
            if not locks.held(lock_of(prefix)):
                if started := await _start(env, prefix, options):
                    return started
            elif (newest := buildlog.announced(prefix)) and not buildlog.ended(newest[0]):
                return newest[0]
        await asyncio.sleep(POLL)  # a builder is about to announce itself, or to let go


def lock_of(prefix: Prefix) -> Path:
    """The lock that a builder holds for as long as it lives."""
    return prefix.records / "lock"


async def distrust(prefix: Prefix) -> None:
    """Take back that the prefix is whole: files of it were found damaged. A build that runs sees itself."""
    async with locks.holding(looking(prefix)):
        found = stamp.read(prefix)
        if found and found.state is StampState.READY and not locks.held(lock_of(prefix)):
            stamp.write(prefix, replace(found, seal=stamp.DAMAGED))


def looking(prefix: Prefix) -> Path:
    """The lock under which one looks who builds a prefix, and acts upon it."""
    return prefix.records / "spawn.lock"


async def events(record: BuildRecord) -> AsyncGenerator[BuildEvent, None]:
    """Every event of a build from its first to the one that ends it, as they are written."""
    if not buildlog.is_readable(record):
        yield _unseen(record)
    offset, silence = 0, 0.0
    while True:
        found, offset = buildlog.read_from(record, offset)
        for event in found:
            yield event
            if event.phase.ends:
                return
        if found:
            silence = 0.0
            continue
        if silence >= SILENCE:
            silence = 0.0
            if last := _last_word(record, offset):
                yield last
                return
        await asyncio.sleep(POLL)
        silence += POLL


def adopt(record: BuildRecord) -> None:
    """Let this user find a build by its id that another user has started; what its log says, if it is closed
    to us, is written to one of our own."""
    ours = buildlog.folder()
    if record.folder == ours:
        return
    ours.mkdir(parents=True, exist_ok=True)
    if buildlog.is_readable(record):
        records.write(ours / f"{record.id}.json", record.to_dict())
        return
    adopted = replace(record, folder=ours)
    records.write(adopted.file(".json"), adopted.to_dict())
    with closing(Log(adopted)) as log:
        log.add(_unseen(record).step)


async def _start(env: Environment, prefix: Prefix, options: BuildOptions) -> BuildRecord | None:
    """Start a builder and wait until it has announced its build; None where another one came first."""
    record = buildlog.create(env.workspace.manifest, env.name, env.title, prefix, options)
    builder = _spawn(record)
    while builder.poll() is None:
        if (newest := buildlog.announced(prefix)) and newest[0].id == record.id:
            return record
        await asyncio.sleep(locks.POLL)
    if builder.returncode == BUSY:
        buildlog.discard(record)
        return None
    return record  # it ended at once: its log, or its silence, says why


def _spawn(record: BuildRecord) -> subprocess.Popen[Any]:
    """A builder that outlives this process, its terminal and its process group."""
    argv = [sys.executable, "-m", f"{__package__}.builder", record.id]
    with record.file(".err").open("wb") as errors:
        builder = subprocess.Popen(
            argv,
            # `-m` puts the current folder on sys.path, where a notebook's folder could hide our modules
            cwd=record.folder,
            # the build is no notebook's; and in one, uv says less of what it does
            env={name: value for name, value in os.environ.items() if not name.startswith("JPY_")},
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            **process.group_options(),
        )
    # The builder is nobody's to wait for, but a dead one stays a zombie until its parent has waited.
    threading.Thread(target=builder.wait, name=f"reap {record.id}", daemon=True).start()
    return builder


def _last_word(record: BuildRecord, offset: int) -> BuildEvent | None:
    """The event that ends the log of a builder that died, written in its stead; None while it lives."""
    try:
        taken = locks.lock(looking(record.prefix))
        taken.acquire(timeout=0)
    except (Timeout, PermissionError):
        return None  # somebody else is looking
    except FileNotFoundError:
        return _bury(record)  # the records were removed
    try:
        if _alive(record) or buildlog.read_from(record, offset)[0]:
            return None
        return _bury(record)
    finally:
        taken.release()


def _alive(record: BuildRecord) -> bool:
    newest = buildlog.announced(record.prefix)
    return bool(newest and newest[0].id == record.id and locks.held(lock_of(record.prefix)))


def _bury(record: BuildRecord) -> BuildEvent:
    """End a log that nobody ends, because its builder died, or is another user's."""
    error = None if _got_ready(record) else _death(record)
    step = Step(Phase.FAILED, error.message) if error else Step(Phase.READY, f"{record.title} is ready.")
    last = buildlog.last(record)
    event = BuildEvent(
        build=record.id,
        sequence=last.sequence + 1 if last else 0,
        time=time.time(),
        fraction=last.fraction if last else 0.0,
        step=step,
        error=error.to_dict() if error else None,
    )
    with suppress(OSError), closing(Log(record)) as log:  # a full disk may be what killed it
        log.add(event.step, error)
    return event


def _got_ready(record: BuildRecord) -> bool:
    found = stamp.read(record.prefix)
    return found is not None and found.state is StampState.READY and found.build == record.id


def _death(record: BuildRecord) -> BuilderDied:
    detail = ""
    with suppress(OSError):  # another user's
        said = record.file(".err").read_text(encoding="utf-8", errors="replace").splitlines()
        detail = "\n".join(said[-process.TAIL :])
    return BuilderDied(
        f"The build of {record.title} was cut short: its process died.",
        remedy="Start it again. If that happens every time, the machine may lack memory or disk space.",
        detail=detail,
    )


def _unseen(record: BuildRecord) -> BuildEvent:
    """All there is to tell of a build whose log this user may not read; then its end is waited for."""
    step = Step(Phase.QUEUED, f"Another user is building {record.title}.")
    return BuildEvent(record.id, sequence=0, time=time.time(), fraction=0.0, step=step)
