"""Builds that wait, in the phase that a test chooses, until the test lets them go on."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from gates import real_uv

if os.name != "nt":  # where every test with a Stop is skipped
    import fcntl

TOOL = Path(__file__).parents[1] / "fake_tools" / "uv_stopping.py"

#: What uv or Python is asked in each phase.
WORDS = {
    "locking": "lock",
    "installing": "sync",
    "verifying": "-c",
    "compiling": "py_compile.PycInvalidationMode.TIMESTAMP",
}

#: The module of a package whose presence makes the prefix's Python stop where the fake uv does.
STOPPER = """
import fcntl, os, sys
with open(os.environ["TEST_CALLS"], "a") as calls:
    calls.write("python " + " ".join(sys.orig_argv[1:]).replace("\\n", " ") + "\\n")
if os.environ["TEST_STOP_AT"] in " ".join(sys.orig_argv).split():
    with open(os.environ["TEST_GATE"]) as gate:
        fcntl.flock(gate, fcntl.LOCK_SH)
"""


class Stop:
    """Builds of this test stop at the phase given to :meth:`at`, until :meth:`open`."""

    def __init__(self, folder: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._calls = folder / "calls"
        self._calls.touch()
        self._gate = (folder / "gate").open("w")
        tool = folder / "uv"
        tool.write_text(f"#!{sys.executable}\n{TOOL.read_text()}")
        tool.chmod(0o755)
        config.mkdir(parents=True)
        (config / "jupyter_appose_config.json").write_text(json.dumps({"Settings": {"uv": str(tool)}}))
        monkeypatch.setenv("TEST_UV", str(real_uv(folder)))
        monkeypatch.setenv("TEST_CALLS", str(self._calls))
        monkeypatch.setenv("TEST_GATE", str(folder / "gate"))
        monkeypatch.setenv("TEST_STOP_AT", "nowhere")

    def at(self, phase: str, *, stubborn: bool = False) -> None:
        """``stubborn``: the uv that is stopped takes no notice of an interrupt, except to write it down."""
        self._monkeypatch.setenv("TEST_STUBBORN", "1" if stubborn else "")
        self._monkeypatch.setenv("TEST_STOP_AT", WORDS[phase])
        fcntl.flock(self._gate, fcntl.LOCK_EX)

    def open(self) -> None:
        fcntl.flock(self._gate, fcntl.LOCK_UN)

    def close(self) -> None:
        self._gate.close()

    @property
    def interrupted(self) -> bool:
        return "interrupted" in self._calls.read_text().splitlines()

    def calls(self, phase: str) -> list[str]:
        """What was asked in this phase so far, one line each."""
        return [line for line in self._calls.read_text().splitlines() if WORDS[phase] in line.split()]
