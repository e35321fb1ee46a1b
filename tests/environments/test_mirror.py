"""Copies of what workspaces are made of."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from appose_kernel.environments import mirror
from appose_kernel.workspaces import formats

STATIC = '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.10"\n'
COMPUTED = '[project]\nname = "demo"\ndynamic = ["version"]\nrequires-python = ">=3.10"\n'


Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of the project."""

    def write(name: str, text: str) -> Path:
        file = tmp_path / "project" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return write


def copied(manifest: Path, tmp_path: Path) -> Path:
    return mirror.copy(formats.open_workspace(manifest), tmp_path / "copy")


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_of_a_project_that_says_what_it_needs_only_that_is_copied(write: Write, tmp_path: Path) -> None:
    write("src/demo.py", "")
    write("uv.lock", "version = 1\n")
    assert names(copied(write("pyproject.toml", STATIC), tmp_path)) == {"pyproject.toml", "uv.lock"}


def test_what_a_build_backend_may_read_is_copied(write: Write, tmp_path: Path) -> None:
    for name in ("README.md", "src/demo/__init__.py", ".gitignore"):
        write(name, "x")
    for name in (".venv/pyvenv.cfg", "env/pyvenv.cfg", "env/lib/x.py", ".hidden/x", "node_modules/x.js"):
        write(name, "x")
    found = names(copied(write("pyproject.toml", COMPUTED), tmp_path)) - {"env/pyvenv.cfg"}
    assert found == {"pyproject.toml", "README.md", "src/demo/__init__.py", ".gitignore"}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_data_is_linked_and_a_lock_never(write: Write, tmp_path: Path) -> None:
    manifest = write("pyproject.toml", COMPUTED)
    large = "#" * (mirror.LARGE + 1)
    write("data/points.csv", large)
    write("uv.lock", large)
    found = copied(manifest, tmp_path)
    assert (found / "data" / "points.csv").is_symlink()
    assert (found / "uv.lock").read_text() == large
    assert not (found / "uv.lock").is_symlink()


def test_a_copy_is_made_anew_over_an_old_one(write: Write, tmp_path: Path) -> None:
    manifest = write("pyproject.toml", COMPUTED)
    code = write("demo.py", "1")
    copied(manifest, tmp_path)
    code.write_text("2")
    assert (copied(manifest, tmp_path) / "demo.py").read_text() == "2"


def test_no_more_files_than_a_project_has_are_copied(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "MOST", 3)
    for number in range(9):
        write(f"many/{number}.txt", "")
    assert len(names(copied(write("pyproject.toml", COMPUTED), tmp_path))) <= 4


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_copy_has_the_history_of_the_project(write: Write, tmp_path: Path) -> None:
    manifest = write("pyproject.toml", COMPUTED)

    def git(folder: Path, *arguments: str) -> str:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        argv = ["git", *identity, *arguments]
        return subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()

    for step in (["init"], ["add", "."], ["commit", "-m", "x"], ["tag", "v1.2"]):
        git(manifest.parent, *step)
    found = copied(manifest, tmp_path)
    assert git(found, "describe", "--tags", "--dirty") == "v1.2"
    assert git(found, "rev-parse", "--show-toplevel") == str(found.resolve())
