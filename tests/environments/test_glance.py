"""What is found out once for many environments, and for how long that holds."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from appose_kernel.environments.glance import glance, shared


@shared
def text(path: Path, encoding: str = "utf-8") -> str:
    return path.read_text(encoding)


def test_within_a_glance_a_file_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("é", encoding="utf-8")
    with glance():
        assert text(file) == "é"
        file.unlink()
        assert text(file) == "é"
        with pytest.raises(FileNotFoundError):
            text(file, encoding="latin-1")


def test_the_next_glance_sees_what_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for word in ("one", "two"):
        file.write_text(word)
        with glance():
            assert text(file) == word


def test_without_a_glance_nothing_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for word in ("one", "two"):
        file.write_text(word)
        assert text(file) == word


def test_a_glance_is_its_threads_alone(tmp_path: Path) -> None:
    file, seen = tmp_path / "file", []
    file.write_text("one")
    with glance():
        assert text(file) == "one"
        file.write_text("two")
        other = threading.Thread(target=lambda: seen.append(text(file)))
        other.start()
        other.join()
    assert seen == ["two"]


def test_a_glance_ends_also_where_it_fails(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with pytest.raises(FileNotFoundError), glance():
        text(file)
    for word in ("one", "two"):
        file.write_text(word)
        assert text(file) == word
