"""What a client meets while the environment of its kernel is being built."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import clients
import psutil
import pytest
from clients import Kernel, Start, of, shows_progress, state
from gates import Gate

from appose_kernel.environments import builds
from appose_kernel.model import BuildEvent, Phase
from appose_kernel.workspaces import formats

if TYPE_CHECKING:
    from conftest import ProjectFactory


def test_requests_wait_and_run_in_their_order(uv_project: ProjectFactory, gate: Gate, start: Start) -> None:
    kernel = start(uv_project())
    kernel.ready()
    cells = [kernel.execute(f"print({number})") for number in range(5)]
    completions = [
        kernel.ask("shell", "complete_request", {"code": "prin", "cursor_pos": 4}) for _ in range(5)
    ]
    questions = [kernel.ask("control", "comm_info_request", {}) for _ in range(5)]
    for number in range(5):
        kernel.client.input(f"nobody asked {number}")
    kernel.publication(shows_progress)
    assert not [message for message in kernel.seen if message["msg_type"] == "stream"]
    gate.open()
    assert [kernel.text(cell) for cell in cells] == [f"{number}\n" for number in range(5)]
    order = [message["parent_header"]["msg_id"] for message in kernel.seen if message["msg_type"] == "stream"]
    assert list(dict.fromkeys(order)) == cells
    for request in completions:
        kernel.reply(request)
    for request in questions:
        kernel.reply(request, "control")
    assert answered(kernel, "shell") == [*cells, *completions]
    assert answered(kernel, "control") == questions
    assert "Duplicate" not in kernel.log


def answered(kernel: Kernel, channel: str) -> list[str]:
    """The requests whose replies came on ``channel``, in the order of the replies."""
    replies = [m for m in kernel.replies[channel] if m["msg_type"] != "kernel_info_reply"]
    return [m["parent_header"]["msg_id"] for m in replies]


@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_a_waiting_cell_shows_the_build_and_then_only_its_own_output(
    uv_project: ProjectFactory, gate: Gate, start: Start, transport: str
) -> None:
    kernel = start(uv_project(name="my-project"), transport=transport)
    kernel.ready()
    cell = kernel.execute("print('mine')")
    first = kernel.publication(shows_progress)
    shown = kernel.publication(lambda m: m["msg_type"] == "update_display_data")
    assert first["msg_type"] == "display_data"
    assert shown["content"]["transient"] == first["content"]["transient"]
    assert "Building my-project · default: " in shown["content"]["data"]["text/plain"]
    assert 'role="progressbar"' in shown["content"]["data"]["text/html"]
    gate.open()
    published = [
        message["msg_type"] for message in kernel.finished(cell) if message["msg_type"] not in ("status",)
    ]
    assert published.count("display_data") == 1
    assert published[published.index("clear_output") :] == ["clear_output", "execute_input", "stream"]


def test_progress_leaves_a_client_that_connects_the_silence_it_waits_for(
    uv_project: ProjectFactory, gate: Gate, start: Start
) -> None:
    kernel = start(uv_project())
    kernel.ready()
    kernel.execute("1")
    kernel.publication(shows_progress)
    late = kernel.manager.blocking_client()
    late.start_channels()
    late.wait_for_ready(timeout=clients.PATIENCE)
    late.stop_channels()


def test_a_cell_of_a_page_that_was_loaded_again_shows_the_build_too(
    uv_project: ProjectFactory, gate: Gate, start: Start
) -> None:
    kernel = start(uv_project())
    kernel.ready()
    before = kernel.execute("print('before')")
    kernel.publication(lambda m: shows_progress(m) and of(before, m))
    kernel.client.session.session = "of the page that was loaded again"
    after = kernel.execute("print('after')")
    kernel.publication(lambda m: m["msg_type"] == "display_data" and of(after, m))
    kernel.publication(lambda m: m["msg_type"] == "update_display_data" and of(after, m))
    gate.open()
    assert kernel.text(before) == "before\n"
    assert kernel.text(after) == "after\n"
    for cell in (before, after):
        assert [m["msg_type"] for m in kernel.seen if of(cell, m)].count("clear_output") == 1


def test_kernel_info_is_answered_at_once(uv_project: ProjectFactory, gate: Gate, start: Start) -> None:
    kernel = start(uv_project())
    kernel.ready()
    kernel.execute("1")
    content = kernel.reply(kernel.ask("shell", "kernel_info_request", {}))["content"]
    assert content["language_info"]["name"] == "python"
    assert "debugger" in content["supported_features"]
    assert "supported_encryption" not in content


def test_an_idle_kernel_says_that_it_is_starting(
    uv_project: ProjectFactory, gate: Gate, start: Start
) -> None:
    kernel = start(uv_project())
    kernel.ready()
    told = kernel.publication(lambda message: state(message) == "starting")
    assert told["parent_header"] == {}
    gate.open()
    told = kernel.publication(lambda message: state(message) == "idle" and not message["parent_header"])
    assert kernel.text(kernel.execute("print('after')")) == "after\n"


def test_a_client_may_insist_on_encryption(uv_project: ProjectFactory) -> None:
    folder = uv_project()
    argv = clients.starter(folder)
    with clients.running(argv, folder, "tcp", transport_encryption="required") as kernel:
        kernel.ready()
        assert kernel.text(kernel.execute("print('in secret')")) == "in secret\n"


def interrupt_by_signal(kernel: Kernel) -> None:
    kernel.manager.interrupt_kernel()


def interrupt_by_message(kernel: Kernel) -> None:
    request = kernel.ask("control", "interrupt_request", {})
    assert kernel.reply(request, "control")["content"]["status"] == "ok"


@pytest.mark.parametrize("interrupt", [interrupt_by_signal, interrupt_by_message])
def test_an_interrupt_cancels_the_build(
    uv_project: ProjectFactory, gate: Gate, start: Start, interrupt: object
) -> None:
    kernel = start(uv_project())
    kernel.ready()
    first, second = kernel.execute("1"), kernel.execute("2")
    kernel.publication(shows_progress)
    assert callable(interrupt)
    interrupt(kernel)
    error = kernel.reply(first)["content"]
    assert error["ename"] == "BuildCancelled"
    assert "Restart the kernel" in "".join(error["traceback"])
    assert "somebody else" in "".join(error["traceback"])
    assert kernel.reply(second)["content"]["status"] == "aborted"
    kernel.publication(lambda message: state(message) == "idle" and not message["parent_header"])
    assert kernel.refusal()["ename"] == "BuildCancelled"
    assert kernel.process.is_running()


def test_a_build_is_stopped_when_its_only_kernel_was_interrupted(
    uv_project: ProjectFactory, gate: Gate, start: Start
) -> None:
    kernel = start(uv_project())
    kernel.ready()
    kernel.execute("1")
    kernel.publication(shows_progress)
    kernel.manager.interrupt_kernel()
    [build] = builds.recent(1)

    async def last() -> BuildEvent:
        return [event async for event in builds.follow(build.id)][-1]

    ended = asyncio.run(last())
    assert ended.phase is Phase.CANCELLED, ended


def test_a_build_that_was_asked_for_by_itself_outlives_an_interrupt_and_the_cell_says_so(
    uv_project: ProjectFactory, gate: Gate, start: Start
) -> None:
    folder = uv_project()
    env = formats.environment(formats.open_workspace(folder), "default")
    build = asyncio.run(builds.start(env))
    kernel = start(folder)
    kernel.ready()
    cell = kernel.execute("1")
    kernel.publication(shows_progress)
    kernel.manager.interrupt_kernel()
    told = "".join(kernel.reply(cell)["content"]["traceback"])
    assert "The build goes on" in told
    assert "The build ends" not in told
    gate.open()

    async def last() -> BuildEvent:
        return [event async for event in builds.follow(build)][-1]

    assert asyncio.run(last()).phase is Phase.READY


def test_a_shutdown_during_the_build_ends_at_once(
    uv_project: ProjectFactory, gate: Gate, start: Start
) -> None:
    kernel = start(uv_project())
    kernel.ready()
    cell = kernel.execute("1")
    kernel.publication(shows_progress)
    request = kernel.ask("control", "shutdown_request", {"restart": False})
    assert kernel.reply(request, "control")["content"] == {"status": "ok", "restart": False}
    kernel.publication(lambda m: of(cell, m) and m["msg_type"] == "clear_output")
    assert kernel.ended() == 0
    assert not [m for m in kernel.last_publications() if shows_progress(m)]


def test_a_terminated_front_ends_at_once(uv_project: ProjectFactory, gate: Gate, start: Start) -> None:
    kernel = start(uv_project())
    kernel.ready()
    kernel.process.terminate()
    assert kernel.ended() == 0


def test_a_restart_during_the_build_follows_the_same_build(
    uv_project: ProjectFactory, gate: Gate, start: Start
) -> None:
    kernel = start(uv_project())
    kernel.ready()
    kernel.execute("1")
    kernel.publication(shows_progress)
    kernel.manager.restart_kernel()
    kernel.ready()
    cell = kernel.execute("print('again')")
    since = len(kernel.seen)
    kernel.publication(shows_progress, since)
    gate.open()
    assert kernel.text(cell) == "again\n"
    assert len(builds.recent(10)) == 1


def test_a_front_ends_with_the_server_that_started_it(uv_project: ProjectFactory, gate: Gate) -> None:
    folder = uv_project()
    argv = [sys.executable, "-c", SERVER, *clients.starter(folder)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=folder) as server:
        assert server.stdout is not None
        front = psutil.Process(int(server.stdout.readline()))
        server.kill()
    front.wait(clients.PATIENCE)


SERVER = """
import sys, time
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec
manager = KernelManager()
manager._kernel_spec = KernelSpec(argv=sys.argv[1:], display_name="", language="python")
manager.start_kernel()
client = manager.blocking_client()
client.start_channels()
client.wait_for_ready(timeout=60)
print(manager.provisioner.process.pid, flush=True)
time.sleep(600)
"""


def test_kernel_info_is_remembered_for_the_next_time(uv_project: ProjectFactory, start: Start) -> None:
    folder = uv_project()
    kernel = start(folder)
    kernel.ready()
    kernel.text(kernel.execute("1"))
    told = kernel.reply(kernel.ask("shell", "kernel_info_request", {}))["content"]
    kernel.close()
    (folder / "pyproject.toml").write_text((folder / "pyproject.toml").read_text() + "\n# changed\n")
    again = start(folder)
    again.ready()
    remembered = again.reply(again.ask("shell", "kernel_info_request", {}))["content"]
    assert remembered["language_info"] == told["language_info"]


def test_a_message_with_a_wrong_signature_is_not_held(
    uv_project: ProjectFactory, gate: Gate, start: Start, tmp_path: Path
) -> None:
    kernel = start(uv_project())
    kernel.ready()
    key = kernel.client.session.key
    kernel.client.session.key = b"somebody else's"
    kernel.execute("open('/dev/null'); print('not mine')")
    kernel.client.session.key = key
    cell = kernel.execute("print('mine')")
    gate.open()
    assert kernel.text(cell) == "mine\n"
    assert not [m for m in kernel.seen if "not mine" in str(m["content"])]
    assert "not from a client of this kernel" in kernel.log
