"""What was made of a file is remembered for as long as the file looks the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from appose_kernel.workspaces import files

#: Long ago, in Unix seconds: what was written then will not change within the same tick of the clock.
SETTLED = 1e9


class Reader:
    """Reads a file's text, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, path: Path) -> str:
        self.times += 1
        return path.read_text() if path.exists() else "nothing"


def write(path: Path, text: str, time: float) -> None:
    path.write_text(text)
    os.utime(path, (time, time))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_what_looks_the_same_is_read_once(file: Path) -> None:
    read = Reader()
    assert [files.remembered(file, read) for _ in range(3)] == ["nothing"] * 3
    write(file, "one", SETTLED)
    assert [files.remembered(file, read) for _ in range(3)] == ["one"] * 3
    assert read.times == 2


def test_what_looks_different_is_read_again(file: Path) -> None:
    read = Reader()
    for text, time in (("one", SETTLED), ("two", SETTLED + 1), ("three", SETTLED + 1)):
        write(file, text, time)
        assert files.remembered(file, read) == text
    file.unlink()
    assert files.remembered(file, read) == "nothing"


def test_a_file_that_took_the_others_place_is_another_one(file: Path) -> None:
    read = Reader()
    for text in ("one", "two"):
        write(draft := file.with_name("draft"), text, SETTLED)
        draft.replace(file)
        assert files.remembered(file, read) == text


@pytest.mark.skipif(os.name == "nt", reason="the same file with other permissions looks the same")
def test_who_may_read_it_now_reads_it(file: Path) -> None:
    read = Reader()
    write(file, "one", SETTLED)
    for mode in (0o000, 0o644):
        file.chmod(mode)
        files.remembered(file, read)
    assert read.times == 2


def test_what_has_only_just_been_written_may_change_unseen(file: Path) -> None:
    read = Reader()
    file.write_text("one")
    now = file.stat().st_mtime
    assert files.remembered(file, read) == "one"
    write(file, "two", now)
    assert files.remembered(file, read) == "two"


def test_each_reader_has_its_own(file: Path) -> None:
    write(file, "one", SETTLED)
    assert files.remembered(file, Path.read_text) == "one"
    assert files.remembered(file, Path.read_bytes) == b"one"


def test_what_cannot_be_read_is_tried_again(file: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.remembered(file, Path.read_text)
    with pytest.raises(FileNotFoundError):
        files.remembered(file, Path.read_text)
