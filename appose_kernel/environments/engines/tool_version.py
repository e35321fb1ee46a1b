"""Asking a tool for its version, which shows that it runs and is what its name says."""

from __future__ import annotations

import re
from collections.abc import Mapping

from packaging.version import Version

from ... import process
from ...errors import ToolFailed, ToolNotFound

#: Seconds that `--version` may take; a cold network file system needs some.
PATIENCE = 30.0


async def asked(tool: str, path: str, source: str, environ: Mapping[str, str], *, remedy: str) -> Version:
    """The version of the ``tool`` at ``path``, found through ``source``; ToolNotFound if it is none."""
    try:
        answer = await process.output([path, "--version"], env=environ, timeout=PATIENCE)
    except ToolNotFound as error:
        raise ToolNotFound(f"{tool} cannot be run ({path}, {source}).", remedy=remedy) from error
    except ToolFailed as error:
        raise ToolNotFound(
            f"{tool} does not work: `{path} --version` failed ({source}).",
            remedy=remedy,
            detail=error.detail,
        ) from error
    if match := re.match(rf"{tool} (\d+(?:\.\d+)+)", answer):
        return Version(match[1])
    raise ToolNotFound(f"{path} ({source}) is not {tool}.", remedy=remedy, detail=answer.strip())
