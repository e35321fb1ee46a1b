"""One build, in a process of its own: ``python -m appose_kernel.environments.builder ID``.

It holds the prefix's lock from before its first event until after its last. What a build does is in
:mod:`.building`; this is about how it begins and ends.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import gettempdir

from filelock import Timeout

from ..errors import BuildCancelled
from ..model import Phase, Step
from . import building, buildlog, failures, folders, joining, locks, orphans, stamp
from .buildlog import BuildRecord, Log
from .waiters import Waiters

#: Seconds between two looks at who waits.
POLL = 0.2
#: Seconds for which others may keep the lock who only look whether it is taken.
PATIENCE = 5.0


def main(argv: Sequence[str]) -> int:
    [build] = argv
    record = buildlog.find(build)
    # a machine that shuts down: stop the tools and say so, instead of dying without a word
    signal.signal(signal.SIGTERM, lambda *_: buildlog.cancel(record))
    return asyncio.run(_hold(record))


async def _hold(record: BuildRecord) -> int:
    try:
        async with locks.holding(joining.lock_of(record.prefix), PATIENCE):
            _end_orphans(record)
            buildlog.announce(record, digest="")
            with closing(Log(record)) as log:
                return await _report(record, log)
    except Timeout:
        return joining.BUSY


def _end_orphans(record: BuildRecord) -> None:
    """Stop the tools of a builder that was killed: they might still be installing."""
    before = buildlog.announced(record.prefix)
    if before and buildlog.cut_short(before[0]):
        orphans.end(before[0].id)


async def _report(record: BuildRecord, log: Log) -> int:
    """Build, and end the log with what became of it."""
    log.add(Step(Phase.QUEUED, record.title))
    try:
        await _unless_stopped(record, building.build(record, log))
    except BuildCancelled as error:
        log.add(Step(Phase.CANCELLED, error.message))
    except Exception as error:
        told = failures.readable(error, _written_to(record))
        told = failures.addressed(told, record.manifest, record.environment)
        log.add(Step(Phase.FAILED, told.message), told)
        if told.code == "error":
            raise  # into the file beside the log, for whoever has to find out why
    else:
        made = stamp.read(record.prefix)
        log.add(Step(Phase.READY, " ".join([f"{record.title} is ready.", *(made.notes if made else ())])))
        return 0
    return 1


async def _unless_stopped(record: BuildRecord, work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work)
    waiters = Waiters(record.prefix)
    while not task.done():
        if reason := _reason_to_stop(record, waiters):
            task.cancel()
            await asyncio.wait({task})
            raise BuildCancelled(reason)
        await asyncio.wait({task}, timeout=POLL)
    await task


def _reason_to_stop(record: BuildRecord, waiters: Waiters) -> str:
    if buildlog.cancel_asked(record):
        return "The build was cancelled."
    if not buildlog.kept(record) and not waiters.anyone():
        return "The build was stopped, because nobody waits for it any more."
    return ""


def _written_to(record: BuildRecord) -> list[Path]:
    """The folders that a build writes to, one of which may be full."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return [record.prefix.path, record.folder, folders.data_dir(), caches, Path(gettempdir())]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
