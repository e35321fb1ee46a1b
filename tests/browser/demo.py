"""A person's folder in the midst of work, for the pictures in README and docs: workspaces of several formats,
and environments in every state, all of it real."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import conda_channel
import wheels

#: Contents paths.
MANIFEST = "research/my-dl-worker/pixi.toml"
NOTEBOOK = "research/my-dl-worker/cuda-lab.ipynb"

WORKER = """\
# Deep learning on whatever the machine has.
[workspace]
name = "my-dl-worker"
channels = ["{channel}"]
platforms = ["{host}", "osx-arm64"]

[dependencies]
python = "*"
numpy = ">=2"

[feature.cuda]
platforms = ["{host}"]

[feature.cuda.dependencies]
cudatoolkit = "11.8.*"
cudnn = "8.6.*"  # 8.7 needs a newer driver

[feature.cuda.target.{host}.activation.env]
LD_LIBRARY_PATH = "$CONDA_PREFIX/lib"

[feature.dev.dependencies]
pytest = "8.3.*"

[feature.nometal]
platforms = ["osx-arm64"]

[environments]
default = {{ solve-group = "cpu" }}
cuda = {{ features = ["cuda"], solve-group = "cuda" }}
cuda-dev = {{ features = ["cuda", "dev"], solve-group = "cuda" }}
dev = {{ features = ["dev"], solve-group = "cpu" }}
nometal = {{ features = ["nometal"] }}
"""

TIDE = """\
[project]
name = "tide-gauge"
version = "1.2"
requires-python = ">=3.10"
dependencies = ["pandas>=2.1"]

[project.optional-dependencies]
plots = ["bokeh>=3"]
cuda = ["cupy-cuda12x>=13"]

[dependency-groups]
dev = ["pytest"]

[[tool.uv.index]]
name = "local"
url = "{index}"
format = "flat"
default = true
"""

CELLS = """\
{"cells": [{"cell_type": "code", "id": "a", "execution_count": null, "metadata": {}, "outputs": [],
 "source": ["import numpy\\n", "numpy.__version__"]}],
 "metadata": {"kernelspec": {"name": "appose.my-dl-worker.cuda", "display_name": "", "language": "python"}},
 "nbformat": 4, "nbformat_minor": 5}
"""


@dataclass(frozen=True)
class Demo:
    """``more`` is what the environment that is being built waits for."""

    root: Path
    more: threading.Event

    @property
    def worker(self) -> Path:
        return self.root / MANIFEST

    @property
    def tide(self) -> Path:
        return self.root / "tide" / "pyproject.toml"


@contextmanager
def made(root: Path, aside: Path) -> Iterator[Demo]:
    """Write the workspaces below ``root`` and build some of their environments; packages come from
    ``aside``."""
    channel = conda_channel.Channel(aside / "channel")
    channel.python()
    for name, version in (("numpy", "2.1.3"), ("pytest", "8.3.4"), ("pytest", "9.0.1")):
        channel.noarch(name, version)
    for name, version in (("cudatoolkit", "11.8.0"), ("cudnn", "8.6.0"), ("cudnn", "8.9.7")):
        channel.package(name, version, {f"lib/{name}.bin": "x" * 4_000_000})
    index = aside / "index"
    index.mkdir()
    for name, version in (("pandas", "2.2.3"), ("bokeh", "3.6.2"), ("pytest", "8.3.4")):
        wheels.write(index, name, version)
    wheels.write(index, "cupy-cuda12x", "13.3.0", tag="cp312-cp312-win_amd64")
    with conda_channel.server(channel.index().folder) as server:
        demo = Demo(root, threading.Event())
        _write(demo, server.url, index.as_uri())
        _build(demo.worker, "dev")
        # what was built before this is older than the manifest
        text = demo.worker.read_text()
        demo.worker.write_text(text.replace('pytest = "8.3.*"', 'pytest = ">=9"'))
        _build(demo.worker, "default")
        _build(demo.worker, "cuda")
        _build(demo.tide, "plots")
        _build(demo.tide, "cuda", succeeds=False)
        # and `cuda-dev` stays in its midst
        server.faults["pytest-9.0.1-0.tar.bz2"] = demo.more
        yield demo
        demo.more.set()


def _write(demo: Demo, channel: str, index: str) -> None:
    worker = WORKER.format(channel=channel, host=conda_channel.host())
    for path, text in ((demo.worker, worker), (demo.tide, TIDE.format(index=index))):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (demo.root / NOTEBOOK).write_text(CELLS)
    course = demo.root / "courses" / "2019"
    course.mkdir(parents=True)
    (course / "environment.yml").write_text(
        "name: tf-old\nchannels: [conda-forge]\ndependencies: [python=3.8]\n"
    )


def _build(manifest: Path, environment: str, *, succeeds: bool = True) -> None:
    argv = [sys.executable, "-m", "jupyter", "appose", "build", str(manifest), "-e", environment]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is succeeds, done.stdout + done.stderr
