"""Private locks: one for each solve group and state of the manifest; a new generation lets go of all."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from appose_kernel.environments import builds, folders, generations, private_lock, prune, store
from appose_kernel.model import Environment, State, Workspace


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    manifest = tmp_path / "work" / "environment.yml"
    manifest.parent.mkdir()
    manifest.write_text("name: work\n")
    workspace = Workspace("work", "conda", manifest, manifest.parent, None, (manifest,))
    return Environment(workspace, "cuda", solve_group="all")


def write(lock: Path, time: int) -> Path:
    lock.write_text("")
    os.utime(lock, (time, time))
    return lock


def test_a_solve_group_has_one_lock(env: Environment) -> None:
    assert private_lock.path(env) == private_lock.path(replace(env, name="default"))
    assert private_lock.path(env) != private_lock.path(replace(env, solve_group=None))
    assert private_lock.path(env).is_relative_to(folders.data_dir() / "locks")


def test_a_changed_manifest_has_another_lock_and_the_newest_is_remembered(env: Environment) -> None:
    before = private_lock.path(env)
    assert private_lock.latest(env) is None
    generations.prepare(env.workspace)
    write(before, 1000)
    env.workspace.manifest.write_text("name: other\n")
    now = private_lock.path(env)
    assert now != before
    assert private_lock.latest(env) == before
    write(now, 2000)
    assert private_lock.latest(env) == now


def test_the_newest_lock_is_not_that_of_an_environment_with_a_longer_name(env: Environment) -> None:
    cuda, dev = (replace(env, name=name, solve_group=None) for name in ("cuda", "cuda-dev"))
    generations.prepare(env.workspace)
    write(private_lock.path(cuda), 1000)
    write(private_lock.path(dev), 2000)
    assert private_lock.latest(cuda) == private_lock.path(cuda)


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_who_shares_our_data_shares_the_locks(env: Environment) -> None:
    folders.data_dir().chmod(0o770)
    folder = generations.prepare(env.workspace)
    assert [oct(each.stat().st_mode & 0o777) for each in (folder, folder.parent)] == ["0o770"] * 2
    manifest = folder / generations.MANIFEST
    os.utime(manifest, (1, 1))
    generations.prepare(env.workspace)  # which another user's file must not hinder
    assert manifest.stat().st_mtime == 1


def test_to_make_a_lock_moves_no_prefix_and_to_renew_it_does(env: Environment) -> None:
    before = store.place(env)
    generations.prepare(env.workspace)
    write(private_lock.path(env), 1000)
    assert store.place(env) == before
    lock = private_lock.path(env)
    generations.renew(env.workspace)
    assert store.place(env) != before
    assert private_lock.path(env) != lock
    assert private_lock.latest(env) == lock


def test_two_workspaces_of_one_name_share_no_lock(env: Environment, tmp_path: Path) -> None:
    shutil.copytree(env.workspace.root, tmp_path / "copy")
    copy = replace(env.workspace, manifest=tmp_path / "copy" / "environment.yml", root=tmp_path / "copy")
    assert generations.folder(copy) != generations.folder(env.workspace)


def test_locks_of_a_workspace_that_is_gone_are_removed(env: Environment) -> None:
    folder = generations.prepare(env.workspace)
    write(private_lock.path(env), 1000)
    assert prune.prune() == []
    env.workspace.manifest.unlink()
    [removed] = prune.prune()
    assert removed.path == folder
    assert removed.reason == f"{env.workspace.manifest} is gone"
    assert not folder.exists()


def test_a_prefix_that_was_never_built_has_no_state(env: Environment) -> None:
    assert builds.status(env).state is State.NOT_BUILT


def test_a_lock_is_put_in_place_whole_or_not_at_all(tmp_path: Path) -> None:
    made, lock = tmp_path / "made", tmp_path / "folder" / "lock"
    made.write_text("new")
    lock.parent.mkdir()
    lock.write_text("old")
    private_lock.keep(made, lock)
    assert lock.read_text() == "new"
    assert [path.name for path in lock.parent.iterdir()] == ["lock"]
