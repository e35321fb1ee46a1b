"""A person at a terminal: the progress bar, the question, Ctrl-C; and completion in a real bash."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import gates
import pytest
from calling import SCRIPT, Appose, Factory, site_packages

from appose_kernel.environments import builds
from appose_kernel.model import State
from appose_kernel.workspaces import formats

pexpect = pytest.importorskip("pexpect")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="has no pseudo-terminals")

#: Seconds that a build of tiny wheels may take on a busy machine.
PATIENCE = 60


@pytest.fixture
def project(uv_project: Factory, wheel: Factory, ipykernel: str) -> Path:
    wheel("alpha")
    return uv_project([ipykernel, "alpha"], name="demo")


@pytest.fixture
def gate(tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[gates.Gate]:
    """Builds wait in the phase "installing" until it is opened."""
    shut = gates.hold_uv(tmp_path, isolated / "jupyter" / "config", monkeypatch)
    yield shut
    shut.open()


def terminal(*args: str | Path, **variables: str) -> pexpect.spawn:
    environ = {**os.environ, "TERM": "xterm-256color", **variables}
    return pexpect.spawn(
        str(SCRIPT),
        list(map(str, args)),
        env=environ,
        encoding="utf-8",
        timeout=PATIENCE,
        dimensions=(30, 100),
    )


def state(project: Path) -> State:
    return builds.status(formats.environments(formats.open_workspace(project))[0]).state


def test_a_terminal_shows_a_bar_that_goes_when_the_build_ends(project: Path, gate: gates.Gate) -> None:
    shown = terminal("build", project)
    shown.expect("demo · default: ")
    shown.expect("━")
    shown.expect("0:00:0")
    gate.open()
    shown.expect(r"demo · default is ready \(built in")
    assert "\x1b[2K" in shown.before  # rich erases its lines
    shown.expect(pexpect.EOF)
    shown.close()
    assert shown.exitstatus == 0


def test_no_color_means_none(project: Path) -> None:
    shown = terminal("info", project, "-e", "nope", NO_COLOR="1")
    shown.expect(pexpect.EOF)
    assert "Error: " in shown.before
    assert "\x1b" not in shown.before
    colourful = terminal("info", project, "-e", "nope")
    colourful.expect(pexpect.EOF)
    assert "\x1b[" in colourful.before


def test_ctrl_c_stops_the_build_and_says_so(project: Path, gate: gates.Gate) -> None:
    shown = terminal("build", project)
    shown.expect("demo · default: ")
    shown.sendintr()
    shown.expect("The build was stopped")
    shown.expect(pexpect.EOF)
    shown.close()
    assert shown.exitstatus == 130
    assert state(project) is State.NOT_BUILT


def test_ctrl_c_in_json_is_an_error_like_others(project: Path, gate: gates.Gate) -> None:
    building = subprocess.Popen(
        [SCRIPT, "build", project, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watching = terminal("build", project)
    watching.expect("demo · default: ")
    building.send_signal(signal.SIGINT)
    out, _ = building.communicate(timeout=PATIENCE)
    assert building.returncode == 130
    assert '"build-cancelled"' in out
    assert "goes on" in out, "somebody else waits for the same build"
    gate.open()
    watching.expect("is ready")
    watching.expect(pexpect.EOF)


def test_exact_asks_at_a_terminal(script: Appose, project: Path) -> None:
    dropped = site_packages(script("build", project, "--json").json["prefix"]) / "alpha.py"
    manifest = project / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace(", 'alpha'", ""))
    assert script("lock", project).code == 0
    shown = terminal("build", project, "--exact")
    shown.expect(r"alpha==1\.0")
    shown.expect(r"\[y/N\]")
    shown.sendline("n")
    shown.expect(pexpect.EOF)
    shown.close()
    assert shown.exitstatus == 130
    assert dropped.exists()


BASH = shutil.which("bash")


@pytest.mark.skipif(BASH is None, reason="needs bash")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("jupyter-appose bui", ["build"]),
        ("jupyter-appose build PROJECT -e c", ["cpu", "cuda"]),
        ("jupyter-appose build --fr", ["--frozen"]),
        ("jupyter-appose build /nowhere -e c", []),
    ],
)
def test_bash_completes(uv_project: Factory, line: str, expected: list[str]) -> None:
    project = uv_project(name="demo", extras={"cpu": [], "cuda": []})
    words = line.replace("PROJECT", str(project)).split(" ")
    script = f"""
        source <({SCRIPT} completion bash)
        COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}
        _jupyter_appose_completion {SCRIPT}
        printf '%s\\n' "${{COMPREPLY[@]}}"
        complete -p jupyter-appose
    """
    done = subprocess.run([str(BASH), "-c", script], capture_output=True, text=True, check=True)
    *found, registered = done.stdout.splitlines()
    assert [word for word in found if word] == expected
    assert "_jupyter_appose_completion jupyter-appose" in registered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_ask_the_program(script: Appose, shell: str) -> None:
    answer = script("completion", shell)
    assert answer.code == 0
    assert "_JUPYTER_APPOSE_COMPLETE" in answer.out
