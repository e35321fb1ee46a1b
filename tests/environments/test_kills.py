"""SIGKILL of the builder at any moment: whoever wants the environment next gets it whole."""

import asyncio
import os
import random
import subprocess
from pathlib import Path

import pytest
from wanting import builder_of, environment, until, wanting

from appose_kernel.environments import builds, store, verify
from appose_kernel.model import BuildOptions, Environment

MODULES = 40


@pytest.fixture
def project(uv_project, wheel) -> Path:
    for package in range(MODULES):
        files = {f"pack{package}/__init__.py": "value = 1\n"}
        files |= {f"pack{package}/module{number}.py": f"value = {number}\n" * 50 for number in range(20)}
        wheel(f"pack{package}", files=files)
    return uv_project([f"pack{package}" for package in range(MODULES)])


def check(env: Environment) -> None:
    """Every file of every package has the content that was published, and everything can be imported."""
    python = store.place(env).python
    site = asyncio.run(verify.site(str(python), os.environ))
    distributions = verify.distributions(site)
    assert len(distributions) == MODULES + 1  # and the kernel
    assert [d for dist in distributions for d in verify.damage(site, dist, deep=True)] == []
    imports = "; ".join(f"import pack{n}.module{n % 20}" for n in range(MODULES))
    subprocess.run([python, "-c", imports], check=True)


@pytest.mark.parametrize(
    "kills", [2, pytest.param(40, marks=[pytest.mark.nightly, pytest.mark.timeout(900)])]
)
def test_no_kill_leaves_a_wrong_environment(kills: int, project: Path) -> None:
    chance = random.Random(kills)

    async def kill_once(env: Environment, moment: float) -> bool:
        """Kill the builder ``moment`` seconds after its first word; whether it still ran."""
        async with wanting(env, BuildOptions(rebuild=True)) as wanter:
            await until(lambda: wanter.events)
            [first] = wanter.ids
            builder = builder_of(first)
            await asyncio.wait({wanter.task}, timeout=moment)
            running = not wanter.task.done()
            builder.kill()
            await wanter.task
            return running

    killed = 0
    while killed < kills:
        env = environment(project)
        killed += asyncio.run(kill_once(env, chance.uniform(0, 0.6)))
        assert builds.ready(environment(project))
        check(env)
