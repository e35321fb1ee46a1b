"""A pixi workspace has two engines; which one builds it is decided from files, and told with its reason."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from appose_kernel.environments import choice, folders, store
from appose_kernel.model import Environment, Workspace


@pytest.fixture(autouse=True)
def no_pixi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without pixi, whatever this one has."""
    monkeypatch.setenv("PATH", str(tmp_path / "commands"))


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    manifest = tmp_path / "work" / "pixi.toml"
    manifest.parent.mkdir()
    manifest.write_text("")
    return Environment(Workspace("work", "pixi", manifest, manifest.parent, None, (manifest,)), "cuda")


def install(folder: Path) -> Path:
    binary = folder / ("pixi.exe" if os.name == "nt" else "pixi")
    folder.mkdir(parents=True, exist_ok=True)
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    choice._pixi.cache_clear()
    return binary


def configure(home: Path, lines: str) -> None:
    folder = home / "jupyter" / "config"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jupyter_appose_config.py").write_text(lines)


def test_without_pixi_the_embedded_engine_builds_in_the_store(env: Environment) -> None:
    assert choice.of(env) == choice.Choice("embedded", "there is no pixi on this machine")
    prefix = store.place(env)
    assert prefix.conda
    assert prefix.path.parent == folders.data_dir() / "store"
    assert prefix.path.name.startswith("work-cuda-")


def test_pixi_on_path_builds_where_pixi_builds(env: Environment, tmp_path: Path) -> None:
    binary = install(tmp_path / "commands")
    assert choice.of(env) == choice.Choice("pixi", f"{binary}, on PATH")
    prefix = store.place(env)
    assert prefix.conda
    assert prefix.path == env.workspace.root / ".pixi/envs/cuda"
    assert prefix.records == env.workspace.root / ".pixi/.records/cuda"


def test_pixi_is_found_where_its_installer_puts_it(env: Environment, isolated: Path) -> None:
    binary = install(isolated / ".pixi" / "bin")
    assert choice.of(env) == choice.Choice("pixi", f"{binary}, pixi's own folder")


def test_pixis_folder_can_be_elsewhere(
    env: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXI_HOME", str(tmp_path / "elsewhere"))
    binary = install(tmp_path / "elsewhere" / "bin")
    assert choice.of(env) == choice.Choice("pixi", f"{binary}, pixi's own folder")


def test_configuration_wins(env: Environment, tmp_path: Path, isolated: Path) -> None:
    install(tmp_path / "commands")
    configure(isolated, 'c.Settings.engine = "embedded"')
    assert choice.of(env) == choice.Choice("embedded", "Settings.engine")
    configure(isolated, 'c.Settings.engine = "pixi"\nc.Settings.pixi = "/opt/pixi"')
    assert choice.of(env) == choice.Choice("pixi", "Settings.engine")
    assert choice.pixi() == choice.Pixi(Path("/opt/pixi"), "Settings.pixi")


def test_a_configured_pixi_may_be_in_the_home_folder(isolated: Path) -> None:
    configure(isolated, 'c.Settings.pixi = "~/bin/pixi"')
    assert choice.pixi() == choice.Pixi(isolated / "bin" / "pixi", "Settings.pixi")


def test_a_folder_that_cannot_be_written_is_not_pixis(
    env: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "commands")
    really, root = os.access, env.workspace.root
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != root and really(path, mode))
    assert choice.of(env) == choice.Choice("embedded", f"{root} cannot be written")


def test_another_applications_prefix_stays_where_it_is(env: Environment, tmp_path: Path) -> None:
    found = tmp_path / "found"
    (found / "conda-meta").mkdir(parents=True)
    workspace = Workspace("napari", "appose", found / "pixi.toml", found, None, ())
    prefix = store.place(Environment(workspace, "default", prefix=found))
    assert prefix.path == found
    assert prefix.conda
    assert prefix.records.is_relative_to(folders.data_dir())
    shutil.rmtree(found / "conda-meta")
    assert not store.place(Environment(workspace, "default", prefix=found)).conda
