"""The real kernel through the front: everything a kernel can do, it does behind a relay too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from clients import Kernel, Start, of, shows_progress

from appose_kernel.environments import folders

if TYPE_CHECKING:
    from conftest import ProjectFactory


@pytest.fixture
def kernel(uv_project: ProjectFactory, start: Start) -> Kernel:
    """A kernel whose environment was built by this very start, so that there is a front."""
    kernel = start(uv_project())
    kernel.ready()
    kernel.text(kernel.execute("import os, sys, time"))
    return kernel


def test_a_conversation(kernel: Kernel) -> None:
    """One kernel, because the relay is one: completion, input, displays, comms, debugger, large outputs."""
    completion = kernel.reply(kernel.ask("shell", "complete_request", {"code": "sys.exe", "cursor_pos": 7}))
    assert "executable" in completion["content"]["matches"]

    asks = kernel.execute("print('got', input('name? '))", allow_stdin=True)
    assert kernel.client.get_stdin_msg(timeout=60)["content"]["prompt"] == "name? "
    kernel.client.input("Ada")
    assert kernel.text(asks) == "got Ada\n"

    cell = kernel.execute(
        "from IPython.display import display\nshown = display('a', display_id=True); shown.update('b')"
    )
    displays = [m["msg_type"] for m in kernel.finished(cell) if shows_progress(m)]
    assert displays == ["display_data", "update_display_data"]

    started = time.monotonic()
    cell = kernel.execute("for _ in range(20): sys.stdout.write('x' * 1_000_000); sys.stdout.flush()")
    assert len(kernel.text(cell)) == 20_000_000
    assert time.monotonic() - started < 20

    assert "Duplicate" not in kernel.log


def test_no_publication_is_lost_on_a_client_that_reads_late(kernel: Kernel) -> None:
    cell = kernel.execute("from IPython.display import display\nfor number in range(3000): display(number)")
    kernel.reply(cell)
    shown = [m["content"]["data"]["text/plain"] for m in kernel.finished(cell) if shows_progress(m)]
    assert shown == [str(number) for number in range(3000)]


def test_a_comm_goes_both_ways_with_its_buffers(kernel: Kernel) -> None:
    kernel.text(
        kernel.execute(
            "def opened(comm, message):\n"
            "    comm.on_msg(lambda m: comm.send(\n"
            "        m['content']['data'], buffers=[bytes(b)[::-1] for b in m['buffers']]))\n"
            "get_ipython().kernel.comm_manager.register_target('echo', opened)"
        )
    )
    kernel.ask("shell", "comm_open", {"comm_id": "c1", "target_name": "echo", "data": {}})
    message = kernel.client.session.msg("comm_msg", {"comm_id": "c1", "data": {"said": 1}})
    message["buffers"] = [b"abc"]
    kernel.client.shell_channel.send(message)
    answer = kernel.publication(lambda m: m["msg_type"] == "comm_msg")
    assert answer["content"] == {"comm_id": "c1", "data": {"said": 1}}
    assert [bytes(buffer) for buffer in answer["buffers"]] == [b"cba"]


def test_the_debugger_answers(kernel: Kernel) -> None:
    arguments = {"clientID": "test", "adapterID": "", "pathFormat": "path"}
    request = {"type": "request", "seq": 1, "command": "initialize", "arguments": arguments}
    answer = kernel.reply(kernel.ask("control", "debug_request", request), "control")["content"]
    assert answer.get("success"), (answer, kernel.log)
    assert answer["body"]["supportsConditionalBreakpoints"]


def test_a_subshell_runs_beside_a_busy_cell(kernel: Kernel) -> None:
    created = kernel.reply(kernel.ask("control", "create_subshell_request", {}), "control")["content"]
    busy = kernel.execute("input()", allow_stdin=True)
    kernel.client.get_stdin_msg(timeout=60)
    content = {"code": "print('beside')", "silent": False, "store_history": False, "allow_stdin": False}
    message = kernel.client.session.msg("execute_request", content)
    message["header"]["subshell_id"] = created["subshell_id"]
    kernel.client.shell_channel.send(message)
    assert kernel.text(message["header"]["msg_id"]) == "beside\n"
    kernel.client.input("")
    kernel.finished(busy)


def test_an_interrupt_stops_the_cell_and_nothing_else(kernel: Kernel) -> None:
    cell = kernel.execute("print('sleeps', flush=True); time.sleep(600)", stop_on_error=False)
    kernel.publication(lambda m: of(cell, m) and m["msg_type"] == "stream")
    kernel.manager.interrupt_kernel()
    assert kernel.reply(cell)["content"]["ename"] == "KeyboardInterrupt"
    cell = kernel.execute("print('sleeps', flush=True); time.sleep(600)", stop_on_error=False)
    kernel.publication(lambda m: of(cell, m) and m["msg_type"] == "stream")
    request = kernel.ask("control", "interrupt_request", {})
    assert kernel.reply(request, "control")["content"]["status"] == "ok"
    assert kernel.reply(cell)["content"]["ename"] == "KeyboardInterrupt"
    assert kernel.text(kernel.execute("print('well')")) == "well\n"


def test_the_heart_beats_while_a_cell_is_busy(kernel: Kernel) -> None:
    cell = kernel.execute("input()", allow_stdin=True)
    kernel.client.get_stdin_msg(timeout=60)
    assert kernel.client.hb_channel.is_beating()
    kernel.client.input("")
    kernel.finished(cell)


def test_the_kernel_finds_its_notebook_by_the_name_of_its_connection_file(kernel: Kernel) -> None:
    cell = kernel.execute("import ipykernel; print(os.path.basename(ipykernel.get_connection_file()))")
    assert kernel.text(cell) == "kernel-0123.json\n"


def test_a_shutdown_ends_both_processes(kernel: Kernel) -> None:
    child = kernel.child
    kernel.manager.shutdown_kernel()
    child.wait(60)
    assert not [m for m in kernel.seen if m["msg_type"] == "error"]


def test_a_restart_needs_no_front(kernel: Kernel) -> None:
    kernel.manager.restart_kernel()
    kernel.ready()
    assert int(kernel.text(kernel.execute("import os; print(os.getpid())"))) == kernel.process.pid


def test_a_long_path_to_the_runtime_folder(
    uv_project: ProjectFactory, start: Start, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket's path has a length; where ours would exceed it, the private channels are TCP ports."""
    monkeypatch.setenv("APPOSE_KERNEL_RUNTIME_DIR", str(tmp_path / ("long" * 30)))
    kernel = start(uv_project())
    kernel.ready()
    assert kernel.text(kernel.execute("print('there')")) == "there\n"


def test_nothing_is_left_in_the_runtime_folder(kernel: Kernel) -> None:
    assert list(folders.runtime_dir().iterdir())
    kernel.manager.shutdown_kernel()
    assert not list(folders.runtime_dir().iterdir())
