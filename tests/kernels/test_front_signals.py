"""Signals: whoever sends them to the front, to its process or to its group, means the kernel behind it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import psutil
import pytest
from clients import PATIENCE, Kernel, Start, of

from appose_kernel.environments import folders

if TYPE_CHECKING:
    from conftest import ProjectFactory, WheelFactory

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

Found = TypeVar("Found")
Send = Callable[[int, int], None]

#: Counts the interrupts that come, also one that comes while the first is still being dealt with.
COUNTING = """
import time
def naps(seconds):
    try:
        print("naps", flush=True)
        time.sleep(seconds)
    except KeyboardInterrupt:
        return 1
    return 0
print("interrupts:", naps(600) + naps(0.5))
"""


@pytest.fixture
def kernel(uv_project: ProjectFactory, start: Start) -> Kernel:
    """A kernel behind a front that has built its environment."""
    kernel = start(uv_project())
    kernel.ready()
    kernel.text(kernel.execute("pass"))
    return kernel


def both() -> list[pytest.ParameterSet]:
    return [
        pytest.param(getattr(os, name, None), id=words)
        for name, words in (("kill", "process"), ("killpg", "group"))
    ]


@pytest.mark.parametrize("send", both())
def test_an_interrupt_of_the_front_interrupts_the_cell_once(kernel: Kernel, send: Send) -> None:
    cell = kernel.execute(COUNTING)
    kernel.publication(lambda m: of(cell, m) and m["msg_type"] == "stream")
    send(kernel.process.pid, signal.SIGINT)
    assert kernel.text(cell) == "naps\nnaps\ninterrupts: 1\n"
    assert kernel.text(kernel.execute("print('well')")) == "well\n"


def test_an_interrupt_reaches_what_the_cell_runs(kernel: Kernel) -> None:
    code = "import subprocess; p = subprocess.Popen(['sleep', '600']); print('runs', flush=True); p.wait()"
    cell = kernel.execute(code)
    kernel.publication(lambda m: of(cell, m) and m["msg_type"] == "stream")
    child = kernel.child
    [sleep] = child.children()
    os.kill(kernel.process.pid, signal.SIGINT)
    sleep.wait(PATIENCE)
    assert kernel.reply(cell)["content"]["ename"] == "KeyboardInterrupt"


@pytest.mark.parametrize("send", both())
def test_an_interrupt_between_cells_does_nothing(kernel: Kernel, send: Send) -> None:
    code = "import subprocess, threading; worker = subprocess.Popen(['sleep', '600'])"
    kernel.text(kernel.execute(f"{code}; threading.Thread(target=worker.wait, daemon=True).start()"))
    [worker] = kernel.child.children()
    send(kernel.process.pid, signal.SIGINT)
    worker.wait(PATIENCE)  # the interrupt has come, before there is another cell for it to end
    assert kernel.text(kernel.execute("print('well')")) == "well\n"


@pytest.mark.parametrize("send", both())
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_end_of_the_front_is_the_kernels(kernel: Kernel, send: Send, number: int) -> None:
    child = kernel.child
    send(kernel.process.pid, number)
    child.wait(PATIENCE)
    kernel.ended()


def test_what_a_crashed_kernel_ran_ends_with_the_front(kernel: Kernel) -> None:
    kernel.text(kernel.execute("import subprocess; worker = subprocess.Popen(['sleep', '600'])"))
    child = kernel.child
    [worker] = child.children()
    child.kill()
    assert kernel.ended() == 137
    worker.wait(PATIENCE)


@pytest.fixture
def deaf(uv_project: ProjectFactory, wheel: WheelFactory, start: Start) -> tuple[Kernel, psutil.Process]:
    """A kernel that starts for ever, whatever it is told and whoever its parent is; and its process."""
    launcher = (
        "import signal, sys, time\n"
        "def say(what):\n"
        "    print(what, file=sys.stderr, flush=True)\n"
        "if __name__ == '__main__':\n"
        "    signal.signal(signal.SIGTERM, lambda *_: say('told to end'))\n"
        "    say('deaf')\n"
        "    time.sleep(600)\n"
    )
    files = {"ipykernel/__init__.py": "", "ipykernel/kernelapp.py": "", "ipykernel_launcher.py": launcher}
    wheel("ipykernel", "7.1.0", files=files)
    kernel = start(uv_project(["ipykernel"]))
    until(lambda: "deaf\n" in kernel.log)
    child = kernel.child
    return kernel, child


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel itself watches its parent")
def test_a_killed_front_takes_any_kernel_along(deaf: tuple[Kernel, psutil.Process]) -> None:
    kernel, child = deaf
    kernel.process.kill()
    child.wait(PATIENCE)


def test_a_second_interrupt_does_not_save_a_kernel_that_is_being_stopped(
    deaf: tuple[Kernel, psutil.Process],
) -> None:
    kernel, child = deaf
    os.kill(kernel.process.pid, signal.SIGINT)
    until(lambda: "told to end\n" in kernel.log)
    os.kill(kernel.process.pid, signal.SIGINT)
    child.wait(PATIENCE)
    kernel.ready()
    assert kernel.refusal()["ename"] == "BuildCancelled"
    assert not list(folders.runtime_dir().glob("front-*"))


def until(look: Callable[[], Found]) -> Found:
    """What ``look`` finds, as soon as it finds anything."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)
    return found
