"""Builds through the server: asked for, watched by several, stopped; and kernels that wait for one."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

from browsing import PATIENCE, Bus, Call
from gates import Gate

from appose_kernel.environments import buildlog, builds, store
from appose_kernel.errors import InstallError
from appose_kernel.kernels import kernelspecs
from appose_kernel.model import BuildEvent, BuildOptions, Phase, Step
from appose_kernel.workspaces import formats

WANTED = {"workspace": "work/proj", "environment": "cuda"}


async def test_a_build_is_watched_by_two_and_leaves_a_kernel(
    project: Path, subscribe: Any, gate: Gate, call: Call
) -> None:
    browsers: list[Bus] = [await subscribe(), await subscribe()]
    status, answer = await call("POST", "builds", body=WANTED)
    assert status == 202
    build = answer["id"]
    _, environments = await call("GET", "environments")
    assert [env["state"] for env in environments["environments"]] == ["not built", "building"]
    assert environments["environments"][1]["build"] == build
    gate.open()
    first, second = await asyncio.gather(*(browser.builds() for browser in browsers))
    assert first == second
    assert [event["sequence"] for event in first] == sorted({event["sequence"] for event in first})
    assert [event["fraction"] for event in first] == sorted(event["fraction"] for event in first)
    assert {event["build"] for event in first} == {build}
    assert (first[-1]["phase"], first[-1]["fraction"]) == ("ready", 1.0)
    assert first[-1]["kernelspec"] == "appose.proj.cuda"
    assert first[-1]["manifest"] == "work/proj/pyproject.toml"

    _, environments = await call("GET", "environments")
    assert environments["environments"][1]["state"] == "ready"
    _, listed = await call("GET", "builds")
    assert [(known["id"], known["ended"]) for known in listed["builds"]] == [(build, True)]
    assert [known.name for known in kernelspecs.registered()] == ["appose.proj.cuda"]


async def test_a_log_is_read_on_from_where_it_was_left(
    project: Path, subscribe: Any, gate: Gate, call: Call
) -> None:
    browser = await subscribe()
    build = (await call("POST", "builds", body=WANTED))[1]["id"]
    before: list[dict[str, Any]] = []
    offset = 0
    while not before:
        _, answer = await call("GET", "builds", build, "log", params={"offset": offset})
        before, offset = answer["events"], answer["offset"]
        assert not answer["ended"]
    gate.open()
    await browser.builds()
    _, rest = await call("GET", "builds", build, "log", params={"offset": offset})
    _, whole = await call("GET", "builds", build, "log")
    assert whole["events"] == before + rest["events"]
    assert rest["ended"]
    assert rest["events"]
    assert [event["sequence"] for event in whole["events"]] == list(range(len(whole["events"])))
    _, nothing = await call("GET", "builds", build, "log", params={"offset": whole["offset"]})
    assert (nothing["events"], nothing["offset"]) == ([], whole["offset"])
    _, newest = await call("GET", "builds", build, "log", params={"before": ""})
    assert newest == whole
    _, earlier = await call("GET", "builds", build, "log", params={"before": offset})
    assert (earlier["events"], earlier["start"], earlier["offset"]) == (before, 0, offset)
    assert (await call("GET", "builds", build, "log", params={"before": "x"}))[0] == 400


async def test_a_build_can_be_stopped(project: Path, subscribe: Any, gate: Gate, call: Call) -> None:
    browser = await subscribe()
    build = (await call("POST", "builds", body=WANTED))[1]["id"]
    assert await call("DELETE", "builds", build) == (204, None)
    events = await browser.builds()
    assert events[-1]["phase"] == "cancelled"
    _, answer = await call("GET", "builds", build)
    assert (answer["ended"], answer["last"]["phase"]) == (True, "cancelled")
    assert kernelspecs.registered() == ()


async def test_two_who_ask_get_one_build(project: Path, gate: Gate, call: Call) -> None:
    answers = await asyncio.gather(*(call("POST", "builds", body=WANTED) for _ in range(2)))
    assert len({answer["id"] for _, answer in answers}) == 1


async def test_a_build_that_fails_says_why(project: Path, subscribe: Any, call: Call) -> None:
    with (project / "pyproject.toml").open("a") as manifest:
        manifest.write('[tool.uv.sources]\nx = { path = "nowhere" }\n[dependency-groups]\ndev = ["x"]\n')
    browser = await subscribe()
    await call("POST", "builds", body=WANTED)
    events = await browser.builds()
    assert events[-1]["phase"] == "failed"
    assert events[-1]["error"]["message"]
    _, answer = await call("GET", "environments")
    assert answer["environments"][1]["state"] == "failed"
    assert answer["environments"][1]["error"] == events[-1]["error"]


async def test_a_build_that_another_process_started_is_heard_of(
    project: Path, subscribe: Any, call: Call
) -> None:
    browser = await subscribe()
    env = formats.environment(formats.open_workspace(project), "default")
    build = await builds.start(env, BuildOptions(kept=True))
    events = await browser.builds()
    assert {event["build"] for event in events} == {build}
    assert events[-1]["kernelspec"] == "appose.proj.default"


async def test_the_build_of_a_notebooks_own_environment_is_heard_of(project: Path, subscribe: Any) -> None:
    source = "# /// script\n# dependencies = []\n# ///"
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    notebook = project / "own.ipynb"
    notebook.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    elsewhere = project.parents[2] / "elsewhere"
    elsewhere.mkdir()
    browser = await subscribe()
    write_log(Path(shutil.copy(notebook, elsewhere)), 0)  # not below the server's root
    env = formats.environment(formats.open_workspace(notebook), "default")
    build = await builds.start(env, BuildOptions(kept=True))
    events = await browser.builds()
    assert {event["build"] for event in events} == {build}
    assert events[-1]["phase"] == "ready"
    assert events[-1]["manifest"] == "work/proj/own.ipynb"


async def test_a_build_that_was_over_in_an_instant_is_heard_of_and_one_of_long_ago_is_not(
    project: Path, subscribe: Any
) -> None:
    browser = await subscribe()
    heard = []
    for age in (3600, 0, 3600, 0):
        failed = write_log(project, age)
        if age == 0:
            heard += await browser.builds()
            assert heard[-1]["build"] == failed
    assert [event["phase"] for event in heard] == ["failed", "failed"]


def write_log(project: Path, age: float) -> str:
    """The log of a build that failed ``age`` seconds ago; the build's id."""
    env = formats.environment(formats.open_workspace(project), "default")
    record = buildlog.create(env.workspace.manifest, env.name, env.title, store.place(env))
    event = BuildEvent(
        build=record.id,
        sequence=0,
        time=time.time() - age,
        fraction=0.0,
        step=Step(Phase.FAILED),
        error=InstallError("no").to_dict(),
    )
    record.log.write_text(json.dumps(event.to_dict()) + "\n")
    return record.id


async def test_a_build_of_a_workspace_that_is_not_listed_is_nobodys_business(
    project: Path, tmp_path: Path, subscribe: Any, call: Call
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "requirements.txt").write_text("")
    browser = await subscribe()
    env = formats.environment(formats.open_workspace(elsewhere), "default")
    async for _ in builds.want(env):
        pass
    await call("POST", "builds", body=WANTED)
    events = await browser.builds()
    assert {event["environment"] for event in events} == {"cuda"}


async def test_a_session_of_an_unbuilt_environment_answers_at_once_and_its_cell_runs_after_the_build(
    project: Path, jp_fetch: Any, jp_ws_fetch: Any, gate: Gate, call: Call
) -> None:
    (project / "n.ipynb").write_text("{}")
    body = {
        "path": "work/proj/n.ipynb",
        "name": "n.ipynb",
        "type": "notebook",
        "kernel": {"name": "appose.proj.cuda"},
    }
    start = time.monotonic()
    response = await jp_fetch("api", "sessions", method="POST", body=json.dumps(body))
    took = time.monotonic() - start
    print(f"POST /api/sessions answered in {took:.3f} s, with the build held")
    assert took < 5.0
    kernel = json.loads(response.body)["kernel"]["id"]
    socket = await jp_ws_fetch("api", "kernels", kernel, "channels")
    first = await sent(socket, "import sys; print(sys.prefix)")
    second = await sent(socket, "print('second')")
    [held] = [env for env in (await call("GET", "environments"))[1]["environments"] if env["kernels"]]
    assert (held["name"], held["kernels"]) == ("cuda", [kernel])
    gate.open()
    printed = await outputs(socket, [first, second])
    assert printed == [(first, f"{project / '.venvs' / 'cuda'}\n"), (second, "second\n")]
    socket.close()

    await jp_fetch("api", "kernels", kernel, "restart", method="POST", body="")
    socket = await jp_ws_fetch("api", "kernels", kernel, "channels")
    direct = await sent(socket, "import os; print(os.getppid())")
    assert await outputs(socket, [direct]) == [(direct, f"{os.getpid()}\n")]
    socket.close()
    await jp_fetch("api", "kernels", kernel, method="DELETE")
    assert (await call("GET", "environments"))[1]["environments"][1]["kernels"] == []


async def sent(socket: Any, code: str) -> str:
    """Execute a cell; the id of the request."""
    request = uuid.uuid4().hex
    header = {
        "msg_id": request,
        "msg_type": "execute_request",
        "version": "5.3",
        "session": "s",
        "username": "",
    }
    content = {
        "code": code,
        "silent": False,
        "store_history": True,
        "allow_stdin": False,
        "stop_on_error": True,
    }
    message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
    await socket.write_message(json.dumps(message))
    return request


async def outputs(socket: Any, requests: list[str]) -> list[tuple[str, str]]:
    """What the cells printed, in the order in which it came, once each is replied to and idle."""
    printed = []
    missing = {(request, kind) for request in requests for kind in ("execute_reply", "idle")}
    while missing:
        message = json.loads(await asyncio.wait_for(socket.read_message(), PATIENCE))
        parent, kind, content = (
            message["parent_header"].get("msg_id"),
            message["msg_type"],
            message["content"],
        )
        if kind == "stream" and content["name"] == "stdout":
            printed.append((parent, content["text"]))
        if kind == "execute_reply":
            assert content["status"] == "ok", content
        # the reply and the last publication come over two channels, in any order
        missing -= {(parent, content.get("execution_state") if kind == "status" else kind)}
    return printed
