"""Whatever stands at whatever place of a pixi manifest: it is read, or told with a remedy."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli

from appose_kernel.errors import ManifestError
from appose_kernel.workspaces import pixi

FULL = """
[workspace]
name = "full"
channels = ["a", { channel = "b", priority = 1 }]
platforms = ["linux-64", { name = "gpu", platform = "linux-64", cuda = { driver = "12", arch = "8.6" } }]
conda-pypi-map = { a = "map.json" }
exclude-newer = "1d"

[dependencies]
table = { version = "1.*", channel = "c", when = { any = ["a", { package = "b" }] }, extras = ["x"] }
source = { git = "https://e.org/s", rev = "1" }
folder = { path = "folder" }

[pypi-dependencies]
released = { version = ">=1", extras = ["a"], index = "i", env-markers = "os_name == 'nt'" }
git = { git = "https://e.org/g", tag = "t", subdirectory = "s" }
own = { path = ".", editable = true }

[activation]
scripts = ["setup.sh"]
env = { A = "b" }

[system-requirements]
libc = { family = "musl", version = "1" }
cuda = "1"

[pypi-options]
no-build = ["a"]
find-links = [{ path = "links" }]
extra-index-urls = ["https://e.org/simple"]

[feature.f]
platforms = ["gpu"]
channels = ["c"]
pypi-options = { no-build = true, index-url = "https://e.org/simple" }
target.linux.constraints = { z = "<2" }

[dev]
mine = { path = "mine" }

[environments]
listed = ["f"]
inline = { features = ["f"], solve-group = "g", dependencies = { q = "1" }, no-default-feature = true }
"""
PROJECT = """
[project]
name = "full"
requires-python = ">=3.10"
dependencies = ["a; os_name == 'nt'"]
optional-dependencies = { test = ["x", "full[more]"], more = [] }

[dependency-groups]
dev = ["a", { include-group = "docs" }]
docs = []
"""
NONSENSE: list[Any] = ["x", "é\n", 1.5, True, [[]], {"": {}}]


def places(value: Any, *keys: Any) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, less its top."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*keys, key)
        yield from places(item, *keys, key)


def text(value: Any) -> str:
    """A value as TOML writes it within a line."""
    if isinstance(value, list):
        return f"[{', '.join(map(text, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{json.dumps(key)} = {text(item)}' for key, item in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


def spoiled(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for *parents, last in places(document):
        for nonsense in NONSENSE:
            spoilt = copy.deepcopy(document)
            table: Any = spoilt
            for key in parents:
                table = table[key]
            table[last] = copy.deepcopy(nonsense)
            yield spoilt


@pytest.mark.parametrize("name", ["pixi.toml", "pyproject.toml"])
def test_nonsense_is_read_or_told(root: Path, name: str) -> None:
    small = {"workspace": {"channels": [], "platforms": ["linux-64"]}, "environments": {"test": ["test"]}}
    project = {**tomli.loads(PROJECT), "tool": {"pixi": small}}
    document = tomli.loads(FULL) if name == "pixi.toml" else project
    told = [(manifest, error) for manifest, error in read(root, name, document) if error]
    assert len(told) > 100
    assert [error for manifest, error in told if str(manifest) not in error.message or not error.remedy] == []


def read(root: Path, name: str, document: dict[str, Any]) -> Iterator[tuple[Path, ManifestError | None]]:
    for number, spoilt in enumerate(spoiled(document)):
        manifest = root / str(number) / name
        manifest.parent.mkdir()
        lines = (f"{json.dumps(key)} = {text(value)}\n" for key, value in spoilt.items())
        manifest.write_text("".join(lines), encoding="utf-8")
        try:
            workspace = pixi.detect(manifest)
            for environment in pixi.environments(workspace) if workspace else ():
                pixi.compose(environment, "linux-64")
                pixi.needs_pixi(environment, "linux-64")
        except ManifestError as error:
            yield manifest, error
        else:
            yield manifest, None
