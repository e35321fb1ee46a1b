from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from manifests import STARTS, Write, audited, settle

from appose_kernel.errors import ManifestInvalid, ManifestNotFound
from appose_kernel.workspaces import formats

PROJECT = '[project]\nname = "{}"\n'


def test_no_manifest_is_told_with_the_names_that_would_do(root: Path) -> None:
    assert formats.detect(root) is None
    with pytest.raises(ManifestNotFound, match="no manifest in") as caught:
        formats.open_workspace(root)
    for name in ("pixi.toml", "pyproject.toml", "requirements.txt", "environment.yml", "environment.yaml"):
        assert f"`{name}`" in caught.value.remedy
    assert "appose.json" not in caught.value.remedy


def test_a_folder_in_the_manifests_place_is_told(root: Path) -> None:
    (root / "pyproject.toml").mkdir()
    with pytest.raises(ManifestInvalid, match="this is a folder"):
        formats.detect(root)


def test_a_relative_path_means_the_same_workspace(
    write: Write, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a/pyproject.toml", PROJECT.format("p"))
    monkeypatch.chdir(root)
    assert formats.detect(Path("a")) == formats.detect(root / "a" / ".." / "a")


def test_a_symbolic_link_stays_in_the_path_that_people_see(write: Write, root: Path) -> None:
    write("a/pyproject.toml", PROJECT.format("p"))
    (root / "link").symlink_to(root / "a", target_is_directory=True)
    assert formats.open_workspace(root / "link").root == root / "link"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_folder_whose_name_is_no_text_still_has_a_name(root: Path) -> None:
    folder = os.fsencode(root) + b"/caf\xe9"
    os.mkdir(folder)  # noqa: PTH102  (Path takes no bytes)
    path = Path(os.fsdecode(folder))
    (path / "requirements.txt").write_text("numpy\n", encoding="utf-8")
    assert formats.open_workspace(path).name == "caf�"


def test_asking_again_opens_no_file_and_starts_no_process(write: Write, root: Path) -> None:
    write("pyproject.toml", PROJECT.format("root") + '[tool.uv.workspace]\nmembers = ["p/*"]\n')
    write("p/a/pyproject.toml", PROJECT.format("a"))
    settle(root)
    first = formats.open_workspace(root / "p/a")

    with audited() as seen:
        again = formats.open_workspace(root / "p/a")
        formats.environments(again)

    assert again is first
    assert not {event for event, _ in seen} & {"open", "os.scandir", "os.listdir", *STARTS}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("p/a/pyproject.toml", PROJECT.format("other")),
        ("pyproject.toml", PROJECT.format("root")),
        ("p/b/pyproject.toml", PROJECT.format("b")),
        ("p/pyproject.toml", "[tool.ruff]\n"),
    ],
)
def test_a_change_of_anything_that_was_looked_at_is_noticed(
    write: Write, root: Path, change: str, text: str
) -> None:
    write("pyproject.toml", PROJECT.format("root") + '[tool.uv.workspace]\nmembers = ["p/*"]\n')
    write("p/a/pyproject.toml", PROJECT.format("a"))
    settle(root)
    before = formats.open_workspace(root / "p/a")
    assert before.lock == root / "uv.lock"

    write(change, text)

    assert formats.open_workspace(root / "p/a") != before


def test_a_repaired_manifest_is_read_again(write: Write, root: Path) -> None:
    write("pyproject.toml", "[project\n")
    settle(root)
    for _ in range(2):
        with pytest.raises(ManifestInvalid):
            formats.detect(root)
    write("pyproject.toml", PROJECT.format("p"))
    assert formats.open_workspace(root).name == "p"


def test_the_environments_of_a_manifest_that_is_gone_are_not_found(write: Write) -> None:
    path = write("pyproject.toml", PROJECT.format("p"))
    workspace = formats.open_workspace(path)
    path.unlink()
    with pytest.raises(ManifestNotFound, match="no longer the manifest"):
        formats.environments(workspace)


def test_many_threads_may_ask_at_once(write: Write, root: Path) -> None:
    for number in range(20):
        write(f"{number}/pyproject.toml", PROJECT.format(f"p{number}"))
    answers: list[list[str]] = []

    def ask() -> None:
        answers.append([formats.open_workspace(root / str(number)).name for number in range(20)])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[f"p{number}" for number in range(20)]] * 8


def test_this_machine_has_a_platform() -> None:
    assert re.fullmatch(r"(linux|osx|win)-(64|aarch64|arm64|\w+)", formats.host_platform())


PLUGIN = """
from dataclasses import replace
from pathlib import Path
from appose_kernel.model import Composition, Environment, Workspace

class Lines:
    manifests = ("lines.env",)

    def detect(self, path):
        if path.read_text() == "crash":
            raise ZeroDivisionError("nobody thought of that")
        return Workspace("lines", "lines", path, path.parent, None, (path,))

    def environments(self, workspace):
        return tuple(Environment(workspace, name) for name in workspace.manifest.read_text().split())

    def compose(self, environment, platform):
        return Composition(platform, "", ())

lines = Lines()
"""


ASK = """
from pathlib import Path
from appose_kernel.workspaces import formats

workspace = formats.open_workspace(Path.cwd())
one, two = formats.environments(workspace)
print(one.name, two.name, formats.compose(one, "osx-64").platform, *formats.manifest_names())
workspace.manifest.write_text("three")
print(*(found.name for found in formats.environments(workspace)))
workspace.manifest.write_text("crash")
print(*formats.all_in(Path.cwd()))
"""


def test_a_plug_in_brings_a_format_and_a_broken_one_is_only_logged(root: Path, write: Write) -> None:
    write("site/lines_format.py", PLUGIN)
    write("site/lines_format-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: lines-format\nVersion: 1\n")
    write(
        "site/lines_format-1.dist-info/entry_points.txt",
        "[appose_kernel.formats]\nbroken = no_such_module:x\nlines = lines_format:lines\n",
    )
    write("w/lines.env", "one two\n")

    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=root / "w",
        env={**os.environ, "PYTHONPATH": str(root / "site")},
        capture_output=True,
        text=True,
        check=False,
    )

    first, later, crashed, *remedy = done.stdout.splitlines()
    one, two, platform, *manifests = first.split()
    assert (one, two, platform, manifests[-1]) == ("one", "two", "osx-64", "lines.env")
    assert later == "three"
    assert "could not be read" in crashed
    assert "ZeroDivisionError: nobody thought of that" in crashed
    assert remedy == ["Please report it, with the file."]
    assert "broken (no_such_module:x) cannot be used" in done.stderr
