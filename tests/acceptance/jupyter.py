"""A real Jupyter Server in a process of its own, and a client that speaks its REST API and websockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

TOKEN = "acceptance"
PATIENCE = 120.0


@contextlib.contextmanager
def serving(root: Path, log: Path) -> Iterator[JupyterServer]:
    """A server on a free port, stopped at the end; its log goes to ``log``."""
    options = {
        "ServerApp.root_dir": str(root),
        "ServerApp.port": 0,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": TOKEN,
    }
    argv = [sys.executable, "-m", "jupyter_server", *(f"--{name}={value}" for name, value in options.items())]
    with log.open("w") as output:
        process = subprocess.Popen(argv, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        yield asyncio.run(_started(process, log))
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _started(process: subprocess.Popen[bytes], log: Path) -> JupyterServer:
    """The server's address, read from the file that it writes into the runtime folder when it listens."""
    info = Path(os.environ["JUPYTER_RUNTIME_DIR"], f"jpserver-{process.pid}.json")

    async def listening() -> JupyterServer:
        while not (info.exists() and info.read_text()):
            assert process.poll() is None, log.read_text()
            await asyncio.sleep(0.02)
        server = JupyterServer(json.loads(info.read_text())["url"].rstrip("/"))
        while True:
            with contextlib.suppress(OSError, HTTPClientError):
                await server.get("/api/status")
                return server
            await asyncio.sleep(0.02)

    return await asyncio.wait_for(listening(), PATIENCE)


@dataclass(frozen=True)
class JupyterServer:
    url: str
    headers: dict[str, str] = field(default_factory=lambda: {"Authorization": f"token {TOKEN}"})

    async def get(self, path: str) -> Any:
        return json.loads((await self._fetch("GET", path)).body)

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        return json.loads((await self._fetch("POST", path, json.dumps(body))).body)

    async def delete(self, path: str) -> None:
        await self._fetch("DELETE", path)

    async def _fetch(self, method: str, path: str, body: str | None = None) -> HTTPResponse:
        client = AsyncHTTPClient(max_clients=200)
        return await client.fetch(
            self.url + path, method=method, headers=self.headers, body=body, request_timeout=PATIENCE
        )

    async def start_session(self, kernel: str, path: str = "notebook.ipynb") -> str:
        """What JupyterLab does when a notebook is opened; the kernel's id."""
        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": kernel}}
        session = await self.post("/api/sessions", body)
        return str(session["kernel"]["id"])

    @contextlib.asynccontextmanager
    async def connected(self, kernel_id: str) -> AsyncIterator[KernelConnection]:
        url = self.url.replace("http", "ws", 1) + f"/api/kernels/{kernel_id}/channels?token={TOKEN}"
        socket = await websocket_connect(url)
        try:
            yield KernelConnection(socket)
        finally:
            socket.close()


@dataclass(frozen=True)
class Result:
    """What a cell printed, and how its reply ended: ``ok``, ``error`` or ``aborted``."""

    status: str
    text: str
    content: dict[str, Any]


@dataclass
class KernelConnection:
    socket: WebSocketClientConnection
    session: str = field(default_factory=lambda: uuid.uuid4().hex)

    async def execute(self, code: str, timeout: float = PATIENCE) -> Result:
        return await asyncio.wait_for(self._execute(code), timeout)

    async def _execute(self, code: str) -> Result:
        request = self._request(
            "execute_request", {"code": code, "allow_stdin": False, "stop_on_error": True}
        )
        await self.socket.write_message(json.dumps(request))
        mine, text, reply = request["header"]["msg_id"], "", None
        idle = False
        while not (idle and reply):
            raw = await self.socket.read_message()
            assert raw is not None, "the server closed the websocket"
            message = json.loads(raw)
            if message["parent_header"].get("msg_id") != mine:
                continue
            content = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stdout":
                text += content["text"]
            elif message["msg_type"] == "execute_reply":
                reply = content
            elif message["msg_type"] == "status":
                idle = content["execution_state"] == "idle"
        return Result(reply["status"], text, reply)

    def _request(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": self.session,
            "username": "test",
            "version": "5.3",
            "date": "",
        }
        return {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
            "buffers": [],
        }
