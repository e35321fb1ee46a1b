"""The end of a kernel behind a front: told to its cells, with its exit code, and nothing stays behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from clients import Kernel, Start, of

if TYPE_CHECKING:
    from conftest import ProjectFactory, WheelFactory


@pytest.fixture
def kernel(uv_project: ProjectFactory, start: Start) -> Kernel:
    kernel = start(uv_project())
    kernel.ready()
    kernel.text(kernel.execute("import os, signal, sys, time"))
    return kernel


@pytest.mark.parametrize(
    ("code", "told", "exit_code"),
    [
        ("os._exit(3)", "ended with exit code 3", 3),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "was killed by SIGSEGV (exit code 139)", 139),
        ("os.kill(os.getpid(), signal.SIGKILL)", "run out of memory", 137),
    ],
)
def test_a_crash_is_told_to_the_running_cell(kernel: Kernel, code: str, told: str, exit_code: int) -> None:
    crashing = kernel.execute(f"print('before', input()); {code}", allow_stdin=True)
    kernel.client.get_stdin_msg(timeout=60)
    waiting = kernel.execute("print('never')")
    kernel.client.input("")
    error = kernel.reply(crashing)["content"]
    assert error["status"] == "error"
    assert told in "\n".join(error["traceback"])
    assert [m["msg_type"] for m in kernel.finished(crashing)].count("error") == 1
    assert kernel.reply(waiting)["content"]["status"] == "aborted"
    assert kernel.ended() == exit_code


def test_a_crash_between_cells_ends_the_front_with_its_exit_code(kernel: Kernel) -> None:
    child = kernel.child
    child.kill()
    assert kernel.ended() == 137


def test_a_killed_front_takes_its_kernel_along(kernel: Kernel) -> None:
    child = kernel.child
    kernel.process.kill()
    child.wait(60)


def test_a_terminated_front_takes_its_kernel_along(kernel: Kernel) -> None:
    child = kernel.child
    kernel.process.terminate()
    child.wait(60)
    kernel.ended()


def test_leaving_by_a_cell_is_no_crash(kernel: Kernel) -> None:
    cell = kernel.execute("quit()")
    assert kernel.reply(cell)["content"]["status"] == "ok"
    assert kernel.ended() == 0
    assert not [m for m in kernel.seen if m["msg_type"] == "error"]


def test_a_cell_that_runs_when_the_kernel_is_shut_down_is_no_crash(kernel: Kernel) -> None:
    kernel.execute("input()", allow_stdin=True)
    kernel.client.get_stdin_msg(timeout=60)
    kernel.execute("print('never')")
    request = kernel.ask("control", "shutdown_request", {"restart": False})
    assert kernel.reply(request, "control")["content"]["status"] == "ok"
    kernel.client.input("")
    assert kernel.ended() == 0
    assert "The kernel died" not in str(kernel.last_publications())


#: Kernels that can be imported, as the build makes sure, and do not work all the same.
BROKEN = "print('broken on purpose', file=sys.stderr); sys.exit(3)"
STUCK = "time.sleep(600)"


def odd_kernel(does: str) -> dict[str, str]:
    """The files of an ipykernel that ``does`` something else when it is started."""
    launcher = f"import sys, time\nif __name__ == '__main__':\n    {does}\n"
    return {"ipykernel/__init__.py": "", "ipykernel/kernelapp.py": "", "ipykernel_launcher.py": launcher}


def test_a_kernel_that_does_not_come_up_is_told(
    uv_project: ProjectFactory, wheel: WheelFactory, start: Start
) -> None:
    wheel("ipykernel", "7.1.0", files=odd_kernel(BROKEN))
    kernel = start(uv_project(["ipykernel"]))
    kernel.ready()
    error = kernel.reply(kernel.execute("1"))["content"]
    assert error["ename"] == "LaunchError"
    assert "ended with exit code 3" in error["evalue"]
    assert "broken on purpose" in "\n".join(error["traceback"])
    assert kernel.process.is_running()


@pytest.fixture
def starting(uv_project: ProjectFactory, wheel: WheelFactory, start: Start) -> Kernel:
    """A kernel behind a front that does not get further than being started."""
    wheel("ipykernel", "7.1.0", files=odd_kernel(STUCK))
    kernel = start(uv_project(["ipykernel"]))
    kernel.ready()
    cell = kernel.execute("1")
    kernel.publication(lambda m: of(cell, m) and "starting the kernel" in str(m["content"]))
    return kernel


def test_an_interrupt_cancels_the_start_of_the_kernel(starting: Kernel) -> None:
    child = starting.child
    starting.manager.interrupt_kernel()
    child.wait(60)
    refusal = starting.refusal()
    assert refusal["ename"] == "BuildCancelled"
    assert "is ready, but its kernel is not started" in refusal["evalue"]
    assert "not built" not in refusal["evalue"]


def test_a_shutdown_during_the_start_of_the_kernel_ends_both(starting: Kernel) -> None:
    child = starting.child
    starting.ask("control", "shutdown_request", {"restart": False})
    assert starting.ended() == 0
    child.wait(60)
