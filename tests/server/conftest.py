"""A Jupyter Server with the extension, in the test's own process, and what talks to it.

pytest-jupyter is for this folder only: where its hooks run ``async`` tests, pytest-asyncio must not.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import API, Bus, Call
from gates import Gate, hold_uv
from pytest_jupyter.jupyter_server import *  # noqa: F403  (its fixtures and hooks need one another)
from wire import validate


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {"ServerApp": {"jpserver_extensions": {"appose_kernel": True}}}


@pytest.fixture
def project(jp_root_dir: Path) -> Path:
    """The folder of a uv project below the server's root, with the environments ``default`` and ``cuda``."""
    folder = jp_root_dir / "work" / "proj"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "proj"\nversion = "1"\nrequires-python = ">=3.10"\n'
        "[project.optional-dependencies]\ncuda = []\n"
    )
    return folder


@pytest.fixture
def gate(tmp_path: Path, jp_config_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Builds of this test wait for it in the phase "installing"."""
    shut = hold_uv(tmp_path, jp_config_dir, monkeypatch)
    yield shut
    shut.open()


@pytest.fixture
def call(jp_fetch: Any) -> Call:
    """Ask one of our routes; the status and the JSON of the answer, which is as wire.json has it."""

    async def call(method: str, *path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        if body is not None:
            options["body"] = json.dumps(body)
        response = await jp_fetch(*API, *path, method=method, raise_error=False, **options)
        answer = json.loads(response.body or "null")
        validate(method, path, response.code, answer)
        return response.code, answer

    return call


@pytest.fixture
def subscribe(jp_serverapp: Any, jp_ws_fetch: Any) -> Iterator[Callable[[], Awaitable[Bus]]]:
    """Connect to the event bus of the server, with its extensions started as its own loop would."""
    started: list[Bus] = []

    async def subscribe() -> Bus:
        if not started:
            await jp_serverapp.extension_manager.start_all_extensions()
        started.append(Bus(await jp_ws_fetch("api", "events", "subscribe")))
        return started[-1]

    yield subscribe
    for bus in started:
        bus.close()
