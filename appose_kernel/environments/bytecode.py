"""Bytecode belongs to the build: without it a first kernel start takes five times as long, and in a
shared read-only prefix every start does."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

from .. import process
from ..errors import ToolFailed

#: More processes than this only compete for the disk.
MOST_PROCESSES = 8

#: What ``python -m compileall -qq -j`` does, which does not say how far it is: this prints how many files are
#: done, and of how many. It is run by the environment's own Python.
_PROGRAM = """
import compileall, functools, json, os, py_compile, sys
from concurrent.futures import ProcessPoolExecutor

def files(folder):
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        yield from (os.path.join(path, name) for name in sorted(names) if name.endswith(".py"))

def main(wanted):
    found = [file for folder in wanted["folders"] for file in files(folder)]
    # SOURCE_DATE_EPOCH would choose a mode that reads every source file again at each start
    mode = py_compile.PycInvalidationMode.TIMESTAMP
    one = functools.partial(compileall.compile_file, quiet=2, invalidation_mode=mode, **wanted["moved"])
    try:
        pool = ProcessPoolExecutor(wanted["processes"])
    except (ImportError, NotImplementedError, OSError):  # a system without semaphores
        results = map(one, found)
    else:
        results = pool.map(one, found, chunksize=8)
    for done, _ in enumerate(results, 1):
        if done % wanted["often"] == 0 or done == len(found):
            print(done, len(found), flush=True)

main(json.loads(sys.argv[1]))
"""
#: Files between two words on how far it is.
_OFTEN = 100


async def compile_all(
    python: str,
    folders: Sequence[Path],
    environ: Mapping[str, str],
    *,
    later: Path | None = None,
    tell: Callable[[int, int], object] = lambda done, total: None,
) -> None:
    """Write the bytecode that is missing or stale; what is no valid Python (a template) is passed over.

    ``later`` is where the one folder is about to be moved to: bytecode names its files. ``tell`` hears now
    and then how many files are done, and of how many.
    """
    wanted = {
        "folders": [str(folder) for folder in folders],
        "moved": {"stripdir": str(folders[0]), "prependdir": str(later)} if later else {},
        "processes": _processes(),
        "often": _OFTEN,
    }
    argv = [python, "-I", "-c", _PROGRAM, json.dumps(wanted)]
    with suppress(ToolFailed):
        async with aclosing(process.lines(argv, env=environ)) as output:
            async for line in output:
                done, _, total = line.partition(" ")
                if done.isdecimal() and total.isdecimal():  # else a warning of the compiler's
                    tell(int(done), int(total))


def _processes() -> int:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_PROCESSES)
