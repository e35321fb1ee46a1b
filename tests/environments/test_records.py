import os
import threading
from pathlib import Path

import pytest

from appose_kernel.environments import records


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "records").mkdir()
    return tmp_path / "records"


def test_what_is_written_can_be_read(folder: Path) -> None:
    records.write(folder / "it.json", {"a": 1})
    records.write(folder / "it.json", {"a": 2})
    assert records.read(folder / "it.json") == {"a": 2}
    assert [path.name for path in folder.iterdir()] == ["it.json"]


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Replacing is refused, as on Windows, until this is set."""
    free, really = threading.Event(), Path.replace

    def replace(self: Path, target: Path) -> Path:
        if not free.is_set():
            raise PermissionError(13, "Access is denied", str(target))
        return really(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(records, "WINDOWS", True)
    return free


def test_a_reader_on_windows_is_waited_for(folder: Path, busy: threading.Event) -> None:
    threading.Timer(0.1, busy.set).start()
    records.write(folder / "it.json", {"a": 1})
    assert records.read(folder / "it.json") == {"a": 1}


def test_a_reader_on_windows_is_not_waited_for_for_ever(folder: Path, busy: threading.Event) -> None:
    with pytest.raises(PermissionError):
        records.write(folder / "it.json", {"a": 1})
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.name != "nt", reason="elsewhere an open file can be replaced")
def test_an_open_file_is_replaced_on_windows(folder: Path) -> None:
    path = folder / "it.json"
    records.write(path, {"a": 1})
    with path.open() as reader:
        threading.Timer(0.1, reader.close).start()
        records.write(path, {"a": 2})
    assert records.read(path) == {"a": 2}
