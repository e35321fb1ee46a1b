"""What the front costs once it relays: the same kernel behind it and without it, in turn, round after round.

    pip install . && python benchmarks/relay.py [--rounds 20]

Prints medians, and the ratio and the difference to the kernel without a front; and the front's memory.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from appose_kernel.kernels import documents
from appose_kernel.workspaces import formats, names

MANIFEST = """\
[project]
name = "benchmark"
version = "0"
requires-python = ">=3.10"
dependencies = ["ipykernel"]
"""
LARGE = "import sys\nfor _ in range(20): sys.stdout.write('x' * 1_000_000); sys.stdout.flush()"


@contextmanager
def running(argv: list[str], root: Path, transport: str) -> Iterator[tuple[BlockingKernelClient, int]]:
    """A client of a kernel that has run a cell, and the id of the process that was started."""
    manager = KernelManager(transport=transport, connection_file=str(root / f"{len(argv)}.json"))
    manager._kernel_spec = KernelSpec(argv=argv)
    manager.start_kernel(cwd=str(root))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=300)
        client.execute("pass", reply=True, timeout=300)
        yield client, manager.provisioner.process.pid
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def ask(client: BlockingKernelClient) -> None:
    client.kernel_info(reply=True, timeout=60)


def run_cell(client: BlockingKernelClient, code: str = "pass") -> None:
    client.execute_interactive(code, store_history=False, output_hook=lambda _: None, timeout=60)


#: What is measured, and how often in each round.
TRIPS: dict[str, tuple[int, Callable[[BlockingKernelClient], None]]] = {
    "kernel_info": (20, ask),
    "empty cell": (10, run_cell),
    "20 MB of output": (1, lambda client: run_cell(client, LARGE)),
}


def timed(trip: Callable[[BlockingKernelClient], None], client: BlockingKernelClient) -> float:
    began = time.perf_counter()
    trip(client)
    return 1e3 * (time.perf_counter() - began)


def compare(root: Path, transport: str, rounds: int) -> None:
    environment = formats.environment(formats.open_workspace(root), "default")
    starter = documents.starter(environment, names.workspace_slug(environment.workspace))
    python = str(root / ".venv/bin/python")
    # a change that the digest sees, so that the starter becomes a front
    with (root / "pyproject.toml").open("a") as manifest:
        manifest.write("# changed\n")
    with ExitStack() as stack:
        front, pid = stack.enter_context(running(starter, root, transport))
        argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        plain, _ = stack.enter_context(running(argv, root, transport))
        times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in TRIPS}
        for _ in range(rounds):
            for name, (count, trip) in TRIPS.items():
                for kernel, taken in zip((front, plain), times[name], strict=True):
                    taken += [timed(trip, kernel) for _ in range(count)]
        report(transport, times)
        memory = psutil.Process(pid).memory_full_info()
        print(f"{'':20}the front: {memory.rss / 1e6:.0f} MB, {memory.uss / 1e6:.0f} MB of its own")


def report(transport: str, times: dict[str, tuple[list[float], list[float]]]) -> None:
    print(f"{transport:20}{'plain':>10}{'front':>10}{'ratio':>8}{'ms more':>10}")
    for name, (front, plain) in times.items():
        ours, theirs = statistics.median(front), statistics.median(plain)
        print(f"{name:20}{theirs:10.2f}{ours:10.2f}{ours / theirs:8.3f}{ours - theirs:10.2f}")


def main(rounds: int) -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    root = Path(tempfile.mkdtemp(prefix="ak-"))
    try:
        (root / "pyproject.toml").write_text(MANIFEST)
        for transport in ("ipc", "tcp"):
            compare(root, transport, rounds)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20)
    main(parser.parse_args().rounds)
