"""What the routes cost a server: how long they take, and how long its loop is held.

    python benchmarks/server.py [--workspaces 100] [--extras 5] [--ready 100] [--rounds 10] [--bytes 1000000]

The server runs in this process, who asks in another. A task of the server's loop looks at the clock each
millisecond: by as much as it comes too late, everything else on the server, kernels' messages too, has to
wait. The line ``idle`` says what the machine does to a loop with nothing to do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import listing
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

from appose_kernel.environments import inputs, stamp, store
from appose_kernel.model import Activation, Stamp, StampState
from appose_kernel.workspaces import finding, formats

TOKEN = "benchmark"
#: Asks, and says how many milliseconds that took, and the digest that the answer has.
CLIENT = """
import json, sys, time, urllib.request
method, url, token, body = sys.argv[1:]
headers = {"Authorization": f"token {token}"}
request = urllib.request.Request(url, None if body == "null" else body.encode(), headers, method=method)
start = time.perf_counter()
answer = urllib.request.urlopen(request, timeout=600).read()
print(json.dumps({"took": (time.perf_counter() - start) * 1000, "digest": json.loads(answer).get("digest")}))
"""
BASE = {"kind": "base", "name": ""}

Ask = Callable[..., Awaitable[Any]]


@asynccontextmanager
async def server(root: Path) -> AsyncIterator[Ask]:
    """A Jupyter Server over ``root``, and what asks its routes."""
    from jupyter_server.serverapp import ServerApp  # noqa: PLC0415  (its folders are from the environment)

    app = ServerApp(
        root_dir=str(root), jpserver_extensions={"appose_kernel": True}, allow_root=True, log_level="ERROR"
    )
    app.initialize(argv=[f"--IdentityProvider.token={TOKEN}"], new_httpserver=False)
    socket, port = bind_unused_port()
    http = HTTPServer(app.web_app)
    http.add_socket(socket)

    async def ask(method: str, path: str, body: Any = None) -> Any:
        url = f"http://127.0.0.1:{port}/appose-kernel/api/{path}"
        argv = (sys.executable, "-c", CLIENT, method, url, TOKEN, json.dumps(body))
        client = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
        said, _ = await client.communicate()
        return json.loads(said)

    try:
        yield ask
    finally:
        http.stop()
        await app._cleanup()


async def nothing() -> dict[str, float]:
    await asyncio.sleep(0.2)
    return {"took": 200.0}


class Pulse:
    """How late the loop comes to what is due, in milliseconds, at worst."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def beat(self) -> None:
        while True:
            due = time.perf_counter() + 0.001
            await asyncio.sleep(0.001)
            self.worst = max(self.worst, (time.perf_counter() - due) * 1000)


async def measured(name: str, rounds: int, action: Callable[[], Awaitable[Any]]) -> None:
    pulse = Pulse()
    beating = asyncio.create_task(pulse.beat())
    took, held = [], []
    for _ in range(rounds):
        await asyncio.sleep(0.02)
        pulse.worst = 0.0
        took.append((await action())["took"])
        await asyncio.sleep(0.02)
        held.append(pulse.worst)
    beating.cancel()
    print(
        f"{name:34} {statistics.median(took):8.1f} ms   the loop is held {statistics.median(held):5.1f} ms"
        f" (worst of {rounds}: {max(held):.1f} ms)"
    )


def pretend_ready(root: Path, count: int) -> int:
    """Give so many environments, every third one, what a build leaves of what is looked at."""
    workspaces = finding.Finder([root]).workspaces()
    found = [env for workspace in workspaces for env in formats.environments(workspace)]
    for env in found[::3][:count]:
        prefix = store.place(env)
        store.prepare(prefix)
        (prefix.path / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
        prefix.python.parent.mkdir()
        prefix.python.touch()
        (prefix.path / "pyvenv.cfg").touch()
        inputs_now = inputs.fingerprint(env)
        stamped = Stamp(
            state=StampState.READY,
            digest=inputs.digest_of(inputs_now),
            engine="uv",
            build="20260101T000000-00000000",
            time=time.time(),
            inputs=inputs_now,
            seal=stamp.seal(prefix),
            activation=Activation(str(prefix.python)),
        )
        stamp.write(prefix, stamped)
    return len(found[::3][:count])


def large(kind: str, size: int) -> str:
    """A manifest of about ``size`` bytes."""
    if kind == "pixi":
        head = '[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n[dependencies]\n'
        line, tail = 'package-{} = ">=1.{},<2"  # why\n', ""
    else:
        head = '[project]\nname = "large"\nversion = "1"\ndependencies = [\n'
        line, tail = '  "package-{}>=1.{},<2",  # why\n', "]\n"
    count = (size - len(head) - len(tail)) // len(line.format(10000, 10000))
    return head + "".join(line.format(number, number) for number in range(count)) + tail


async def run(root: Path, options: argparse.Namespace) -> None:
    async with server(root) as ask:
        await measured("idle", options.rounds, nothing)
        await measured("workspaces, first", 1, lambda: ask("GET", "workspaces"))
        await measured("environments, first", 1, lambda: ask("GET", "environments"))
        await measured("workspaces", options.rounds, lambda: ask("GET", "workspaces"))
        await measured("environments", options.rounds, lambda: ask("GET", "environments"))
        found = pretend_ready(root, options.ready)
        await ask("GET", "environments")
        await measured(f"environments, {found} ready", options.rounds, lambda: ask("GET", "environments"))
        await measured(f"workspaces, {found} ready", options.rounds, lambda: ask("GET", "workspaces"))
        for kind in ("pixi", "uv"):
            await edited(ask, root, kind, options)


async def edited(ask: Ask, root: Path, kind: str, options: argparse.Namespace) -> None:
    """A large manifest is shown, and an edit of it previewed."""
    folder, text = root / f"large-{kind}", large(kind, options.bytes)
    folder.mkdir()
    (folder / ("pixi.toml" if kind == "pixi" else "pyproject.toml")).write_text(text, encoding="utf-8")
    named = f"manifest?workspace={folder.name}"
    digest = (await ask("GET", named))["digest"]
    edit = {"op": "set-dependency", "feature": BASE, "name": "new", "spec": ">=2", "target": ""}
    edit["kind"] = "conda" if kind == "pixi" else "pypi"
    body = {"workspace": folder.name, "digest": digest, "edits": [edit]}
    label = f"{kind}, {len(text) / 2**20:.2f} MiB"
    rounds = max(1, options.rounds // 5)
    await measured(f"{label}, shown", rounds, lambda: ask("GET", named))
    await measured(f"{label}, preview", rounds, lambda: ask("POST", "manifest/preview", body))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspaces", type=int, default=100)
    parser.add_argument("--extras", type=int, default=5)
    parser.add_argument("--ready", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--bytes", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for kind in ("CONFIG", "DATA", "RUNTIME"):
            os.environ[f"JUPYTER_{kind}_DIR"] = str(folder / "jupyter" / kind.lower())
        for kind in ("DATA", "STATE", "CACHE"):
            os.environ[f"APPOSE_KERNEL_{kind}_DIR"] = str(folder / "appose-kernel" / kind.lower())
        listing.write(folder / "root", options.workspaces, options.extras)
        asyncio.run(run(folder / "root", options))


if __name__ == "__main__":
    main()
