"""What was built, through the server: how much it holds, deleting it, and a terminal in it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from browsing import PATIENCE, Call
from jupyter_server.auth import Authorizer

from appose_kernel.environments import joining, locks, removing, sizes, store
from appose_kernel.workspaces import formats

CUDA = {"workspace": "work/proj", "environment": "cuda"}
DEFAULT = {"workspace": "work/proj", "environment": "default"}


async def state(call: Call, name: str) -> dict[str, Any]:
    _, answer = await call("GET", "environments", params={"workspace": "work/proj"})
    return next(env for env in answer["environments"] if env["name"] == name)


async def built(call: Call, wanted: dict[str, str]) -> dict[str, Any]:
    """Build an environment, and return what is known of it then."""
    await call("POST", "builds", body=wanted)
    found = await state(call, wanted["environment"])
    end = time.monotonic() + PATIENCE
    while (found["state"] == "building" or found["build"] is None) and time.monotonic() < end:
        await asyncio.sleep(0.05)
        found = await state(call, wanted["environment"])
    assert found["state"] == "ready"
    return found


async def test_what_was_built_is_measured_and_deleted(project: Path, call: Call) -> None:
    before = await state(call, "cuda")
    assert (before["removable"], before["size"]) == (False, None)
    ready = await built(call, CUDA)
    prefix = project / ".venvs" / "cuda"
    assert (ready["prefix"], ready["removable"]) == (str(prefix), True)
    assert ready["size"] == sizes.of(prefix) > 0
    status, contents = await call("GET", "prefix", params=CUDA)
    assert (status, contents["prefix"], contents["kernels"]) == (200, str(prefix), [])
    assert contents["size"] == ready["size"]
    status, removed = await call("DELETE", "prefix", params=CUDA)
    assert (status, removed["freed"]) == (200, contents["size"])
    assert not prefix.exists()
    after = await state(call, "cuda")
    assert after == before
    status, answer = await call("DELETE", "prefix", params=CUDA)
    assert (status, answer["code"]) == (409, "environment-not-built")
    await built(call, CUDA)


async def test_what_another_tool_has_made_is_not_deleted(project: Path, call: Call) -> None:
    subprocess.run(["uv", "venv", "--quiet", project / ".venv"], check=True)
    assert not (await state(call, "default"))["removable"]
    for method in ("GET", "DELETE"):
        status, answer = await call(method, "prefix", params=DEFAULT)
        assert (status, answer["code"]) == (409, "environment-not-built")
    assert (project / ".venv").exists()


async def test_what_is_being_built_is_not_deleted(project: Path, call: Call) -> None:
    await built(call, CUDA)
    prefix = store.place(formats.environment(formats.open_workspace(project), "cuda"))
    with locks.lock(joining.lock_of(prefix)):  # as a builder does
        status, answer = await call("DELETE", "prefix", params=CUDA)
    assert (status, answer["code"]) == (409, "environment-in-use")
    assert "being built" in answer["message"]
    assert (await state(call, "cuda"))["state"] == "ready"


async def test_what_a_kernel_or_another_process_runs_in_is_not_deleted(
    project: Path, call: Call, jp_fetch: Any
) -> None:
    await built(call, CUDA)
    started = await jp_fetch(
        "api", "kernels", method="POST", body=json.dumps({"name": "appose.proj.cuda", "path": "work/proj"})
    )
    kernel = json.loads(started.body)["id"]
    _, contents = await call("GET", "prefix", params=CUDA)
    assert contents["kernels"] == [kernel]
    status, answer = await call("DELETE", "prefix", params=CUDA)
    assert (status, answer["code"]) == (409, "environment-in-use")
    assert "kernels" in answer["message"]
    await jp_fetch("api", "kernels", kernel, method="DELETE")
    python = project / ".venvs" / "cuda" / "bin" / "python"
    with subprocess.Popen([python, "-c", "input()"], stdin=subprocess.PIPE) as process:
        status, answer = await call("DELETE", "prefix", params=CUDA)
        assert (status, answer["code"]) == (409, "environment-in-use")
        assert f"process {process.pid}" in answer["message"]
        process.kill()
    assert (await call("DELETE", "prefix", params=CUDA))[0] == 200


async def test_what_a_kernel_comes_to_run_in_meanwhile_is_not_deleted(
    project: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    await built(call, CUDA)
    python = project / ".venvs" / "cuda" / "bin" / "python"
    started: list[subprocess.Popen[bytes]] = []

    def measured(_: object) -> int:
        started.append(subprocess.Popen([python, "-c", "input()"], stdin=subprocess.PIPE))
        return 0

    monkeypatch.setattr(removing, "size", measured)
    status, answer = await call("DELETE", "prefix", params=CUDA)
    with started[0] as process:
        process.kill()
    assert (status, answer["code"]) == (409, "environment-in-use")
    assert (await state(call, "cuda"))["state"] == "ready"


async def test_of_a_venv_that_is_a_link_the_content_goes(project: Path, tmp_path: Path, call: Call) -> None:
    await built(call, DEFAULT)
    (project / ".venv").rename(tmp_path / "scratch")
    (project / ".venv").symlink_to(tmp_path / "scratch")
    assert (await call("DELETE", "prefix", params=DEFAULT))[0] == 200
    assert list((tmp_path / "scratch").iterdir()) == []
    assert (project / ".venv").is_symlink()
    assert (await state(call, "default"))["state"] == "not built"


@pytest.mark.parametrize("params", [{}, {"workspace": "work/proj"}, {"environment": "cuda"}])
async def test_what_is_meant_has_to_be_said(project: Path, call: Call, params: dict[str, str]) -> None:
    for method in ("GET", "DELETE"):
        status, answer = await call(method, "prefix", params=params)
        assert (status, answer["code"]) == (400, "bad-request")


async def test_a_terminal_has_the_environment_activated(
    project: Path, call: Call, jp_ws_fetch: Any, jp_fetch: Any
) -> None:
    status, answer = await call("POST", "terminals", body=CUDA)
    assert (status, answer["code"], answer["remedy"]) == (409, "environment-not-built", "Build it first.")
    await built(call, CUDA)
    status, answer = await call("POST", "terminals", body=CUDA)
    assert (status, answer["name"]) == (201, "proj_cuda")
    socket = await jp_ws_fetch("terminals", "websocket", answer["name"])
    asked = "echo begin$((1+1)) $VIRTUAL_ENV, $(pwd), $(command -v python) end$((1+1))"
    socket.write_message(json.dumps(["stdin", f"{asked}\n"]))
    heard = ""
    while "end2" not in heard:
        kind, *what = json.loads(await asyncio.wait_for(socket.read_message(), PATIENCE))
        heard += what[0] if kind == "stdout" else ""
    prefix = project / ".venvs" / "cuda"
    said = heard.replace("\r", "").replace("\n", "")
    assert f"begin2 {prefix}, {project}, {prefix}/bin/python end2" in said
    socket.close()
    _, another = await call("POST", "terminals", body=CUDA)
    assert another["name"] == "proj_cuda_2"
    for name in ("proj_cuda", "proj_cuda_2"):
        await jp_fetch("api", "terminals", name, method="DELETE")


@pytest.mark.parametrize(
    "jp_server_config",
    [{"ServerApp": {"jpserver_extensions": {"appose_kernel": True}, "terminals_enabled": False}}],
)
async def test_a_server_may_have_no_terminals(project: Path, call: Call) -> None:
    status, answer = await call("POST", "terminals", body=CUDA)
    assert (status, answer["message"]) == (501, "This server has no terminals.")


class NoTerminals(Authorizer):
    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return resource != "terminals"


@pytest.mark.parametrize(
    "jp_server_config",
    [{"ServerApp": {"jpserver_extensions": {"appose_kernel": True}, "authorizer_class": NoTerminals}}],
)
async def test_who_may_open_no_terminal_may_not_by_our_route_either(project: Path, call: Call) -> None:
    status, answer = await call("POST", "terminals", body=CUDA)
    assert (status, answer["code"]) == (403, "forbidden")
