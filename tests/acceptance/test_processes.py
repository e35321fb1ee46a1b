"""What a ready environment's kernel costs: its own process, and no other."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jupyter_client.manager import AsyncKernelManager

from appose_kernel.environments import builds
from appose_kernel.kernels import documents, kernelspecs
from appose_kernel.workspaces import formats

if TYPE_CHECKING:
    from conftest import ProjectFactory

#: Start the registered kernel as any client does, run a cell, and end it.
CLIENT = """
import asyncio, sys
from jupyter_client.manager import start_new_async_kernel

async def main():
    manager, client = await start_new_async_kernel(kernel_name=sys.argv[1])
    await client.execute_interactive("1 + 1", timeout=60)
    client.stop_channels()
    await manager.shutdown_kernel()

asyncio.run(main())
"""

EXECUTED = re.compile(r'^(\d+) +execve\("([^"]+)", \[(.*)\]', re.MULTILINE)


@pytest.fixture
def ready(uv_project: ProjectFactory) -> Path:
    """The folder of a workspace whose environment is built and registered."""
    environment = formats.environment(formats.open_workspace(uv_project()), "default")

    async def build() -> None:
        async with aclosing(builds.want(environment)) as events:
            async for _ in events:
                pass

    asyncio.run(build())
    kernelspecs.register(environment)
    return environment.workspace.root


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_starter_becomes_the_kernel_and_nothing_else_runs(ready: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    client = [sys.executable, "-c", CLIENT, "appose.project.default"]
    strace = ["strace", "-f", "-qq", "-z", "-s", "500", "-e", "trace=execve", "-o", str(trace)]
    subprocess.run([*strace, *client], check=True, cwd=ready, timeout=120)
    programs = [found.groups() for found in EXECUTED.finditer(trace.read_text())]
    (_, _, client_argv), (starter, _, starter_argv), (kernel, program, _), *later = programs
    assert "start_new_async_kernel" in client_argv
    assert "appose_kernel.start" in starter_argv
    assert program == str(ready / ".venv" / "bin" / "python")
    assert kernel == starter, "the starter started the kernel instead of becoming it"
    # Python's own `platform` asks `uname -p`, in any ipykernel
    assert {path.rpartition("/")[2] for _, path, _ in later} <= {"uname"}


def test_the_provisioner_starts_the_kernel_and_nothing_else(ready: Path) -> None:
    started: list[str] = []

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        if event in ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.system"):
            started.append(str(arguments[0]))

    async def scenario() -> None:
        manager = AsyncKernelManager(kernel_name="appose.project.default")
        specification = manager.kernel_spec
        assert specification is not None
        specification.metadata = documents.provisioned(specification.metadata)
        watching.append(True)
        await manager.start_kernel(cwd=str(ready), env=dict(os.environ))
        watching.clear()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        client.stop_channels()
        await manager.shutdown_kernel(now=True)

    watching: list[bool] = []
    # an audit hook cannot be taken away again, so it has a switch
    sys.addaudithook(lambda event, arguments: audit(event, arguments) if watching else None)
    asyncio.run(scenario())
    assert started == [str(ready / ".venv" / "bin" / "python")]
