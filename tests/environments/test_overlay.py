"""ipykernel for environments without it: which one, and that no network is needed once it is there."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uv
import wheels
from index_server import Index, serve

from appose_kernel.environ import clean
from appose_kernel.environments import folders, overlay
from appose_kernel.environments.settings import Settings
from appose_kernel.errors import InstallError, KernelMissing


def _ipykernel(folder: Path, version: str, requires: str, code: str = "import traitlets") -> None:
    files = {"ipykernel_launcher.py": "", "ipykernel/__init__.py": "", "ipykernel/kernelapp.py": code}
    wheels.write(folder, "ipykernel", version, requires=[requires], files=files)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with small ipykernels and the package that they need."""
    folder = tmp_path_factory.mktemp("packages")
    for version in ("3.0", "4.0", "5.0", "5.1"):
        wheels.write(folder, "traitlets", version)
    _ipykernel(folder, "6.0", "traitlets>=4,<5")
    _ipykernel(folder, "7.0", "traitlets>=5")
    return folder


@dataclass
class Machine:
    """Makes environments, and overlays for them from ``index``."""

    folder: Path
    index: Index
    environ: dict[str, str]

    def environment(self, name: str, *requirements: str) -> str:
        prefix = self.folder / name
        subprocess.run([uv.find_uv_bin(), "venv", "-q", "-p", sys.executable, prefix], check=True)
        python = str(prefix / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
        if requirements:
            command = [uv.find_uv_bin(), "pip", "install", "-q", "--no-index", "--python", python]
            subprocess.run([*command, "--find-links", self.index.folder, *requirements], check=True)
        return python

    def ensure(self, python: str, root: Path | None = None) -> str | None:
        return asyncio.run(overlay.ensure(python, [], Settings(), self.environ, root))

    def disconnect(self) -> None:
        self.environ |= {"UV_DEFAULT_INDEX": "http://index.invalid/simple", "UV_HTTP_RETRIES": "0"}


@pytest.fixture
def machine(tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Its overlays are its own: their ipykernels are no kernels, so no other test may meet them."""
    monkeypatch.setenv("APPOSE_KERNEL_DATA_DIR", str(tmp_path / "data"))
    with serve(packages) as index:
        yield Machine(tmp_path / "environments", index, clean(os.environ) | {"UV_DEFAULT_INDEX": index.url})


def content(folder: str | None) -> set[str]:
    assert folder is not None
    return {path.name.removesuffix(".dist-info") for path in Path(folder).glob("*.dist-info")}


def test_an_environment_with_ipykernel_needs_no_overlay(machine: Machine) -> None:
    assert machine.ensure(machine.environment("own", "ipykernel")) is None
    assert not (folders.data_dir() / "overlays").exists()


def test_an_overlay_has_the_newest_and_what_it_needs_with_bytecode_for_its_place(machine: Machine) -> None:
    python = machine.environment("bare")
    folder = machine.ensure(python)
    assert content(folder) == {"ipykernel-7.0", "traitlets-5.1"}
    code = "import sys; sys.path.append(sys.argv[1]); import ipykernel.kernelapp as k; print(k.__cached__)"
    answer = subprocess.check_output([python, "-B", "-c", code, str(folder)], text=True).strip()
    assert Path(answer).read_bytes().count(str(Path(str(folder), "ipykernel")).encode()) > 0


def test_environments_share_it_and_the_second_needs_no_network(machine: Machine) -> None:
    first = machine.ensure(machine.environment("first"))
    machine.disconnect()
    assert machine.ensure(machine.environment("second")) == first
    assert machine.ensure(machine.environment("third", "traitlets==5.0")) == first


def test_an_environment_with_older_packages_gets_one_that_goes_together_with_them(machine: Machine) -> None:
    newest = machine.ensure(machine.environment("bare"))
    older = machine.ensure(machine.environment("older", "traitlets==4.0"))
    assert older != newest
    assert content(older) == {"ipykernel-6.0"}
    machine.disconnect()
    assert machine.ensure(machine.environment("older-too", "traitlets==4.0")) == older


def test_a_package_that_is_too_old_for_any_is_named(machine: Machine) -> None:
    with pytest.raises(KernelMissing, match=r"no ipykernel goes together with traitlets 3\.0 ") as caught:
        machine.ensure(machine.environment("ancient", "traitlets==3.0"))
    assert "traitlets" in caught.value.remedy
    assert caught.value.detail


def test_an_ipykernel_that_promises_what_it_does_not_keep_is_not_used(
    machine: Machine, tmp_path: Path
) -> None:
    machine.index.folder = tmp_path / "lying"
    machine.index.folder.mkdir()
    wheels.write(machine.index.folder, "traitlets", "5.0")
    _ipykernel(machine.index.folder, "7.0", "traitlets>=5", "import imp_of_long_ago")
    with pytest.raises(KernelMissing, match=r"together with traitlets 5\.0 .+ does not start") as caught:
        machine.ensure(machine.environment("victim", "traitlets==5.0"))
    assert "imp_of_long_ago" in caught.value.detail


def test_an_environment_whose_own_ipykernel_is_broken_says_so(machine: Machine) -> None:
    python = machine.environment("broken", "ipykernel")
    command = [uv.find_uv_bin(), "pip", "uninstall", "-q", "--python", python, "traitlets"]
    subprocess.run(command, check=True)
    with pytest.raises(KernelMissing, match=r"own ipykernel 7\.0 cannot be imported") as caught:
        machine.ensure(python)
    assert "traitlets" in caught.value.detail


def test_without_network_and_without_an_overlay_the_remedy_is_named(machine: Machine) -> None:
    machine.disconnect()
    with pytest.raises(InstallError, match="has no ipykernel") as caught:
        machine.ensure(machine.environment("bare"))
    assert "add ipykernel" in caught.value.remedy
    assert "index.invalid" in caught.value.detail


def test_the_indexes_of_the_workspace_are_asked_first(machine: Machine, tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    root.mkdir()
    address = f'[[tool.uv.index]]\nurl = "{machine.index.url}"\ndefault = true\n'
    (root / "pyproject.toml").write_text(address)
    del machine.environ["UV_DEFAULT_INDEX"]
    assert content(machine.ensure(machine.environment("bare"), root)) == {"ipykernel-7.0", "traitlets-5.1"}


def test_an_overlay_is_whole_or_absent_however_many_make_it_at_once(machine: Machine) -> None:
    pythons = [machine.environment(f"one-of-{number}") for number in range(4)]

    async def all_at_once() -> set[str | None]:
        made = (overlay.ensure(python, [], Settings(), machine.environ) for python in pythons)
        return set(await asyncio.gather(*made))

    (folder,) = asyncio.run(all_at_once())
    assert content(folder) == {"ipykernel-7.0", "traitlets-5.1"}
    assert [path.name for path in Path(str(folder)).parent.iterdir()] == [Path(str(folder)).name]
