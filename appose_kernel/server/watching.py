"""Builds on Jupyter's event bus: this server's, and those of fronts, terminals and other servers.

They are all found in the folder of builds' logs; those of workspaces that are not listed here are
left alone, but for notebooks' own environments below the server's root.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from logging import Logger
from pathlib import Path
from typing import Any

from jupyter_events import EventLogger

from ..environments import buildlog, builds
from ..environments.buildlog import BuildRecord
from ..errors import ApposeKernelError
from ..kernels.catalogue import Catalogue, kernelspec_names
from ..model import Environment, Phase
from ..workspaces import formats
from . import answers
from .batch import Batch
from .places import Places

SCHEMA = Path(__file__).parent / "events" / "build.yaml"
SCHEMA_ID = "https://schema.appose.org/appose-kernel/build"

#: Seconds between looks at the folder of logs.
LOOK = 0.5
#: Seconds after which the end of a build is no news: it ended before this server looked for the first time.
STALE = 10 * LOOK
#: How many of the newest builds may be running.
RECENT = 50
#: Events sent at once, and the seconds between: 20 a second, at half a millisecond of the server's loop each.
EVENTS = 2
PERIOD = 0.1


class Watcher:
    """Follows the logs of running builds in a thread of its own: a log may lie on a slow disk.

    ``ready`` is called there with each environment whose build ends well.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        places: Places,
        bus: EventLogger,
        log: Logger,
        ready: Callable[[Environment], None],
    ) -> None:
        self._catalogue = catalogue
        self._places = places
        self._bus = bus
        self._log = log
        self._ready = ready
        self._asked: set[str] = set()
        self._followed: dict[str, asyncio.Task[None]] = {}
        self._batch = Batch()
        self._changed = -1
        self._stop: Callable[[], object] | None = None
        self._thread: threading.Thread | None = None

    def follow(self, build: str) -> None:
        """Follow a build that this server started, also one of a workspace that is not listed."""
        self._asked.add(build)
        self._changed = -1

    async def start(self) -> None:
        """Called on the server's loop, which carries the events from now on."""
        running = threading.Event()
        main = self._run(asyncio.get_running_loop(), running)
        self._thread = threading.Thread(
            target=asyncio.run, args=(main,), name="appose-kernel-builds", daemon=True
        )
        self._thread.start()
        await asyncio.to_thread(running.wait)

    async def stop(self) -> None:
        """Called on the server's loop when the server ends; returns when nothing more is sent."""
        if self._stop is not None and self._thread is not None:
            self._stop()
            await asyncio.to_thread(self._thread.join)

    async def _run(self, server: asyncio.AbstractEventLoop, running: threading.Event) -> None:
        here, sending = asyncio.get_running_loop(), asyncio.create_task(self._send(server))
        self._stop = lambda: here.call_soon_threadsafe(sending.cancel)
        looking = asyncio.create_task(self._look())
        running.set()
        with contextlib.suppress(asyncio.CancelledError):
            await sending
        looking.cancel()

    async def _look(self) -> None:
        """Find the builds that are new in the folder, as long as the server runs.

        The first look reads every manifest, so that the first listing of kernelspecs, which is on the
        server's loop, need not.
        """
        while True:
            try:
                self._take_up()
            except Exception:
                # without this task no browser hears of a build until the server restarts
                self._log.exception("The folder of builds could not be read.")
            await asyncio.sleep(LOOK)

    def _take_up(self) -> None:
        folder = buildlog.folder()
        changed = folder.stat().st_mtime_ns if folder.exists() else 0
        if changed == self._changed:
            return
        self._changed = changed
        kernelspecs = kernelspec_names(self._catalogue.environments())
        listed = {manifest for manifest, _ in kernelspecs}
        for record in buildlog.recent(RECENT):
            named = formats.is_found_by_name(record.manifest) and self._places.holds(record.manifest)
            wanted = named or record.manifest in listed or record.id in self._asked
            if wanted and record.id not in self._followed:
                about = {
                    "environment": record.environment,
                    "manifest": self._places.name(record.manifest),
                    "kernelspec": kernelspecs.get((record.manifest, record.environment)),
                }
                self._followed[record.id] = asyncio.create_task(self._follow(record, about))

    async def _follow(self, record: BuildRecord, about: dict[str, Any]) -> None:
        last = buildlog.last(record)
        if last is not None and last.phase.ends and time.time() - last.time > STALE:
            return
        try:
            async for event in builds.follow(record.id):
                self._batch.add({**answers.event(event, self._places), **about})
                if event.phase is Phase.READY:
                    self._ready(
                        formats.environment(formats.open_workspace(record.manifest), record.environment)
                    )
        except (ApposeKernelError, OSError) as error:
            self._log.warning("Build %s: %s", record.id, error)

    async def _send(self, server: asyncio.AbstractEventLoop) -> None:
        while True:
            events = self._batch.take(EVENTS)
            if events:
                server.call_soon_threadsafe(self._emit, events)
            await asyncio.sleep(PERIOD)

    def _emit(self, events: list[dict[str, Any]]) -> None:
        for event in events:
            self._bus.emit(schema_id=SCHEMA_ID, data=event)
