import os
import stat
import subprocess
from pathlib import Path

import pytest
from wanting import environment

from appose_kernel.environments import folders, store
from appose_kernel.model import Environment


@pytest.fixture
def project(uv_project) -> Path:
    return uv_project(extras={"cuda": [], "gitignore": []})


def read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a folder without write permission looks to everybody but root."""
    really = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder and really(path, mode))


def test_a_default_environment_is_where_uv_itself_puts_it(project: Path) -> None:
    assert store.place(environment(project)).path == project / ".venv"


def test_other_environments_stand_beside_it(project: Path) -> None:
    assert store.place(environment(project, "cuda")).path == project / ".venvs" / "cuda"


def test_a_member_of_a_workspace_has_prefixes_of_its_own(uv_project) -> None:
    root = uv_project(more='[tool.uv.workspace]\nmembers = ["member"]')
    member = root / "member"
    member.mkdir()
    (member / "pyproject.toml").write_text('[project]\nname = "member"\nversion = "1"\n')
    assert store.place(environment(member)).path == member / ".venvs" / "default"
    assert store.place(environment(root)).path == root / ".venv"


def test_records_are_made_and_hidden_from_git(project: Path) -> None:
    prefix = store.place(environment(project, "gitignore"))
    store.prepare(prefix)
    store.prepare(prefix)
    assert (project / ".venvs" / ".gitignore").read_text() == "*\n"
    assert prefix.records.is_dir()
    assert prefix.path not in prefix.records.parents
    subprocess.run(["git", "init", "-q", project], check=True)
    said = subprocess.run(["git", "-C", project, "status", "-s"], capture_output=True, text=True, check=True)
    assert said.stdout == "?? pyproject.toml\n"


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_who_shares_the_workspace_shares_the_records(project: Path) -> None:
    project.chmod(0o2775)
    prefix = store.place(environment(project))
    store.prepare(prefix)
    for folder in (prefix.records / "waiting", prefix.records, prefix.records.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o2775


def in_store(env: Environment) -> Path:
    path = store.place(env).path
    assert path.parent == folders.data_dir() / "store"
    return path


def test_a_workspace_that_cannot_be_written_is_built_in_the_store(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_only(project, monkeypatch)
    before = in_store(environment(project, "cuda"))
    assert before.name.startswith("project-cuda-")
    assert before == in_store(environment(project, "cuda"))
    assert before != in_store(environment(project))
    (project / "uv.lock").write_text("version = 1\n")
    assert before != in_store(environment(project, "cuda"))


def test_on_windows_a_file_is_tried_for_permissions_say_little(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "WINDOWS", True)
    monkeypatch.setattr(os, "access", lambda *_: pytest.fail("it always says yes"))
    env = environment(project, "cuda")
    assert store.place(env).path.is_relative_to(project)
    assert [path.name for path in project.iterdir()] == ["pyproject.toml"]
    folders._takes_files.cache_clear()

    def touch(path: Path) -> None:
        raise PermissionError(13, "Access is denied", str(path))

    monkeypatch.setattr(Path, "touch", touch)
    in_store(env)
    folders._takes_files.cache_clear()
