import asyncio
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from wanting import build, environment

from appose_kernel.environments import builds, sizes, stamp, store
from appose_kernel.errors import EngineUnsupported
from appose_kernel.model import BuildOptions, Environment, State
from appose_kernel.workspaces import formats


@pytest.fixture
def built(uv_project, wheel) -> Environment:
    wheel("alpha")
    folder = uv_project(["alpha"])
    build(environment(folder))
    return environment(folder)


def is_(env: Environment, state: State, **more: Any) -> builds.Status:
    """The status of an environment about which there is nothing else to say."""
    return builds.Status(state, store.place(env), **more)


def reason(env: Environment) -> str:
    status = builds.status(environment(env.workspace.root))
    assert status.state is State.DRIFTED
    return status.reason


def test_nothing_is_said_of_what_was_never_built(uv_project) -> None:
    folder = uv_project()
    env = environment(folder)
    assert builds.status(env) == is_(env, State.NOT_BUILT)
    assert [path.name for path in folder.iterdir()] == ["pyproject.toml"]


def test_a_built_environment_is_ready(built: Environment) -> None:
    [record] = builds.recent()
    size = sizes.of(store.place(built).path)
    assert size > 1000
    assert builds.status(built) == is_(built, State.READY, build=record.id, fraction=1, size=size, built=True)


def test_drift_names_the_file_that_changed(built: Environment) -> None:
    with built.workspace.manifest.open("a") as manifest:
        manifest.write("# more\n")
    assert reason(built) == "pyproject.toml changed after the build"
    (built.workspace.root / "uv.lock").unlink()
    assert reason(built) == "pyproject.toml and uv.lock changed after the build"


def test_drift_names_a_variable(built: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", "12")
    assert reason(built) == "the variable CONDA_OVERRIDE_CUDA changed after the build"


def test_drift_tells_of_another_tool(built: Environment) -> None:
    [module] = store.place(built).path.rglob("alpha.py")
    (module.parent / "new").mkdir()
    assert reason(built) == "the prefix was changed by another tool"


def test_what_had_no_interpreter_has_not_lost_it(built: Environment) -> None:
    prefix = store.place(built)
    found = stamp.read(prefix)
    assert found is not None
    assert found.activation is not None
    stamp.write(prefix, replace(found, activation=replace(found.activation, python="")))
    prefix.python.unlink()
    assert reason(built) == "the prefix was changed by another tool"


def test_drift_tells_of_a_prefix_that_is_gone(built: Environment) -> None:
    store.place(built).python.unlink()
    assert reason(built) == "its interpreter is gone"
    shutil.rmtree(store.place(built).path)
    assert reason(built) == "its folder is gone"
    assert build(built)
    assert builds.ready(built)


def test_what_another_tool_changed_costs_one_check(built: Environment) -> None:
    [module] = store.place(built).path.rglob("alpha.py")
    (module.parent / "new").mkdir()
    inode = module.stat().st_ino
    build(built)
    assert builds.ready(built)
    assert (module.parent / "new").exists()
    assert module.stat().st_ino == inode


def test_a_records_folder_that_is_garbage_is_nothing(built: Environment) -> None:
    for path in store.place(built).records.glob("*.json"):
        path.write_text("{}")
    assert builds.status(built).state is State.NOT_BUILT
    assert build(built)
    assert builds.ready(built)
    assert Path(store.place(built).path, "pyvenv.cfg").exists()


def test_what_an_application_has_built_and_nobody_has_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPOSE_ENVS_DIR", str(tmp_path / "appose"))
    root = tmp_path / "appose" / "worker"
    root.mkdir(parents=True)
    (root / "appose.json").write_text("{}")
    env = environment(root)
    assert builds.status(env) == is_(env, State.NOT_BUILT)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root], check=True)
    env = environment(root)
    assert builds.status(env) == is_(env, State.NOT_BUILT, reason="built by its application")
    for refused in (BuildOptions(rebuild=True), BuildOptions(exact=True), BuildOptions(locked=False)):
        with pytest.raises(EngineUnsupported, match="behind the application's back"):
            build(env, refused)
        with pytest.raises(EngineUnsupported, match="behind the application's back"):
            asyncio.run(builds.start(env, refused))
        assert builds.status(env) == is_(env, State.NOT_BUILT, reason="built by its application")
    assert builds.recent() == []


def test_what_is_for_other_platforms_is_told_apart(tmp_path: Path) -> None:
    host = formats.host_platform()
    other = "linux-64" if host.startswith("osx") else "osx-64"
    (tmp_path / "pixi.toml").write_text(
        f'[workspace]\nname = "two"\nchannels = []\nplatforms = ["{other}", "{host}"]\n'
        f'[feature.away]\nplatforms = ["{other}"]\n[environments]\naway = ["away"]\n'
    )
    here, away = environment(tmp_path), environment(tmp_path, "away")
    assert builds.status(here) == is_(here, State.NOT_BUILT)
    assert builds.status(away) == is_(away, State.NOT_BUILT, reason=f"not for {host}")
