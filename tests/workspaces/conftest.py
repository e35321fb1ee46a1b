from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from manifests import Write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty folder, the root of what a test writes."""
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def write(root: Path) -> Write:
    """Write a text, without its common indentation, to a path below ``root``."""

    def write(name: str, text: str) -> Path:
        path = root / name
        assert path.is_relative_to(root)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    return write
