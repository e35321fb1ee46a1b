"""What a killed builder leaves running: its tools have process groups of their own and would go on."""

from __future__ import annotations

import contextlib
import time

import psutil

#: Set for every tool of a build, to the build's id; a process id could have been given away again.
MARK = "APPOSE_KERNEL_BUILD"
#: Seconds that a killed process may take to let go of its files, on a slow disk.
PATIENCE = 5.0


def end(build: str) -> None:
    """Kill this user's processes of a build whose builder died; the next builder calls it, under the lock."""
    found = [process for process in psutil.process_iter() if _belongs(process, build)]
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.kill()
    end = time.monotonic() + PATIENCE
    while any(_runs(process) for process in found) and time.monotonic() < end:
        time.sleep(0.01)


def _runs(process: psutil.Process) -> bool:
    """A zombie, which a lazy init process leaves lying, does nothing any more."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _belongs(process: psutil.Process, build: str) -> bool:
    try:
        return process.environ().get(MARK) == build
    except (psutil.Error, OSError):
        return False
