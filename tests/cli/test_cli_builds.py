"""Building, running and verifying from a terminal, a pipe and a script: real builds of tiny wheels."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
import uv
from calling import Appose, Factory, site_packages

CONFLICT = '[tool.uv]\nconflicts = [[{ extra = "cpu" }, { extra = "cuda" }]]\n'
KEYS: dict[str, tuple[str, ...]] = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "reference.py"))[
    "KEYS"
]


@pytest.fixture
def project(uv_project: Factory, wheel: Factory, ipykernel: str) -> Path:
    """A project with two extras that conflict."""
    wheel("alpha")
    wheel("flavour", "1.0")
    wheel("flavour", "2.0")
    extras = {"cpu": ["flavour==1.0"], "cuda": ["flavour==2.0"]}
    return uv_project(["alpha", ipykernel], name="demo", extras=extras, more=CONFLICT)


def test_build_makes_an_environment_ready_once(script: Appose, project: Path, isolated: Path) -> None:
    first = script("build", project, "-e", "cpu")
    assert (first.code, first.out.count("\n")) == (0, 1)
    assert "demo · cpu is ready (built in " in first.out
    lines = first.err.splitlines()
    assert all(line.startswith("demo · cpu: ") for line in lines), first.err
    percents = [int(line.split("%")[0].rsplit(" ", 1)[1]) for line in lines if "%" in line]
    assert percents == sorted(percents)
    assert percents
    assert any("verifying" in line for line in lines)
    assert "\x1b" not in first.out + first.err

    kernelspec = isolated / "jupyter" / "data" / "kernels" / "appose.demo.cpu" / "kernel.json"
    assert kernelspec.exists(), "the first build registers"

    again = script("build", project, "-e", "cpu", "--json")
    assert again.err == ""
    answer = again.json
    assert set(answer) == set(KEYS["build"])
    assert answer["state"] == "ready"
    assert answer["built"] is False
    assert Path(answer["prefix"]) == project / ".venvs" / "cpu"

    info = script("info", project, "-e", "cpu", "--json").json
    assert set(info) == set(KEYS["info"])
    assert info["prefix"] == answer["prefix"]
    assert Path(info["interpreter"]).exists()
    assert info["verdict"] is None
    assert isinstance(info["channels"], list)

    sizes = {
        entry["name"]: entry["size"]
        for entry in script("list", project, "--size", "--json").json["workspaces"][0]["environments"]
    }
    assert sizes["cpu"] > sizes["cuda"] == 0


def test_run_builds_and_becomes_the_command(script: Appose, project: Path) -> None:
    code = "import flavour, os, sys; print(flavour.__version__, sys.argv[1:], os.environ['VIRTUAL_ENV'])"
    words = ["a b", "$HOME", "--json", "-e", "--", "🧪"]
    ran = script("run", project, "-e", "cuda", "--", "python", "-c", code, *words)
    assert ran.code == 0, ran.err
    assert ran.out == f"2.0 {words} {project / '.venvs' / 'cuda'}\n"

    inside = script("run", "-e", "cuda", "--", "python", "-c", "raise SystemExit(7)", cwd=project)
    assert (inside.code, inside.out, inside.err) == (7, "", "")

    missing = script("run", project, "-e", "cuda", "--", "no-such-command")
    assert missing.code == 127
    assert "no-such-command" in missing.err

    text = project / "text"
    text.write_text("not a program")
    assert script("run", project, "-e", "cuda", "--", text).code == 126

    nothing = script("run", project, "-e", "cuda")
    assert nothing.code == 2
    assert "after --" in nothing.err


def test_a_build_that_cannot_be_solved_says_so(script: Appose, uv_project: Factory) -> None:
    project = uv_project(["nowhere"])
    answer = script("build", project)
    assert answer.code == 6
    assert answer.out == ""
    assert "nowhere" in answer.err
    failed = script("build", project, "--json")
    assert failed.code == 6
    assert failed.error["code"] == "solve"
    listed = script("list", project, "--json").json["workspaces"][0]["environments"]
    assert listed[0]["state"] == "failed"
    assert listed[0]["error"]["code"] == "solve"


def test_an_outdated_lock_ends_the_build_until_it_is_locked_anew(
    script: Appose, uv_project: Factory, wheel: Factory, ipykernel: str
) -> None:
    wheel("beta")
    project = uv_project([ipykernel])
    assert script("build", project, "--locked").code == 9
    locked = script("lock", project, "--json").json
    assert set(locked) == set(KEYS["lock"])
    assert locked["changed"] is True
    assert Path(locked["lock"]).exists()
    assert script("lock", project, "--json").json["changed"] is False

    uv_project([ipykernel, "beta"])
    stale = script("build", project)
    assert stale.code == 9
    assert f"`jupyter appose lock {project}`" in stale.err
    relocked = script("lock", project)
    assert "beta" in relocked.err
    assert script("build", project, "--locked").code == 0


def test_exact_says_what_goes_and_asks(script: Appose, project: Path, wheel: Factory) -> None:
    prefix = script("build", project, "--json").json["prefix"]
    extra = wheel("byhand")
    subprocess.run(
        [uv.find_uv_bin(), "pip", "install", "--python", prefix, "--no-index", extra],
        check=True,
        capture_output=True,
    )
    module = site_packages(prefix) / "byhand.py"
    assert script("build", project).code == 0
    assert module.exists()
    refused = script("build", project, "--exact")
    assert refused.code == 2
    assert "byhand==1.0" in refused.err
    assert "--yes" in refused.err
    assert module.exists()
    agreed = script("build", project, "--exact", "--yes", "--json")
    assert agreed.json["built"] is True
    assert not module.exists()


def test_verify_finds_a_changed_file(script: Appose, project: Path) -> None:
    unbuilt = script("verify", project)
    assert unbuilt.code == 8
    assert "jupyter appose build" in unbuilt.err
    prefix = script("build", project, "--json").json["prefix"]
    whole = script("verify", project, "--json")
    assert (whole.code, set(whole.json)) == (0, set(KEYS["verify"]))
    assert (whole.json["ok"], whole.json["damage"]) == (True, [])
    module = site_packages(prefix) / "alpha.py"
    content = module.read_bytes()
    module.unlink()  # it may be a hard link into the cache
    module.write_bytes(content[::-1])
    damaged = script("verify", project, "--json")
    assert damaged.code == 8
    assert damaged.json["ok"] is False
    assert damaged.json["error"]["code"] == "verify"
    assert [entry["file"] for entry in damaged.json["damage"]] == [str(module)]
    in_words = script("verify", project)
    assert str(module) in in_words.out
    assert f"jupyter appose build {project}" in in_words.err
    listed = script("list", project).out
    assert "drifted" in listed
    assert "files of it are damaged" in listed
    assert script("build", project, "--json").json["built"] is True
    assert module.read_bytes() == content
    assert script("verify", project).code == 0


def test_register_and_unregister(script: Appose, project: Path) -> None:
    registered = script("register", project, "-e", "cpu", "--json").json
    assert set(registered) == set(KEYS["register"])
    spec = json.loads((Path(registered["kernelspec"]) / "kernel.json").read_text(encoding="utf-8"))
    assert spec["display_name"] == "demo · cpu"
    assert registered["kernel"] == "appose.demo.cpu"
    gone = script("unregister", project, "-e", "cpu", "--json")
    assert set(gone.json) == set(KEYS["unregister"])
    assert not Path(registered["kernelspec"]).exists()
    assert script("unregister", project, "-e", "cpu").code == 14


def test_prune_removes_what_nothing_refers_to(script: Appose, isolated: Path) -> None:
    records = Path(os.environ["APPOSE_KERNEL_DATA_DIR"]) / "store" / ".records" / "gone-0123456789ab"
    (records / "waiting").mkdir(parents=True)
    for folder in (records, records / "waiting"):
        os.utime(folder, (1, 1))  # nobody can be about to build there
    prefix = records.parents[1] / records.name
    prefix.mkdir()
    (prefix / "file").write_text("x" * 1000)
    answer = script("prune", "--json").json
    assert set(answer) == set(KEYS["prune"])
    assert [entry["path"] for entry in answer["removed"]] == [str(prefix)]
    assert answer["bytes"] >= 1000
    assert not prefix.exists()
    assert "Nothing to remove" in script("prune").out


def test_prune_removes_kernelspecs_of_workspaces_that_are_gone(script: Appose, project: Path) -> None:
    folder = Path(script("register", project, "--json").json["kernelspec"])
    assert "Nothing to remove" in script("prune").out
    project.rename(project.with_name("moved"))
    assert str(folder) in script("prune").out
    assert not folder.exists()


def test_a_pip_that_is_not_the_environments_is_told_apart(
    script: Appose, project: Path, tmp_path: Path
) -> None:
    pip = tmp_path / "elsewhere" / "pip"
    pip.parent.mkdir()
    pip.write_text("#!/bin/sh\necho of the system\n")
    pip.chmod(0o755)
    path = f"{pip.parent}{os.pathsep}{os.environ['PATH']}"
    prefix = script("build", project, "--json").json["prefix"]
    answer = script("run", project, "--", "pip", "list", PATH=path)
    assert (answer.code, answer.out) == (0, "of the system\n")
    assert f"{pip} is not of this environment, which has no pip" in answer.err
    shutil.copy(pip, Path(prefix, "bin"))
    assert script("run", project, "--", "pip", "list", PATH=path).err == ""
