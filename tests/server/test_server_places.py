"""What messages call the files that they are about."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from appose_kernel.kernels.catalogue import Catalogue
from appose_kernel.server.places import Places


def catalogue(root: Path) -> Catalogue:
    return Catalogue(root, 0, (), logging.getLogger())


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("{root}/work/pixi.toml line 9: no.", "work/pixi.toml line 9: no."),
        ("“{root}/a b.txt” and ({root}/c)", "“a b.txt” and (c)"),
        ("{root} is a folder.", "{root} is a folder."),
        ("file://{root}/a, /mnt{root}/a and {root}s/a", "file://{root}/a, /mnt{root}/a and {root}s/a"),
    ],
)
def test_files_below_the_root_have_the_names_of_the_file_browser(
    tmp_path: Path, said: str, read: str
) -> None:
    places = Places(tmp_path, catalogue(tmp_path))
    error = {"code": "solve", "message": said.format(root=tmp_path), "remedy": said.format(root=tmp_path)}
    told = places.problem({**error, "detail": str(tmp_path / "log")})
    assert told["message"] == told["remedy"] == read.format(root=tmp_path)
    assert told["detail"] == str(tmp_path / "log")


def test_also_where_the_root_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    places = Places(tmp_path / "link", catalogue(tmp_path))
    assert places.short(f"{tmp_path}/link/a and {tmp_path}/real/b") == "a and b"
