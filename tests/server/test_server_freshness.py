"""However much an answer remembers of the last one, it tells of every change since."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsing import Call

from appose_kernel.environments import buildlog, generations, inputs, stamp, store
from appose_kernel.errors import ApposeKernelError, LockOutdated
from appose_kernel.model import Activation, Environment, Phase, Stamp, StampState, Step
from appose_kernel.workspaces import formats

#: Long ago, in Unix seconds: files of that time are remembered, as those that were just written are not.
SETTLED = 1e9


def settle(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (SETTLED, SETTLED), follow_symlinks=False)


def opened(folder: Path) -> Environment:
    return formats.environments(formats.open_workspace(folder))[0]


@pytest.fixture
def ready(project: Path) -> Environment:
    """An environment that is ready, of which everything can be remembered."""
    (project / "uv.lock").write_text("version = 1\n")
    settle(project)
    env = opened(project)
    prefix = store.place(env)
    store.prepare(prefix)
    (prefix.path / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    prefix.python.parent.mkdir()
    prefix.python.touch()
    (prefix.path / "pyvenv.cfg").touch()
    settle(project)
    found = inputs.fingerprint(env)
    built = Stamp(
        state=StampState.READY,
        digest=inputs.digest_of(found),
        engine="uv",
        build="20260101T000000-00000000",
        time=1.0,
        inputs=found,
        seal=stamp.seal(prefix),
        activation=Activation(str(prefix.python)),
        size=10,
    )
    stamp.write(prefix, built)
    settle(prefix.records)
    return env


def add_extra(env: Environment) -> None:
    with env.workspace.manifest.open("a") as manifest:
        manifest.write("rocm = []\n")


def lock_anew(env: Environment) -> None:
    (env.workspace.root / "uv.lock").write_text("version = 2\n")


def unlock(env: Environment) -> None:
    (env.workspace.root / "uv.lock").unlink()


def stamp_anew(env: Environment) -> None:
    prefix = store.place(env)
    found = stamp.read(prefix)
    assert found is not None
    stamp.write(prefix, replace(found, size=20))


def drop_stamp(env: Environment) -> None:
    (store.place(env).records / stamp.FILE).unlink()


def install(env: Environment) -> None:
    [packages] = stamp.site_packages(store.place(env))
    (packages / "new").mkdir()


def install_python(env: Environment) -> None:
    (store.place(env).path / "lib" / "python3.12" / "site-packages").mkdir(parents=True)


def become_conda(env: Environment) -> None:
    (store.place(env).path / "conda-meta").mkdir()


def bring_kernel(env: Environment) -> None:
    folder = store.place(env).path / stamp.KERNELS / "ir"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text('{"argv": ["R", "{connection_file}"], "display_name": "R"}')


def lose_interpreter(env: Environment) -> None:
    store.place(env).python.unlink()


def fail_for_its_lock(env: Environment) -> None:
    prefix = store.place(env)
    record = buildlog.create(env.workspace.manifest, env.name, env.title, prefix)
    buildlog.announce(record, inputs.digest(env))
    log = buildlog.Log(record)
    log.add(Step(Phase.FAILED, "the lock is old"), LockOutdated("the lock is old"))
    log.close()


R = {"kernelspec": "appose.proj.default.ir", "display_name": "R", "language": ""}
CHANGES = [
    (add_extra, "state", "drifted"),
    (lock_anew, "reason", "uv.lock changed after the build"),
    (unlock, "reason", "uv.lock changed after the build"),
    (stamp_anew, "size", 20),
    (drop_stamp, "state", "not built"),
    (install, "reason", "the prefix was changed by another tool"),
    (install_python, "reason", "the prefix was changed by another tool"),
    (become_conda, "reason", "the prefix was changed by another tool"),
    (
        bring_kernel,
        "own_kernels",
        [{"kernelspec": "appose.proj.default.ir", "display_name": "R", "language": ""}],
    ),
    (lose_interpreter, "reason", "its interpreter is gone"),
]


@pytest.mark.parametrize(
    ("change", "field", "value"), CHANGES, ids=lambda value: getattr(value, "__name__", "")
)
async def test_the_next_answer_tells_of_a_change(
    ready: Environment, call: Call, change: Callable[[Environment], None], field: str, value: Any
) -> None:
    for _ in range(2):
        _, answer = await call("GET", "environments")
        assert answer["environments"][0]["state"] == "ready"
    change(ready)
    _, answer = await call("GET", "environments")
    assert answer["environments"][0][field] == value


async def test_the_next_answer_tells_of_a_lock_that_was_refused(ready: Environment, call: Call) -> None:
    for _ in range(2):
        _, answer = await call("GET", "workspaces")
        assert answer["workspaces"][0]["lock"] == "locked"
    fail_for_its_lock(ready)
    _, answer = await call("GET", "workspaces")
    assert answer["workspaces"][0]["lock"] == "stale"


async def test_the_next_answer_tells_of_another_build(project: Path, call: Call) -> None:
    env = opened(project)
    prefix = store.place(env)
    store.prepare(prefix)
    record = buildlog.create(env.workspace.manifest, env.name, env.title, prefix)
    buildlog.announce(record, inputs.digest(env))
    log = buildlog.Log(record)
    for number in range(2):
        log.add(Step(Phase.FAILED, f"failure {number}"), ApposeKernelError(f"failure {number}"))
        os.utime(record.log, (SETTLED, SETTLED))
        _, answer = await call("GET", "environments")
        assert answer["environments"][0]["reason"] == f"failure {number}"
    log.close()


async def test_the_next_answer_tells_of_another_engine_and_of_another_lock(
    jp_root_dir: Path, jp_config_dir: Path, call: Call
) -> None:
    folder = jp_root_dir / "worker"
    folder.mkdir()
    (folder / "pixi.toml").write_text('[workspace]\nname = "worker"\nchannels = []\nplatforms = []\n')
    seen = []
    for engine in ("embedded", "pixi", "embedded"):
        (jp_config_dir / "jupyter_appose_config.py").write_text(f'c.Settings.engine = "{engine}"')
        _, answer = await call("GET", "environments")
        seen.append(answer["environments"][0]["prefix"])
    assert seen[0] == seen[2] != seen[1] == str(folder / ".pixi/envs/default")
    generations.renew(formats.open_workspace(folder))
    _, answer = await call("GET", "environments")
    assert answer["environments"][0]["prefix"] != seen[2]
