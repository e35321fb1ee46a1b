"""File locks, held by a process until it lets go or dies: who builds, who waits, who looks.

filelock's locks on POSIX are ``flock`` on a file that stays (neither 3.16 nor 4.2 removes it), so a
killed holder leaves nothing to clean up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

#: Seconds between two looks at a lock that another holds.
POLL = 0.02


def lock(path: Path) -> BaseFileLock:
    """The lock at ``path``, not yet taken; whoever may write in its folder may take it."""
    return FileLock(path, mode=path.parent.stat().st_mode & 0o666)


def held(path: Path) -> bool:
    """Whether somebody holds the lock at ``path``. Looking takes it for a moment."""
    if not path.exists():
        return False
    try:
        probe = lock(path)
        probe.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:  # gone meanwhile; or one that this user may not open, and does not wait for
        return False
    probe.release()
    return False


@asynccontextmanager
async def holding(path: Path, timeout: float | None = None) -> AsyncGenerator[None, None]:
    """Hold the lock at ``path``; :class:`filelock.Timeout` where it stays taken for ``timeout`` seconds."""
    taken = lock(path)
    loop = asyncio.get_running_loop()
    start = loop.time()
    while True:
        try:
            taken.acquire(timeout=0)
            break
        except Timeout:
            if timeout is not None and loop.time() - start >= timeout:
                raise
            await asyncio.sleep(POLL)
    try:
        yield
    finally:
        taken.release()
