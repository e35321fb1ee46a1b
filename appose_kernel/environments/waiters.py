"""Who waits for an environment: each holds a lock of its own, so that one who dies no longer counts."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..model import Prefix
from . import locks

#: Seconds for which a waiter's file counts although nobody holds it: it may be about to.
GRACE = 2.0


@contextmanager
def waiting(prefix: Prefix) -> Iterator[None]:
    """Count as somebody who waits for ``prefix``, until the end of the block or of this process."""
    path = prefix.records / "waiting" / uuid.uuid4().hex
    lock = locks.lock(path)
    lock.acquire(timeout=GRACE, poll_interval=locks.POLL)  # the builder may just be looking at it
    try:
        yield
    finally:
        lock.release()
        path.unlink(missing_ok=True)


def anyone(prefix: Prefix) -> bool:
    """Whether anybody waits; what dead waiters left is removed."""
    found = False
    for path in (prefix.records / "waiting").iterdir():
        if locks.held(path) or _young(path):
            found = True
        else:
            path.unlink(missing_ok=True)
    return found


def _young(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < GRACE
    except FileNotFoundError:
        return False
