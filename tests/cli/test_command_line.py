"""What holds for every command: errors as text and JSON, exit codes, names, streams, start-up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from calling import SCRIPT, Appose

MANIFEST = '[project]\nname = "{name}"\nversion = "1"\n[project.optional-dependencies]\ncpu = []\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return write(tmp_path / "ws")


def write(folder: Path, name: str = "demo") -> Path:
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(MANIFEST.format(name=name), encoding="utf-8")
    return folder


def test_help_names_every_command(script: Appose) -> None:
    answer = script("--help")
    assert answer.code == 0
    for command in ("list", "info", "lock", "build", "verify", "run", "register", "prune", "doctor"):
        assert f"  {command} " in answer.out


def test_jupyter_finds_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "appose", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("jupyter appose, version ")


def test_an_unknown_environment_lists_what_there_is(appose: Appose, workspace: Path) -> None:
    answer = appose("info", workspace, "-e", "nope")
    assert answer.code == 4
    assert "“nope”" in answer.err
    assert "default, cpu" in answer.err
    assert answer.out == ""
    error = appose("info", workspace, "-e", "nope", "--json").error
    assert error["code"] == "environment-not-found"
    assert "default, cpu" in error["remedy"]


@pytest.mark.parametrize("command", ["info", "lock", "build", "verify", "register", "unregister"])
def test_a_folder_without_manifest_says_what_would_make_one(
    appose: Appose, tmp_path: Path, command: str
) -> None:
    answer = appose(command, tmp_path)
    assert answer.code == 3
    assert "pyproject.toml" in answer.err
    assert "requirements.txt" in answer.err


def test_without_a_workspace_the_nearest_above_is_meant(
    appose: Appose, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = workspace / "notebooks" / "deep"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert appose("info", "--json").json["workspace"]["root"] == str(workspace)
    monkeypatch.chdir(tmp_path)
    answer = appose("info")
    assert answer.code == 3
    assert str(tmp_path) in answer.err
    assert "pyproject.toml" in answer.err


def test_of_several_manifests_in_a_folder_it_is_said_which_is_taken(
    appose: Appose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "environment.yml"
    other.write_text("dependencies: [python]\n", encoding="utf-8")
    assert "is taken" not in appose("info", tmp_path).err
    taken = tmp_path / "requirements.txt"
    taken.write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for words in (
        ["info", tmp_path],
        ["info"],
        ["run", ".", "-e", "nothing", "--", "python"],
        ["build", "-e", "x"],
    ):
        assert appose(*words).err.startswith(f"{taken} is taken; name the file to mean {other} beside it.\n")
    assert "is taken" not in appose("info", other).err
    assert "is taken" not in appose("info", "--json").err
    assert appose("info", other, "--json").json["workspace"]["manifest"] == str(other)


def test_a_broken_manifest_is_named_with_its_line(appose: Appose, workspace: Path) -> None:
    (workspace / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = \n', encoding="utf-8")
    answer = appose("build", workspace)
    assert answer.code == 3
    assert "pyproject.toml" in answer.err
    assert "3" in answer.err
    listed = appose("list", workspace.parent, "--json")
    assert listed.code == 0
    assert [problem["code"] for problem in listed.json["problems"]] == ["manifest-invalid"]
    told = appose("list", workspace.parent).err
    assert "Cannot be read" in told
    assert "There is no workspace" not in told


def test_two_workspaces_of_one_name_have_kernels_of_their_own(appose: Appose, tmp_path: Path) -> None:
    for folder in (tmp_path / "a" / "demo", tmp_path / "b" / "demo"):
        folder.mkdir(parents=True)
        (folder / "requirements.txt").touch()
    listed = appose("list", tmp_path, "--json").json["workspaces"]
    kernels = [entry["kernel"] for workspace in listed for entry in workspace["environments"]]
    assert kernels[0] == "appose.demo.default"
    assert len(set(kernels)) == 2


def test_a_wrong_command_line_is_an_error_in_json_too(appose: Appose) -> None:
    answer = appose("info", "--nonsense", "--json")
    assert answer.code == 2
    assert answer.error["code"] == "usage"
    assert "jupyter appose info --help" in answer.error["remedy"]
    assert appose("nonsense").code == 2
    assert "Try 'jupyter appose info -" in appose("info", "--nonsense").err


def test_info_shows_another_platform(appose: Appose, workspace: Path) -> None:
    manifest = workspace / "pyproject.toml"
    manifest.write_text(
        '[project]\nname = "demo"\nversion = "1"\ndependencies = ["a", "b; sys_platform == \'win32\'"]\n'
    )

    def specs(*options: str) -> list[str]:
        return [spec["name"] for spec in appose("info", workspace, "--json", *options).json["specs"]]

    assert specs("--platform", "win-64") == ["a", "b"]
    assert specs("--platform", "linux-64") == ["a"]
    unknown = appose("info", workspace, "--platform", "amiga")
    assert unknown.code == 2
    assert "linux-64" in unknown.err


def test_json_after_the_dashes_belongs_to_the_command(appose: Appose, tmp_path: Path) -> None:
    answer = appose("run", tmp_path, "--", "echo", "--json")
    assert answer.code == 3
    assert answer.out == ""


@pytest.mark.parametrize("name", ["a b", "$HOME", "-weird", "🧪 lab", "it's", 'say "hi"', "x" * 200])
def test_a_workspace_may_be_called_anything(script: Appose, tmp_path: Path, name: str) -> None:
    if os.name == "nt" and ('"' in name or len(name) > 100):
        pytest.skip("Windows has no such folders")
    folder = write(tmp_path / name)
    by_path = script("info", folder, "-e", "cpu", "--json").json
    from_inside = script("info", "-e", "cpu", "--json", cwd=folder).json
    relative = script("info", f"./{name}", "-e", "cpu", "--json", cwd=tmp_path).json
    assert by_path == from_inside == relative
    assert by_path["workspace"]["root"] == str(folder)
    after_dashes = script("info", "--json", "--", name, cwd=tmp_path)
    assert after_dashes.code == 0


def test_a_terminal_without_emoji_gets_an_answer(script: Appose, tmp_path: Path) -> None:
    folder = write(tmp_path / "🧪")
    answer = script("info", folder, PYTHONIOENCODING="latin-1")
    assert answer.code == 0
    assert "\\U0001f9ea" in answer.out


def test_colours_are_for_terminals(script: Appose, workspace: Path) -> None:
    assert "\x1b" not in script("list", workspace).out
    assert "\x1b" not in script("info", workspace, "-e", "nope").err


@pytest.mark.skipif(os.name == "nt", reason="has no such pipe")
def test_a_reader_that_goes_away_is_no_error(workspace: Path) -> None:
    read, write_end = os.pipe()
    os.close(read)
    done = subprocess.run([SCRIPT, "info", workspace], stdout=write_end, stderr=subprocess.PIPE, check=False)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.fixture
def imported(workspace: Path) -> Callable[..., set[str]]:
    def call(*args: str) -> set[str]:
        """The modules that a command line loads."""
        code = "import sys; from appose_kernel import cli; cli.run(sys.argv[1:])"
        code += "; print(*sys.modules, file=sys.stderr)"
        done = subprocess.run(
            [sys.executable, "-c", code, *args], capture_output=True, text=True, check=True, cwd=workspace
        )
        return set(done.stderr.split())

    return call


def test_what_starts_often_starts_light(imported: Callable[..., set[str]]) -> None:
    heavy = {"rich", "jupyter_server", "jupyter_client", "zmq", "tornado"}
    assert not imported("list") & heavy
    assert not imported("info") & heavy
    assert not imported("--help") & (heavy | {"asyncio", "traitlets", "appose_kernel.workspaces"})
