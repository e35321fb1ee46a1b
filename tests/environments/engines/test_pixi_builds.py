"""A pixi workspace, from wanting an environment to its stamp, where there is a pixi."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from gates import Gate
from pixi_bench import PixiBench
from wanting import build, builder_of, environment, until, wanting

from appose_kernel.environments import builds, store
from appose_kernel.kernels import launch
from appose_kernel.model import BuildOptions, State

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the pretending tools are shell scripts")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PixiBench:
    found = PixiBench(tmp_path / "demo", tmp_path / "tools", monkeypatch)
    found.use("pixi_pretending.py")
    return found


def test_a_build_is_stamped_in_place_and_its_activation_reaches_the_kernel(bench: PixiBench) -> None:
    build(environment(bench.root, "cuda"))
    env = environment(bench.root, "cuda")
    prefix = bench.root / ".pixi" / "envs" / "cuda"
    assert store.place(env).path == prefix
    assert (bench.root / ".pixi" / ".gitignore").read_text() == "*\n!config.toml\n"
    ready = builds.ready(env)
    assert ready is not None
    assert ready.engine == "pixi"
    argv, variables = launch.command(ready, {"LD_LIBRARY_PATH": "/usr/local/nvidia/lib64", "PATH": "/bin"})
    assert argv[0] == str(prefix / "bin" / "python")
    assert variables["LD_LIBRARY_PATH"] == f"{prefix}/lib:/usr/local/nvidia/lib64"
    assert variables["PIXI_PROJECT_ROOT"] == str(bench.root)
    assert variables["PATH"] == f"{prefix}/bin:/bin"
    assert build(env) == []


def test_another_pixi_install_in_between_costs_a_check(bench: PixiBench) -> None:
    build(environment(bench.root))
    env = environment(bench.root)
    meta = store.place(env).path / "conda-meta"
    (meta / "pixi").write_text("{}")
    assert builds.ready(env)
    (meta / "alpha-2.0-py_0.json").rename(meta / "alpha-2.1-py_0.json")
    assert builds.status(env).state is State.DRIFTED
    assert builds.status(env).reason == "the prefix was changed by another tool"


def test_a_killed_install_is_begun_from_nothing(bench: PixiBench, tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    bench.patch.setenv("TEST_GATE", str(tmp_path / "gate"))
    stale = bench.root / ".pixi" / "envs" / "default" / "stale"

    async def scenario() -> None:
        async with wanting(environment(bench.root), BuildOptions()) as wanter:
            await until((stale.parent / "bin" / "python").exists)
            stale.write_text("half of a file")
            builder_of(wanter.ids[0]).kill()
            gate.open()
            await wanter.task

    asyncio.run(scenario())
    env = environment(bench.root)
    assert builds.ready(env)
    assert not stale.exists()
    assert sum(call[0] == "install" for call in bench.calls) == 2
