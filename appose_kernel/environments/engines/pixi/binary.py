"""The pixi to run: found from files alone (choice), asked for its version, and held against the floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from ....errors import ToolNotFound, ToolTooOld
from ... import choice
from .. import tool_version

#: The first that keeps two installs of one environment apart and recovers from one that was cut short.
FLOOR = Version("0.70.1")

_INSTALL = "`jupyter appose doctor --install-pixi` fetches one"
#: The version of each binary that was asked, by its path, times and size. An update changes them; of a
#: conda package the time of the last change of its content does not, for that is from when it was packed.
_known: dict[tuple[Path, int, int, int], Version] = {}


@dataclass(frozen=True, slots=True)
class Binary:
    """A pixi that can be used, and how it was found."""

    path: Path
    version: Version
    source: str


async def find(environ: Mapping[str, str]) -> Binary:
    """The pixi that :func:`choice.pixi` names, if it works and is not too old."""
    found = choice.pixi()
    if found is None:
        raise ToolNotFound(
            "No pixi was found: it is neither on PATH nor in ~/.pixi/bin.",
            remedy=f"{_INSTALL}, or install it: https://pixi.prefix.dev/latest/installation/",
        )
    version = await _version(found, environ)
    if version < FLOOR:
        where = f"{found.path}, {found.source}"
        raise ToolTooOld("pixi", where, str(version), str(FLOOR), remedy=_remedy(found))
    return Binary(found.path, version, found.source)


async def _version(found: choice.Pixi, environ: Mapping[str, str]) -> Version:
    key = _mark(found.path)
    if key is None or key not in _known:
        path, remedy = str(found.path), _remedy(found)
        version = await tool_version.asked("pixi", path, found.source, environ, remedy=remedy)
        if key is None:
            return version
        _known[key] = version
    return _known[key]


def _mark(path: Path) -> tuple[Path, int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return path, found.st_mtime_ns, found.st_ctime_ns, found.st_size


def _remedy(found: choice.Pixi) -> str:
    if "Settings" in found.source:
        return "Correct or remove `c.Settings.pixi` in jupyter_appose_config.py."
    if found.source == "ours":
        return f"{_INSTALL} anew."
    return (
        "Update it with `pixi self-update`, or with what installed it; or do without: set "
        "`c.Settings.engine = 'embedded'` in jupyter_appose_config.py."
    )
