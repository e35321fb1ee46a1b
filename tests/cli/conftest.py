"""Running the command line as people do, in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from calling import SCRIPT, Answer, Appose, Factory

from appose_kernel import cli


@pytest.fixture
def appose(capfd: pytest.CaptureFixture[str]) -> Appose:
    """Run a command line in this process."""

    def call(*args: str | Path) -> Answer:
        capfd.readouterr()
        code = cli.run([str(arg) for arg in args])
        sys.stdout.flush()
        out, err = capfd.readouterr()
        return Answer(code, out, err)

    return call


@pytest.fixture
def script() -> Appose:
    """Run the installed console script, in a process of its own."""

    def call(*args: str | Path, cwd: Path | None = None, **variables: str) -> Answer:
        done = subprocess.run(
            [SCRIPT, *args],
            cwd=cwd,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def ipykernel(wheel: Factory) -> str:
    """A dependency that spares a build the overlay; nothing here runs a kernel."""
    names = ("ipykernel_launcher.py", "ipykernel/__init__.py", "ipykernel/kernelapp.py")
    wheel("ipykernel", "7.0", files=dict.fromkeys(names, ""))
    return "ipykernel"
