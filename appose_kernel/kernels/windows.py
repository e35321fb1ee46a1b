"""What signals and ``exec`` do elsewhere: an event that interrupts, and a handle of the parent to watch.

https://github.com/jupyter/jupyter_client/blob/v8.6.0/jupyter_client/launcher.py#L119
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence

assert sys.platform == "win32"

import _winapi  # noqa: E402  (mypy reads on only below the assertion)


def run(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the kernel of a ready environment as a child, and return its exit code. The starter calls this.

    The child inherits the interrupt event, and ends with this process, which ends with its own parent.
    """
    own = _winapi.GetCurrentProcess()
    inherited = _winapi.DuplicateHandle(own, own, own, 0, True, _winapi.DUPLICATE_SAME_ACCESS)
    child = subprocess.Popen(argv, env={**environ, "JPY_PARENT_PID": str(int(inherited))}, close_fds=False)
    parent = _handle("JPY_PARENT_PID")
    _winapi.WaitForMultipleObjects([int(child._handle), *parent], False, _winapi.INFINITE)
    if child.poll() is None:
        child.kill()
    return child.wait()


def watch(on_interrupt: Callable[[], object], on_orphaned: Callable[[], object]) -> None:
    """Tell of interrupts, and of the end of the parent, from a thread of its own. The front calls this."""
    interrupt, parent = _handle("JPY_INTERRUPT_EVENT"), _handle("JPY_PARENT_PID")
    if interrupt or parent:
        threading.Thread(
            target=_watch, args=(interrupt, parent, on_interrupt, on_orphaned), daemon=True
        ).start()


def _watch(
    interrupt: list[int],
    parent: list[int],
    on_interrupt: Callable[[], object],
    on_orphaned: Callable[[], object],
) -> None:
    while True:
        signalled = _winapi.WaitForMultipleObjects([*interrupt, *parent], False, _winapi.INFINITE)
        if signalled - _winapi.WAIT_OBJECT_0 >= len(interrupt):
            on_orphaned()
            return
        on_interrupt()


def _handle(name: str) -> list[int]:
    handle = int(os.environ.get(name) or 0)
    return [handle] if handle else []
