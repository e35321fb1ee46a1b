"""Behind a proxy that gives up after 60 seconds, as hubs have one."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from gates import real_uv
from jupyter import JupyterServer, serving

if TYPE_CHECKING:
    from conftest import ProjectFactory

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(300)]

SLOW_UV = Path(__file__).parents[1] / "fake_tools" / "uv_slow"
#: Seconds that the slow uv takes: longer than the proxy's patience.
BUILD = 100

NGINX = """
daemon off;
error_log stderr;
pid nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {
    listen 127.0.0.1:PORT;
    location / {
      proxy_pass UPSTREAM;
      proxy_read_timeout 60s;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
    }
  }
}
"""


def until_it_listens(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
    pytest.fail("nginx does not listen")


@contextmanager
def proxied(server: JupyterServer, folder: Path) -> Iterator[JupyterServer]:
    """The same server, seen through nginx."""
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = NGINX.replace("PORT", str(port)).replace("UPSTREAM", server.url)
    (folder / "nginx.conf").write_text(text)
    nginx = subprocess.Popen(["nginx", "-p", str(folder), "-c", "nginx.conf"])
    try:
        until_it_listens(port)
        yield replace(server, url=f"http://127.0.0.1:{port}")
    finally:
        nginx.terminate()
        nginx.wait()


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_a_build_longer_than_the_proxys_patience(
    tmp_path: Path, isolated: Path, uv_project: ProjectFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv_project()
    config = isolated / "jupyter" / "config"
    config.mkdir(parents=True, exist_ok=True)
    (config / "jupyter_appose_config.json").write_text(json.dumps({"Settings": {"uv": str(SLOW_UV)}}))
    monkeypatch.setenv("REAL_UV", str(real_uv(tmp_path)))
    monkeypatch.setenv("SLOW_UV_SECONDS", str(BUILD))

    async def scenario(server: JupyterServer) -> list[str]:
        before = time.monotonic()
        kernel = await server.start_session("appose.project.default")
        assert time.monotonic() - before < BUILD / 2, "the answer waited for the build"
        async with server.connected(kernel) as connection:
            first = await connection.execute("print('ready')", timeout=3 * BUILD)
            return [first.text, (await connection.execute("print('and on')")).text]

    with (
        serving(tmp_path, isolated / "server.log") as server,
        proxied(server, tmp_path / "nginx") as seen,
    ):
        began = time.monotonic()
        assert asyncio.run(scenario(seen)) == ["ready\n", "and on\n"]
        assert time.monotonic() - began > BUILD, "the build was not slow"
