"""Bytecode belongs to the build: without it a first kernel start takes five times as long, and in a
shared read-only prefix every start does."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

from .. import process
from ..errors import ToolFailed

#: More processes than this only compete for the disk.
MOST_PROCESSES = 8


async def compile_all(
    python: str, folders: Sequence[Path], environ: Mapping[str, str], later: Path | None = None
) -> None:
    """Write the bytecode that is missing or stale; what is no valid Python (a template) is passed over.

    ``later`` is where the one folder is about to be moved to: bytecode names its files.
    """
    argv = [python, "-I", "-m", "compileall", "-qq", "-j", str(_processes())]
    # SOURCE_DATE_EPOCH would choose a mode that reads every source file again at each start
    argv += ["--invalidation-mode", "timestamp", *map(str, folders)]
    if later:
        argv += ["-s", str(folders[0]), "-p", str(later)]
    with suppress(ToolFailed):
        async with aclosing(process.lines(argv, env=environ)) as output:
            async for _ in output:
                pass


def _processes() -> int:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_PROCESSES)
