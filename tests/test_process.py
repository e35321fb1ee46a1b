import asyncio
import os
import sys
import time
from contextlib import aclosing

import psutil
import pytest

from appose_kernel import process
from appose_kernel.errors import ToolFailed, ToolNotFound

NOT_ON_WINDOWS = pytest.mark.skipif(os.name == "nt", reason="process groups are POSIX")
PATIENT = process.StopLadder(interrupt=0.2, terminate=0.2)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


async def collect(argv: list[str]) -> list[str]:
    return [line async for line in process.lines(argv, env=os.environ)]


def run(argv: list[str]) -> list[str]:
    return asyncio.run(collect(argv))


def test_stdout_and_stderr_come_as_lines() -> None:
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr)"
    assert run(python(code)) == ["out", "err"]


def test_a_failure_carries_the_last_lines() -> None:
    with pytest.raises(ToolFailed) as caught:
        run(python("[print(n) for n in range(100)]; raise SystemExit(3)"))
    assert caught.value.exit_code == 3
    assert caught.value.detail.splitlines() == [str(n) for n in range(80, 100)]


def test_a_line_that_does_not_end_comes_in_pieces() -> None:
    lines = run(python("print('x' * 1_000_000, end=''); print('é', end='')"))
    assert len(lines) > 1
    assert "".join(lines) == "x" * 1_000_000 + "é"


def test_a_missing_tool_is_named() -> None:
    with pytest.raises(ToolNotFound, match="no-such-tool"):
        run(["no-such-tool"])


def test_secrets_in_the_output_are_redacted() -> None:
    assert run(python("print('https://user:hunter2@host/')")) == ["https://****@host/"]


def test_output_is_stdout_alone() -> None:
    code = "import sys; print('warning', file=sys.stderr); print('{}')"
    assert asyncio.run(process.output(python(code), env=os.environ)).strip() == "{}"


def test_a_tool_that_does_not_answer_is_stopped() -> None:
    with pytest.raises(ToolFailed, match="took too long"):
        asyncio.run(process.output(python("import time; time.sleep(60)"), env=os.environ, timeout=0.3))


# A child that ignores every polite signal and has a child of its own.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(os.getpid(), grandchild.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("windows", [True, pytest.param(False, marks=NOT_ON_WINDOWS)])
def test_closing_stops_the_whole_group(windows: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "WINDOWS", windows)

    async def scenario() -> list[int]:
        async with aclosing(process.lines(python(STUBBORN), env=os.environ, ladder=PATIENT)) as lines:
            return [int(pid) for pid in (await anext(lines)).split()]

    began = time.monotonic()
    for pid in asyncio.run(scenario()):
        assert gone(pid)
    assert time.monotonic() - began < 30  # the grandchild would have slept for longer


@NOT_ON_WINDOWS
def test_cancelling_stops_the_child() -> None:
    pids: list[int] = []

    async def watch() -> None:
        async for line in process.lines(python(STUBBORN), env=os.environ, ladder=PATIENT):
            pids.extend(int(pid) for pid in line.split())
            started.set()

    async def scenario() -> None:
        task = asyncio.create_task(watch())
        await asyncio.wait_for(started.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    started = asyncio.Event()
    asyncio.run(scenario())
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def gone(pid: int) -> bool:
    """A killed grandchild may wait a moment, as a zombie, for the init process to reap it."""
    try:
        found = psutil.Process(pid)
        return bool(found.status() == psutil.STATUS_ZOMBIE) or found.wait(5) is None
    except psutil.NoSuchProcess:
        return True
