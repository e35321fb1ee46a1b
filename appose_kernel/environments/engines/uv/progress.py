"""How far a uv command is, read off its lines.

uv without a terminal says little ("Prepared 7 packages"), so it is asked for two kinds of its log
messages: what the installer plans (``uv_installer::plan``), and when the cache entry of a wheel is
unlocked (``uv_fs``), which is when that wheel has been downloaded and unpacked. The lock file knows
the wheels' sizes. If another version of uv words these messages differently, the counts are missing
and nothing else: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path, PurePath
from types import MappingProxyType

import tomli

from ....model import Phase, Step
from .command import Uv, is_log

#: For RUST_LOG: the log messages that this module reads.
LOG = "uv_installer::plan=debug,uv_fs=trace"

_FETCH = re.compile(r"DEBUG (?:Identified uncached distribution|Must revalidate requirement): ([^\s=@]+)")
_CACHED = re.compile(r"DEBUG .*requirement already cached: ")
_ENTRY = re.compile(r"TRACE (Checking lock for|Released lock at) `([^`]*\bwheels-v\d+[^`]*\.lock)`")
_BUILD = re.compile(r"\s+(Building|Built) ([^\s=@]+)")
_DOWNLOADED = re.compile(r"\s*Downloaded ([^\s=@]+)")
_COUNT = re.compile(r"(Resolved|Prepared|Installed) (\d+) packages? in")


def sizes(lock: Path | None) -> dict[str, int]:
    """The size of each wheel that the lock names, by file name without ``.whl``."""
    try:
        packages = tomli.loads(lock.read_text("utf-8")).get("package", []) if lock else []
    except (OSError, ValueError):
        return {}
    return {
        PurePath(wheel["url"]).stem: wheel["size"]
        for package in packages
        for wheel in package.get("wheels", ())
        if "size" in wheel and "url" in wheel
    }


class Progress:
    """Counts the packages of one command that installs; feed it every line of that command."""

    def __init__(self, known: Mapping[str, int], *, resolved: bool = False) -> None:
        self._known = known
        self._fetch: set[str] = set()
        self._fetched: set[str] = set()
        self._cached = 0
        self._resolved = resolved
        self._planned = False
        self._bytes: dict[str, int | None] = {}

    def feed(self, line: str) -> Iterator[Step]:
        """The line itself as output, and what it tells about the progress."""
        if is_log(line):
            yield from self._log(line)
            return
        if match := _BUILD.match(line):
            yield from self._building(match[1], match[2])
        elif match := _COUNT.match(line):
            yield from self._counted(match[1], int(match[2]))
        elif (match := _DOWNLOADED.match(line)) and match[1] in self._fetch:
            yield from self._done(match[1], "Downloaded")
            return  # which has said so, of this wheel as of those too small for uv to name
        if line.strip():
            yield Step(self._phase, line, output=True)

    @property
    def _phase(self) -> Phase:
        if not self._resolved:
            return Phase.RESOLVING
        return Phase.INSTALLING if self._fetched >= self._fetch else Phase.DOWNLOADING

    def _log(self, line: str) -> Iterator[Step]:
        if not self._resolved:
            return  # so far it is metadata that is fetched
        if match := _ENTRY.match(line):
            entry = PurePath(match[2])
            self._planned = True
            if match[1] == "Released lock at":
                yield from self._done(entry.parent.name, "Downloaded")
            else:
                yield from self._started(entry)
        elif self._planned:
            return  # what the isolated environment of a source build needs is not ours to count
        elif match := _FETCH.match(line):
            self._fetch.add(match[1])
        elif _CACHED.match(line):
            self._cached += 1

    def _started(self, entry: PurePath) -> Iterator[Step]:
        name = entry.parent.name
        if name in self._fetch and name not in self._bytes:
            self._bytes[name] = self._known.get(f"{name.replace('-', '_')}-{entry.stem}")
            yield self._downloading("Downloading")

    def _done(self, name: str, verb: str) -> Iterator[Step]:
        if name in self._fetch and name not in self._fetched:
            self._fetched.add(name)
            yield self._downloading(f"{verb} {name}")

    def _building(self, verb: str, name: str) -> Iterator[Step]:
        self._planned = True
        if verb == "Built":
            yield from self._done(name, verb)
        elif name in self._fetch:
            yield self._downloading(f"{verb} {name}")

    def _downloading(self, message: str) -> Step:
        sizes = [self._bytes.get(name) for name in self._fetch]
        known = [size for size in sizes if size is not None]
        return Step(
            Phase.DOWNLOADING,
            message,
            done=len(self._fetched),
            total=len(self._fetch),
            bytes_done=sum(self._bytes.get(name) or 0 for name in self._fetched) if known else None,
            bytes_total=sum(known) if known and len(known) == len(sizes) else None,
        )

    def _counted(self, verb: str, number: int) -> Iterator[Step]:
        if verb == "Resolved":
            self._resolved = True
            yield Step(Phase.RESOLVING, f"Resolved {number} packages")
            return
        total = self._cached + len(self._fetch) or number
        if verb == "Prepared":
            self._fetched |= self._fetch
            yield Step(Phase.INSTALLING, "Installing", done=0, total=total)
        else:
            yield Step(Phase.INSTALLING, "Installed", done=number, total=total)


async def follow(
    uv: Uv,
    arguments: Sequence[str],
    known: Mapping[str, int] = MappingProxyType({}),
    *,
    resolved: bool = False,
) -> AsyncGenerator[Step, None]:
    """Run a command that installs, and yield its steps; ``resolved``: it has nothing to resolve."""
    progress = Progress(known, resolved=resolved)
    talkative = uv.with_variables({"RUST_LOG": LOG})
    async with aclosing(talkative.lines(*arguments)) as lines:
        async for line in lines:
            for step in progress.feed(line):
                yield step
