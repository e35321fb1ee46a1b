"""A uv that waits until a test lets it go on: the builds of the test are held in their midst."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
import uv

if os.name != "nt":
    import fcntl

HELD = Path(__file__).parent / "fake_tools" / "uv_held.py"


class Gate:
    """Shut until :meth:`open` is called."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def open(self) -> None:
        self._file.close()


def real_uv(folder: Path) -> Path:
    """The real uv under a path that is in nobody's environment: what is in ours reaches no build."""
    link = folder / "real-uv"
    link.symlink_to(uv.find_uv_bin())
    return link


def hold_uv(folder: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Configure the held uv in Jupyter's folder ``config``; ``folder`` is for the test's own files."""
    if os.name == "nt":
        pytest.skip("the held uv is a POSIX script")
    tool = folder / "uv"
    tool.write_text(f"#!{sys.executable}\n{HELD.read_text()}")
    tool.chmod(0o755)
    monkeypatch.setenv("TEST_UV", str(real_uv(folder)))
    monkeypatch.setenv("TEST_GATE", str(folder / "gate"))
    config.mkdir(parents=True, exist_ok=True)
    (config / "jupyter_appose_config.json").write_text(json.dumps({"Settings": {"uv": str(tool)}}))
    return Gate(folder / "gate")
