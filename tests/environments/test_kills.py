"""SIGKILL of the builder at any moment: whoever wants the environment next gets it whole."""

import asyncio
import os
import random
import socket
import subprocess
from pathlib import Path

import pytest
from cells import PATIENCE, running, value
from wanting import builder_of, environment, until, wanting

from appose_kernel.environ import clean
from appose_kernel.environments import builds, store, verify
from appose_kernel.model import BuildOptions, Environment, Stamp

MODULES = 40
KILLS = 40
IMPORTS = "; ".join(f"import pack{n}.module{n % 20}" for n in range(MODULES))


@pytest.fixture
def project(uv_project, wheel) -> Path:
    for package in range(MODULES):
        files = {f"pack{package}/__init__.py": "value = 1\n"}
        files |= {f"pack{package}/module{number}.py": f"value = {number}\n" * 50 for number in range(20)}
        wheel(f"pack{package}", files=files)
    return uv_project([f"pack{package}" for package in range(MODULES)])


@pytest.fixture
def real_project(project: Path, wheel_folder: Path) -> Path:
    """The same project without its double of an ipykernel: its kernel is a real one, of an overlay."""
    try:
        socket.create_connection(("pypi.org", 443), timeout=5).close()
    except OSError:
        pytest.skip("PyPI cannot be reached")
    manifest = project / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("'ipykernel', ", ""))
    for double in wheel_folder.glob("ipykernel-*"):
        double.unlink()
    return project


def check(env: Environment, packages: int) -> None:
    """Every file of every package has the content that was published, and everything can be imported."""
    python = store.place(env).python
    site = asyncio.run(verify.site(str(python), os.environ))
    distributions = verify.packages(site)
    assert len(distributions) == packages
    assert [d for dist in distributions for d in verify.damage(site, dist, deep=True)] == []
    subprocess.run([python, "-c", IMPORTS], check=True)


def kill_and_build(project: Path, moment: float) -> tuple[Stamp, bool]:
    """Kill the builder ``moment`` seconds after its first word; what is ready then, and whether it ran."""

    async def scenario() -> bool:
        async with wanting(environment(project), BuildOptions(rebuild=True)) as wanter:
            await until(lambda: wanter.events)
            [first] = wanter.ids
            builder = builder_of(first)
            await asyncio.wait({wanter.task}, timeout=moment)
            running = not wanter.task.done()
            builder.kill()
            await wanter.task
            return running

    killed = asyncio.run(scenario())
    stamp = builds.ready(environment(project))
    assert stamp is not None
    return stamp, killed


def test_no_kill_leaves_a_wrong_environment(project: Path) -> None:
    chance = random.Random(2)
    killed = 0
    while killed < 2:
        killed += kill_and_build(project, chance.uniform(0, 0.6))[1]
        check(environment(project), MODULES + 1)  # and the kernel


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_after_no_kill_a_cell_fails(real_project: Path) -> None:
    chance = random.Random(KILLS)
    killed = 0
    while killed < KILLS:
        stamp, still_ran = kill_and_build(real_project, chance.uniform(0, 0.6))
        killed += still_ran
        check(environment(real_project), MODULES)
        assert stamp.overlay
        with running(stamp, clean(os.environ)) as client:
            client.execute(IMPORTS, reply=True, timeout=PATIENCE)
            assert value(client, f"pack{MODULES - 1}.module{(MODULES - 1) % 20}.value") == (MODULES - 1) % 20
