"""Run a tool: its lines as they come, in a process group of its own, stopped by a ladder of signals."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import ToolFailed, ToolNotFound, redact
from .model import WINDOWS

#: Lines of output that an error carries.
TAIL = 20
#: Bytes of one line; a longer one, as a progress bar without line ends draws it, comes in pieces.
LINE = 2**16


@dataclass(frozen=True, slots=True)
class StopLadder:
    """Seconds to wait after an interrupt, and after a terminate, before the next rung; the last is a kill."""

    interrupt: float = 2.0
    terminate: float = 2.0


async def lines(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    ladder: StopLadder | None = None,
) -> AsyncGenerator[str, None]:
    """Yield the redacted lines of stdout and stderr, merged, as they are written.

    Raises :class:`ToolNotFound`, or :class:`ToolFailed` with the last lines as detail when the exit
    code is not 0. Cancelling, or closing the generator, stops the child's whole process group.
    """
    child = await _spawn(argv, env=env, cwd=cwd, stderr=asyncio.subprocess.STDOUT)
    assert child.stdout is not None
    tail: deque[str] = deque(maxlen=TAIL)
    try:
        while raw := await _line(child.stdout):
            line = redact(raw.decode(errors="replace").rstrip("\r\n"))
            tail.append(line)
            yield line
        code = await child.wait()
    finally:
        await stop(child, ladder or StopLadder())
    if code != 0:
        raise ToolFailed(argv, code, detail="\n".join(tail))


async def _line(stream: asyncio.StreamReader) -> bytes:
    """The next line, or piece of one; empty at the end."""
    try:
        return await stream.readuntil()
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError as error:
        return await stream.readexactly(error.consumed)


async def output(
    argv: Sequence[str], *, env: Mapping[str, str], cwd: Path | None = None, timeout: float = 60.0
) -> str:
    """The stdout of a short command, given ``timeout`` seconds. Raises as :func:`lines` does."""
    child = await _spawn(argv, env=env, cwd=cwd, stderr=asyncio.subprocess.PIPE)
    try:
        out, err = await asyncio.wait_for(child.communicate(), timeout)
    except asyncio.TimeoutError:
        raise ToolFailed(argv, None, detail=f"no answer within {timeout:.0f} seconds") from None
    finally:
        await stop(child, StopLadder())
    if child.returncode:
        tail = err.decode(errors="replace").splitlines()[-TAIL:]
        raise ToolFailed(argv, child.returncode, detail="\n".join(tail))
    return out.decode(errors="replace")


async def _spawn(
    argv: Sequence[str], *, env: Mapping[str, str], cwd: Path | None, stderr: int
) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *argv,
            env=dict(env),
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            limit=LINE,
            **group_options(),
        )
    except (FileNotFoundError, PermissionError) as error:
        raise ToolNotFound(f"`{argv[0]}` cannot be run: {error.strerror}.") from error


def group_options() -> dict[str, bool] | dict[str, int]:
    """Keyword arguments of ``Popen`` that give a child a process group of its own."""
    if sys.platform == "win32":
        # and a console of its own, without a window: who closes a console ends everybody attached to it
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


async def stop(child: asyncio.subprocess.Process, ladder: StopLadder) -> None:
    """Interrupt, terminate, then kill the child's process group; returns when the child is gone."""
    if WINDOWS:
        await _stop_tree(child)
        return
    rungs = ((signal.SIGINT, ladder.interrupt), (signal.SIGTERM, ladder.terminate))
    for number, patience in rungs:
        if child.returncode is not None:
            break
        _signal_group(child.pid, number)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(child.wait()), patience)
    # Grandchildren may outlive a child that ended by itself (a build backend does).
    _signal_group(child.pid, signal.SIGKILL)
    await child.wait()


async def _stop_tree(child: asyncio.subprocess.Process) -> None:
    """Windows has no signal for a group of processes: each is killed by itself."""
    import psutil  # noqa: PLC0415  (slow to import, and no other system needs it here)

    if child.returncode is not None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        below = psutil.Process(child.pid).children(recursive=True)
        child.kill()
        for process in below:
            with contextlib.suppress(psutil.Error):
                process.kill()
    await child.wait()


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
