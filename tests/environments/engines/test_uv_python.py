"""Which interpreter an environment gets, on machines that have several, none that fits, or pyenv's shims."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import uv
from bench import Bench, manifest
from index_server import Index

from appose_kernel.environments.engines.uv.interpreters import search_path
from appose_kernel.errors import ManifestInvalid, ToolNotFound

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pyenv and its shims are POSIX shell scripts")

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


def versions(pyenv: Path) -> list[str]:
    return sorted(folder.name for folder in (pyenv / "versions").iterdir())


def version(bench: Bench) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.check_output([bench.prefix().python, "-c", code], text=True).strip()


@pytest.fixture(scope="session")
def others() -> dict[str, Path]:
    """The other interpreters of this machine by version, found as uv finds them."""
    environ = {**os.environ, "PATH": search_path(os.environ)}
    found = {}
    for minor in range(9, 15):
        command = [uv.find_uv_bin(), "python", "find", "--no-project", "--no-python-downloads", f"3.{minor}"]
        answer = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if answer.returncode == 0 and f"3.{minor}" != HERE:
            found[f"3.{minor}"] = Path(answer.stdout.strip())
    return found


@pytest.fixture
def pyenv(bench: Bench, tmp_path: Path, others: dict[str, Path]) -> Path:
    """A pyenv with another interpreter, whose shims fail as they do where no version is selected."""
    if not others:
        pytest.skip("this machine has one interpreter")
    root = tmp_path / "pyenv"
    (root / "shims").mkdir(parents=True)
    for minor, python in others.items():
        folder = root / "versions" / f"{minor}.0" / "bin"
        folder.mkdir(parents=True)
        for name in ("python", "python3", f"python{minor}"):
            (folder / name).symlink_to(python)
    for name in ("python", "python3", *(f"python3.{minor}" for minor in range(8, 15))):
        shim = root / "shims" / name
        shim.write_text(f'#!/bin/sh\necho "pyenv: {name}: command not found" >&2\nexit 127\n')
        shim.chmod(0o755)
    bench.environ |= {"PYENV_ROOT": str(root), "PATH": f"{root / 'shims'}:/nowhere"}
    return root


def test_shims_give_way_to_the_selected_then_the_newest_interpreter(tmp_path: Path) -> None:
    for name in ("2.7.18", "3.6.15", "3.9.18", "3.10.13", "3.13.0"):
        (tmp_path / "versions" / name / "bin").mkdir(parents=True)
    (tmp_path / "version").write_text("3.10.13\n")
    found = search_path({"PYENV_ROOT": str(tmp_path), "PATH": f"/first:{tmp_path / 'shims'}:/last"})
    versions = [str(tmp_path / "versions" / name / "bin") for name in ("3.10.13", "3.13.0", "3.9.18")]
    assert found.split(os.pathsep) == ["/first", *versions, "/last", str(Path(sys.base_prefix, "bin"))]


def test_a_pyenv_that_is_closed_to_this_user_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "versions" / "3.13.0" / "bin").mkdir(parents=True)

    def is_dir(path: Path) -> bool:
        """As a folder looks to those who may not enter the one above it; root may enter all."""
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_dir", is_dir)
    found = search_path({"PYENV_ROOT": str(tmp_path), "PATH": f"/first:{tmp_path / 'shims'}:/last"})
    assert found.split(os.pathsep) == ["/first", "/last", str(Path(sys.base_prefix, "bin"))]


def test_the_interpreter_that_runs_us_is_taken_where_there_is_no_other(bench: Bench, index: Index) -> None:
    bench.environ["PATH"] = "/nowhere"
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.build()
    assert version(bench) == HERE


def test_interpreters_behind_shims_that_fail_are_found(bench: Bench, index: Index, pyenv: Path) -> None:
    wanted = versions(pyenv)[0].removesuffix(".0")
    bench.write(pyproject_toml=manifest(index, '"beta"', python=f"=={wanted}.*"))
    bench.build()
    assert version(bench) == wanted


def test_the_version_that_pyenv_has_selected_comes_first(bench: Bench, index: Index, pyenv: Path) -> None:
    selected = versions(pyenv)[0]
    (pyenv / "version").write_text(f"{selected}\n")
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.build()
    assert version(bench) == selected.removesuffix(".0")


def test_a_python_version_file_is_heeded_and_a_change_of_it_remakes_the_environment(
    bench: Bench, index: Index, pyenv: Path
) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    (bench.root / ".python-version").write_text(HERE)
    bench.build()
    assert version(bench) == HERE
    other = versions(pyenv)[-1].removesuffix(".0")
    (bench.root / ".python-version").write_text(other)
    bench.build()
    assert version(bench) == other
    assert bench.installed() == {"beta": "1.0"}


@pytest.mark.parametrize("what", ["requires-python", ".python-version"])
def test_no_interpreter_fits(bench: Bench, index: Index, what: str) -> None:
    # never: the same answer with network and without
    bench.environ["UV_PYTHON_DOWNLOADS"] = "never"
    if what == "requires-python":
        bench.write(pyproject_toml=manifest(index, '"beta"', python=">=3.77"))
    else:
        bench.write(pyproject_toml=manifest(index, '"beta"'))
        (bench.root / ".python-version").write_text("3.77")
    with pytest.raises(ToolNotFound) as caught:
        bench.lock()
    assert what in caught.value.message
    assert "3.77" in caught.value.message
    assert HERE in caught.value.message
    assert "Install a Python" in caught.value.remedy
    assert not bench.prefix().path.exists()


def test_a_python_version_that_the_project_excludes(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"', python=f"!={HERE}.*,>=3.8"))
    (bench.root / ".python-version").write_text(HERE)
    with pytest.raises(ManifestInvalid, match="incompatible with the project's Python requirement"):
        bench.lock()


def test_an_interpreter_that_does_not_work_is_named(bench: Bench, index: Index, tmp_path: Path) -> None:
    broken = tmp_path / "bin" / "python3.77"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    bench.environ["PATH"] = str(broken.parent)
    bench.write(pyproject_toml=manifest(index, '"beta"', python=">=3.77"))
    with pytest.raises(ToolNotFound, match=f"{broken} does not work"):
        bench.lock()
