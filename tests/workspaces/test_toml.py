from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import tomli
from manifests import Write, settle

from appose_kernel.errors import ManifestInvalid, ManifestNotFound
from appose_kernel.workspaces import toml
from appose_kernel.workspaces.toml.positions import positions

TRICKY = """\
# a comment with [a.header] and key = 1
title = "a # no comment"

[project]
name = 'x' # [fake]
description = \"\"\"
[not.a.header]
key = "no key" \\\"\"\" still inside
\"\"\"
raw = '''
[nor.this]
'quoted' '''''
requires-python = ">=3.10"
dependencies = [
  "one",  # ]
  "two; python_version < '3.11'",
  # "three",
  "four",
]

[project.optional-dependencies]
"quoted key" = ["a",
  "b"]
dotted.inner."key.with.dots" = 1.5

[tool.uv]
sources = { torch = [
    { index = "cpu", extra = "cpu" },
    { index = "cuda",
      extra = "cuda" },
], numpy = { path = "../n" } }
when = 1979-05-27 07:32:00.5

[[tool.uv.index]]
name = "cpu"

[[tool.uv.index]]
name = "cuda"

[tool.uv.index.deep]
url = "u"
"""


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("title",), 2),
        (("project",), 4),
        (("project", "name"), 5),
        (("project", "description"), 6),
        (("project", "raw"), 10),
        (("project", "requires-python"), 13),
        (("project", "dependencies"), 14),
        (("project", "dependencies", 0), 15),
        (("project", "dependencies", 1), 16),
        (("project", "dependencies", 2), 18),
        (("project", "optional-dependencies"), 21),
        (("project", "optional-dependencies", "quoted key", 1), 23),
        (("project", "optional-dependencies", "dotted", "inner", "key.with.dots"), 24),
        (("tool",), 26),
        (("tool", "uv", "sources", "torch", 0, "extra"), 28),
        (("tool", "uv", "sources", "torch", 1, "index"), 29),
        (("tool", "uv", "sources", "torch", 1, "extra"), 30),
        (("tool", "uv", "sources", "numpy", "path"), 31),
        (("tool", "uv", "when"), 32),
        (("tool", "uv", "index", 0), 34),
        (("tool", "uv", "index", 1, "name"), 38),
        (("tool", "uv", "index", 1, "deep", "url"), 41),
        (("project", "license", "text"), 4),
        (("nothing",), None),
    ],
)
def test_the_line_of_each_key_is_known(tmp_path: Path, keys: tuple[str | int, ...], line: int | None) -> None:
    path = tmp_path / "x.toml"
    path.write_text(TRICKY, encoding="utf-8")
    assert toml.line_of(path, *keys) == line


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    below = (_paths(inner, (*path, key)) for key, inner in items)
    return {path}.union(*below)


def test_every_value_that_a_parser_sees_has_a_line_and_no_other() -> None:
    assert set(positions(TRICKY)) == _paths(tomli.loads(TRICKY)) - {()}


@pytest.mark.parametrize("raw", [b'\xef\xbb\xbfa = "x"\r\nb = 2\r\n', b'a = "x"\nb = 2'])
def test_byte_order_mark_and_windows_lines_are_read(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(raw)
    assert toml.read(path) == {"a": "x", "b": 2}
    assert toml.line_of(path, "b") == 2


def test_toml_1_1_is_read(write: Write) -> None:
    assert toml.read(write("x.toml", "a = {\n  b = 1,\n}\n")) == {"a": {"b": 1}}


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        (b"[project]\nname = \n", 2, "not valid TOML"),
        (b"[project\n", 1, "not valid TOML"),
        (b"a = 1\na = 2\n", 2, "not valid TOML"),
        (b'a = 1\nb = "caf\xe9"\n', 2, "0xe9 is not UTF-8"),
        (b"a = 1\n" + b"#" * 2**20, None, "larger than 1 MiB"),
        (b"a = " + b"[" * 100_000, None, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(
    tmp_path: Path, raw: bytes, line: int | None, words: str
) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(raw)
    with pytest.raises(ManifestInvalid, match=words) as caught:
        toml.read(path)
    assert (caught.value.file, caught.value.line) == (path, line)
    assert caught.value.remedy


def test_a_folder_is_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid, match="this is a folder"):
        toml.read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX's")
def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyproject.toml")
    with pytest.raises(ManifestInvalid, match="no regular file"):
        toml.read(tmp_path / "pyproject.toml")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs a user who may not read all"
)
def test_an_unreadable_file_is_told(write: Write) -> None:
    path = write("pyproject.toml", "a = 1\n")
    path.chmod(0)
    with pytest.raises(ManifestInvalid, match="cannot be read: Permission denied"):
        toml.read(path)


def test_a_link_to_itself_is_told(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.symlink_to(path)
    with pytest.raises(ManifestInvalid, match="cannot be read"):
        toml.read(path)


@pytest.mark.parametrize("name", ["absent.toml", "absent/x.toml", "file/x.toml"])
def test_an_absent_file_is_not_found(write: Write, root: Path, name: str) -> None:
    write("file", "")
    with pytest.raises(ManifestNotFound, match="does not exist"):
        toml.read(root / name)


def test_a_file_is_parsed_again_only_when_it_changed(write: Write, root: Path) -> None:
    path = write("x.toml", "a = 1\n")
    settle(root)
    first = toml.read(path)
    assert toml.read(path) is first
    write("x.toml", "a = 2\n")
    assert toml.read(path) == {"a": 2}


def test_a_change_within_the_clocks_tick_is_seen(write: Write) -> None:
    path = write("x.toml", "a = 1\n")
    before = path.stat()
    toml.read(path)
    path.write_text("a = 2\n", encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert toml.read(path) == {"a": 2}


@pytest.mark.parametrize("text", ["]", "a = [1,", "a = {b = 1", "= = ="])
def test_a_file_that_became_invalid_meanwhile_has_no_lines(write: Write, text: str) -> None:
    assert toml.line_of(write("x.toml", text), "a") is None
