"""What of a pixi manifest decides what its environments contain, in a form that comments, the order of keys
and their layout do not change. Every kernel start of a pixi workspace imports this."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .. import toml
from .model import PixiManifest
from .workspace import PYPROJECT

#: What a workspace says of itself to people.
_MUTE = frozenset(
    {
        "authors",
        "description",
        "documentation",
        "homepage",
        "license",
        "license-file",
        "readme",
        "repository",
        "version",
    }
)
#: Tables whose order counts: a later target wins, and a variable may take up an earlier one.
_ORDERED = frozenset({"env", "target"})
#: What pixi reads of a ``[project]`` that it does not install.
_PROJECT = ("name", "requires-python", "dependencies", "optional-dependencies")


def definition(manifest: PixiManifest, *, installed: bool) -> str:
    """``installed``: whether the manifest's own folder is a package in one of its environments, for which all
    of a ``pyproject.toml`` may count."""
    data = toml.read(manifest.file)
    if manifest.file.name != PYPROJECT:
        return _text(_counting(data))
    pixi = _counting(data["tool"]["pixi"])
    if installed:
        return _text({**data, "tool": {**data["tool"], "pixi": pixi}})
    project = {key: data["project"][key] for key in _PROJECT if key in data.get("project", {})}
    poetry = data["tool"].get("poetry", {}).get("name")
    return _text([pixi, project, data.get("dependency-groups"), poetry])


def _counting(pixi: Mapping[str, Any]) -> dict[str, Any]:
    """Without tasks, and what the workspace says of itself, unless a package of its own may say so, too."""
    found = {key: value for key, value in _without_tasks(pixi).items() if key not in ("$schema", "tool")}
    for key in ("workspace", "project"):
        if key in found and "package" not in found:
            found[key] = {name: value for name, value in found[key].items() if name not in _MUTE}
    for key in ("feature", "environments"):
        if isinstance(found.get(key), dict):
            found[key] = {name: _without_tasks(table) for name, table in found[key].items()}
    return found


def _without_tasks(table: Any) -> Any:
    if not isinstance(table, dict):
        return table
    found = {key: value for key, value in table.items() if key != "tasks"}
    if isinstance(found.get("target"), dict):
        found["target"] = {name: _without_tasks(target) for name, target in found["target"].items()}
    return found


def _text(value: Any) -> str:
    return json.dumps(_ordered(value), sort_keys=True, default=str)


def _ordered(value: Any, key: str = "") -> Any:
    if isinstance(value, list):
        return [_ordered(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: _ordered(each, name) for name, each in value.items()}
    return list(found.items()) if key in _ORDERED else found
