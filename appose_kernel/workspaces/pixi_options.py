"""How the ``[pypi-options]`` of an environment's features become one.

https://pixi.prefix.dev/latest/reference/pixi_manifest/#the-pypi-options-table
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: The options of which an environment has one value; a feature's hides the workspace's.
SINGLE = ("index-url", "index-strategy", "prerelease-mode", "skip-wheel-filename-check")
#: Options that are true for all packages, or name some.
_SOME_OR_ALL = ("no-build", "no-binary", "no-build-isolation")


def merged(workspace: Mapping[str, Any], features: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The workspace's options under those of the features, of which the earlier one comes first in lists."""
    found: dict[str, Any] = {}
    for options in features:
        _add(found, options)
    singles = {key: found[key] for key in SINGLE if key in found}
    result: dict[str, Any] = {}
    for options in (workspace, found):
        _add(result, options)
    return {**result, **singles}


def _add(found: dict[str, Any], options: Mapping[str, Any]) -> None:
    for key, value in options.items():
        if key not in found:
            found[key] = value
        elif key in _SOME_OR_ALL:
            found[key] = _some_or_all(found[key], value)
        elif isinstance(value, list) and isinstance(found[key], list):
            found[key] = found[key] + [entry for entry in value if entry not in found[key]]
        elif isinstance(value, dict) and isinstance(found[key], dict):
            found[key] = {**value, **found[key]}


def _some_or_all(one: Any, other: Any) -> Any:
    """``true`` wins over a list of packages, and that over ``false``."""
    if one is True or other is True:
        return True
    packages = [*(one or []), *(other or [])]
    return list(dict.fromkeys(packages)) or False
