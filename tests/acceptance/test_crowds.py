"""Many kernels at once: one build for all who want it, and none lost."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jupyter import JupyterServer, serving

from appose_kernel.environments import folders

if TYPE_CHECKING:
    from conftest import ProjectFactory

KERNEL = "appose.project.default"
CODE = "import sys; print(sys.prefix)"


async def prefix_of(server: JupyterServer, path: str) -> str:
    """Open a notebook and run its first cell at once, as somebody does who does not look."""
    kernel = await server.start_session(KERNEL, path)
    async with server.connected(kernel) as connection:
        result = await connection.execute(CODE)
    assert result.status == "ok", result.content
    await server.delete(f"/api/kernels/{kernel}")
    return result.text.strip()


def together(servers: list[JupyterServer], count: int) -> list[str]:
    """``count`` notebooks opened at once, dealt to ``servers`` in turn."""

    async def scenario() -> list[str]:
        starts = [prefix_of(servers[n % len(servers)], f"project/{n}.ipynb") for n in range(count)]
        return await asyncio.gather(*starts)

    return asyncio.run(scenario())


def builds() -> set[Path]:
    return set((folders.state_dir() / "builds").glob("*.jsonl"))


@pytest.mark.parametrize(
    ("rounds", "count"),
    [(1, 4), pytest.param(10, 16, marks=[pytest.mark.nightly, pytest.mark.timeout(1200)])],
)
def test_starts_in_two_servers_are_one_build(
    tmp_path: Path, isolated: Path, uv_project: ProjectFactory, rounds: int, count: int
) -> None:
    project = uv_project()
    with (
        serving(tmp_path, isolated / "one.log") as one,
        serving(tmp_path, isolated / "two.log") as two,
    ):
        for _ in range(rounds):
            before = builds()
            assert together([one, two], count) == [str(project / ".venv")] * count
            assert len(builds() - before) == 1
            shutil.rmtree(project / ".venv")
            shutil.rmtree(project / ".venvs")


@pytest.mark.parametrize(
    ("rounds", "count"), [(1, 6), pytest.param(3, 60, marks=[pytest.mark.nightly, pytest.mark.timeout(1200)])]
)
def test_kernels_of_a_ready_environment_all_come_up(
    server: JupyterServer, uv_project: ProjectFactory, rounds: int, count: int
) -> None:
    project = uv_project()
    assert together([server], 1) == [str(project / ".venv")]
    before = builds()
    for _ in range(rounds):
        assert together([server], count) == [str(project / ".venv")] * count
    assert builds() == before
