"""Waiting for a build on the command line: its progress, Ctrl-C, and what became of it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from ..environments import buildlog, builds, locks
from ..environments.buildlog import BuildRecord
from ..errors import BuildCancelled, BuildNotFound
from ..kernels import kernelspecs
from ..model import BuildOptions, Environment, Phase
from ..workspaces import formats
from . import answers
from .progress import Display, display

#: Seconds a builder that nobody waits for any more may take to stop its tools and say so.
PATIENCE = 15.0


class Waiter:
    """One command that wants one environment ready; ``build`` is the id, once there is one."""

    def __init__(self, environment: Environment, options: BuildOptions, *, quiet: bool) -> None:
        self._environment = environment
        self._options = options
        self._quiet = quiet
        self.build: str | None = None

    def wait(self) -> Environment:
        """The environment, ready, as its manifest names it now; to lock may have changed its inputs.

        Raises the build's error, or BuildCancelled after Ctrl-C.
        """
        try:
            with display(self._environment, quiet=self._quiet) as shown:
                asyncio.run(self._follow(shown))
        except KeyboardInterrupt:
            raise BuildCancelled(self._outcome()) from None
        workspace = formats.open_workspace(self._environment.workspace.manifest)
        env = formats.environment(workspace, self._environment.name)
        if self.build is not None:
            kernelspecs.offer(env, answers.note)
        return env

    async def _follow(self, shown: Display) -> None:
        async with aclosing(builds.want(self._environment, self._options)) as events:
            async for event in events:
                self.build = event.build
                shown.show(event)

    def _outcome(self) -> str:
        """What becomes of the build that this command no longer waits for."""
        if self.build is None:
            return "Stopped before the build began."
        try:
            record = builds.find(self.build)
        except BuildNotFound:
            return "Stopped waiting. The build is another user's, and goes on."
        if buildlog.kept(record) or _is_awaited(record):
            return "Stopped waiting. The build goes on, because somebody else wants it too."
        answers.note("Stopping the build. (Ctrl-C again leaves at once.)")
        builds.cancel(self.build)
        try:
            ended = asyncio.run(asyncio.wait_for(_end(self.build), PATIENCE))
        except asyncio.TimeoutError:
            return f"Stopped waiting. The build has not ended yet; its log is {record.log}."
        if ended is Phase.READY:
            return "The build was done before it could be stopped: the environment is ready."
        return "The build was stopped."


def _is_awaited(record: BuildRecord) -> bool:
    """Whether somebody waits at this moment. (The builder also counts who has only just left.)"""
    return any(locks.held(path) for path in (record.prefix.records / "waiting").iterdir())


async def _end(build: str) -> Phase:
    phase = Phase.QUEUED
    async with aclosing(builds.follow(build)) as events:
        async for event in events:
            phase = event.phase
    return phase
