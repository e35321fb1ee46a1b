"""Builds that stop where a test wants them to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stopping import Stop


@pytest.fixture
def stop(tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stop]:
    folder = tmp_path / "stop"
    folder.mkdir()
    found = Stop(folder, isolated / "jupyter" / "config", monkeypatch)
    yield found
    found.close()
