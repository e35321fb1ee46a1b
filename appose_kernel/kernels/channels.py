"""The five channels of a kernel as the front has them: sockets, and the one thread that serves them.

A thread of its own, so that no request waits while the front reads a log or starts a process; and
plain sockets, because asyncio's cost four times as much a message.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import zmq
from jupyter_client.session import Session

from .report import say

#: The channels that carry requests.
REQUESTS = ("shell", "control", "stdin")
#: How long unsent messages may hold up the end, in milliseconds; ipykernel's figure.
LINGER = 1000
#: Messages taken from one channel before the others get their turn.
TURN = 100

Frames = list[bytes]
Message = dict[str, Any]


def url(connection: Mapping[str, Any], channel: str) -> str:
    """The address of a channel in a connection file."""
    separator = "-" if connection["transport"] == "ipc" else ":"
    return f"{connection['transport']}://{connection['ip']}{separator}{connection[f'{channel}_port']}"


class Channels:
    """Binds the channels of a connection file and answers on them.

    Except for :meth:`start`, :meth:`call` and :meth:`close`, everything happens in the serving thread.
    """

    def __init__(self, connection: Mapping[str, Any]) -> None:
        self.context = zmq.Context()
        self.session = Session(
            key=connection["key"].encode(), signature_scheme=connection["signature_scheme"], username="kernel"
        )
        self._curve = {
            name: connection[name].encode()
            for name in ("curve_publickey", "curve_secretkey")
            if connection.get(name)
        }
        self.sockets = {name: self._bind(zmq.ROUTER, connection, name) for name in REQUESTS}
        self.iopub = self._bind(zmq.XPUB, connection, "iopub")
        self._heart = zmq.Context()
        self._heartbeat = self._bind(zmq.ROUTER, connection, "hb", self._heart)
        self._poller = zmq.Poller()
        self._listeners: dict[Any, Callable[[], object]] = {}
        self._calls: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._wake, waker = socket.socketpair()
        self._waker = waker
        self._poller.register(self._wake.fileno(), zmq.POLLIN)
        self._listeners[self._wake.fileno()] = self._run_calls
        self.listen(self.iopub, self._welcome)
        self._serving = True
        self._threads = [
            threading.Thread(target=self._serve, name="channels", daemon=True),
            threading.Thread(target=self._beat, name="heartbeat", daemon=True),
        ]

    def _bind(
        self, kind: int, connection: Mapping[str, Any], channel: str, context: zmq.Context[Any] | None = None
    ) -> zmq.Socket[bytes]:
        bound = self.new_socket(kind, context)
        if self._curve:
            bound.curve_server = True
            for name, key in self._curve.items():
                setattr(bound, name, key)
        if kind == zmq.ROUTER:
            # A client that reconnects under its old name takes the name over:
            # https://github.com/ipython/ipykernel/issues/270
            bound.router_handover = True
        bound.bind(url(connection, channel))
        return bound

    def new_socket(self, kind: int, context: zmq.Context[Any] | None = None) -> zmq.Socket[bytes]:
        """A socket that never blocks its sender and never drops a message for lack of room."""
        made = (context or self.context).socket(kind)
        made.linger = LINGER
        made.sndhwm = made.rcvhwm = 0
        return made

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def call(self, function: Callable[[], object]) -> None:
        """Have the serving thread run ``function``; from any thread."""
        self._calls.put(function)
        self._waker.send(b".")

    def close(self) -> None:
        """Send what is to be sent, then close; from any thread but the serving one."""
        self.call(self._stop)
        self._threads[0].join()
        self.context.destroy()
        self._heart.term()

    def listen(self, source: zmq.Socket[bytes], received: Callable[[Frames], object]) -> None:
        """Hand each message of ``source`` to ``received``, from now on."""
        self._poller.register(source, zmq.POLLIN)
        self._listeners[source] = lambda: take(source, received)

    def reply(
        self, channel: str, msg_type: str, content: Mapping[str, Any], to: Message, idents: Frames
    ) -> None:
        message = self.session.msg(msg_type, dict(content), parent=to)
        self.sockets[channel].send_multipart(self.session.serialize(message, ident=idents))

    def publish(self, msg_type: str, content: Mapping[str, Any], parent: Message | None = None) -> None:
        message = self.session.msg(msg_type, dict(content), parent=parent)
        self.iopub.send_multipart(self.session.serialize(message, ident=[f"kernel.{msg_type}".encode()]))

    def status(self, state: str, parent: Message | None = None) -> None:
        self.publish("status", {"execution_state": state}, parent)

    def _welcome(self, frames: Frames) -> None:
        """Tell a client that its subscription is there: https://jupyter.org/enhancement-proposals/65-jupyter-xpub"""
        subscribed, topic = frames[0][:1] == b"\x01", frames[0][1:]
        if subscribed:
            message = self.session.msg("iopub_welcome", {"subscription": topic.decode(errors="replace")})
            self.iopub.send_multipart(self.session.serialize(message, ident=[topic] if topic else None))

    def _serve(self) -> None:
        while self._serving:
            for source, _ in self._poller.poll():
                self._hear(source)

    def _hear(self, source: Any) -> None:
        try:
            self._listeners[source]()
        except Exception:  # one odd message must not end the kernel
            say(traceback.format_exc())

    def _run_calls(self) -> None:
        self._wake.recv(1)
        self._calls.get()()

    def _stop(self) -> None:
        self._serving = False

    def _beat(self) -> None:
        """Echo heartbeats without Python's help, so that no work of ours can delay one."""
        with contextlib.suppress(zmq.ContextTerminated):
            zmq.proxy(self._heartbeat, self._heartbeat)
        self._heartbeat.close(linger=0)


def take(source: zmq.Socket[bytes], received: Callable[[Frames], object]) -> bool:
    """Hand on what has arrived, up to one :data:`TURN`; True if there was anything."""
    for count in range(TURN):
        try:
            frames = source.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return count > 0
        received(frames)
    return True
