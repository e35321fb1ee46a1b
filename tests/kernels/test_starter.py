"""The program in a kernelspec's ``argv``, for an environment that is ready."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import clients
import pytest
from clients import Start

from appose_kernel.kernels import start as starter

if TYPE_CHECKING:
    from conftest import ProjectFactory


@pytest.fixture
def ready(uv_project: ProjectFactory, start: Start) -> Path:
    """A workspace whose environment a first kernel has built."""
    folder = uv_project()
    kernel = start(folder)
    kernel.ready()
    kernel.text(kernel.execute("1"))
    kernel.close()
    return folder


def test_the_starter_becomes_the_kernel_of_a_ready_environment(ready: Path, start: Start) -> None:
    kernel = start(ready)
    kernel.ready()
    cell = kernel.execute(
        "import os, sys; print(os.getpid()); print(sys.prefix); print(os.environ['VIRTUAL_ENV'])"
    )
    pid, prefix, venv = kernel.text(cell).split()
    assert int(pid) == kernel.process.pid
    assert Path(prefix) == Path(venv) == ready / ".venv"
    assert not kernel.process.children()
    assert "(the recorded manifest)" in kernel.log or "(the working folder)" in kernel.log


def test_what_lies_in_the_notebook_s_folder_is_not_imported(ready: Path, start: Start) -> None:
    for module in ("json", "tomli", "argparse", "hashlib", "zmq", "asyncio"):
        (ready / f"{module}.py").write_text("raise SystemExit('imported from the notebook folder')")
    argv = [*clients.starter(ready), "--help"]
    done = subprocess.run(argv, cwd=ready, capture_output=True, text=True, check=False)
    assert "notebook folder" not in done.stdout + done.stderr
    assert done.returncode == 0


def test_arguments_of_a_client_reach_the_kernel(ready: Path, start: Start) -> None:
    argv = [
        *clients.starter(ready),
        "--IPKernelApp.extra_args=[]",
        "--InteractiveShell.ast_node_interactivity=all",
    ]
    with clients.running(argv, ready) as kernel:
        kernel.ready()
        cell = kernel.execute("print(get_ipython().ast_node_interactivity)")
        assert kernel.text(cell) == "all\n"


def test_the_way_to_a_ready_kernel_imports_nothing_heavy() -> None:
    code = "import sys, appose_kernel.kernels.start; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {
        "asyncio",
        "zmq",
        "traitlets",
        "jupyter_client",
        "jupyter_core",
        "subprocess",
        "platformdirs",
        "ssl",
    }
    assert not heavy & set(done.stdout.split())


@pytest.mark.parametrize("spelling", [str, lambda path: path.as_uri()])
def test_a_manifest_is_a_path_or_a_file_uri(tmp_path: Path, spelling) -> None:
    manifest = tmp_path / "a {b} ü #" / "pyproject.toml"
    request = starter.parse([f"--manifest={spelling(manifest)}", "-f", "kernel.json"])
    assert request.manifest == manifest


def test_channels_that_are_taken_end_the_starter_so_that_jupyter_tries_others(tmp_path: Path) -> None:
    info = {f"{name}_port": 1 for name in ("shell", "iopub", "stdin", "control", "hb")}
    info |= {
        "transport": "ipc",
        "ip": str(tmp_path / "no" / "folder"),
        "key": "",
        "signature_scheme": "hmac-sha256",
    }
    (tmp_path / "kernel.json").write_text(json.dumps(info))
    argv = [sys.executable, "-m", "appose_kernel.start", "-f", str(tmp_path / "kernel.json")]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "cannot be opened" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_arguments_it_is_the_environment_of_the_folder(ready: Path) -> None:
    argv = [sys.executable, "-m", "appose_kernel.start", "-f", "{connection_file}"]
    with clients.running(argv, ready) as kernel:
        kernel.ready()
        assert kernel.text(kernel.execute("import sys; print(sys.prefix)")).strip() == str(ready / ".venv")


def test_only_configured_variables_of_the_server_s_environment_reach_the_kernel(
    uv_project: ProjectFactory, start: Start, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = isolated / "jupyter" / "config"
    config.mkdir(parents=True)
    settings = {"Settings": {"pass_variables": ["CONDA_EXE"]}}
    (config / "jupyter_appose_config.json").write_text(json.dumps(settings))
    monkeypatch.setenv("CONDA_EXE", "passed")
    monkeypatch.setenv("CONDA_DEFAULT_ENV", "the server's own")
    folder = uv_project()
    for _ in ("through the front", "directly"):
        kernel = start(folder)
        kernel.ready()
        cell = kernel.execute("import os; print(sorted(k for k in os.environ if k.startswith('CONDA_')))")
        assert kernel.text(cell) == "['CONDA_EXE']\n"
        kernel.close()
