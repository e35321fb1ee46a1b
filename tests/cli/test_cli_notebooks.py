"""Notebooks with a block of their own, and environments of Appose applications, from a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from calling import Appose, Factory, site_packages


def write(file: Path, wheels: Path, *dependencies: str) -> None:
    """A notebook that needs ``dependencies`` from a folder of wheels, named as a URL."""
    lines = [
        "# /// script",
        '# requires-python = ">=3.9"',
        f"# dependencies = {json.dumps(dependencies)}",
        "# [[tool.uv.index]]",
        f'# url = "{wheels.as_uri()}"',
        '# format = "flat"',
        "# default = true",
        "# ///",
    ]
    cell = {"cell_type": "code", "source": "\n".join(lines), "metadata": {}, "outputs": []}
    document = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    file.write_text(json.dumps(document, indent=1))


@pytest.fixture
def notebook(tmp_path: Path, wheel_folder: Path, wheel: Factory, ipykernel: str) -> Path:
    wheel("alpha", "1.0")
    folder = tmp_path / "notes"
    folder.mkdir()
    file = folder / "look.ipynb"
    write(file, wheel_folder, "alpha", ipykernel)
    return file


def test_a_notebook_is_a_workspace_to_every_command(script: Appose, notebook: Path) -> None:
    info = script("info", notebook, "--json").json
    assert info["workspace"]["format"] == "script"
    assert info["lock"]["state"] == "missing"
    assert info["engine"]["name"] == "uv"
    missing = script("build", notebook, "--locked")
    assert missing.code == 9
    assert f"jupyter appose lock {notebook}" in missing.err

    locked = script("lock", notebook, "--json").json
    assert (locked["changed"], locked["lock"]) == (True, info["lock"]["path"])
    ran = script("run", notebook, "--locked", "--", "python", "-c", "import alpha; print(alpha.__file__)")
    assert ran.code == 0, ran.err
    assert ran.out.startswith(info["prefix"])
    assert script("info", notebook, "--json").json["state"] == "ready"
    assert script("verify", notebook).code == 0
    assert os.listdir(notebook.parent) == [notebook.name]  # noqa: PTH208  (pathlib has no such list)


def test_the_lock_goes_into_the_notebook_only_when_it_is_asked_for(
    script: Appose, notebook: Path, wheel: Factory
) -> None:
    before = notebook.read_text()
    script("lock", notebook)
    assert notebook.read_text() == before
    wheel("alpha", "2.0")
    taken = script("lock", notebook, "--into-notebook", "--json").json
    assert (taken["changed"], taken["lock"]) == (True, str(notebook))
    lock = json.loads(notebook.read_text())["metadata"]["uv.lock"]
    assert 'version = "1.0"' in lock  # what was locked before, and not the newest
    assert notebook.read_text().replace(json.dumps(lock), "") != before
    assert json.loads(notebook.read_text())["cells"] == json.loads(before)["cells"]
    told = script("info", notebook, "--json").json["lock"]
    assert told == {"path": str(notebook), "state": "present", "drift": []}

    again = script("lock", notebook)
    assert again.out == f"The lock in {notebook} is written.\n"
    assert 'version = "2.0"' in json.loads(notebook.read_text())["metadata"]["uv.lock"]
    assert "fits the manifest" in script("lock", notebook).out


def test_into_notebook_goes_with_notebooks_only(appose: Appose, uv_project: Factory, notebook: Path) -> None:
    answer = appose("lock", uv_project(), "--into-notebook")
    assert answer.code == 2
    assert "--into-notebook goes with a notebook" in answer.err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user who may not write all")
def test_a_notebook_that_cannot_be_written_keeps_its_lock_with_us(script: Appose, notebook: Path) -> None:
    notebook.parent.chmod(0o500)
    try:
        assert script("lock", notebook).code == 0
        assert "cannot be written to" in script("lock", notebook, "--into-notebook").err
    finally:
        notebook.parent.chmod(0o700)


def test_a_notebook_without_a_block_says_what_to_add(appose: Appose, notebook: Path) -> None:
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    answer = appose("info", notebook)
    assert answer.code == 3
    assert '# /// script\n# dependencies = ["numpy"]\n# ///' in answer.err


def installed(root: Path) -> dict[Path, int]:
    """Each file and when it changed, without what an interpreter writes that imports something."""
    files = (path for path in root.rglob("*") if not path.is_dir() and "__pycache__" not in path.parts)
    return {path: path.lstat().st_mtime_ns for path in files}


def test_an_environment_of_an_application_is_opened_and_never_changed(
    script: Appose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "appose"
    root = home / "worker"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root], check=True)
    for name in ("ipykernel_launcher.py", "ipykernel/__init__.py", "ipykernel/kernelapp.py"):
        module = site_packages(str(root)) / name
        module.parent.mkdir(exist_ok=True)
        module.touch()
    (root / "appose.json").write_text('{"packages": ["six"], "envVars": {"GREETING": "hello"}}')
    monkeypatch.setenv("APPOSE_ENVS_DIR", str(home))
    before = installed(root)
    code = "import os, sys; print(os.environ['GREETING'], sys.prefix)"
    ran = script("run", root, "--", "python", "-B", "-c", code)
    assert (ran.code, ran.out.strip()) == (0, f"hello {root}"), ran.err
    for command in (("lock",), ("build", "--rebuild"), ("build", "--exact", "--yes")):
        refused = script(command[0], root, *command[1:])
        assert refused.code == 10
        assert f"`jupyter appose {' '.join(command[:2])}` would change it" in refused.err
    assert script("info", root, "--json").json["state"] == "ready"
    assert installed(root) == before
