import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from wanting import build, environment

from appose_kernel.environments import buildlog, builds, folders, joining, locks, prune, store, waiters
from appose_kernel.model import BuildOptions, Environment, Prefix

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")


@pytest.fixture
def env(uv_project, wheel, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An environment in the store, built."""
    wheel("alpha")
    folder = uv_project(["alpha"])
    really = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder and really(path, mode))
    env = environment(folder)
    build(env)
    return env


@pytest.fixture
def stale(env: Environment) -> Prefix:
    """A prefix of the store that nothing refers to any more."""
    prefix = store.place(env)
    with env.workspace.manifest.open("a") as manifest:
        manifest.write("# another\n")
    return prefix


def test_what_is_referred_to_stays(env: Environment) -> None:
    assert builds.ready(env)
    assert prune.prune() == []
    assert builds.ready(env)


def test_a_prefix_of_another_content_goes(stale: Prefix) -> None:
    [removed] = prune.prune()
    assert removed.path == stale.path
    assert removed.bytes > 1000
    assert "has changed since" in removed.reason
    assert not stale.path.exists()
    assert not stale.records.exists()


def test_a_prefix_whose_manifest_is_gone_goes(env: Environment) -> None:
    env.workspace.manifest.unlink()
    [removed] = prune.prune()
    assert "is gone" in removed.reason


def test_a_manifest_that_cannot_be_read_now_keeps_its_prefix(env: Environment) -> None:
    env.workspace.manifest.write_text("[broken")
    assert prune.prune() == []


def test_a_prefix_whose_lock_is_held_stays(stale: Prefix) -> None:
    with locks.lock(joining.lock_of(stale)).acquire():
        assert prune.prune() == []
    assert prune.prune()


def test_records_are_removed_while_nobody_else_can_take_the_lock(
    stale: Prefix, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, held = shutil.rmtree, []

    def rmtree(path: Path, **options: bool) -> None:
        held.append(locks.held(joining.lock_of(stale)))
        really(path, **options)

    monkeypatch.setattr(shutil, "rmtree", rmtree)
    assert prune.prune()
    assert held == [True, True]


def test_what_was_never_built_goes_when_nobody_can_be_about_to_build_it(isolated: Path) -> None:
    folder = folders.data_dir() / "store"
    prefix = Prefix(folder / "project-0", folder / store.RECORDS / "project-0")
    store.prepare(prefix)
    assert prune.prune() == []
    for path in (prefix.records, prefix.records / "waiting"):
        os.utime(path, (1, 1))
    with waiters.waiting(prefix):
        assert prune.prune() == []
    os.utime(prefix.records / "waiting", (1, 1))
    [removed] = prune.prune()
    assert removed.reason == "it was never built"


def test_a_prefix_from_which_something_runs_stays(stale: Prefix) -> None:
    with subprocess.Popen([stale.python, "-c", "input()"], stdin=subprocess.PIPE) as running:
        assert prune.prune() == []
        assert stale.path.exists()
        running.communicate(b"\n")
    assert prune.prune()


def test_old_logs_go(env: Environment) -> None:
    [record] = builds.recent()
    old = record.to_dict() | {"build": "20200101T000000-00000000", "time": time.time() - 40 * 86400}
    buildlog.records.write(record.folder / f"{old['build']}.json", old)
    (record.folder / f"{old['build']}.jsonl").write_text("x" * 50)
    [removed] = prune.prune()
    assert removed.bytes == 50
    assert [found.id for found in builds.recent()] == [record.id]


def test_a_half_made_overlay_goes_when_nobody_can_be_making_it_any_more(isolated: Path) -> None:
    kind = folders.data_dir() / "overlays" / "cpython-311-x86_64"
    for name in (".old", ".new", "ipykernel-7-0"):
        (kind / name).mkdir(parents=True)
        (kind / name / "file").write_text("x" * 50)
    os.utime(kind / ".old", (1, 1))
    os.utime(kind / "ipykernel-7-0", (1, 1))
    [removed] = prune.prune()
    assert (removed.path, removed.bytes >= 50) == (kind / ".old", True)
    assert sorted(path.name for path in kind.iterdir()) == [".new", "ipykernel-7-0"]


def announce(env: Environment) -> Environment:
    """Leave what a build of ``env`` leaves at its beginning."""
    prefix = store.place(env)
    store.prepare(prefix)
    record = buildlog.create(env.workspace.manifest, env.name, env.title, prefix, BuildOptions())
    buildlog.announce(record, digest="")
    return env


def test_a_conda_prefix_that_is_referred_to_stays(tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text("name: work\ndependencies: [python]\n")
    env = announce(environment(tmp_path))
    assert prune.prune() == []
    env.workspace.manifest.write_text("name: work\ndependencies: [r-base]\n")
    [removed] = prune.prune()
    assert "has changed since" in removed.reason


def test_the_stamp_of_an_application_s_environment_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPOSE_ENVS_DIR", str(tmp_path / "envs"))
    root = tmp_path / "envs" / "worker"
    (root / "conda-meta").mkdir(parents=True)
    (root / "appose.json").write_text("{}")
    announce(environment(root))
    assert prune.prune() == []
    shutil.rmtree(root)
    assert [removed.reason for removed in prune.prune()] == [f"{root / 'appose.json'} is gone"]


def test_a_prefix_from_which_something_runs_under_another_name_stays(stale: Prefix) -> None:
    program = Path(shutil.copy("/bin/cat", stale.path / "kernel"))
    with subprocess.Popen(["kernel"], executable=program, stdin=subprocess.PIPE) as running:
        assert prune.prune() == []
        running.communicate(b"")
    assert prune.prune()
