"""One real Jupyter Server at the test's folder, where `uv_project` writes its workspaces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jupyter
import pytest


@pytest.fixture
def server(tmp_path: Path, isolated: Path) -> Iterator[jupyter.JupyterServer]:
    with jupyter.serving(tmp_path, isolated / "server.log") as running:
        yield running
