"""The waiting room: what the front says to clients while there is no kernel, or when there will be none."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from .channels import REQUESTS, Channels, Frames, Message
from .report import CellError, say

#: Seconds that an idle kernel stays "idle" before it is "starting" again. Clients look for a pause in
#: what is published (jupyter_client: 0.2 s), and for a moment that is not "starting" (Jupyter Server).
REST = 0.5
#: Seconds after a refused cell in which others are taken to be sent along with it, and are aborted.
ALONG = 0.1
#: The metadata of an output that shows a build, so that clients can tell one that nobody takes away any more.
PROGRESS = {"appose": {"progress": True}}

#: The body of a ``debugInfo`` response where nothing is debugged, with ipykernel's figures:
#: https://jupyter-client.readthedocs.io/en/stable/messaging.html#debuginfo
IDLE_DEBUGGER: Mapping[str, Any] = {
    "isStarted": False,
    "hashMethod": "Murmur2",
    "hashSeed": 0xC70F6907,
    "tmpFilePrefix": "",
    "tmpFileSuffix": ".py",
    "breakpoints": [],
    "stoppedThreads": [],
    "richRendering": True,
    "exceptionPaths": [],
    "copyToGlobals": False,
}


@dataclass(frozen=True, slots=True)
class Held:
    """A request that waits for the kernel; ``frames`` are what the client sent."""

    channel: str
    frames: Frames
    idents: Frames
    message: Message

    @property
    def kind(self) -> str:
        return str(self.message["header"]["msg_type"])


class WaitingRoom:
    """Holds the requests of clients, in order. Every method runs in the channels' serving thread."""

    def __init__(
        self,
        channels: Channels,
        kernel_info: Mapping[str, Any],
        on_interrupt: Callable[[], object],
        on_shutdown: Callable[[], object],
    ) -> None:
        self._channels = channels
        self._kernel_info = kernel_info
        self._on_interrupt = on_interrupt
        self._on_shutdown = on_shutdown
        self._answers = {
            "kernel_info_request": self._tell_info,
            "interrupt_request": self._interrupt,
            "shutdown_request": self._shut_down,
        }
        self._held: list[Held] = []
        # The first cell that waits, of each client: a page that was loaded again is a new one.
        self._cells: dict[str, Message] = {}
        self._shown: dict[str, Mapping[str, str]] = {}
        self._shows = True
        self._display = f"appose-kernel-{uuid.uuid4().hex}"
        self._refusal: CellError | None = None
        self._abort_until = 0.0
        self._answered = time.monotonic()
        self._settled = True

    def open(self) -> None:
        """Begin to take requests."""
        self._channels.status("starting")
        for name in REQUESTS:
            self._channels.listen(self._channels.sockets[name], partial(self._take, name))

    def show(self, bundle: Mapping[str, str]) -> None:
        """Show the build in the cells that wait for it; called every half second."""
        if not self._shows:
            return
        for client, cell in self._cells.items():
            if bundle != self._shown.get(client):
                kind = "update_display_data" if client in self._shown else "display_data"
                self._shown[client] = dict(bundle)
                display = {"display_id": f"{self._display}-{client}"}
                content = {"data": self._shown[client], "metadata": PROGRESS, "transient": display}
                self._channels.publish(kind, content, cell)
        if not self._settled and time.monotonic() - self._answered > REST:
            self._settled = True
            newest = next(reversed(self._cells.values()), None)
            self._channels.status("busy" if newest else "starting", newest)

    def refuse(self, refusal: CellError) -> None:
        """There will be no kernel: tell those who wait, and everybody who asks from now on."""
        self._refusal = refusal
        self.clear()
        held, self._held = self._held, []
        for request in held:
            self._refuse(request)
        self._channels.status("idle")

    def release(self) -> list[Held]:
        """Give up the requests, in the order they came, for a kernel that is there now."""
        self.clear()
        if not self._cells:
            self._channels.status("idle")
        return self._held

    def clear(self) -> None:
        """Show nothing any more; not with ``wait``: a cell that prints nothing would keep it for ever."""
        self._shows = False
        for client in self._shown:
            self._channels.publish("clear_output", {"wait": False}, self._cells[client])

    def _take(self, channel: str, frames: Frames) -> None:
        try:
            idents, rest = self._channels.session.feed_identities(frames)
            message = self._channels.session.deserialize(rest)
        except ValueError as error:
            say(f"a message on {channel} is not from a client of this kernel: {error}")
            return
        request = Held(channel, frames, idents, message)
        if request.kind in self._answers:
            self._answers[request.kind](request)
        elif self._refusal is not None:
            self._refuse(request)
        else:
            self._hold(request)

    def _hold(self, request: Held) -> None:
        self._held.append(request)
        if request.kind != "execute_request" or request.message["content"].get("silent"):
            return
        client = str(request.message["header"].get("session", ""))
        if client not in self._cells:
            self._cells[client] = request.message
            self._channels.status("busy", request.message)
            self._settled = True

    def _tell_info(self, request: Held) -> None:
        self._answer(request, self._kernel_info)
        self._answered = time.monotonic()
        self._settled = self._refusal is not None

    def _interrupt(self, request: Held) -> None:
        self._answer(request, {"status": "ok"})
        self._on_interrupt()

    def _shut_down(self, request: Held) -> None:
        content = {"status": "ok", "restart": request.message["content"].get("restart", False)}
        self._answer(request, content)
        self._channels.publish("shutdown_reply", content, request.message)
        self._on_shutdown()

    def _refuse(self, request: Held) -> None:
        assert self._refusal is not None
        error = {"status": "error", **self._refusal.content()}
        if request.kind == "execute_request":
            self._refuse_cell(request, error)
        elif request.kind == "is_complete_request":
            # so that a console sends what was typed, and shows the error
            self._answer(request, {"status": "complete"})
        elif request.kind == "debug_request":
            self._answer(request, self._debug(request.message["content"], error))
        elif request.kind.endswith("_request"):
            self._answer(request, error)

    def _debug(self, asked: Mapping[str, Any], error: Mapping[str, Any]) -> Mapping[str, Any]:
        """JupyterLab asks each kernel that can debug for its state, and takes no refusal of that."""
        answer = {"type": "response", "request_seq": asked.get("seq", 0), "command": asked.get("command", "")}
        if asked.get("command") == "debugInfo":
            return {**answer, "success": True, "body": IDLE_DEBUGGER}
        return {**answer, **error, "success": False, "message": error["evalue"]}

    def _refuse_cell(self, request: Held, error: Mapping[str, Any]) -> None:
        if time.monotonic() < self._abort_until:
            self._answer(request, {"status": "aborted"})
            return
        content = request.message["content"]
        if not content.get("silent") and content.get("stop_on_error", True):
            self._abort_until = time.monotonic() + ALONG
        shown = None if content.get("silent") else self._refusal
        self._answer(request, {**error, "execution_count": 0, "user_expressions": {}, "payload": []}, shown)

    def _answer(self, request: Held, content: Mapping[str, Any], shown: CellError | None = None) -> None:
        self._channels.status("busy", request.message)
        if shown is not None:
            self._channels.publish("error", shown.content(), request.message)
        kind = request.kind.removesuffix("_request") + "_reply"
        self._channels.reply(request.channel, kind, content, request.message, request.idents)
        self._channels.status("idle", request.message)
