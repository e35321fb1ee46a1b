"""``[pypi-options]``, checked, and how those of an environment's features become one.

https://pixi.prefix.dev/latest/reference/pixi_manifest/#the-pypi-options-table
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..tables import Table
from .known_keys import PYPI_OPTIONS, check

#: The options of which an environment has one value; a feature's hides the workspace's.
SINGLE = ("index-url", "index-strategy", "prerelease-mode", "skip-wheel-filename-check")
#: Options that are true for all packages, or name some.
_SOME_OR_ALL = ("no-build", "no-binary", "no-build-isolation")
#: Options that are lists of strings or tables.
_LISTS = ("extra-index-urls", "find-links")


def read(table: Table) -> Mapping[str, Any]:
    """The ``[pypi-options]`` of a feature or of the workspace."""
    options = table.table("pypi-options")
    check(options, PYPI_OPTIONS)
    for key, value in options.data.items():
        if key in _SOME_OR_ALL and not isinstance(value, bool):
            options.texts(key)
        elif key == "skip-wheel-filename-check":
            options.flag(key)
        elif key == "dependency-overrides":
            options.table(key)
        elif key in SINGLE:
            options.text(key)
        elif key in _LISTS:
            _check_places(options, key)
    return options.data


def _check_places(options: Table, key: str) -> None:
    """Indexes are URLs or tables with one; where links are, a table says."""
    for number, entry in enumerate(options.elements(key)):
        if isinstance(entry, dict):
            place = Table(options.file, entry, (*options.keys, key, number))
            place.only("url", "path", "exclude-newer")
            if not (place.text("url") or place.text("path")):
                raise place.invalid("this has neither a `url` nor a `path`.", remedy="Add one of them.")
        elif not isinstance(entry, str):
            raise options.invalid("this is no URL.", key, number, remedy="Write it as a string.")


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
