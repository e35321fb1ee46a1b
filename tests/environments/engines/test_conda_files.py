"""What people write into an environment.yml, built by the embedded engine."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import wheels
from conda_bench import CondaBench

BACKEND = """
import os, zipfile

NAME = open("name.txt").read().strip()

def build_wheel(directory, config_settings=None, metadata_directory=None):
    file, info = f"{NAME}-1.0-py3-none-any.whl", f"{NAME}-1.0.dist-info"
    with zipfile.ZipFile(os.path.join(directory, file), "w") as wheel:
        wheel.writestr(f"{NAME}.py", "")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {NAME}\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return file

build_editable = build_wheel
"""
#: Without a `[project]`, as older projects are: what it is called, only a build can tell.
NAMELESS = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def package(folder: Path, name: str, pyproject: str = NAMELESS) -> Path:
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(pyproject)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "name.txt").write_text(name)
    return folder


def write(conda: CondaBench, *pip: str) -> None:
    lines = [f"channels: [{conda.server.url}]", "dependencies:", "- python=3", "- pip:"]
    (conda.root / "environment.yml").write_text("\n".join([*lines, *(f"  - {line}" for line in pip)]))


@pytest.fixture
def links(conda: CondaBench) -> Path:
    """A folder of wheels beside the file."""
    folder = conda.root / "wheels"
    folder.mkdir()
    for version in ("1.0", "2.0"):
        wheels.write(folder, "alpha", version)
    wheels.write(folder, "beta", "1.0")
    return folder


def test_wheels_of_a_folder_under_constraints_and_from_an_included_file(
    conda: CondaBench, links: Path
) -> None:
    (conda.root / "more.txt").write_text("beta\n")
    (conda.root / "limits.txt").write_text("alpha<2\n")
    write(conda, "-f ./wheels", "-c limits.txt", "-r more.txt", "alpha")
    conda.build()
    assert conda.pypi() == {"alpha": "1.0", "beta": "1.0"}


def test_a_wheel_by_its_path(conda: CondaBench, links: Path) -> None:
    write(conda, "./wheels/beta-1.0-py3-none-any.whl")
    conda.build()
    assert conda.pypi() == {"beta": "1.0"}


def test_folders_whose_names_only_a_build_can_tell(conda: CondaBench) -> None:
    package(conda.root / "plain", "surprise")
    package(conda.root / "edited", "another")
    write(conda, "./plain", "-e ./edited")
    conda.build()
    assert conda.pypi() == {"surprise": "1.0", "another": "1.0"}
    question = (
        "import importlib.metadata as m, sys; print(m.distribution(sys.argv[1]).read_text('direct_url.json'))"
    )
    editable = [
        json.loads(conda.run("python", "-c", question, name))["dir_info"].get("editable", False)
        for name in ("surprise", "another")
    ]
    assert editable == [False, True]


def test_a_repository_without_a_name(conda: CondaBench) -> None:
    repository = package(conda.root.parent / "repository", "versioned")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        names = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
        subprocess.run(["git", *names, *command], cwd=repository, check=True)
    write(conda, f"git+{repository.as_uri()}")
    conda.build()
    assert conda.pypi() == {"versioned": "1.0"}
