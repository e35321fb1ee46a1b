"""Between the clients and the real kernel: every message passes as it is, in both directions."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import zmq

from .channels import REQUESTS, Channels, Frames, Message, take, url
from .report import CellError
from .waiting import Held

DELIMITER = b"<IDS|MSG>"
#: Milliseconds between attempts to reach a kernel that has not bound its channels; ZMQ's own are 100.
RETRY = 10
#: Milliseconds without a message after which a kernel that has ended has said everything.
SILENCE = 50
#: Seconds after which an unanswered nudge is repeated.
AGAIN = 0.2


class Relay:
    """Every method runs in the channels' serving thread."""

    def __init__(
        self,
        channels: Channels,
        connection: Mapping[str, Any],
        on_ready: Callable[[Mapping[str, Any]], object],
    ) -> None:
        """Reach for the kernel at ``connection``.

        ``on_ready`` gets its ``kernel_info``, once it hears and is heard.
        """
        self._channels = channels
        self._on_ready = on_ready
        # One name on all channels: the kernel sends an input request to whoever sent the cell.
        self._name = secrets.token_hex(8).encode()
        self._back = {name: self._connect(zmq.DEALER, connection, name) for name in REQUESTS}
        self._iopub = self._connect(zmq.SUB, connection, "iopub")
        # A channel of its own, so that its answers never mix with the clients'. It is not on control, where
        # kernels of other languages (IRkernel) do not answer. A nudge is not queued for a kernel that has not
        # bound its channels.
        self._asker = self._connect(zmq.DEALER, connection, "shell", b"?")
        self._info: Mapping[str, Any] | None = None
        self._next_nudge = 0.0
        self._heard = False
        self._asked: dict[str, tuple[Frames, Message]] = {}
        self._is_leaving = False
        channels.listen(self._asker, self._hear_reply)
        channels.listen(self._iopub, self._hear_publication)

    def _connect(
        self, kind: int, connection: Mapping[str, Any], channel: str, mark: bytes = b""
    ) -> zmq.Socket[bytes]:
        made = self._channels.new_socket(kind)
        made.linger = 0
        made.reconnect_ivl = RETRY
        if kind == zmq.SUB:
            made.subscribe(b"")
        else:
            made.identity = self._name + mark
        made.immediate = bool(mark)
        made.connect(url(connection, channel))
        return made

    def nudge(self) -> None:
        """Ask the kernel for ``kernel_info``, called again and again until it is ready.

        Its reply and something published show that both ways are open.
        """
        now = time.monotonic()
        if now < self._next_nudge:
            return
        if _send(self._asker, self._request("kernel_info_request")):
            self._next_nudge = now + AGAIN

    def interrupt(self) -> None:
        """Ask a kernel that knows no signals to stop what it does."""
        _send(self._back["control"], self._request("interrupt_request"))

    def _request(self, kind: str) -> Frames:
        return self._channels.session.serialize(self._channels.session.msg(kind, {}), ident=[self._name])

    def _hear_reply(self, frames: Frames) -> None:
        _, rest = self._channels.session.feed_identities(frames)
        self._info = self._channels.session.deserialize(rest)["content"]
        self._tell()

    def _hear_publication(self, _: Frames) -> None:
        self._heard = True
        self._tell()

    def _tell(self) -> None:
        if self._info is not None and self._heard:
            info, self._on_ready, on_ready = self._info, lambda _: None, self._on_ready
            on_ready(info)

    def open(self, held: Iterable[Held]) -> None:
        """Replay what was held, then let everything pass."""
        for request in held:
            self._forward(request.channel, request.frames)
        for name in REQUESTS:
            self._channels.listen(self._channels.sockets[name], partial(self._forward, name))
            self._channels.listen(self._back[name], partial(self._return, name))
        self._channels.listen(self._iopub, self._channels.iopub.send_multipart)

    def _forward(self, channel: str, frames: Frames) -> None:
        _send(self._back[channel], frames)
        start = frames.index(DELIMITER)
        if b"_request" in frames[start + 2]:
            message = {"header": json.loads(frames[start + 2])}
            self._asked[message["header"]["msg_id"]] = (frames[:start], message)
            self._is_leaving |= message["header"]["msg_type"] == "shutdown_request"

    def _return(self, channel: str, frames: Frames) -> None:
        if frames[0] == self._name:  # the answer to an interrupt of ours
            return
        start = frames.index(DELIMITER)
        parent = json.loads(frames[start + 3]).get("msg_id")
        if start == 0 and parent in self._asked:  # Deno forgets all but the last sender
            frames = [*self._asked[parent][0], *frames]
        self._channels.sockets[channel].send_multipart(frames)
        if channel != "stdin":
            self._asked.pop(parent, None)

    def finish(self, refusal: CellError | None) -> None:
        """The kernel has ended: pass on its last messages, then say so to the cells that it left running.

        Unless a client asked it to: as with every kernel, such cells just stay without an answer.
        """
        while self._iopub.poll(SILENCE) | self._back["shell"].poll(0) | self._back["control"].poll(0):
            take(self._iopub, self._channels.iopub.send_multipart)
            for name in REQUESTS:
                take(self._back[name], partial(self._return, name))
        if refusal is None or self._is_leaving:
            return
        running = [asked for asked in self._asked.values() if _is_cell(asked[1])]
        for count, (idents, message) in enumerate(running):
            if count:
                content: dict[str, Any] = {"status": "aborted"}
            else:
                self._channels.publish("error", refusal.content(), message)
                content = {"status": "error", "execution_count": 0, **refusal.content()}
            self._channels.reply("shell", "execute_reply", content, message, idents)
            self._channels.status("idle", message)


def _is_cell(message: Message) -> bool:
    return bool(message["header"]["msg_type"] == "execute_request")


def _send(socket: zmq.Socket[bytes], frames: Frames) -> bool:
    """False if there is nobody at the other end."""
    try:
        socket.send_multipart(frames, zmq.NOBLOCK)
    except zmq.Again:
        return False
    return True
