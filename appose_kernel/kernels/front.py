"""The front: the small kernel that stands in while a build runs, then relays to the real one.

Its life: build → start → relay. Whatever goes wrong before the relay is told to every cell from then
on, and the process stays: if it ended, Jupyter's restarter would start the next one.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import zmq

from ..environments import builds
from ..errors import ApposeKernelError, LaunchError
from ..model import Environment, Stamp
from ..workspaces import formats
from . import kernel_info, kernelspecs, launch
from .channels import Channels
from .child import Child, describe
from .progress import Progress, phrase
from .relay import Relay
from .report import cell_error, headline, interrupted, say, unexpected
from .signals import listening
from .waiting import WaitingRoom

#: Seconds between two looks at what to show: often enough for an eye, and rare enough for a client
#: that connects and waits for 0.2 s without a message.
TICK = 0.5
#: Seconds between two attempts to reach a kernel that starts.
NUDGE = 0.02

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Start:
    """What the starter found: the environment to build, or the ``failure`` that is all there is to tell.

    ``extra`` are arguments for the kernel itself; ``kernel`` is one that the prefix brings itself.
    """

    connection_file: Path
    extra: Sequence[str]
    environment: Environment | None
    kernel: str | None
    failure: ApposeKernelError | None


def run(start: Start) -> int:
    """Stand in for a kernel, then be its relay; returns its exit code. The starter calls this."""

    async def live() -> int:
        try:
            front = Front(start)
        except (OSError, ValueError, zmq.ZMQError) as error:
            # nobody can be told through the channels; Jupyter tries again with other ports
            say(f"the channels of {start.connection_file} cannot be opened: {error}")
            return 1
        return await front.run()

    return asyncio.run(live())


class Front:
    """One front; its methods run in the main thread, and what it gives to ``channels.call`` in theirs."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._connection: Mapping[str, Any] = json.loads(start.connection_file.read_text(encoding="utf-8"))
        self._loop = asyncio.get_running_loop()
        self._channels = Channels(self._connection)
        self._room = WaitingRoom(
            self._channels,
            kernel_info.recall(start.environment, start.kernel),
            on_interrupt=lambda: self._loop.call_soon_threadsafe(self._interrupt),
            on_shutdown=lambda: self._loop.call_soon_threadsafe(self._stop),
        )
        self._stopped = asyncio.Event()
        self._arrival: asyncio.Task[tuple[Child, Relay]] | None = None
        self._child: Child | None = None
        self._relay: Relay | None = None
        self._built = False
        self._build_id: str | None = None

    async def run(self) -> int:
        async with listening(self._interrupt, self._stop):
            self._channels.start()
            self._channels.call(self._room.open)
            self._arrival = asyncio.create_task(self._bring_up())
            try:
                return await self._live(self._arrival)
            finally:
                self._channels.close()

    async def _live(self, arrival: asyncio.Task[tuple[Child, Relay]]) -> int:
        try:
            child, relay = await arrival
        except asyncio.CancelledError:
            return await self._refuse(interrupted(built=self._built, kept=self._is_kept()))
        except ApposeKernelError as error:
            return await self._refuse(error)
        except Exception as error:
            return await self._refuse(unexpected(error))
        return await self._accompany(child, relay)

    async def _bring_up(self) -> tuple[Child, Relay]:
        """Build and start; an interrupt cancels this task."""
        if self._start.failure is not None:
            raise self._start.failure
        assert self._start.environment is not None
        progress = Progress(self._start.environment)
        async with self._showing(progress):
            stamp = await self._build(self._start.environment, progress)
            progress.launched()
            self._built = True
            own = launch.own_kernel(stamp, self._start.kernel)
            child = Child(stamp, own, self._connection, self._start.connection_file.name, self._start.extra)
            try:
                return child, await self._join(child)
            except BaseException:
                await child.stop()
                child.forget()
                raise

    async def _build(self, environment: Environment, progress: Progress) -> Stamp:
        phase = None
        async with aclosing(builds.want(environment)) as events:
            async for event in events:
                progress.add(event)
                self._build_id = event.build
                if event.phase is not phase:
                    phase = event.phase
                    say(f"{environment.title}: {phrase(event)}")
        # read again: the manifest may have changed meanwhile, and the build followed it
        workspace = formats.open_workspace(environment.workspace.manifest)
        stamp = builds.ready(formats.environment(workspace, environment.name))
        if stamp is None:
            raise LaunchError(
                f"{workspace.manifest}, or what it names, has changed since the build.",
                remedy="Wait until nothing changes it any more.",
            )
        return stamp

    def _is_kept(self) -> bool:
        """Whether the build that was waited for goes on although nobody waits."""
        return self._build_id is not None and builds.goes_on(self._build_id)

    async def _join(self, child: Child) -> Relay:
        """Wait until the kernel answers, then hand over everything that was held."""
        answered: asyncio.Future[Mapping[str, Any]] = self._loop.create_future()

        def on_ready(info: Mapping[str, Any]) -> None:
            self._loop.call_soon_threadsafe(answered.set_result, info)

        relay = await self._ask(lambda: Relay(self._channels, child.connection, on_ready))
        waited_for: list[asyncio.Future[Any]] = [answered, child.ended]
        while not answered.done():
            if child.ended.done():
                raise LaunchError(
                    f"The kernel {describe(child.ended.result())[0]} before it was ready.",
                    remedy="The lines below are the last that it wrote.",
                    detail=child.last_words,
                )
            self._channels.call(relay.nudge)
            await asyncio.wait(waited_for, timeout=NUDGE, return_when=asyncio.FIRST_COMPLETED)
        self._child, self._relay = child, relay
        await self._ask(lambda: relay.open(self._room.release()))
        assert self._start.environment is not None
        with suppress(OSError):
            kernel_info.remember(self._start.environment, self._start.kernel, answered.result())
        return relay

    async def _accompany(self, child: Child, relay: Relay) -> int:
        """Until the kernel ends, or this process is told to; returns the exit code."""
        assert self._start.environment is not None
        threading.Thread(target=kernelspecs.offer, args=(self._start.environment, say), daemon=True).start()
        stopped = asyncio.create_task(self._stopped.wait())
        ends: list[asyncio.Future[Any]] = [child.ended, stopped]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        asked = stopped.done()
        stopped.cancel()
        await child.stop()
        words, code = describe(child.ended.result())
        error = LaunchError(
            f"The kernel {words}.",
            remedy="The machine may have run out of memory." if "SIGKILL" in words else "",
            detail=child.last_words,
        )
        told = None if asked else cell_error(error, "The kernel died.", "What it held in memory is lost.")
        await self._ask(partial(relay.finish, told))
        child.forget()
        return code

    async def _refuse(self, error: ApposeKernelError) -> int:
        """Answer every cell with ``error`` until this process is told to end."""
        title = headline(error, self._start.environment, built=self._built)
        if self._stopped.is_set():
            self._channels.call(self._room.clear)
        else:
            say(f"{title} {error}")
            self._channels.call(partial(self._room.refuse, cell_error(error, title)))
            await self._stopped.wait()
        return 0

    @asynccontextmanager
    async def _showing(self, progress: Progress) -> AsyncIterator[None]:
        async def show() -> None:
            while True:
                self._channels.call(partial(self._room.show, progress.bundle()))
                await asyncio.sleep(TICK)

        task = asyncio.create_task(show())
        try:
            yield
        finally:
            task.cancel()

    async def _ask(self, function: Callable[[], T]) -> T:
        """The answer of ``function``, run in the channels' thread."""
        answer: asyncio.Future[T] = self._loop.create_future()

        def work() -> None:
            try:
                result = function()
            except Exception as error:
                self._loop.call_soon_threadsafe(answer.set_exception, error)
            else:
                self._loop.call_soon_threadsafe(answer.set_result, result)

        self._channels.call(work)
        return await asyncio.shield(answer)

    def _interrupt(self) -> None:
        """Pass it on to the kernel; before there is one, cancel what is being waited for."""
        if self._child is None:
            self._give_up()
        elif self._relay is not None and self._child.own and self._child.own.interrupt_mode == "message":
            self._channels.call(self._relay.interrupt)
        else:
            self._child.interrupt()

    def _stop(self) -> None:
        self._stopped.set()
        if self._child is None:
            self._give_up()

    def _give_up(self) -> None:
        """Cancel the arrival, once: a second time would cut off how the kernel that starts is ended."""
        arrival, self._arrival = self._arrival, None
        if arrival is not None:
            arrival.cancel()
