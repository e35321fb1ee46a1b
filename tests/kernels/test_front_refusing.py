"""A kernel that there will not be: every client is told why, and the front stays for whoever asks again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from clients import Kernel, Start, of

if TYPE_CHECKING:
    from conftest import ProjectFactory


@pytest.fixture
def kernel(uv_project: ProjectFactory, start: Start) -> Kernel:
    """One of an environment that no set of packages satisfies."""
    kernel = start(uv_project(["nowhere-to-be-found"], name="tide-gauge"))
    kernel.ready()
    return kernel


def test_a_failed_build_is_told_with_its_cause_its_log_and_its_remedy(kernel: Kernel) -> None:
    cell = kernel.execute("print('never')")
    reply = kernel.reply(cell)["content"]
    assert reply["status"] == "error"
    assert reply["ename"] == "SolveError"
    shown = [m["content"] for m in kernel.finished(cell) if m["msg_type"] == "error"]
    assert shown == [{key: reply[key] for key in ("ename", "evalue", "traceback")}]
    told = "\n".join(reply["traceback"])
    assert "tide-gauge · default could not be built" in told
    assert "nowhere-to-be-found" in told
    assert "Restart the kernel" in told


def test_cells_sent_along_with_a_refused_one_are_aborted(kernel: Kernel) -> None:
    cells = [kernel.execute(f"{number}") for number in range(3)]
    assert [status(kernel, cell) for cell in cells] == ["error", "aborted", "aborted"]
    kernel.refusal()
    cells = [kernel.execute(f"{number}") for number in range(3)]
    assert {status(kernel, cell) for cell in cells} == {"aborted"}


def status(kernel: Kernel, cell: str) -> str:
    return str(kernel.reply(cell)["content"]["status"])


def test_a_cell_that_may_fail_aborts_nothing(kernel: Kernel) -> None:
    cells = [kernel.execute(f"{number}", stop_on_error=False) for number in range(3)]
    assert [kernel.reply(cell)["content"]["status"] for cell in cells] == ["error"] * 3


@pytest.mark.parametrize(
    ("channel", "kind", "content"),
    [
        ("shell", "complete_request", {"code": "a", "cursor_pos": 1}),
        ("shell", "comm_info_request", {}),
        ("shell", "history_request", {"hist_access_type": "tail", "n": 1}),
        ("control", "debug_request", {"type": "request", "seq": 1, "command": "initialize"}),
    ],
)
def test_every_request_is_answered(
    kernel: Kernel, channel: str, kind: str, content: dict[str, object]
) -> None:
    kernel.reply(kernel.execute("1"))
    assert kernel.reply(kernel.ask(channel, kind, content), channel)["content"]["status"] == "error"


def test_the_debuggers_state_is_told_so_that_jupyterlab_is_content(kernel: Kernel) -> None:
    kernel.reply(kernel.execute("1"))
    asked = {"type": "request", "seq": 7, "command": "debugInfo", "arguments": {}}
    content = kernel.reply(kernel.ask("control", "debug_request", asked), "control")["content"]
    assert (content["success"], content["request_seq"]) == (True, 7)
    assert content["body"]["isStarted"] is False
    assert content["body"]["hashMethod"] == "Murmur2"
    assert content["body"]["breakpoints"] == content["body"]["stoppedThreads"] == []


def test_a_console_sends_what_was_typed_so_that_the_error_shows(kernel: Kernel) -> None:
    kernel.reply(kernel.execute("1"))
    assert kernel.reply(kernel.ask("shell", "is_complete_request", {"code": "1"}))["content"] == {
        "status": "complete"
    }


def test_a_front_without_a_kernel_answers_kernel_info_and_ends_when_told(kernel: Kernel) -> None:
    kernel.refusal()
    assert kernel.reply(kernel.ask("shell", "kernel_info_request", {}))["content"]["status"] == "ok"
    kernel.ask("control", "shutdown_request", {"restart": False})
    assert kernel.ended() == 0


def test_a_restart_tries_again(uv_project: ProjectFactory, start: Start) -> None:
    folder = uv_project(["nowhere-to-be-found"])
    kernel = start(folder)
    kernel.ready()
    assert kernel.reply(kernel.execute("1"))["content"]["ename"] == "SolveError"
    uv_project()
    kernel.manager.restart_kernel()
    kernel.ready()
    assert kernel.text(kernel.execute("print('built')")) == "built\n"


def refused(kernel: Kernel) -> tuple[str, str]:
    """The name and the text of the error that a first cell meets."""
    kernel.ready()
    cell = kernel.execute("1")
    content = kernel.reply(cell)["content"]
    assert any(of(cell, m) and m["msg_type"] == "error" for m in kernel.finished(cell))
    assert kernel.process.is_running()
    return content["ename"], "\n".join(content["traceback"])


def test_an_unknown_environment(uv_project: ProjectFactory, start: Start) -> None:
    ename, told = refused(start(uv_project(extras={"cpu": [], "cuda": []}), "gpu"))
    assert ename == "EnvironmentNotFound"
    assert "default, cpu, cuda" in told


def test_a_manifest_with_a_syntax_error(uv_project: ProjectFactory, start: Start) -> None:
    folder = uv_project()
    (folder / "pyproject.toml").write_text("[project]\nname = \n")
    ename, told = refused(start(folder))
    assert ename == "ManifestInvalid"
    assert "line 2" in told


def test_no_manifest_at_all(tmp_path: Path, start: Start) -> None:
    (tmp_path / "empty").mkdir()
    assert refused(start(tmp_path / "empty"))[0] == "ManifestNotFound"


def test_a_folder_that_cannot_be_written(uv_project: ProjectFactory, start: Start, monkeypatch) -> None:
    """Whatever goes wrong, a cell tells it: here there is no place for the log of a build."""
    monkeypatch.setenv("APPOSE_KERNEL_STATE_DIR", "/proc/nowhere")
    _ename, told = refused(start(uv_project()))
    assert "/proc/nowhere" in told
