from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from appose_kernel.errors import EditRefused, ManifestConflict, ManifestInvalid, ManifestNotFound
from appose_kernel.workspaces import saving
from appose_kernel.workspaces.edits import BASE, Edit, SetDependency
from appose_kernel.workspaces.outline import Outline, Outlined

BEFORE = "a = 1\nb = 2\n"
TODAY = saving.digest(BEFORE.encode())


@dataclass
class Appending:
    """An editor whose every edit appends a key, in the text's own line endings."""

    def outline(self, file: Path, text: str) -> Outline:
        return Outline("none", file.name, "", (), ())

    def edit(self, file: Path, before: Outlined, edit: Edit) -> Outlined:
        assert isinstance(edit, SetDependency)
        end = "\r\n" if "\r\n" in before.text else "\n"
        return Outlined(f"{before.text}{edit.name} = 0{end}", before.outline)


APPENDING = Appending()


def adding(*names: str) -> list[Edit]:
    return [SetDependency(BASE, "pypi", name, "") for name in names]


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return tmp_path / "state" / "manifests"


@pytest.fixture
def manifest(root: Path) -> Path:
    file = root / "pixi.toml"
    file.write_text(BEFORE)
    return file


def save(file: Path, history: Path, *names: str, expected: str = "") -> saving.Written:
    return saving.save(APPENDING, file, expected or saving.read(file).digest, adding(*names), history=history)


def test_a_manifest_is_read_with_its_digest(manifest: Path) -> None:
    assert saving.read(manifest) == saving.Content(BEFORE, TODAY)


def test_a_preview_writes_nothing(manifest: Path) -> None:
    found = saving.preview(APPENDING, manifest, TODAY, adding("c"))
    assert (found.before, found.after.text, found.digest) == (BEFORE, BEFORE + "c = 0\n", TODAY)
    assert manifest.read_text() == BEFORE


def test_saving_writes_what_the_preview_shows(manifest: Path, history: Path) -> None:
    shown = saving.preview(APPENDING, manifest, TODAY, adding("c", "d"))
    written = save(manifest, history, "c", "d", expected=TODAY)
    assert manifest.read_text() == shown.after.text == BEFORE + "c = 0\nd = 0\n"
    assert written == saving.Written(saving.read(manifest).digest, TODAY)


def test_bytes_that_no_edit_means_stay(manifest: Path, history: Path) -> None:
    manifest.write_bytes("\ufeffa = 1 # é\r\n".encode())
    save(manifest, history, "c")
    assert manifest.read_bytes() == "\ufeffa = 1 # é\r\nc = 0\r\n".encode()


def test_a_stale_digest_is_a_conflict_and_nothing_is_written(manifest: Path, history: Path) -> None:
    manifest.write_text("mine = 1\n")
    with pytest.raises(ManifestConflict, match="nothing was written") as conflict:
        save(manifest, history, "c", expected=TODAY)
    assert str(manifest) in conflict.value.message
    assert "again" in conflict.value.remedy
    assert manifest.read_text() == "mine = 1\n"
    with pytest.raises(ManifestConflict):
        saving.preview(APPENDING, manifest, TODAY, adding("c"))


def test_what_another_program_writes_meanwhile_stays(
    manifest: Path, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "_keep", lambda *_: manifest.write_text("z = 1\n"))
    with pytest.raises(ManifestConflict):
        save(manifest, history, "c", expected=TODAY)
    assert manifest.read_text() == "z = 1\n"


def test_the_bytes_before_come_back_exactly(manifest: Path, history: Path) -> None:
    raw = "\ufeffa = 1\r\n\r\n\r\nb = 2\r\n".encode()
    manifest.write_bytes(raw)
    written = save(manifest, history, "c")
    undone = saving.restore(manifest, written.digest, written.before, history=history)
    assert manifest.read_bytes() == raw
    redone = saving.restore(manifest, undone.digest, undone.before, history=history)
    assert (redone.digest, saving.read(manifest).digest) == (written.digest, written.digest)


def test_undo_after_somebody_elses_change_is_a_conflict(manifest: Path, history: Path) -> None:
    written = save(manifest, history, "c")
    manifest.write_text("mine = 1\n")
    with pytest.raises(ManifestConflict):
        saving.restore(manifest, written.digest, written.before, history=history)
    assert manifest.read_text() == "mine = 1\n"


@pytest.mark.parametrize("to", ["0" * 64, "../../../pixi.toml", "", "lock"])
def test_only_what_was_kept_can_be_restored(manifest: Path, history: Path, to: str) -> None:
    with pytest.raises(ManifestNotFound, match="not kept"):
        saving.restore(manifest, TODAY, to, history=history)
    assert manifest.read_text() == BEFORE


def test_a_damaged_earlier_state_is_not_given_back(manifest: Path, history: Path) -> None:
    written = save(manifest, history, "c")
    (kept,) = history.rglob(written.before)
    kept.write_text("damaged")
    with pytest.raises(ManifestNotFound):
        saving.restore(manifest, written.digest, written.before, history=history)


def test_another_manifests_bytes_are_not_given_back(manifest: Path, history: Path) -> None:
    other = manifest.with_name("other.toml")
    other.write_text("token = 1\n")
    written = save(other, history, "c")
    with pytest.raises(ManifestNotFound):
        saving.restore(manifest, TODAY, written.before, history=history)


def test_the_newest_states_are_kept(manifest: Path, history: Path) -> None:
    states = [save(manifest, history, str(number)).before for number in range(saving.KEPT + 5)]
    kept = {path.name for path in history.rglob("*") if path.is_file() and path.name != "lock"}
    assert kept == set(states[5:])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_user_can_read_what_is_kept(manifest: Path, history: Path) -> None:
    manifest.chmod(0o664)
    save(manifest, history, "c")
    for path in [history, *history.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_permissions_stay(manifest: Path, history: Path, mode: int) -> None:
    manifest.chmod(mode)
    save(manifest, history, "c")
    assert stat.S_IMODE(manifest.stat().st_mode) == mode


def test_a_symlink_stays_one_and_its_target_changes(root: Path, manifest: Path, history: Path) -> None:
    link = root / "sub" / "pixi.toml"
    link.parent.mkdir()
    link.symlink_to(Path("..", manifest.name))
    written = save(link, history, "c")
    assert link.is_symlink()
    assert manifest.read_text() == BEFORE + "c = 0\n"
    saving.restore(manifest, written.digest, written.before, history=history)
    assert manifest.read_text() == BEFORE


def test_nothing_is_left_beside_the_manifest(root: Path, manifest: Path, history: Path) -> None:
    save(manifest, history, "c")
    assert [path.name for path in root.iterdir()] == ["pixi.toml"]


def test_an_edit_that_changes_nothing_writes_nothing(manifest: Path, history: Path) -> None:
    before = manifest.stat()
    assert save(manifest, history) == saving.Written(TODAY, TODAY)
    assert manifest.stat().st_ino == before.st_ino


@contextmanager
def unprivileged() -> Iterator[None]:
    """Permissions bind inside the ``with`` block, also for root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def open_up(*folders: Path) -> None:
    """Let everybody into these folders, and into those above them that pytest made."""
    for folder in folders:
        for level in (folder, *folder.parents):
            if "pytest" in str(level):
                level.chmod(0o777)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("locked", ["file", "folder"])
def test_what_is_read_only_is_refused_with_a_remedy(
    root: Path, tmp_path: Path, manifest: Path, locked: str
) -> None:
    open_up(root, tmp_path)
    manifest.chmod(0o444 if locked == "file" else 0o666)
    root.chmod(0o777 if locked == "file" else 0o555)
    with unprivileged(), pytest.raises(EditRefused, match="cannot be written: Permission denied") as refused:
        save(manifest, tmp_path / "history", "c")
    assert "permissions" in refused.value.remedy
    assert manifest.read_text() == BEFORE
    root.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_history_that_cannot_be_kept_stops_the_write(root: Path, tmp_path: Path, manifest: Path) -> None:
    open_up(root)
    manifest.chmod(0o666)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    with unprivileged(), pytest.raises(EditRefused, match="as it was"):
        save(manifest, closed / "history", "c")
    assert manifest.read_text() == BEFORE


def test_a_file_that_is_no_text_is_refused(manifest: Path, history: Path) -> None:
    manifest.write_bytes(b"a = '\xff'\n")
    with pytest.raises(ManifestInvalid, match="line 1: the byte 0xff"):
        saving.read(manifest)


def test_no_edit_makes_a_manifest_that_is_too_large(manifest: Path, history: Path) -> None:
    with pytest.raises(EditRefused, match="larger than 1 MiB"):
        save(manifest, history, "x" * 2**20)
    assert manifest.read_text() == BEFORE


def test_of_two_writers_one_gets_the_conflict(manifest: Path, history: Path) -> None:
    def attempt(name: str) -> str:
        try:
            save(manifest, history, name, expected=TODAY)
        except ManifestConflict:
            return "conflict"
        return name

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(attempt, "cdefghij"))
    (winner,) = (name for name in found if name != "conflict")
    assert manifest.read_text() == f"{BEFORE}{winner} = 0\n"


SAVING = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_saving import save
from appose_kernel.errors import ManifestConflict
file, history, name, count = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
print("ready", flush=True)
for number in range(count):
    while True:
        try:
            save(file, history, f"{{name}}{{number}}")
            break
        except ManifestConflict:
            pass
"""
REPLACING = """
import sys
from pathlib import Path
from appose_kernel.workspaces import files
print("ready", flush=True)
while True:
    for letter in (b"a", b"b"):
        files.replace(Path(sys.argv[1]), letter * 2**19)
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code.format(tests=str(Path(__file__).parent)), *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def ended(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=60)
    return process.returncode


def test_no_write_of_several_processes_is_lost(manifest: Path, history: Path) -> None:
    writers = [start(SAVING, manifest, history, name, 20) for name in "xy"]
    assert [ended(writer) for writer in writers] == [0, 0]
    lines = manifest.read_text().removeprefix(BEFORE).split("\n")[:-1]
    assert sorted(lines) == sorted(f"{name}{number} = 0" for name in "xy" for number in range(20))


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
def test_a_killed_writers_lock_stands_in_nobodys_way(manifest: Path, history: Path) -> None:
    writer = start(SAVING, manifest, history, "x", 100_000)
    writer.send_signal(signal.SIGKILL)
    ended(writer)
    save(manifest, history, "after")
    assert manifest.read_text().endswith("after = 0\n")


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
def test_a_writer_killed_at_any_moment_leaves_whole_bytes(manifest: Path) -> None:
    manifest.write_bytes(b"b" * 2**19)
    chance = random.Random(4)
    for _ in range(12):
        writer = start(REPLACING, manifest)
        time.sleep(chance.uniform(0, 0.05))  # the moment of the kill is what is tried, nothing is awaited
        writer.send_signal(signal.SIGKILL)
        ended(writer)
        raw = manifest.read_bytes()
        assert len(raw) == 2**19
        assert len(set(raw)) == 1
