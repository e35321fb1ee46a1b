"""How the tests of this wing ask for builds, and watch them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil

from appose_kernel.environments import builds
from appose_kernel.model import BuildEvent, BuildOptions, Environment
from appose_kernel.workspaces import formats

PLAIN = BuildOptions()
PATIENCE = 30.0


def environment(folder: Path, name: str = "default") -> Environment:
    """The environment as its manifest says it now."""
    return formats.environment(formats.open_workspace(folder), name)


def build(env: Environment, options: BuildOptions = PLAIN) -> list[BuildEvent]:
    """Want ``env``, and return everything that was said."""

    async def collect() -> list[BuildEvent]:
        return [event async for event in builds.want(env, options)]

    return asyncio.run(collect())


class Wanter:
    """Somebody who waits for an environment while the test does something else."""

    def __init__(self) -> None:
        self.events: list[BuildEvent] = []
        self.task: asyncio.Task[None]

    @property
    def ids(self) -> list[str]:
        """The builds that were followed, in their order."""
        return list(dict.fromkeys(event.build for event in self.events))


@asynccontextmanager
async def wanting(env: Environment, options: BuildOptions = PLAIN) -> AsyncIterator[Wanter]:
    """Want ``env`` until the end of the block, at the latest."""
    wanter = Wanter()

    async def collect() -> None:
        async for event in builds.want(env, options):
            wanter.events.append(event)

    wanter.task = asyncio.create_task(collect())
    yield wanter
    if not wanter.task.done():
        wanter.task.cancel()
        with suppress(asyncio.CancelledError):
            await wanter.task


async def until(condition: Callable[[], object]) -> None:
    """Return as soon as ``condition`` holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        await asyncio.sleep(0.01)


def builder_of(build: str) -> psutil.Process:
    """The process that runs a build."""
    return next(
        process
        for process in psutil.process_iter(["cmdline"])
        if build in (process.info["cmdline"] or []) and process.status() != psutil.STATUS_ZOMBIE
    )


def tools_of(build: str) -> list[psutil.Process]:
    """The processes that a build has started and that still run."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("APPOSE_KERNEL_BUILD") == build:
                found.append(process)
    return found
