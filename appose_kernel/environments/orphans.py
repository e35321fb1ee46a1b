"""What a killed builder leaves running: its tools have process groups of their own and would go on."""

from __future__ import annotations

import contextlib

import psutil

#: Set for every tool of a build, to the build's id; a process id could have been given away again.
MARK = "APPOSE_KERNEL_BUILD"


def end(build: str) -> None:
    """Kill this user's processes of a build whose builder died; the next builder calls it, under the lock."""
    found = [process for process in psutil.process_iter() if _belongs(process, build)]
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(found, timeout=5)


def _belongs(process: psutil.Process, build: str) -> bool:
    try:
        return process.environ().get(MARK) == build
    except (psutil.Error, OSError):
        return False
