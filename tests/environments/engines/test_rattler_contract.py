"""py-rattler's traps, each shown in the library itself: an upgrade that changes one is noticed here.

Each runs in a process of its own, for to crash at the end of one is the first of them.
"""

from __future__ import annotations

from pathlib import Path

from conda_bench import HOST, CondaBench, rattler
from conda_channel import VERSION

INSTALL = """
import asyncio, json, sys
from rattler import LockFile, install
lock, prefix, cache = sys.argv[1:]
found = LockFile.from_path(lock).environment("default")
records = found.conda_repodata_records_for_platform(found.platforms()[0])
try:
    asyncio.run(install(records, prefix, cache_dir=cache))
except Exception as error:
    print(json.dumps(str(error)))
else:
    print(json.dumps(""))
"""
SOURCE = """
- conda: ./mine
  name: mine
  version: 0.1.0
  build: h_0
  subdir: linux-64
"""


def test_hashes_are_checked_over_http_but_not_on_a_disk(conda: CondaBench, tmp_path: Path) -> None:
    lock = conda.root / "pixi.lock"
    conda.write_lock({"default": ["gpu-1.0-cpu"]})
    conda.channel.package("gpu", files={"share/gpu.txt": "tampered"}, build="cpu")
    said = rattler(INSTALL, str(lock), str(tmp_path / "http"), str(tmp_path / "cache"))
    assert "hash mismatch" in said
    folder = conda.channel.folder
    text = lock.read_text().replace(f"conda: {conda.server.url}", f"conda: {folder}")
    lock.write_text(text.replace("  sha256", f"  subdir: {HOST}\n  channel: {folder.as_uri()}\n  sha256"))
    assert rattler(INSTALL, str(lock), str(tmp_path / "file"), str(tmp_path / "cache-2")) == ""
    assert (tmp_path / "file" / "share" / "gpu.txt").read_text() == "tampered"


def test_source_packages_are_left_out_of_the_records_without_a_word(conda: CondaBench) -> None:
    conda.write_lock({"default": ["gpu-1.0-cpu"]}, more=SOURCE)
    lock = conda.root / "pixi.lock"
    lock.write_text(lock.read_text().replace("      - conda: ", "      - conda: ./mine\n      - conda: ", 1))
    code = """
import json, sys
from rattler import LockFile
found = LockFile.from_path(sys.argv[1]).environment("default")
platform = found.platforms()[0]
records = found.conda_repodata_records_for_platform(platform)
names = sorted(one.name for one in found.packages(platform))
print(json.dumps([[one.name.normalized for one in records], names]))
"""
    assert rattler(code, str(lock)) == [["gpu"], ["gpu", "mine"]]


def test_a_platform_of_one_s_own_panics_past_exception(conda: CondaBench) -> None:
    conda.write_lock({"default": ["gpu-1.0-cpu"]})
    code = """
import json, sys
from rattler import LockFile, LockPlatform
found = LockFile.from_path(sys.argv[1]).environment("default")
try:
    found.packages(LockPlatform(sys.argv[2]))
except BaseException as error:
    print(json.dumps([type(error).__name__, isinstance(error, Exception)]))
"""
    assert rattler(code, str(conda.root / "pixi.lock"), HOST) == ["PanicException", False]


def test_overrides_count_only_when_they_are_asked_for(conda: CondaBench) -> None:
    code = """
import json
from rattler import VirtualPackage, VirtualPackageOverrides
def names(found):
    return [one.into_generic().name.normalized for one in found]
bare, asked = VirtualPackage.detect(), VirtualPackage.detect(VirtualPackageOverrides.from_env())
print(json.dumps(["__cuda" in names(bare), "__cuda" in names(asked)]))
"""
    assert rattler(code, environ={**conda.environ, "CONDA_OVERRIDE_CUDA": "12.4"}) == [False, True]


def test_a_package_without_hashes_has_an_object_around_none(conda: CondaBench) -> None:
    package = {"name": "six", "version": "1.16", "url": "./six"}
    conda.write_lock({"default": [f"python-{VERSION}-0"]}, pypi=[package])
    code = """
import json, sys
from rattler import LockFile
found = LockFile.from_path(sys.argv[1]).environment("default")
[package] = found.pypi_packages_for_platform(found.platforms()[0])
try:
    package.hashes.sha256
except AttributeError as error:
    print(json.dumps(str(error)))
"""
    assert rattler(code, str(conda.root / "pixi.lock")) == "'NoneType' object has no attribute 'sha256'"


def test_the_specs_that_were_asked_for_cannot_be_handed_to_install(conda: CondaBench, tmp_path: Path) -> None:
    conda.write_lock({"default": ["gpu-1.0-cpu"]})
    code = INSTALL.replace("cache_dir=cache", "cache_dir=cache, requested_specs=[MatchSpec('gpu')]").replace(
        "import LockFile, install", "import LockFile, MatchSpec, install"
    )
    said = rattler(code, str(conda.root / "pixi.lock"), str(tmp_path / "prefix"), str(tmp_path / "cache"))
    assert "is not an instance of 'PyMatchSpec'" in said


def test_what_is_preferred_is_taken_even_where_no_channel_has_it(conda: CondaBench, tmp_path: Path) -> None:
    conda.write_lock({"default": ["gpu-1.0-cpu"]})
    code = """
import asyncio, json, sys
from rattler import Gateway, LockFile, solve
found = LockFile.from_path(sys.argv[1]).environment("default")
locked = found.conda_repodata_records_for_platform(found.platforms()[0])
gateway = Gateway(cache_dir=sys.argv[3])
records = asyncio.run(solve([sys.argv[2]], ["gpu"], gateway=gateway, locked_packages=locked))
print(json.dumps([record.url for record in records]))
"""
    (conda.channel.folder / HOST / "gpu-1.0-cpu.tar.bz2").unlink()
    (conda.channel.folder / HOST / "gpu-1.0-cuda.tar.bz2").unlink()
    conda.channel.index()
    [url] = rattler(code, str(conda.root / "pixi.lock"), conda.server.url, str(tmp_path / "cache"))
    assert url.endswith("gpu-1.0-cpu.tar.bz2")


def test_the_newest_version_of_a_lock_is_7(tmp_path: Path) -> None:
    code = """
import json, sys
from pathlib import Path
from rattler import LockFile
def said(version):
    text = f"{{version: {version}, platforms: [], environments: {{}}, packages: []}}"
    Path(sys.argv[1]).write_text(text)
    try:
        LockFile.from_path(sys.argv[1])
    except Exception as error:
        return str(error)
print(json.dumps([said(7), said(8)]))
"""
    said = rattler(code, str(tmp_path / "pixi.lock"))
    assert said == [
        None,
        "found newer lockfile format version 8, but only up to including version 7 is supported",
    ]


def test_a_relative_prefix_ends_up_in_what_is_installed(conda: CondaBench, tmp_path: Path) -> None:
    conda.write_lock({"default": ["act-1.0-0"]})
    code = f"import os; os.chdir({str(tmp_path)!r})\n" + INSTALL
    rattler(code, str(conda.root / "pixi.lock"), "prefix", str(tmp_path / "cache"))
    assert (tmp_path / "prefix" / "bin" / "where").read_text().splitlines()[1] == "echo prefix"
