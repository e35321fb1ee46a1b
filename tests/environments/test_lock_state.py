"""Whether a workspace is locked; that “stale” is certain, uv itself confirms."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from wanting import build, environment

from appose_kernel.environments import lock_state
from appose_kernel.environments.lock_state import Lock, LockState
from appose_kernel.errors import LockOutdated
from appose_kernel.workspaces import formats

ROOT = """\
[project]
name = "My.Project"
version = "1"
requires-python = ">=3.9"
dependencies = ["Alpha >=1.0,<9", "beta==1.*; sys_platform == 'linux'", "local-lib"]

[project.optional-dependencies]
gpu = ["gamma!=3"]
all = ["my-project[gpu]"]

[dependency-groups]
test = ["delta~=1.0"]
dev = [{ include-group = "test" }]

[tool.uv.sources]
local-lib = { path = "lib", editable = true }
"""


def state(folder: Path) -> LockState:
    return lock_state.of(formats.open_workspace(folder)).state


@pytest.fixture
def locked(uv_project, wheel, wheel_folder: Path) -> Path:
    """A uv project with all that a project may have, and its uv.lock."""
    for name in ("alpha", "beta", "gamma", "delta", "epsilon"):
        wheel(name)
    folder: Path = uv_project()
    index = f'[[tool.uv.index]]\nurl = "{wheel_folder.as_uri()}"\nformat = "flat"\ndefault = true\n'
    (folder / "pyproject.toml").write_text(ROOT + index)
    (folder / "lib").mkdir()
    (folder / "lib" / "pyproject.toml").write_text('[project]\nname = "local-lib"\nversion = "1"\n')
    subprocess.run(["uv", "lock", "--quiet"], cwd=folder, check=True)
    return folder


def fits(folder: Path) -> bool:
    """What uv says."""
    return subprocess.run(["uv", "lock", "--check", "--quiet"], cwd=folder, check=False).returncode == 0


def test_what_has_a_lock_is_locked(locked: Path) -> None:
    assert fits(locked)
    found = lock_state.of(formats.open_workspace(locked))
    assert found == Lock(LockState.LOCKED, locked / "uv.lock")
    (locked / "uv.lock").unlink()
    assert lock_state.of(formats.open_workspace(locked)) == Lock(LockState.NONE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Alpha >=1.0,<9", "Alpha >=1.0,<8"),
        ('"local-lib"', '"local-lib", "epsilon"'),
        ('"local-lib"]', "]"),
        ("gamma!=3", "gamma"),
        ("delta~=1.0", "delta"),
        ('["delta~=1.0"]', "[]"),
        ("dev = [", 'dev = ["epsilon", '),
    ],
)
def test_other_requirements_make_it_stale(locked: Path, before: str, after: str) -> None:
    manifest = locked / "pyproject.toml"
    text = manifest.read_text()
    assert state(locked) is LockState.LOCKED
    manifest.write_text(text.replace(before, after, 1))
    assert state(locked) is LockState.STALE
    assert not fits(locked)
    manifest.write_text(text)
    assert state(locked) is LockState.LOCKED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Alpha >=1.0,<9", "alpha<9.0, >=1"),
        ("[project]\n", "# a comment\n[project]\n"),
        ('all = ["my-project[gpu]"]', 'all = ["My.Project[gpu]"]'),
        ("beta==1.*", "beta == 1.*"),
        ('name = "My.Project"', 'name = "my-project"'),
    ],
)
def test_the_same_in_other_words_does_not(locked: Path, before: str, after: str) -> None:
    manifest = locked / "pyproject.toml"
    text = manifest.read_text()
    assert before in text
    manifest.write_text(text.replace(before, after, 1))
    assert state(locked) is LockState.LOCKED
    assert fits(locked)


@pytest.mark.parametrize("content", ["", "version = 1\n", "\0", "[[package]]\nname = [\n", "<<<<<<< HEAD\n"])
def test_of_a_lock_that_cannot_be_understood_nothing_is_said(locked: Path, content: str) -> None:
    (locked / "uv.lock").write_text(content)
    assert state(locked) is LockState.LOCKED


def test_a_build_that_was_refused_says_so_until_something_changes(locked: Path) -> None:
    manifest = locked / "pyproject.toml"
    text = manifest.read_text()
    # markers are not compared: this only uv knows
    manifest.write_text(text.replace("sys_platform == 'linux'", "sys_platform == 'win32'"))
    assert state(locked) is LockState.LOCKED
    with pytest.raises(LockOutdated):
        build(environment(locked))
    assert state(locked) is LockState.STALE
    manifest.write_text(text)
    assert state(locked) is LockState.LOCKED


def test_a_requirements_file_has_no_lock(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("")
    assert lock_state.of(formats.open_workspace(tmp_path)) == Lock(LockState.NONE)
