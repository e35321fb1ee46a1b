"""What a browser does with the server's routes and its event bus."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from tornado.websocket import WebSocketClientConnection

#: Seconds in which anything a test waits for has to happen.
PATIENCE = 60.0
API = ("appose-kernel", "api")

#: Ask one of our routes; the status and the JSON of the answer.
Call = Callable[..., Awaitable[tuple[int, Any]]]


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what another process or task does."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while not holds():
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.02)


class Bus:
    """A browser at ``/api/events/subscribe``."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket

    async def builds(self) -> list[dict[str, Any]]:
        """Our events, up to the first that ends a build."""
        heard = []
        while True:
            message = await asyncio.wait_for(self._socket.read_message(), PATIENCE)
            assert message is not None
            event = json.loads(message)
            if event["schema_id"].endswith("/appose-kernel/build"):
                heard.append(event)
                if event["phase"] in ("ready", "failed", "cancelled"):
                    return heard

    def close(self) -> None:
        self._socket.close()
