"""Real kernels of environments, and what they answer."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client import KernelManager
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec

from appose_kernel.environments.kernel_argv import kernel_argv
from appose_kernel.model import Stamp

PATIENCE = 60


@contextmanager
def running(stamp: Stamp, environ: dict[str, str]) -> Iterator[BlockingKernelClient]:
    with tempfile.TemporaryDirectory() as folder:
        manager = KernelManager(connection_file=str(Path(folder, "kernel.json")))
        manager._kernel_spec = KernelSpec(argv=kernel_argv(stamp), display_name="", language="python")
        manager.start_kernel(env=environ, cwd=folder)
        client: BlockingKernelClient = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=PATIENCE)
            yield client
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            manager.cleanup_resources()


def value(client: BlockingKernelClient, expression: str) -> Any:
    """The value of a JSON-able expression in the kernel."""
    asked = {"it": f"__import__('json').dumps({expression})"}
    reply = client.execute("", user_expressions=asked, reply=True, timeout=PATIENCE)["content"]
    answer = reply["user_expressions"]["it"]
    assert answer["status"] == "ok", answer
    return json.loads(eval(answer["data"]["text/plain"]))
