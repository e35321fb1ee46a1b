"""Tools of this wing's tests: write manifests, age them, and watch what Python does."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Write = Callable[[str, str], Path]

#: The audit events of every way to start a process.
STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty"}

_watchers: list[list[tuple[str, Any]]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    for seen in _watchers:
        seen.append((event, arguments[0] if arguments else None))


# A hook can never be removed: one for the whole session, which mostly has nobody to tell.
sys.addaudithook(_hook)


@contextmanager
def audited() -> Iterator[list[tuple[str, Any]]]:
    """The audit events, with their first argument, of what runs inside the ``with`` block."""
    seen: list[tuple[str, Any]] = []
    _watchers.append(seen)
    try:
        yield seen
    finally:
        _watchers.remove(seen)


def settle(folder: Path) -> None:
    """Make everything in ``folder`` look an hour older, so that its signatures are trusted at once."""
    for path in (folder, *folder.rglob("*")):
        times = path.stat()
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns - 3600 * 10**9))
