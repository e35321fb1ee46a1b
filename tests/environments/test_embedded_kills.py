"""SIGKILL of everything that makes a conda prefix, at any moment: whoever wants it next gets it whole."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import conda_channel
import psutil
import pytest
import wheels
from wanting import build, builder_of, environment, until, wanting

from appose_kernel.environments import builds, store, verify
from appose_kernel.model import BuildOptions, Environment

PACKAGES = 40
KILLS = 200
IMPORTS = "; ".join(f"import pack{n}, pack{n}_data" for n in range(PACKAGES)) + "; import from_pypi"


@pytest.fixture
def project(tmp_path: Path, wheel_folder: Path) -> Iterator[Path]:
    """Forty conda packages of some size and one wheel, from a channel served by http."""
    channel = conda_channel.Channel(tmp_path / "channel")
    channel.python()
    site = "site-packages"
    for number in range(PACKAGES):
        name = f"pack{number}"
        rows = "\n".join(f"row{row} = {row}" for row in range(2000))
        files = {f"{site}/{name}.py": f"value = {number}\n", f"{site}/{name}_data.py": rows}
        channel.package(name, files=files, subdir="noarch", depends=["python"], noarch="python")
    kernel = {f"{site}/ipykernel_launcher.py": "", f"{site}/ipykernel/kernelapp.py": ""}
    channel.package("ipykernel", files=kernel, subdir="noarch", depends=["python"], noarch="python")
    wheels.write(wheel_folder, "from-pypi", "1.0")
    folder = tmp_path / "project"
    folder.mkdir()
    with conda_channel.serve(channel.index().folder) as url:
        lines = ["channels:", f"  - {url}", "dependencies:", "  - ipykernel"]
        lines += [f"  - pack{number}" for number in range(PACKAGES)]
        options = [f"--find-links {wheel_folder.as_uri()}"]
        lines += ["  - pip:", *(f"    - {line}" for line in [*options, "from-pypi"])]
        (folder / "environment.yml").write_text("\n".join(lines))
        yield folder


def check(env: Environment) -> None:
    """Every file of every package has the content that was published, and everything can be imported."""
    python = store.place(env).python
    site = asyncio.run(verify.site(str(python), os.environ))
    packages = verify.packages(site)
    assert len(packages) == PACKAGES + 3
    assert [found for package in packages for found in verify.damage(site, package, deep=True)] == []
    subprocess.run([python, "-c", IMPORTS], check=True)


def kill(builder: psutil.Process, *, alone: bool) -> None:
    """What a machine's out-of-memory killer may do: end the builder, or all that works for it as well."""
    family = [builder]
    with suppress(psutil.NoSuchProcess):  # the build may have ended
        family += [] if alone else builder.children(recursive=True)
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def kill_and_build(env: Environment, moment: float, *, alone: bool) -> bool:
    """Kill the builder, or all that it runs, after ``moment`` seconds; whether it still ran."""

    async def scenario() -> bool:
        async with wanting(env, BuildOptions(rebuild=True)) as wanter:
            await until(lambda: wanter.events)
            builder = builder_of(wanter.ids[0])
            await asyncio.wait({wanter.task}, timeout=moment)
            running = not wanter.task.done()
            kill(builder, alone=alone)
            await wanter.task
            return running

    return asyncio.run(scenario())


def kills(project: Path, count: int) -> None:
    chance = random.Random(count)
    env = environment(project)
    build(env)
    killed = 0
    while killed < count:
        killed += kill_and_build(env, chance.uniform(0, 1.5), alone=chance.random() < 0.5)
        assert builds.ready(env) is not None
        check(env)


def test_no_kill_leaves_a_wrong_conda_environment(project: Path) -> None:
    kills(project, 2)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_two_hundred_kills_leave_no_wrong_conda_environment(project: Path) -> None:
    kills(project, KILLS)
