"""What a TOML text says, as plain tables: look into them, and change copies of them."""

from __future__ import annotations

import copy
from functools import reduce
from typing import Any

from .positions import Path


def get(data: Any, path: Path) -> Any:
    """What stands at ``path``, None where nothing does."""
    try:
        return reduce(lambda outer, key: outer[key], path, data)
    except (KeyError, IndexError, TypeError):
        return None


def changed(data: dict[str, Any], path: Path, content: Any) -> dict[str, Any]:
    """A copy with ``content`` at ``path``, and the tables that lead there."""
    copied = copy.deepcopy(data)
    table: Any = copied
    for key in path[:-1]:
        table = table.setdefault(key, {}) if isinstance(table, dict) else table[key]
    table[path[-1]] = content
    return copied


def without(data: dict[str, Any], path: Path) -> dict[str, Any]:
    """A copy with nothing at ``path``."""
    copied = copy.deepcopy(data)
    get(copied, path[:-1]).pop(path[-1])
    return copied


def pruned(data: dict[str, Any], path: Path) -> dict[str, Any]:
    """A copy without the empty tables that lead to ``path``."""
    copied = copy.deepcopy(data)
    for length in range(len(path) - 1, 0, -1):
        outer = get(copied, path[: length - 1])
        if isinstance(outer, dict) and outer.get(path[length - 1]) == {}:
            del outer[path[length - 1]]
    return copied
