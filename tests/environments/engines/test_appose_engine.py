"""Environments of Appose applications, laid out as its builders do, are opened and left alone."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bench import collect

from appose_kernel.environ import clean
from appose_kernel.environments import store
from appose_kernel.environments.engines import ENGINES, Job, choose
from appose_kernel.environments.settings import Settings
from appose_kernel.errors import EngineUnsupported, InstallError
from appose_kernel.model import Activation, BuildOptions
from appose_kernel.workspaces import formats

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the prefixes are POSIX ones")

PIXI = """
[workspace]
name = "worker"
channels = []
platforms = ["linux-64", "linux-aarch64", "osx-64", "osx-arm64"]
[activation]
scripts = ["setup.sh"]
[activation.env]
LD_LIBRARY_PATH = "$CONDA_PREFIX/lib:${LD_LIBRARY_PATH:-}"
"""
ENGINE = ENGINES["appose"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "appose"
    folder.mkdir()
    monkeypatch.setenv("APPOSE_ENVS_DIR", str(folder))
    return folder


@pytest.fixture
def venv(home: Path) -> Path:
    """What Appose's uv builder makes of a list of packages."""
    root = home / "plain"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root], check=True)
    state = {"builder": "uv", "packages": ["six"], "envVars": {"GREETING": "a $HOME b", "VIRTUAL_ENV": "x"}}
    (root / "appose.json").write_text(json.dumps(state))
    return root


@pytest.fixture
def pixi(home: Path) -> Path:
    """What Appose's pixi builder makes of a pixi.toml."""
    root = home / "worker"
    prefix = root / ".pixi/envs/default"
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "bin").mkdir()
    (prefix / "bin/python").symlink_to(sys.executable)
    scripts = prefix / "etc/conda/activate.d"
    scripts.mkdir(parents=True)
    (scripts / "package.sh").write_text('export FROM_PACKAGE="$CONDA_PREFIX/share"\n')
    (root / "setup.sh").write_text('export FROM_MANIFEST="$PIXI_PROJECT_ROOT/$GREETING"\n')
    (root / "pixi.toml").write_text(PIXI)
    (root / "appose.json").write_text(json.dumps({"builder": "pixi", "envVars": {"GREETING": "$hello"}}))
    return root


def job(root: Path, options: BuildOptions | None = None) -> Job:
    (env,) = formats.environments(formats.open_workspace(root))
    return Job(env, store.place(env), options or BuildOptions(), Settings(), clean(os.environ))


def activation(root: Path) -> Activation:
    return asyncio.run(ENGINE.activation(job(root)))


def everything(root: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in (root, *root.rglob("*"))}


@pytest.mark.parametrize("kind", ["venv", "pixi"])
def test_what_is_there_is_opened_and_nothing_in_it_changes(kind: str, request: pytest.FixtureRequest) -> None:
    root: Path = request.getfixturevalue(kind)
    before = everything(root)
    wanted = job(root)
    assert choose(wanted.environment) is ENGINE
    steps = collect(ENGINE.lock(wanted)) + collect(ENGINE.install(wanted))
    assert "Nothing to install" in steps[-1].message
    assert Path(activation(root).python).exists()
    assert everything(root) == before


def test_a_venv_is_activated_with_the_applications_variables(venv: Path) -> None:
    found = activation(venv)
    assert (found.python, found.path) == (str(venv / "bin/python"), (str(venv / "bin"),))
    assert found.variables == {
        "GREETING": "a $HOME b",
        "VIRTUAL_ENV": str(venv),
        "PYTHONHOME": None,
        "CONDA_PREFIX": None,
    }


def test_a_conda_prefix_is_activated_as_pixi_would(pixi: Path) -> None:
    found = activation(pixi)
    prefix = pixi / ".pixi/envs/default"
    assert found.python == str(prefix / "bin/python")
    seen = found.apply({"PATH": "/usr/bin"})
    assert seen["CONDA_PREFIX"] == str(prefix)
    assert seen["PATH"].split(os.pathsep)[0] == str(prefix / "bin")
    assert seen["GREETING"] == "$hello"
    assert seen["FROM_PACKAGE"] == str(prefix / "share")
    assert seen["FROM_MANIFEST"] == f"{pixi}/$hello"
    assert seen["LD_LIBRARY_PATH"] == f"{prefix}/lib:"
    assert found.apply({"LD_LIBRARY_PATH": "/opt"})["LD_LIBRARY_PATH"] == f"{prefix}/lib:/opt"


def test_mambas_prefix_is_the_folder_itself(home: Path) -> None:
    root = home / "mamba"
    (root / "conda-meta").mkdir(parents=True)
    (root / "bin").mkdir()
    (root / "bin/python").symlink_to(sys.executable)
    (root / "environment.yml").write_text("dependencies: [python]\n")
    found = activation(root)
    assert found.variables["CONDA_PREFIX"] == str(root)
    assert not any(name.startswith("PIXI_") for name in found.variables)


def test_a_prefix_that_is_not_there_names_who_builds_it(pixi: Path) -> None:
    (pixi / ".pixi/envs/default/bin/python").unlink()
    with pytest.raises(InstallError, match="worker · default has not been built") as caught:
        collect(ENGINE.install(job(pixi)))
    assert "Start the application" in caught.value.remedy


def test_kernels_of_other_languages_need_no_python(pixi: Path) -> None:
    prefix = pixi / ".pixi/envs/default"
    (prefix / "bin/python").unlink()
    spec = prefix / "share/jupyter/kernels/ir"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text("{}")
    assert collect(ENGINE.install(job(pixi)))
    assert activation(pixi).python == ""


@pytest.mark.parametrize(
    ("options", "command"),
    [
        (BuildOptions(locked=False), "jupyter appose lock"),
        (BuildOptions(rebuild=True), "jupyter appose build --rebuild"),
        (BuildOptions(exact=True), "jupyter appose build --exact"),
    ],
)
def test_what_only_the_application_may_do_is_refused_by_name(
    venv: Path, options: BuildOptions, command: str
) -> None:
    with pytest.raises(EngineUnsupported, match=f"`{command}` would") as caught:
        collect(ENGINE.lock(job(venv, options)))
    assert str(venv) in caught.value.message
    assert "Let the application rebuild it" in caught.value.remedy


def test_removals_are_not_even_looked_for(venv: Path) -> None:
    with pytest.raises(EngineUnsupported, match="build --exact"):
        asyncio.run(ENGINE.removals(job(venv)))


def test_a_build_that_begins_anew_by_itself_is_none_of_the_users_wishes(venv: Path) -> None:
    assert collect(ENGINE.install(job(venv, BuildOptions(rebuild=True))))
