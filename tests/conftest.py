"""What every test stands on: folders of its own, and uv projects over tiny wheels that need no network."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest
import wheels

from appose_kernel.environ import FOREIGN_NAMES, FOREIGN_PREFIXES


class ProjectFactory(Protocol):
    def __call__(
        self,
        dependencies: Sequence[str] = (),
        *,
        name: str = "project",
        extras: Mapping[str, Sequence[str]] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
        index: str | None = None,
        more: str = "",
    ) -> Path: ...


class WheelFactory(Protocol):
    def __call__(
        self,
        name: str,
        version: str = "1.0",
        *,
        requires: Sequence[str] = (),
        files: Mapping[str, str] | None = None,
    ) -> Path: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", metavar="FOLDER", help="where the pictures of the docs are written anew")


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache of uv's for all tests, so that each package is fetched once; and one folder of overlays,
    which never change and take seconds to make."""
    folder = tmp_path_factory.mktemp("cache")
    (folder / "overlays").mkdir()
    return folder


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Nothing of the user's or of the running Python's is read or written; returns the home folder."""
    for name in os.environ:
        if name in FOREIGN_NAMES or name.startswith(
            (*FOREIGN_PREFIXES, "APPOSE_KERNEL_", "JUPYTER_", "XDG_")
        ):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared_cache))
    for kind in ("data", "state", "cache"):
        monkeypatch.setenv(f"APPOSE_KERNEL_{kind.upper()}_DIR", str(home / "appose-kernel" / kind))
    for kind in ("config", "data", "runtime"):
        monkeypatch.setenv(f"JUPYTER_{kind.upper()}_DIR", str(home / "jupyter" / kind))
    data = home / "appose-kernel" / "data"
    data.mkdir(parents=True)
    (data / "overlays").symlink_to(shared_cache / "overlays", target_is_directory=True)
    monkeypatch.setenv("IPYTHONDIR", str(home / ".ipython"))
    # apart and short: a socket's whole path may have 107 bytes
    runtime = tempfile.mkdtemp(prefix="ak-")
    monkeypatch.setenv("APPOSE_KERNEL_RUNTIME_DIR", runtime)
    yield home
    shutil.rmtree(runtime, ignore_errors=True)


@pytest.fixture
def wheel_folder(tmp_path: Path) -> Path:
    """The flat index that :func:`uv_project` uses and :func:`wheel` fills."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


@pytest.fixture
def wheel(wheel_folder: Path) -> WheelFactory:
    """Write a pure-Python wheel: by default one module, called like the package, with its version."""

    def write(
        name: str,
        version: str = "1.0",
        *,
        requires: Sequence[str] = (),
        files: Mapping[str, str] | None = None,
    ) -> Path:
        return wheels.write(wheel_folder, name, version, requires=requires, files=files)

    return write


@pytest.fixture
def uv_project(tmp_path: Path, wheel_folder: Path) -> ProjectFactory:
    """Write a uv project and return its folder; ``index`` is the lines of another index than the flat one."""

    def write(
        dependencies: Sequence[str] = (),
        *,
        name: str = "project",
        extras: Mapping[str, Sequence[str]] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
        index: str | None = None,
        more: str = "",
    ) -> Path:
        flat = f'url = "{wheel_folder.as_uri()}"\nformat = "flat"'
        lines = [
            "[project]",
            f'name = "{name}"',
            'version = "0.1"',
            'requires-python = ">=3.9"',
            f"dependencies = {list(dependencies)}",
            "[project.optional-dependencies]",
            *(f"{extra} = {list(names)}" for extra, names in (extras or {}).items()),
            "[dependency-groups]",
            *(f"{group} = {list(names)}" for group, names in (groups or {}).items()),
            "[[tool.uv.index]]",
            'name = "local"',
            "default = true",
            index or flat,
            more,
        ]
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "pyproject.toml").write_text("\n".join(lines), encoding="utf-8")
        return folder

    return write
