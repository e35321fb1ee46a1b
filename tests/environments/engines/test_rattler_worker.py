"""The process in which py-rattler works: what ends it, what comes out, and what does not get in."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from pathlib import Path

import psutil
import pytest
from conda_bench import HOST, CondaBench, rattler

from appose_kernel.environments.engines.embedded.worker import Worker
from appose_kernel.environments.rattler_worker.tasks import Detect, Read, Section, Solve
from appose_kernel.errors import InstallError, LockOutdated
from appose_kernel.model import Step


@pytest.fixture
def held(conda: CondaBench) -> Iterator[threading.Event]:
    """A channel that answers when the event is set, at the latest at the end of the test."""
    event = threading.Event()
    conda.manifest('gpu = "*"')
    conda.server.faults["repodata_shards.msgpack.zst"] = event
    yield event
    event.set()


def worker(conda: CondaBench) -> Worker:
    return Worker(conda.environment().workspace, conda.environ)


def solving(conda: CondaBench, folder: Path) -> Solve:
    return Solve(str(folder / "out.lock"), HOST, {}, [conda.server.url], ["gpu"])


async def process(steps: AsyncGenerator[Step, None]) -> tuple[psutil.Process, asyncio.Task[object]]:
    """The worker's process, once it is there, and the task that waits for its first step."""
    waiting: asyncio.Task[object] = asyncio.ensure_future(anext(steps, None))
    while True:
        for child in psutil.Process().children():
            with suppress(psutil.Error):  # another test's, that has ended
                if any("rattler_worker" in part for part in child.cmdline()):
                    return child, waiting
        await asyncio.sleep(0.01)


def test_to_stop_the_steps_ends_the_process_at_once(
    conda: CondaBench, held: threading.Event, tmp_path: Path
) -> None:
    async def stop() -> psutil.Process:
        async with aclosing(worker(conda).steps(solving(conda, tmp_path))) as steps:
            child, waiting = await process(steps)
            while not conda.server.requests["repodata_shards.msgpack.zst"]:
                await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.wait({waiting})
        return child

    assert not asyncio.run(stop()).is_running()


def test_a_process_that_dies_is_told(conda: CondaBench, held: threading.Event, tmp_path: Path) -> None:
    async def kill() -> None:
        async with aclosing(worker(conda).steps(solving(conda, tmp_path))) as steps:
            child, waiting = await process(steps)
            os.kill(child.pid, signal.SIGKILL)
            await waiting

    with pytest.raises(InstallError) as caught:
        asyncio.run(kill())
    assert caught.value.message == (f"{conda.root}/pixi.toml: the process in which py-rattler works died.")
    assert "memory" in caught.value.remedy


def test_modules_of_the_workspace_do_not_get_into_it(
    conda: CondaBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    conda.manifest('gpu = "*"')
    for name in ("json", "rattler", "asyncio"):
        (conda.root / f"{name}.py").write_text("raise SystemExit('shadowed')\n")
    monkeypatch.chdir(conda.root)
    assert asyncio.run(worker(conda).ask(Detect()))["__unix"] == "0"


def test_errors_come_out_as_they_went_in(conda: CondaBench) -> None:
    conda.manifest('gpu = "*"')
    conda.write_lock({"default": []})
    with pytest.raises(LockOutdated) as caught:
        asyncio.run(worker(conda).ask(Read(Section(str(conda.root / "pixi.lock"), "other", HOST))))
    assert caught.value.message == f"{conda.root}/pixi.lock does not have the environment “other”."


def test_a_panic_is_told_as_a_defect(conda: CondaBench) -> None:
    conda.manifest('gpu = "*"')
    conda.write_lock({"default": ["gpu-1.0-cpu"]})
    code = """
import json, sys
from pathlib import Path
from rattler import LockFile, LockPlatform
from appose_kernel.environments.rattler_worker import errors
found = LockFile.from_path(sys.argv[1]).environment("default")
try:
    found.packages(LockPlatform(sys.argv[2]))
except BaseException as error:
    print(json.dumps(errors.told(error, Path("pixi.toml")).to_dict()))
"""
    error = rattler(code, str(conda.root / "pixi.lock"), HOST)
    assert error["message"] == "pixi.toml: py-rattler gave up (PanicException)."
    assert error["detail"].startswith("Cannot get platform reference")
    assert "defect of py-rattler" in error["remedy"]


def test_a_crash_after_the_answer_takes_nothing_back(
    conda: CondaBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash = "import os, signal\nos._exit = lambda code: os.kill(os.getpid(), signal.SIGKILL)\n"
    (tmp_path / "sitecustomize.py").write_text(crash)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    conda.manifest('gpu = "*"')
    conda.environ["CONDA_OVERRIDE_CUDA"] = "12.4"
    assert asyncio.run(worker(conda).ask(Detect()))["__cuda"] == "12.4"
