"""From start to first reply: a kernel of a ready environment, beside the other ways to have one.

Five ways in the same prefix, in turn, round after round: plain ipykernel; appose-kernel's provisioner (what
JupyterLab uses); its starter (what clients without provisioners use); pyproject-local-kernel;
``uv run --with ipykernel``. Prints medians and their ratio to plain ipykernel's.

    pip install . pyproject-local-kernel && python benchmarks/kernel_start.py [--rounds 15]

The client's ZMQ context reconnects every 2 ms; the default of 100 ms would quantise every figure.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import uv
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager

from appose_kernel.environments import builds
from appose_kernel.kernels import documents
from appose_kernel.model import Environment
from appose_kernel.workspaces import formats, names

MANIFEST = """\
[project]
name = "benchmark"
version = "0"
requires-python = ">=3.10"
dependencies = ["six", "ipykernel"]

[tool.pyproject-local-kernel]
use-venv = ".venv"
"""


async def first_reply(
    kernelspec: KernelSpec, context: zmq.asyncio.Context, cwd: Path, env: Mapping[str, str]
) -> float:
    """Milliseconds from asking for the kernel to its first answer."""
    manager = AsyncKernelManager(context=context)
    manager._kernel_spec = kernelspec
    began = time.perf_counter()
    await manager.start_kernel(cwd=str(cwd), env=dict(env))
    client = manager.client()
    client.start_channels(hb=False, stdin=False, control=False)
    client.kernel_info()
    while (await client.get_shell_msg(timeout=60))["msg_type"] != "kernel_info_reply":
        pass
    took = 1e3 * (time.perf_counter() - began)
    client.stop_channels()
    await manager.shutdown_kernel(now=True)
    return took


def ways(environment: Environment) -> dict[str, KernelSpec]:
    python = environment.workspace.root / ".venv/bin/python"
    ours = documents.document(documents.Offer(environment), names.kernel_name(environment))
    starter = {**ours, "metadata": {}}
    provisioner = {**ours, "metadata": documents.provisioned(ours["metadata"])}
    uv_run = [uv.find_uv_bin(), "run", "--with", "ipykernel", "python"]
    launcher = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    found = {
        "plain ipykernel": KernelSpec(argv=[str(python), *launcher]),
        "appose-kernel, provisioner": KernelSpec(**provisioner),
        "appose-kernel, starter": KernelSpec(**starter),
        "uv run --with ipykernel": KernelSpec(argv=[*uv_run, *launcher]),
    }
    try:
        found["pyproject-local-kernel"] = KernelSpecManager().get_kernel_spec("pyproject_local_kernel")
    except NoSuchKernel:
        print("pyproject-local-kernel is not installed: left out", file=sys.stderr)
    return found


async def main(rounds: int) -> None:
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.RECONNECT_IVL, 2)
    root = Path(tempfile.mkdtemp(prefix="appose-benchmark-"))
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    try:
        (root / "pyproject.toml").write_text(MANIFEST)
        environment = formats.environment(formats.open_workspace(root), "default")
        async with aclosing(builds.want(environment)) as events:
            async for _ in events:
                pass
        contestants = ways(environment)
        first: dict[str, float] = {}
        times: dict[str, list[float]] = {name: [] for name in contestants}
        for number in range(rounds + 1):
            for name, kernelspec in contestants.items():
                took = await first_reply(kernelspec, context, root, environ)
                if number == 0:
                    first[name] = took
                else:
                    times[name].append(took)
        report(first, times)
    finally:
        shutil.rmtree(root)


def report(first: Mapping[str, float], times: Mapping[str, Any]) -> None:
    """Ratios are of each round's pair, so that a machine whose speed drifts does not decide."""
    plain = times["plain ipykernel"]
    print(f"{'':30}{'first':>8}{'median':>9}{'min':>8}{'ratio':>8}")
    for name, mine in times.items():
        ratio = statistics.median(a / b for a, b in zip(mine, plain, strict=True))
        print(f"{name:30}{first[name]:8.0f}{statistics.median(mine):9.0f}{min(mine):8.0f}{ratio:8.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    asyncio.run(main(parser.parse_args().rounds))
