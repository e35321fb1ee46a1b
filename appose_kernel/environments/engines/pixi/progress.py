"""How far an install is. pixi draws bars for a terminal and tells nobody else, so its footprints are counted:
of the packages that the lock names, each leaves a file in the prefix when it has been installed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....errors import ToolFailed
from ....model import Phase, Step
from .command import Pixi

#: Seconds between two looks into the prefix.
INTERVAL = 0.3
#: Seconds that a look at the lock may take: sources that it names are looked at, too.
_RESOLVE = 600.0


@dataclass(frozen=True, slots=True)
class Listed:
    """A package that the lock names for an environment."""

    name: str
    version: str
    build: str | None
    kind: str

    @property
    def record(self) -> str:
        """The name of the file that says that a conda package is installed."""
        return f"{self.name}-{self.version}-{self.build}.json"


async def listed(pixi: Pixi, environment: str, usage: str) -> list[Listed]:
    """What the lock names, as pixi tells; ``usage`` is ``--locked``, which checks the lock, or ``--frozen``.

    Raises LockOutdated, among others.
    """
    arguments = ("--environment", environment, usage, "--no-install")
    try:
        packages: list[dict[str, Any]] = await pixi.answer("list", *arguments, timeout=_RESOLVE)
    except ToolFailed as error:
        if "No packages found in" in error.detail:  # that is a failure, for pixi
            return []
        raise
    return [
        Listed(found["name"], found["version"], found.get("build"), found.get("kind", "conda"))
        for found in packages
    ]


def records(prefix: Path) -> set[str]:
    """The names of the records of conda packages in a prefix."""
    return {file.name for file in (prefix / "conda-meta").glob("*.json")}


async def follow(
    pixi: Pixi, arguments: Sequence[str], prefix: Path, packages: Iterable[Listed]
) -> AsyncGenerator[Step, None]:
    """Run ``pixi install`` and yield its lines, and the count of what has arrived in the prefix."""
    wanted = {package.record for package in packages if package.kind == "conda"} - records(prefix)
    yield Step(Phase.DOWNLOADING, "Downloading", done=0, total=len(wanted))
    before = 0
    async with aclosing(pixi.lines("install", *arguments)) as lines:
        line = asyncio.ensure_future(_next(lines))
        try:
            while True:
                await asyncio.wait({line}, timeout=INTERVAL)
                arrived = len(wanted & records(prefix))
                if arrived > before:
                    before = arrived
                    yield Step(Phase.INSTALLING, "Installing", done=arrived, total=len(wanted))
                if not line.done():
                    continue
                if (text := line.result()) is None:
                    break
                if text.strip():
                    phase = Phase.INSTALLING if before else Phase.DOWNLOADING
                    yield Step(phase, text, output=True)
                line = asyncio.ensure_future(_next(lines))
        finally:
            line.cancel()
            await asyncio.wait({line})
    yield Step(Phase.INSTALLING, "Installed", done=len(wanted), total=len(wanted))


async def _next(lines: AsyncGenerator[str, None]) -> str | None:
    return await anext(lines, None)
