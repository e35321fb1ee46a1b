"""Kernels that a test can start, and builds that wait until it lets them go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import clients
import gates
import pytest


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
