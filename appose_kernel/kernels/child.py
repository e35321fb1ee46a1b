"""The real kernel behind a front: its process, and its private channels."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import io
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.connect import write_connection_file

from ..environments.folders import runtime_dir
from ..errors import LaunchError
from ..model import WINDOWS, OwnKernel, Stamp
from ..process import TAIL
from . import launch
from .transport import LONGEST

#: Seconds that a kernel has to end by itself once it is told to.
PATIENCE = 2.0
#: Bytes kept of what it wrote to stderr.
KEPT = 8192
#: https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
PR_SET_PDEATHSIG = 1
KILL = signal.SIGTERM if WINDOWS else signal.SIGKILL
PORTS = ("shell", "iopub", "stdin", "control", "hb")


class Child:
    """One process of the environment's kernel, in a session of its own, as Jupyter starts kernels.

    So a signal reaches it through the front alone, whether a client sends it to the front's process, as
    VS Code does, or to its group, as Jupyter does.
    """

    def __init__(
        self,
        stamp: Stamp,
        own: OwnKernel | None,
        connection: Mapping[str, Any],
        name: str,
        extra: Sequence[str],
    ) -> None:
        """Start ipykernel, or an ``own`` kernel of the prefix.

        ``connection`` is the front's own: with one key, messages need no new signature.
        """
        self.own = own
        self._folder = _folder()
        try:
            self.connection = _private(connection, self._folder, name, sockets=own is None)
            argv, environ = launch.command(stamp, os.environ, str(self._folder / name), own)
            self._process = _spawn([*argv, *extra], environ)
        except BaseException:
            self.forget()
            raise
        self._tail = b""
        self._reader = threading.Thread(target=self._read, name="stderr", daemon=True)
        self._reader.start()
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        threading.Thread(target=self._wait, args=(asyncio.get_running_loop(),), daemon=True).start()

    @property
    def last_words(self) -> str:
        """The end of what it wrote to stderr."""
        return "\n".join(self._tail.decode(errors="replace").splitlines()[-TAIL:])

    def interrupt(self) -> None:
        """Interrupt its cell, and what the cell runs."""
        if sys.platform == "win32":
            from jupyter_client.win_interrupt import send_interrupt  # noqa: PLC0415

            send_interrupt(self._process.win32_interrupt_event)
        else:
            self._signal(signal.SIGINT)

    async def stop(self) -> None:
        """Terminate it, then kill it; returns when it is gone."""
        self._signal(signal.SIGTERM)
        await asyncio.wait([self.ended], timeout=PATIENCE)
        # also where it has ended: workers may outlive it, and hold a GPU's memory
        self._signal(KILL)
        await self.ended

    def _signal(self, number: int) -> None:
        """To it and what it runs; Windows knows only one way to end a process."""
        if sys.platform == "win32":
            self._process.terminate()
            return
        # macOS refuses to signal a group that has only zombies
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def forget(self) -> None:
        """Remove its connection file and its sockets."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self) -> None:
        """Pass its stderr on, and keep the end of it in case it dies."""
        assert isinstance(self._process.stderr, io.BufferedReader)
        while part := self._process.stderr.read1():
            self._tail = (self._tail + part)[-KEPT:]
            with contextlib.suppress(OSError):
                sys.stderr.buffer.write(part)
                sys.stderr.flush()

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        code = self._process.wait()
        # Its own children may hold the pipe open for ever.
        self._reader.join(0.5)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody asks any more
            loop.call_soon_threadsafe(self.ended.set_result, code)


def describe(code: int) -> tuple[str, int]:
    """An exit code of ``Popen`` in words, and as a shell would report it."""
    if code >= 0:
        return f"ended with exit code {code}", code
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name} (exit code {128 - code})", 128 - code


def _spawn(argv: Sequence[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
    try:
        return _windows_process(argv, environ) if WINDOWS else _process(argv, environ)
    except OSError as error:
        raise LaunchError(
            f"{argv[0]} cannot be run: {error.strerror}.",
            remedy="Build the environment again with `jupyter appose build`.",
        ) from error


def _windows_process(argv: Sequence[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
    from jupyter_client.launcher import launch_kernel  # noqa: PLC0415

    started: subprocess.Popen[bytes] = launch_kernel(list(argv), env=environ, stderr=subprocess.PIPE)
    return started


def _process(argv: Sequence[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        # ipykernel ends itself within a second when the process with this id is not its parent any more
        env={**environ, "JPY_PARENT_PID": str(os.getpid())},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_end_with_parent() if sys.platform == "linux" else None,  # noqa: PLW1509
    )


def _end_with_parent() -> Callable[[], object]:
    """What a new process calls so that it is killed at once when this one is.

    It is bound to the thread that starts the process, here the main one, whose end is the front's.
    Between fork and exec it makes one system call, found before, and takes no lock that another thread
    of the front may have held: https://docs.python.org/3/library/subprocess.html#popen-constructor
    """
    return partial(ctypes.PyDLL(None).prctl, PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))


def _folder() -> Path:
    """A folder for the private channels of this process; those of fronts that were killed are removed."""
    parent = runtime_dir()
    for old in parent.glob("front-*-*"):
        if not psutil.pid_exists(int(old.name.split("-")[1])):
            shutil.rmtree(old, ignore_errors=True)
    folder = parent / f"front-{os.getpid()}-{secrets.token_hex(3)}"
    folder.mkdir(mode=0o700)
    return folder


def _private(connection: Mapping[str, Any], folder: Path, name: str, *, sockets: bool) -> dict[str, Any]:
    """Write the connection file of the private channels.

    It has the public one's ``name``: programs in the kernel find their notebook by the id in it. Sockets are
    ipykernel's: IRkernel makes another path of a port, Deno refuses (denoland/deno#21589), Java's kernels
    bind what nobody reaches (SpencerPark/jupyter-jvm-basekernel#27), xeus fails at times
    (jupyter-xeus/xeus-zmq#15).
    """
    kept = {
        key: value for key, value in connection.items() if not key.endswith("_port") and "curve" not in key
    }
    address = folder / "k"
    if WINDOWS or not sockets or len(os.fsencode(f"{address}-5")) > LONGEST:
        kept |= {"transport": "tcp", "ip": "127.0.0.1"}
    else:
        kept |= {"transport": "ipc", "ip": str(address)}
        kept |= {f"{port}_port": number for number, port in enumerate(PORTS, 1)}
    path, _ = write_connection_file(str(folder / name), **{**kept, "key": kept["key"].encode()})
    written: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return written
