"""Real kernels in environments without ipykernel. These tests fetch ipykernel from PyPI, once for all."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import uv
from cells import PATIENCE, running, value

from appose_kernel.environ import clean
from appose_kernel.environments import overlay
from appose_kernel.environments.engines.uv.interpreters import search_path
from appose_kernel.environments.settings import Settings
from appose_kernel.model import Activation, Stamp, StampState

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"

Environment = Callable[..., str]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What these tests share: overlays and environments."""
    try:
        socket.create_connection(("pypi.org", 443), timeout=5).close()
    except OSError:
        pytest.skip("PyPI cannot be reached")
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def environ(kept: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("APPOSE_KERNEL_DATA_DIR", str(kept / "data"))
    return clean(os.environ)


@pytest.fixture
def environment(kept: Path, environ: dict[str, str]) -> Environment:
    def make(name: str, *requirements: str, version: str = HERE) -> str:
        """The interpreter of an environment with ``requirements``; skips where this Python cannot be had."""
        prefix = kept / name
        python = str(prefix / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
        if prefix.exists():
            return python
        seen = {**environ, "PATH": search_path(os.environ)}
        command = [
            uv.find_uv_bin(),
            "venv",
            "-q",
            "--no-project",
            "--no-python-downloads",
            "-p",
            version,
            prefix,
        ]
        if subprocess.run(command, env=seen, check=False).returncode:
            pytest.skip(f"no Python {version} on this machine")
        if requirements:
            command = [uv.find_uv_bin(), "pip", "install", "-q", "--python", python, *requirements]
            subprocess.run(command, env=environ, check=True)
        return python

    return make


def stamp_of(python: str, environ: dict[str, str]) -> Stamp:
    added = asyncio.run(overlay.ensure(python, [], Settings(), environ))
    activation = Activation(python)
    return Stamp(StampState.READY, "", "uv", "", 0.0, activation=activation, overlay=added)


def test_the_kernel_sees_its_environment_first_and_the_overlay_last(
    environment: Environment, environ: dict[str, str]
) -> None:
    python = environment("comm", "comm")
    stamp = stamp_of(python, environ)
    prefix = str(Path(python).parents[1])
    with running(stamp, environ) as client:
        client.execute("import comm, sys, os, subprocess, traitlets", reply=True, timeout=PATIENCE)
        assert value(client, "sys.prefix") == prefix
        path = value(client, "sys.path")
        site = next(n for n, folder in enumerate(path) if folder.endswith("site-packages"))
        assert path.index("") < site < path.index(stamp.overlay) == len(path) - 1
        assert not any(folder.endswith("environments") for folder in path)
        assert value(client, "comm.__file__").startswith(prefix)
        assert value(client, "traitlets.__file__").startswith(str(stamp.overlay))
        # nothing of how it was started shows
        assert value(client, "[n for n in globals() if n in ('Path', 'overlay', 'kernelapp')]") == []
        assert value(client, "'boot' in str(sys.argv) or 'appose' in str(sys.argv[1:])") is False
        assert value(client, "[v for v in os.environ if v.startswith('PYTHON')]") == []
        # a process that is started from the notebook is of the environment alone
        child = "[sys.executable, '-c', 'import ipykernel']"
        assert value(client, f"subprocess.run({child}, capture_output=True).returncode") == 1


def test_comms_of_the_environments_own_package_reach_the_client(
    environment: Environment, environ: dict[str, str]
) -> None:
    stamp = stamp_of(environment("comm", "comm"), environ)
    published: list[str] = []
    with running(stamp, environ) as client:
        code = "import comm; c = comm.create_comm(target_name='somewhere', data={'x': 1})"
        client.execute_interactive(
            code, timeout=PATIENCE, output_hook=lambda message: published.append(message["msg_type"])
        )
    assert "comm_open" in published


def test_the_debugger_answers(environment: Environment, environ: dict[str, str]) -> None:
    stamp = stamp_of(environment("comm", "comm"), environ)
    with running(stamp, environ) as client:
        arguments = {"clientID": "test", "adapterID": "", "pathFormat": "path"}
        request = {"type": "request", "seq": 1, "command": "initialize", "arguments": arguments}
        message = client.session.msg("debug_request", request)
        client.control_channel.send(message)
        reply = client.get_control_msg(timeout=PATIENCE)["content"]
    assert reply["success"], reply


@pytest.mark.parametrize(
    "requirement",
    [
        "traitlets==5.1.1",
        pytest.param("pyzmq==24.0.1", marks=pytest.mark.nightly),
        pytest.param("tornado==6.1", marks=pytest.mark.nightly),
        pytest.param("jupyter-client==6.1.12", marks=pytest.mark.nightly),
    ],
)
def test_a_kernel_runs_beside_old_packages(
    environment: Environment, environ: dict[str, str], requirement: str
) -> None:
    name, _, version = requirement.partition("==")
    stamp = stamp_of(environment(requirement, requirement), environ)
    with running(stamp, environ) as client:
        client.execute("import importlib.metadata", reply=True, timeout=PATIENCE)
        assert value(client, f"importlib.metadata.version({name!r})") == version


@pytest.mark.nightly
@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_a_kernel_runs_on_every_python_of_this_machine(
    environment: Environment, environ: dict[str, str], version: str
) -> None:
    stamp = stamp_of(environment(f"python-{version}", version=version), environ)
    with running(stamp, environ) as client:
        client.execute("import sys", reply=True, timeout=PATIENCE)
        assert value(client, "'%d.%d' % sys.version_info[:2]") == version
