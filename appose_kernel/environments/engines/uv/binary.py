"""Which uv to run: found, asked for its version, and held against the floor."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from ....errors import ToolNotFound, ToolTooOld
from .. import tool_version

#: The first that explains failures in lines of any length ("error:", "cause:"), which errors.py reads.
FLOOR = Version("0.13")


@dataclass(frozen=True, slots=True)
class Binary:
    """A uv that can be used, and why it is this one."""

    path: str
    version: Version
    source: str


async def find(configured: str, environ: Mapping[str, str]) -> Binary:
    """The configured uv, else the one installed with appose-kernel, else the first on ``PATH``."""
    for path, source in _candidates(configured, environ):
        version = await tool_version.asked("uv", path, source, environ, remedy=_remedy(source))
        if version < FLOOR:
            raise ToolTooOld("uv", f"{path}, {source}", str(version), str(FLOOR), remedy=_remedy(source))
        return Binary(path, version, source)
    raise ToolNotFound(
        "No uv was found: it is neither installed with appose-kernel nor on PATH.",
        remedy="Install it with `pip install uv`, or name one in the configuration (`c.Settings.uv`).",
    )


def _candidates(configured: str, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if configured:
        yield str(Path(configured).expanduser()), "named by `c.Settings.uv`"
        return
    # The uv of other distributors (conda-forge, Debian) is without the Python module, or without the binary.
    with suppress(ImportError, FileNotFoundError):
        yield importlib.import_module("uv").find_uv_bin(), "installed with appose-kernel"
    if found := shutil.which("uv", path=environ.get("PATH")):
        yield found, "first on PATH"


def _remedy(source: str) -> str:
    if "Settings" in source:
        return "Correct or remove `c.Settings.uv` in jupyter_appose_config.py."
    return "Install a current one with `pip install --upgrade uv`."
