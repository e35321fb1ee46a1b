"""What an activation is found to do: prefixes with real scripts, run by a real shell."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from conda_channel import Channel, host
from wanting import build, environment

from appose_kernel.environments import activation, builds, shells
from appose_kernel.errors import InstallError
from appose_kernel.model import Activation

pytestmark = pytest.mark.skipif(os.name == "nt", reason="scripts of sh")

LIBRARIES = "$CONDA_PREFIX/lib:${LD_LIBRARY_PATH:-}"


@dataclass
class Tree:
    """A conda prefix of scripts and variables, and a workspace beside it."""

    folder: Path
    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    #: What the last activations told of on their way.
    told: list[str] = field(default_factory=list)

    @property
    def prefix(self) -> Path:
        return self.folder / "prefix"

    def package(self, name: str, text: str) -> Path:
        return _write(self.prefix / "etc" / "conda" / "activate.d" / name, text)

    def script(self, name: str, text: str) -> Path:
        return _write(self.folder / name, text)

    def stored(self, name: str, variables: Mapping[str, Any]) -> Path:
        return _write(self.prefix / "etc" / "conda" / "env_vars.d" / name, json.dumps(variables))

    def record(
        self,
        *scripts: Path,
        variables: Mapping[str, str] | None = None,
        own: Mapping[str, str] | None = None,
        patience: float = 60,
    ) -> Activation:
        self.prefix.mkdir(parents=True, exist_ok=True)
        return asyncio.run(
            activation.record(
                self.prefix,
                scripts,
                variables or {},
                own or {},
                environ=self.environ,
                folder=self.folder,
                patience=patience,
                tell=self.told.append,
            )
        )

    def refused(self, *scripts: Path, variables: Mapping[str, str] | None = None) -> InstallError:
        with pytest.raises(InstallError) as caught:
            self.record(*scripts, variables=variables, patience=1)
        assert caught.value.remedy
        return caught.value


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def seen(found: Activation, name: str, environ: Mapping[str, str]) -> str | None:
    """What a real process finds in a variable after the activation."""
    code = f"import os; print(ascii(os.environ.get({name!r})))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=found.apply(environ), capture_output=True, text=True, check=True
    )
    value: str | None = eval(done.stdout)
    return value


def test_a_bare_prefix_is_first_on_path_and_named_as_condas(tree: Tree) -> None:
    found = tree.record()
    assert found.path == (str(tree.prefix / "bin"),)
    assert found.variables == {"CONDA_PREFIX": str(tree.prefix), "CONDA_SHLVL": "1"}
    assert found.extended == {}
    assert found.python == ""


def test_the_prefixs_python_is_the_interpreter(tree: Tree) -> None:
    python = tree.prefix / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert tree.record().python == str(python)


def test_ld_library_path_is_right_where_it_was_set_and_where_it_was_not(tree: Tree) -> None:
    found = tree.record(variables={"LD_LIBRARY_PATH": LIBRARIES})
    libraries = f"{tree.prefix}/lib:"
    assert seen(found, "LD_LIBRARY_PATH", {}) == libraries
    assert seen(found, "LD_LIBRARY_PATH", {"LD_LIBRARY_PATH": ""}) == libraries
    assert seen(found, "LD_LIBRARY_PATH", {"LD_LIBRARY_PATH": "/a:/b"}) == f"{libraries}/a:/b"


def test_the_servers_own_ld_library_path_is_not_recorded(tree: Tree) -> None:
    tree.environ |= {"LD_LIBRARY_PATH": "/of/the/server", "SECRET": "of the server", "CONDA_PREFIX": "/other"}
    found = tree.record(variables={"LD_LIBRARY_PATH": LIBRARIES, "COPY": "<$SECRET>"})
    assert found.variables["LD_LIBRARY_PATH"] == f"{tree.prefix}/lib:"
    assert found.variables["COPY"] == "<>"
    assert "of the server" not in repr(found)


def test_the_order_is_pixis(tree: Tree) -> None:
    tree.package("b.sh", 'export SEEN="$SEEN b" OWN="$OWN b"')
    tree.package("a.sh", 'export SEEN="$SEEN a"')
    tree.package("a.fish", "set -gx SEEN fish")
    one, two = tree.script("one.sh", 'export SEEN="$SEEN one"'), tree.script("two.sh", 'SEEN="$SEEN two"')
    tree.stored("z.json", {"SEEN": "stored", "LIBS": "$CONDA_PREFIX/lib", "NUMBER": 7})
    found = tree.record(
        two, one, variables={"SEEN": "$SEEN last", "LATER": "$SEEN"}, own={"OWN": "$HOME", "LIBS": "mine"}
    )
    assert found.variables["SEEN"] == "stored a b two one last"
    assert found.variables["LATER"] == "stored a b two one last"
    assert found.variables["OWN"] == "$HOME b"
    assert found.variables["LIBS"] == "mine"
    assert "NUMBER" not in found.variables


def test_variables_stored_in_the_prefix(tree: Tree) -> None:
    tree.stored("b.json", {"TWICE": "b", "LIBS": "$CONDA_PREFIX/lib"})
    tree.stored("a.json", {"TWICE": "a", "QUOTED": 'a "word" and `ls`'})
    state = tree.prefix / "conda-meta" / "state"
    _write(state, json.dumps({"version": 1, "env_vars": {"lower": "up", "AWAY": "***unset***"}}))
    found = tree.record().variables
    assert found["TWICE"] == "b"
    assert found["LIBS"] == f"{tree.prefix}/lib"
    assert found["QUOTED"] == 'a "word" and `ls`'
    assert found["LOWER"] == "up"
    assert "AWAY" not in found


def test_a_file_of_variables_that_is_no_json_is_named(tree: Tree) -> None:
    broken = _write(tree.prefix / "etc" / "conda" / "env_vars.d" / "broken.json", "{")
    assert str(broken) in tree.refused().message


@pytest.mark.parametrize(
    "value",
    ["a\nb\n", "two  words ", "it's", 'a "word"', "`ls`", "back\\slash", "a=b", "\udcff\udcfe", "💡", "*"],
)
def test_odd_values_arrive_as_they_are(tree: Tree, value: str) -> None:
    found = tree.record(variables={"ODD": value}, own={"OWN": f"$X {value}"})
    assert seen(found, "ODD", {}) == value
    assert found.variables["OWN"] == f"$X {value}"


def test_a_value_with_a_dollar_is_expanded_by_the_shell(tree: Tree) -> None:
    given = {"A": 'say "$CONDA_SHLVL"', "B": "$(printf 'made %s' here)", "C": "\\$A", "D": "$A, $GONE."}
    found = tree.record(variables=given).variables
    assert (found["A"], found["B"]) == ('say "1"', "made here")
    assert (found["C"], found["D"]) == ("$A", 'say "1", .')


def test_names_that_no_shell_takes_are_passed_over(tree: Tree) -> None:
    found = tree.record(variables={"A-B": "1", "X; touch hacked; Y": "1", "": "1", "GOOD": "1"}).variables
    assert {"GOOD"} == found.keys() - {"CONDA_PREFIX", "CONDA_SHLVL"}
    assert not (tree.folder / "hacked").exists()


def test_a_script_that_prints_defines_functions_and_changes_folders_leaves_only_its_exports(
    tree: Tree,
) -> None:
    noisy = tree.script(
        "noisy.sh",
        "echo KERNEL=bogus; echo problem >&2; printf 'NUL=1\\0'\n"
        "helper() { :; }; export -f helper 2>/dev/null\n"
        "cd /; local_only=1; export REAL=1; unset _ARGS; umask 777; set -C -x",
    )
    found = tree.record(noisy, variables={"AFTER": "$PWD"})
    assert found.variables == {
        "CONDA_PREFIX": str(tree.prefix),
        "CONDA_SHLVL": "1",
        "REAL": "1",
        "AFTER": "/",
        "_ARGS": None,
    }


def test_an_unset_variable_is_taken_from_the_kernel(tree: Tree) -> None:
    tree.package("clean.sh", "unset PYTHONPATH JUNK; unset -f ls; unset LANG")
    tree.environ["LANG"] = "C.UTF-8"
    found = tree.record()
    assert {name for name, value in found.variables.items() if value is None} == {
        "PYTHONPATH",
        "JUNK",
        "LANG",
    }
    assert found.apply({"PYTHONPATH": "/x", "JUNK": "1", "KEPT": "1"}).keys() >= {"KEPT"}
    assert not found.apply({"PYTHONPATH": "/x", "JUNK": "1"}).keys() & {"PYTHONPATH", "JUNK"}


def test_a_default_gives_way_to_what_was_set_before(tree: Tree) -> None:
    tree.package("ssl.sh", 'if [ -z "${SSL_CERT_FILE:-}" ]; then export SSL_CERT_FILE=/in/the/prefix; fi')
    found = tree.record()
    assert found.apply({})["SSL_CERT_FILE"] == "/in/the/prefix"
    assert found.apply({"SSL_CERT_FILE": "/company.pem"})["SSL_CERT_FILE"] == "/company.pem"


def test_a_variable_that_takes_up_another_is_recorded_as_it_is_without_that(tree: Tree) -> None:
    given = {"LD_LIBRARY_PATH": LIBRARIES, "COPY": "$LD_LIBRARY_PATH:/more", "BOTH": "$BOTH:$LD_LIBRARY_PATH"}
    found = tree.record(variables=given)
    assert found.variables["COPY"] == f"{tree.prefix}/lib::/more"
    assert found.variables["BOTH"] == f":{tree.prefix}/lib:"
    assert found.extended.keys() == {"LD_LIBRARY_PATH"}


def test_a_script_that_cannot_work_with_other_values_extends_nothing(tree: Tree) -> None:
    counting = tree.script("counting.sh", "set -e; export COUNT=$((${COUNT:-0} + 1)) LIST=$LIST:x")
    found = tree.record(counting)
    assert found.variables["COUNT"] == "1"
    assert found.extended == {}


def test_path_gets_what_scripts_put_first_and_what_they_put_last(tree: Tree) -> None:
    tree.package("first.sh", 'export PATH="/first:/second:$PATH"')
    tree.package("last.sh", 'PATH="$PATH:/last:/very last"')
    found = tree.record(variables={"PATH": "$CONDA_PREFIX/Library/bin:$PATH"})
    here = (f"{tree.prefix}/Library/bin", "/first", "/second", f"{tree.prefix}/bin")
    assert found.path == here
    assert "PATH" not in found.variables
    expected = ":".join([*here, "/usr/bin:/bin:/last:/very last"])
    assert found.apply({"PATH": "/usr/bin:/bin"})["PATH"] == expected


def test_a_path_that_was_taken_apart_still_gives_its_new_entries(tree: Tree) -> None:
    tree.environ["PATH"] = "/usr/bin:/bin:/opt/x"
    found = tree.record(variables={"PATH": "/bin:/new:/usr/bin"})
    assert found.path == ("/new",)


def test_a_script_that_fails_midway_is_ignored_as_pixi_does(tree: Tree) -> None:
    found = tree.record(tree.script("odd.sh", "false\nno-such-command-at-all\nexport X=1\nfalse"))
    assert found.variables["X"] == "1"
    assert tree.told == [
        f"{tree.folder / 'odd.sh'}, of `scripts` in `[activation]`, failed; what it had set by then counts."
    ]


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("echo looking; exit 3", "failed with exit code 3"),
        ("echo looking; exit 0", "ended the shell"),
        ("echo looking; exec true", "ended the shell"),
        ("echo looking\nset -e\nfalse\n", "failed with exit code 1"),
        ("echo looking\nset -u\n: $NEVER_SET\n", "failed with exit code"),
        ("echo looking\nkill -KILL $$\n", "failed with exit code -9"),
        ("echo looking\nwhile :; do :; done\n", "did not end within 1 seconds"),
        ("echo looking\ncat /dev/zero > /dev/null\n", "did not end within 1 seconds"),
    ],
)
def test_a_script_that_ends_the_shell_is_named_with_its_output(tree: Tree, text: str, how: str) -> None:
    tree.package("a-good.sh", "export X=1")
    bad = tree.package("b-bad.sh", text)
    error = tree.refused(tree.script("later.sh", "export Y=1"))
    assert f"{tree.prefix} cannot be activated: {bad} {how}" in error.message
    assert "looking" in error.detail


def test_a_variable_that_the_shell_cannot_read_is_named(tree: Tree) -> None:
    error = tree.refused(variables={"GOOD": "1", "BAD": "${oops"})
    assert "the variable `BAD` of `[activation.env]`" in error.message


def test_strictness_of_one_script_does_not_reach_the_next(tree: Tree) -> None:
    tree.package("a.sh", "set -eu")
    tree.package("b.sh", 'false\nexport X="$NEVER_SET"1')
    assert tree.record(variables={"Y": "$NEVER_SET"}).variables["X"] == "1"


def test_what_a_script_leaves_running_is_not_waited_for(tree: Tree) -> None:
    began = time.monotonic()
    found = tree.record(tree.script("daemon.sh", "sleep 30 & export X=1"))
    assert found.variables["X"] == "1"
    assert time.monotonic() - began < 20


def test_a_missing_script_is_passed_over_as_pixi_does_and_told_of(tree: Tree) -> None:
    gone = tree.folder / "gone.sh"
    assert tree.record(gone, variables={"X": "1"}).variables["X"] == "1"
    assert tree.told == [f"`scripts` of `[activation]` names {gone}, which is not there; it is passed over."]


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_a_script_that_the_shell_cannot_read_is_refused_in_the_shells_words(tree: Tree, shell: str) -> None:
    if shell == "sh":
        (tree.folder / "tools").mkdir()
        tree.environ["PATH"] = str(tree.folder / "tools")
    bad = tree.script("bad.sh", "export X=1\nif then\n")
    error = tree.refused(bad)
    assert f"{tree.prefix} cannot be activated: {bad} " in error.message
    assert "then" in error.detail


def test_a_package_s_script_that_bash_cannot_read_is_the_packages_business(tree: Tree) -> None:
    tree.package("bad.sh", "if then\n")
    assert tree.record(variables={"X": "1"}).variables["X"] == "1"
    assert tree.told == []


def test_a_script_that_changes_what_the_shell_can_read_may_fail_otherwise(tree: Tree) -> None:
    good = tree.script("good.sh", "shopt -s extglob\ncase ab in !(b)) export X=1;; esac\n")
    assert tree.record(good).variables["X"] == "1"
    assert tree.told == []


def test_scripts_written_for_bash_are_run_by_bash(tree: Tree) -> None:
    found = tree.record(tree.script("array.sh", 'parts=(a b); [[ -n $parts ]] && export X="${parts[1]}"'))
    assert found.variables["X"] == "b"


def test_without_bash_sh_does_it(tree: Tree) -> None:
    tools = tree.folder / "tools"
    tools.mkdir()
    tree.environ["PATH"] = str(tools)
    found = tree.record(
        tree.script("which.sh", 'export SHELL_HAS="${BASH_VERSION:-no bash}"'),
        variables={"LD_LIBRARY_PATH": LIBRARIES, "ODD": "a\nb'c"},
    )
    assert found.variables["SHELL_HAS"] == "no bash"
    assert found.variables["ODD"] == "a\nb'c"
    assert found.apply({"LD_LIBRARY_PATH": "/a"})["LD_LIBRARY_PATH"] == f"{tree.prefix}/lib:/a"


def test_scripts_run_in_the_workspace(tree: Tree) -> None:
    tree.script("settings.env", "X='from here'")
    found = tree.record(tree.script("load.sh", "set -a; . ./settings.env"))
    assert found.variables["X"] == "from here"


def test_a_folder_with_an_awkward_name(tmp_path: Path) -> None:
    tree = Tree(tmp_path / 'it\'s $HOME; "x"')
    tree.package("it's.sh", "export X=1")
    found = tree.record(variables={"LIBS": "$CONDA_PREFIX/lib"})
    assert found.variables["LIBS"] == f"{tree.prefix}/lib"
    assert found.variables["X"] == "1"


def test_what_cmd_is_given(tmp_path: Path) -> None:
    cmd = shells.Cmd()
    lines = [
        cmd.prepend_path(["C:\\100%\\env", "C:\\env\\Library\\bin"]),
        cmd.set("PATH", cmd.expanding("%CONDA_PREFIX%\\Library\\bin;%PATH%")),
        cmd.set("RATE", cmd.literal("5%")),
        cmd.call(Path("C:/env/etc/a.bat")),
    ]
    argv = cmd.command(tmp_path, lines, {"COMSPEC": "C:\\cmd.exe"})
    assert argv[:3] == ["C:\\cmd.exe", "/D", "/C"]
    text = Path(argv[3]).read_bytes().decode()
    assert '@SET "PATH=C:\\100%%\\env;C:\\env\\Library\\bin;%PATH%" >> ' in text
    assert '@SET "PATH=%CONDA_PREFIX%\\Library\\bin;%PATH%" >> ' in text
    assert '@SET "RATE=5%%"' in text
    assert '@CALL "C:/env/etc/a.bat" >> ' in text
    assert text.count("\r\n") == text.count("\n")
    parsed = cmd.parsed(b"Path=C:\\a\r\nX=1=2\r\n=C:=C:\\\r\n")
    assert parsed == {"PATH": "C:\\a", "X": "1=2"}


def test_a_build_keeps_in_its_log_what_was_passed_over_and_ends_at_a_script_that_cannot_be_read(
    tmp_path: Path, isolated: Path
) -> None:
    settings = isolated / "jupyter" / "config" / "jupyter_appose_config.json"
    _write(settings, json.dumps({"Settings": {"engine": "embedded"}}))  # also where there is a pixi
    made = Channel(tmp_path / "channel")
    kernel = {"argv": ["R", "{connection_file}"], "display_name": "R", "language": "R"}
    made.package("r", files={"share/jupyter/kernels/ir/kernel.json": json.dumps(kernel)})
    made.index()
    folder = tmp_path / "lab"
    _write(
        folder / "pixi.toml",
        f'[workspace]\nname = "lab"\nchannels = ["{made.folder.as_uri()}"]\nplatforms = ["{host()}"]\n'
        '[dependencies]\nr = "*"\n[activation]\nscripts = ["missing.sh", "here.sh"]\n',
    )
    here = _write(folder / "here.sh", "export X=1\n")
    lines = [event.step.message for event in build(environment(folder)) if event.step.output]
    assert any(f"names {folder / 'missing.sh'}, which is not there" in line for line in lines)
    assert "missing.sh" in "".join(builds.ready(environment(folder)).notes)
    here.write_text("if then\n")
    with pytest.raises(InstallError, match=f"cannot be activated: {here} "):
        build(environment(folder))
