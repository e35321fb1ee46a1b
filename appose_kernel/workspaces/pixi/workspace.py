"""Which manifests make up a pixi workspace. Every format asks, so this is apart from what reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "pixi.toml"
PYPROJECT = "pyproject.toml"


def is_workspace(file: Path, data: Mapping[str, Any]) -> bool:
    """Whether a manifest makes up a workspace; without that it is a member of one above it, or not pixi's."""
    tables: Any = data
    if file.name == PYPROJECT:
        tool = data.get("tool")
        tables = tool.get("pixi") if isinstance(tool, dict) else None
    return isinstance(tables, dict) and ("workspace" in tables or "project" in tables)
