"""Dry runs of conda's locks, over the channel of tiny packages."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from conda_bench import CondaBench

from appose_kernel.environments import folders, planning
from appose_kernel.errors import SolveError


@pytest.fixture(autouse=True)
def surroundings(conda: CondaBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planner chooses its engine and its variables itself."""
    for name in ("UV_CACHE_DIR", "RATTLER_CACHE_DIR"):
        monkeypatch.setenv(name, conda.environ[name])
    monkeypatch.setenv("PATH", os.defpath)  # no pixi


def planned(
    conda: CondaBench, before: str, after: str
) -> dict[str, list[tuple[str, str | None, str | None]]]:
    manifest = conda.root / "pixi.toml"
    text = manifest.read_text().replace(before, after)
    found = asyncio.run(planning.plan(manifest, text, None, lambda _: None))
    return {
        name: [(change.name, change.before, change.after) for change in changes]
        for name, changes in found.items()
    }


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_is_locked_yet_and_everything_comes(conda: CondaBench) -> None:
    conda.manifest('tool = "*"')
    before = content(conda.root)
    found = planned(conda, "", "")
    assert ("tool", None) in [(name, was) for name, was, _ in found["default"]]
    assert content(conda.root) == before
    assert not list((folders.data_dir() / "locks").glob("*"))


def test_a_lock_of_our_own_is_compared_and_kept(conda: CondaBench) -> None:
    conda.manifest('python = "*"')
    conda.lock()
    locks = content(folders.data_dir() / "locks")
    found = planned(conda, 'python = "*"', 'python = "*"\ntool = "*"')
    assert [(name, was) for name, was, _ in found["default"]] == [("tool", None)]
    assert content(folders.data_dir() / "locks") == locks
    assert planned(conda, "", "") == {"default": []}


def test_what_cannot_be_solved_is_told_of_the_workspace_itself(conda: CondaBench) -> None:
    conda.manifest('python = "*"')
    with pytest.raises(SolveError) as error:
        planned(conda, 'python = "*"', 'nonesuch = "*"')
    told = f"{error.value} {error.value.detail}"
    assert "appose-kernel-plan" not in told
    assert str(conda.root) in told
