"""Projects with a kernel that costs nothing, and builds that stop where a test wants them to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import wheels
from stopping import Stop

#: Enough for a build to find that the environment has a kernel of its own.
KERNEL = {"ipykernel_launcher.py": "", "ipykernel/__init__.py": "", "ipykernel/kernelapp.py": ""}


@pytest.fixture
def uv_project(uv_project: Callable[..., Path], wheel_folder: Path) -> Callable[..., Path]:
    """As elsewhere, with an ipykernel among the dependencies that only looks like one."""
    wheels.write(wheel_folder, "ipykernel", "6.30", files=KERNEL)

    def write(dependencies: Sequence[str] = (), **more: Any) -> Path:
        return uv_project(["ipykernel", *dependencies], **more)

    return write


@pytest.fixture
def stop(tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stop]:
    folder = tmp_path / "stop"
    folder.mkdir()
    found = Stop(folder, isolated / "jupyter" / "config", monkeypatch)
    yield found
    found.close()
