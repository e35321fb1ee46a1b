"""Kernels that a test can start, and builds that wait until it lets them go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import clients
import gates
import pytest


@pytest.fixture(scope="session")
def shared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(autouse=True)
def one_overlay(shared_data: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environments of all these tests get the same ipykernel, installed and compiled once."""
    monkeypatch.setenv("APPOSE_KERNEL_DATA_DIR", str(shared_data))


@pytest.fixture
def gate(tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[gates.Gate]:
    """Builds of this test wait in the phase "installing"."""
    shut = gates.hold_uv(tmp_path, isolated / "jupyter" / "config", monkeypatch)
    yield shut
    shut.open()


@pytest.fixture
def start() -> Iterator[clients.Start]:
    """Start the kernel of a workspace's environment; it ends with the test."""
    with ExitStack() as stack:

        def start(
            folder: Path, environment: str = "default", *, transport: str = "ipc", cwd: Path | None = None
        ) -> clients.Kernel:
            argv = clients.starter(folder, environment)
            return stack.enter_context(clients.running(argv, cwd or folder, transport))

        yield start
