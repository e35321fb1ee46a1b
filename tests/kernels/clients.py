"""A kernel as a client has it: started through its kernelspec's ``argv``, spoken to over its channels."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty
from typing import Any

import psutil
from jupyter_client import KernelManager
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec

Message = dict[str, Any]
Start = Callable[..., "Kernel"]

#: What a kernelspec says so that its kernel may be spoken to in secret.
CURVE = {"supported_encryption": ["curve"]}
#: Seconds in which anything a test waits for has to happen.
PATIENCE = 60.0


def starter(folder: Path, environment: str = "default") -> list[str]:
    """The ``argv`` of a kernelspec for an environment of the workspace in ``folder``."""
    return [
        sys.executable,
        "-m",
        "appose_kernel.start",
        f"--manifest={folder / 'pyproject.toml'}",
        f"--environment={environment}",
        "-f",
        "{connection_file}",
    ]


class Kernel:
    """One running kernel and one client of it. ``seen`` is all that was published, in its order."""

    def __init__(self, argv: list[str], cwd: Path, transport: str, **traits: Any) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ak-"))
        self._log = (self.folder / "log").open("w")
        self._file = self.folder / "kernel-0123.json"
        self.manager = KernelManager(transport=transport, connection_file=str(self._file), **traits)
        self.manager._kernel_spec = KernelSpec(
            argv=argv, display_name="test", language="python", metadata=CURVE
        )
        self.manager.start_kernel(cwd=str(cwd), stderr=self._log)
        self.client: BlockingKernelClient = self.manager.blocking_client()
        self.client.start_channels()
        self.seen: list[Message] = []
        self.replies: dict[str, list[Message]] = {"shell": [], "control": [], "stdin": []}

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def process(self) -> psutil.Process:
        """The starter, or what has become of it."""
        return psutil.Process(self.manager.provisioner.process.pid)

    @property
    def child(self) -> psutil.Process:
        """The real kernel behind a front; a builder that is about to end may be a child of the front too."""
        name = self._file.name
        [child] = [child for child in self.process.children() if name in " ".join(child.cmdline())]
        return child

    def ready(self) -> None:
        """Wait as every client does, for ``kernel_info`` and something published."""
        self.client.wait_for_ready(timeout=PATIENCE)

    def execute(self, code: str, **options: Any) -> str:
        return str(self.client.execute(code, **options))

    def ask(self, channel: str, msg_type: str, content: dict[str, Any]) -> str:
        """Send any request; returns its id."""
        message = self.client.session.msg(msg_type, content)
        getattr(self.client, f"{channel}_channel").send(message)
        return str(message["header"]["msg_id"])

    def reply(self, request: str, channel: str = "shell") -> Message:
        """The reply to a request, whatever replies to others come before it."""
        for message in self._arriving(channel):
            if message["parent_header"].get("msg_id") == request:
                return message
        raise AssertionError

    def _arriving(self, channel: str) -> Iterator[Message]:
        kept = self.replies[channel]
        yield from kept
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self._next(channel, deadline)
            kept.append(message)
            yield message

    def publication(self, wanted: Callable[[Message], bool], since: int = 0) -> Message:
        """The first message from number ``since`` on that is ``wanted``, published or still to come."""
        for message in self.seen[since:]:
            if wanted(message):
                return message
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self._next("iopub", deadline)
            self.seen.append(message)
            if wanted(message):
                return message

    def last_publications(self) -> list[Message]:
        """What was published and not yet looked at, by a kernel that has ended."""
        found = []
        with suppress(Empty):
            while True:
                found.append(self.client.get_iopub_msg(timeout=1))
        return found

    def _next(self, channel: str, deadline: float) -> Message:
        try:
            message: Message = getattr(self.client, f"get_{channel}_msg")(
                timeout=max(0.0, deadline - time.monotonic())
            )
        except Empty:
            kinds = [(m["msg_type"], str(m["content"])[:200]) for m in self.seen[-5:]]
            raise AssertionError(f"nothing more came on {channel}\n{kinds}\n{self.log}") from None
        return message

    def finished(self, request: str) -> list[Message]:
        """Everything published for ``request``, once it is idle again and replied to."""
        self.publication(lambda m: of(request, m) and state(m) == "idle" and self._ran(request))
        self.reply(request)
        return [message for message in self.seen if of(request, message)]

    def _ran(self, request: str) -> bool:
        return any(of(request, message) and state(message) == "busy" for message in self.seen)

    def text(self, request: str) -> str:
        """What a cell printed."""
        return "".join(
            message["content"]["text"]
            for message in self.finished(request)
            if message["msg_type"] == "stream"
        )

    def refusal(self) -> dict[str, Any]:
        """What a cell that is sent by itself, and not along with a refused one, is refused with."""
        while True:
            cell = self.execute("1")
            content: dict[str, Any] = self.reply(cell)["content"]
            if content["status"] != "aborted":
                assert "error" in [message["msg_type"] for message in self.finished(cell)]
                return content

    def ended(self) -> int:
        """The exit code, once the process has ended."""
        return int(self.manager.provisioner.process.wait(PATIENCE))

    def close(self) -> None:
        self.client.stop_channels()
        process = self.manager.provisioner.process
        if process is not None and process.poll() is None:
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def of(request: str, message: Message) -> bool:
    return message["parent_header"].get("msg_id") == request


def state(message: Message) -> str | None:
    """The execution state that a status message tells."""
    return message["content"].get("execution_state") if message["msg_type"] == "status" else None


def shows_progress(message: Message) -> bool:
    """Whether a message shows the build in a cell."""
    return message["msg_type"] in ("display_data", "update_display_data")


@contextmanager
def running(argv: list[str], cwd: Path, transport: str = "ipc", **traits: Any) -> Iterator[Kernel]:
    kernel = Kernel(argv, cwd, transport, **traits)
    try:
        yield kernel
    finally:
        kernel.close()
