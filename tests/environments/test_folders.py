from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from appose_kernel.environments import folders
from appose_kernel.errors import ApposeKernelError


def test_folders_can_be_named_by_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for kind in ("data", "state", "cache", "runtime"):
        monkeypatch.setenv(f"APPOSE_KERNEL_{kind.upper()}_DIR", str(tmp_path / kind))
        assert getattr(folders, f"{kind}_dir")() == tmp_path / kind


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other places")
def test_folders_are_the_systems_own_by_default(monkeypatch: pytest.MonkeyPatch, isolated: Path) -> None:
    for kind in ("data", "state", "cache"):
        monkeypatch.delenv(f"APPOSE_KERNEL_{kind.upper()}_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert folders.data_dir() == isolated / ".local/share/appose-kernel"
    assert folders.state_dir() == isolated / ".local/state/appose-kernel"
    assert folders.cache_dir() == isolated / ".cache/appose-kernel"


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_runtime_folder_is_for_one_user_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("APPOSE_KERNEL_RUNTIME_DIR")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "logged-out"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = folders.runtime_dir()
    assert folder == tmp_path / f"appose-kernel-{os.getuid()}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    assert stat.S_IMODE(folders.runtime_dir().stat().st_mode) == 0o700


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_runtime_folder_that_is_a_trap_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "trap").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setenv("APPOSE_KERNEL_RUNTIME_DIR", str(tmp_path / "trap"))
    with pytest.raises(ApposeKernelError, match="trap"):
        folders.runtime_dir()
