"""What the front hears from outside of its channels: interrupts, the order to end, the end of its parent."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

#: Seconds between two looks at the parent process.
INTERVAL = 1.0


@asynccontextmanager
async def listening(on_interrupt: Callable[[], object], on_stop: Callable[[], object]) -> AsyncIterator[None]:
    """Call back in the running loop for as long as the context lasts."""
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        from . import windows  # noqa: PLC0415

        windows.watch(
            partial(loop.call_soon_threadsafe, on_interrupt), partial(loop.call_soon_threadsafe, on_stop)
        )
        yield
        return
    loop.add_signal_handler(signal.SIGINT, on_interrupt)
    loop.add_signal_handler(signal.SIGTERM, on_stop)
    watching = asyncio.create_task(_watch_parent(on_stop))
    try:
        yield
    finally:
        watching.cancel()


async def _watch_parent(on_stop: Callable[[], object]) -> None:
    """End with the server that started this kernel, as ipykernel does."""
    parent = os.getppid()
    if str(parent) != os.environ.get("JPY_PARENT_PID"):
        return
    while os.getppid() == parent:
        await asyncio.sleep(INTERVAL)
    on_stop()
