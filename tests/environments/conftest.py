"""Projects with a kernel that costs nothing, builds that stop where a test wants them to, and real disks that
are full or cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import wheels
from stopping import Stop

Mount = Callable[[list[str], Path], None]

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


@contextmanager
def mounted(arguments: list[str], folder: Path) -> Iterator[None]:
    done = subprocess.run(["mount", *arguments, folder], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no mount is permitted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def mount() -> Iterator[Mount]:
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("only root may mount, and here only Linux is known")
    with ExitStack() as stack:
        yield lambda arguments, folder: stack.enter_context(mounted(arguments, folder))


@pytest.fixture
def small(mount: Mount) -> Callable[[Path], None]:
    """Mount an empty disk of 2 MiB."""
    return lambda folder: mount(["-t", "tmpfs", "-o", "size=2m", "tmpfs"], folder)


@pytest.fixture
def frozen(mount: Mount) -> Callable[[Path], None]:
    """Make what is in a folder readable only."""

    def freeze(folder: Path) -> None:
        mount(["--bind", str(folder)], folder)
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)

    return freeze
