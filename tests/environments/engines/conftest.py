"""An index of tiny wheels, and projects that use it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import conda_channel
import pytest
import wheels
from bench import Bench
from conda_bench import CondaBench
from index_server import Index, serve

from appose_kernel.environ import clean

BROKEN_BACKEND = """
def build_wheel(directory, config_settings=None, metadata_directory=None):
    print("looking for a compiler")
    raise SystemExit("error: gfortran is missing")
"""


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    for version in ("1.0", "2.0"):
        wheels.write(folder, "alpha", version, requires=["beta"])
    wheels.write(folder, "beta")
    wheels.write(folder, "needs-old", requires=["alpha<2"])
    wheels.write(folder, "needs-new", requires=["alpha>=2"])
    wheels.write(folder, "elsewhere", tag="py3-none-win_amd64")
    wheels.write_source(folder, "broken", backend=BROKEN_BACKEND)
    return folder


@pytest.fixture
def index(packages: Path) -> Iterator[Index]:
    with serve(packages) as index:
        yield index


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    root = tmp_path / "demo"
    root.mkdir()
    environ = clean(os.environ) | {"UV_CACHE_DIR": str(tmp_path / "uv-cache"), "UV_HTTP_RETRIES": "0"}
    return Bench(root, environ)


@pytest.fixture
def conda(tmp_path: Path) -> Iterator[CondaBench]:
    """The embedded engine on an empty workspace, with a channel and caches of its own."""
    channel = conda_channel.write_standard(tmp_path / "channel")
    root = tmp_path / "demo"
    root.mkdir(exist_ok=True)
    environ = clean(os.environ) | {"UV_CACHE_DIR": str(tmp_path / "uv-cache"), "UV_HTTP_RETRIES": "0"}
    environ |= {"RATTLER_CACHE_DIR": str(tmp_path / "rattler-cache")}
    with conda_channel.server(channel.folder) as server:
        yield CondaBench(root, server, channel, environ)
