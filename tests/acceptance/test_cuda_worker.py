"""A pixi.toml with a `cuda` environment, as kernels of a Jupyter Server on a machine without pixi."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import conda_channel
import jupyter
import pytest
import wheels
from jupyter import JupyterServer

MANIFEST = """
[workspace]
name = "worker"
channels = ["{channel}"]
platforms = ["{platform}"]

[dependencies]
python = "*"
beta = "*"
gpu = "*"

[pypi-dependencies]
own = {{ path = "own", editable = true }}

[feature.cuda]
channels = ["{nvidia}", "{channel}"]
system-requirements = {{ cuda = "12" }}

[feature.cuda.dependencies]
cudnn = "*"
act = "*"

[feature.cuda.activation]
scripts = ["setup.sh"]

[feature.cuda.target.{platform}.activation.env]
LD_LIBRARY_PATH = "$CONDA_PREFIX/lib:${{LD_LIBRARY_PATH:-}}"

[feature.old.dependencies]
alpha = "<2"

[environments]
default = {{ solve-group = "default" }}
old = {{ features = ["old"], solve-group = "default" }}
cuda = {{ features = ["cuda"] }}
"""
REPORT = """
import json, os, sys
import alpha, beta, own
names = ("ACT", "FROM_SCRIPT", "LD_LIBRARY_PATH", "PIXI_PROJECT_ROOT")
seen = {name: os.environ.get(name) for name in names}
gpu = open(os.path.join(sys.prefix, "share", "gpu.txt")).read()
seen |= {"prefix": sys.prefix, "alpha": alpha.__version__, "own": own.__file__, "gpu": gpu}
print(json.dumps(seen))
"""
BACKEND = """
import shutil
def build_editable(folder, config_settings=None, metadata_directory=None):
    return shutil.copy({wheel!r}, folder).rpartition("/")[2]
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """The worker, over two channels; its own package is installed editable."""
    conda_channel.write_standard(tmp_path / "main")
    nvidia = conda_channel.Channel(tmp_path / "nvidia")
    nvidia.package("cudnn", "8.6")
    root = tmp_path / "worker"
    (root / "own" / "backend").mkdir(parents=True)
    (root / "own" / "own.py").write_text("")
    (tmp_path / "built").mkdir()
    wheel = wheels.write(tmp_path / "built", "own", "0.1", files={"own.pth": f"{root / 'own'}\n"})
    (root / "own" / "backend" / "backend.py").write_text(BACKEND.format(wheel=str(wheel)))
    (root / "own" / "pyproject.toml").write_text(
        '[project]\nname = "own"\nversion = "0.1"\n'
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["backend"]\n'
    )
    (root / "setup.sh").write_text('export FROM_SCRIPT="$CONDA_PREFIX/etc"\n')
    with conda_channel.serve(tmp_path / "main") as main, conda_channel.serve(nvidia.index().folder) as other:
        manifest = MANIFEST.format(channel=main, nvidia=other, platform=conda_channel.host())
        (root / "pixi.toml").write_text(manifest)
        yield root


async def report(server: JupyterServer, environment: str) -> dict[str, Any]:
    path = f"worker/{environment}.ipynb"
    async with server.connected(await server.start_session(f"appose.worker.{environment}", path)) as kernel:
        result = await kernel.execute(REPORT)
    assert result.status == "ok", result.content
    answer: dict[str, Any] = json.loads(result.text)
    return answer


def test_each_environment_is_a_kernel_with_its_own_packages_and_activation(
    workspace: Path, tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")  # where there is no pixi
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/local/nvidia/lib64")
    monkeypatch.setenv("PIXI_PROJECT_ROOT", "/of/the/server")

    async def scenario(server: JupyterServer) -> list[dict[str, Any]]:
        return [await report(server, name) for name in ("default", "old", "cuda")]

    with jupyter.serving(tmp_path, isolated / "server.log") as server:
        default, old, cuda = asyncio.run(scenario(server))

    assert default["alpha"] == old["alpha"] == "1.0", "one solve group, one version"
    assert cuda["alpha"] == "2.0"
    assert (default["gpu"], cuda["gpu"]) == ("cpu", "cuda")
    assert len({one["prefix"] for one in (default, old, cuda)}) == 3
    assert cuda["own"] == str(workspace / "own" / "own.py")
    prefix = cuda["prefix"]
    assert cuda["ACT"] == prefix
    assert cuda["FROM_SCRIPT"] == f"{prefix}/etc"
    assert cuda["LD_LIBRARY_PATH"] == f"{prefix}/lib:/usr/local/nvidia/lib64"
    assert default["LD_LIBRARY_PATH"] == "/usr/local/nvidia/lib64"
    assert default["FROM_SCRIPT"] is None
    assert default["PIXI_PROJECT_ROOT"] == str(workspace)
