"""Who waits for an environment: each holds a lock of its own, so that one who dies no longer counts."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..model import Prefix
from . import locks

#: Seconds for which a waiter's file counts although nobody holds it: it may be about to, or it was left
#: by a kernel that is being restarted and will wait again in a moment.
GRACE = 4.0
#: Seconds that the builder, who looks at the lock of a new waiter, may take for it.
PATIENCE = 2.0


@contextmanager
def waiting(prefix: Prefix) -> Iterator[None]:
    """Count as somebody who waits for ``prefix``, until a moment after the block or after this process."""
    path = prefix.records / "waiting" / uuid.uuid4().hex
    with locks.lock(path).acquire(timeout=PATIENCE, poll_interval=locks.POLL):
        yield
    # The build came to its end: nobody needs to be told. (Windows removes no file that is open.)
    with suppress(OSError):
        path.unlink()


def count(prefix: Prefix) -> int:
    """How many wait for ``prefix`` now, as those see who do not build it."""
    with suppress(OSError):  # nobody has prepared it
        return sum(map(locks.held, (prefix.records / "waiting").iterdir()))
    return 0


class Waiters:
    """The builder's view of those who wait for its prefix. The files' own times would not do: to look at
    a lock with filelock 3.16 changes them."""

    def __init__(self, prefix: Prefix) -> None:
        self._folder = prefix.records / "waiting"
        self._seen: dict[Path, float] = {}

    def anyone(self) -> bool:
        """Whether anybody waits, or did so a moment ago; what others left is removed."""
        now = time.monotonic()
        found = False
        for path in self._files():
            if locks.held(path):
                self._seen[path] = now
            if now - self._seen.setdefault(path, now) < GRACE:
                found = True
            else:
                path.unlink(missing_ok=True)
        return found

    def _files(self) -> list[Path]:
        try:
            return list(self._folder.iterdir())
        except FileNotFoundError:  # somebody removed the records: nobody can wait there
            return []
