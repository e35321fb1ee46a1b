"""Waiting for a build on the command line: its progress, Ctrl-C, and what became of it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from ..environments import builds
from ..errors import ApposeKernelError, BuildCancelled
from ..model import BuildOptions, Environment, Phase
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

    def wait(self) -> None:
        """Return when the environment is ready; raise the build's error, or BuildCancelled after Ctrl-C."""
        try:
            with display(self._environment, quiet=self._quiet) as shown:
                asyncio.run(self._follow(shown))
        except KeyboardInterrupt:
            raise BuildCancelled(self._outcome()) from None

    async def _follow(self, shown: Display) -> None:
        async with aclosing(builds.want(self._environment, self._options)) as events:
            async for event in events:
                self.build = event.build
                shown.show(event)

    def _outcome(self) -> str:
        """What became of the build that this command no longer waits for."""
        if self.build is None:
            return "Stopped before the build began."
        answers.note("Stopping the build. (Ctrl-C again leaves at once.)")
        try:
            ended = asyncio.run(asyncio.wait_for(self._end(self.build), PATIENCE))
        except asyncio.TimeoutError:
            return "Stopped waiting. The build goes on, because somebody else waits for it too."
        except ApposeKernelError:
            return "The build was stopped."
        if ended is Phase.READY:
            return "The build was done before it could be stopped: the environment is ready."
        return "The build was stopped."

    async def _end(self, build: str) -> Phase:
        phase = Phase.QUEUED
        async for event in builds.follow(build):
            phase = event.phase
        return phase
