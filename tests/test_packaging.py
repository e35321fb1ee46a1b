"""What users install: a wheel with the browser extension in it, also where there is no Node.js."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: The extension's entry, whose name has the digest of its content.
ENTRY = "remoteEntry."


@pytest.fixture
def without_node(tmp_path: Path) -> dict[str, str]:
    """Variables of a machine that has a shell and Python, and no Node.js."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "sh", "git", "env", "uname"):
        if path := shutil.which(name):
            (tools / name).symlink_to(path)
    return {**os.environ, "PATH": str(tools)}


def run(*argv: str | Path, environ: dict[str, str] | None = None) -> None:
    done = subprocess.run([sys.executable, *argv], capture_output=True, text=True, check=False, env=environ)
    assert done.returncode == 0, done.stdout + done.stderr


def sdist(folder: Path) -> Path:
    run("-m", "build", "--sdist", "--outdir", folder, ROOT)
    (made,) = folder.glob("*.tar.gz")
    return made


def wheel(source: Path, folder: Path, environ: dict[str, str]) -> list[str]:
    """The names of the files in the wheel of a source."""
    run("-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source, environ=environ)
    (made,) = folder.glob("*.whl")
    with zipfile.ZipFile(made) as archive:
        return archive.namelist()


def entries(names: list[str]) -> list[str]:
    return [Path(name).name for name in names if ENTRY in name]


@pytest.mark.skipif(os.name == "nt", reason="the tools are linked")
def test_the_sdist_carries_the_extension_built(tmp_path: Path, without_node: dict[str, str]) -> None:
    made = sdist(tmp_path / "sdist")
    with tarfile.open(made) as archive:
        carried = entries(archive.getnames())
    assert len(carried) == 1
    installed = wheel(made, tmp_path / "wheel", without_node)
    assert entries(installed) == carried  # as it was, not built again
    assert any(name.endswith("share/jupyter/labextensions/appose-kernel/install.json") for name in installed)
    assert any(name.endswith("schemas/appose-kernel/plugin.json") for name in installed)


@pytest.mark.nightly
@pytest.mark.timeout(600)
@pytest.mark.skipif(os.name == "nt", reason="the tools are linked")
def test_a_checkout_is_installed_without_node(tmp_path: Path, without_node: dict[str, str]) -> None:
    checkout = tmp_path / "checkout"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, checkout / name)
    assert len(entries(wheel(checkout, tmp_path / "wheel", without_node))) == 1
