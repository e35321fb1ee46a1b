"""``info`` of a pixi workspace: everything that an environment contains, on any platform, from files only."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from calling import Appose

from appose_kernel.workspaces import formats

DATA = Path(__file__).parents[1] / "data" / "pixi"

OPTIONS = """
[workspace]
name = "options"
channels = ["conda-forge"]
platforms = ["linux-64"]
channel-priority = "disabled"
solve-strategy = "lowest"
exclude-newer = "2025-01-01"

[dependencies]
src = { git = "https://example.org/src" }

[constraints]
openssl = ">=3"

[pypi-dependencies]
own = { path = ".", editable = true }
torch = { version = "*", index = "https://example.org/whl" }

[activation]
scripts = ["setup.sh"]

[system-requirements]
cuda = "12.0"

[pypi-options]
index-strategy = "unsafe-best-match"
"""


@pytest.fixture
def worker(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "complete-worker", tmp_path / "worker"))


@pytest.fixture
def optional(tmp_path: Path) -> Path:
    (tmp_path / "pixi.toml").write_text(OPTIONS, encoding="utf-8")
    return tmp_path


def test_it_is_shown_for_people(appose: Appose, worker: Path) -> None:
    answer = appose("info", worker, "-e", "cuda", "--platform", "linux-64")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "tf-appose-worker · cuda"
    assert "  features  cuda (feature)" in lines
    assert "  solved    together with the others of “default”" in lines
    assert "  platform  linux-64" in lines
    assert "  channels  nvidia, conda-forge" in lines
    assert lines[lines.index("  conda packages") :] == [
        "  conda packages",
        "    cudatoolkit 11.8.*  (cuda)",
        "    cudnn 8.6.*  (cuda)",
        "    python ==3.11",
        "    numpy <2",
        "    scipy *",
        "    pip *",
        "  Python packages",
        "    tensorflow==2.15.0",
        "  activation",
        "    LD_LIBRARY_PATH=$CONDA_PREFIX/lib:${LD_LIBRARY_PATH:-}",
    ]


def test_it_is_shown_for_machines(appose: Appose, worker: Path) -> None:
    told = appose("info", worker, "-e", "cuda", "--platform", "win-64", "--json").json
    assert told["solve_group"] == "default"
    assert told["platform"] == "win-64"
    assert told["channels"] == ["nvidia", "conda-forge"]
    assert told["variables"] == {"PATH": "%CONDA_PREFIX%\\Library\\bin;%PATH%"}
    assert told["specs"][0] == {
        "kind": "conda",
        "name": "cudatoolkit",
        "requirement": "cudatoolkit 11.8.*",
        "origin": "cuda",
        "index": None,
        "editable": False,
    }


def test_what_is_unusual_has_a_line_of_its_own(appose: Appose, optional: Path) -> None:
    lines = appose("info", optional, "--platform", "linux-64").out.splitlines()
    assert "  system    __cuda 12.0" in lines
    unusual = "channel priority disabled, versions: lowest, nothing newer than 2025-01-01"
    assert f"  solving   {unusual}, index-strategy unsafe-best-match" in lines
    assert lines[lines.index("  conda packages built from their sources") :] == [
        "  conda packages built from their sources",
        "    src @ git+https://example.org/src",
        "  only these, where something brings them",
        "    openssl >=3",
        "  Python packages",
        f"    own @ {optional.as_uri()}  (editable)",
        "    torch  (from https://example.org/whl)",
        "  activation",
        "    runs setup.sh",
    ]
    told = appose("info", optional, "--platform", "linux-64", "--json").json
    assert told["scripts"] == ["setup.sh"]
    assert told["requirements"] == {"__cuda": "12.0"}
    assert told["options"] == {
        "channel_priority": "disabled",
        "strategy": "lowest",
        "exclude_newer": "2025-01-01",
        "pypi": {"index-strategy": "unsafe-best-match"},
    }


def test_an_environment_for_other_machines_is_shown_for_one_of_them(appose: Appose, tmp_path: Path) -> None:
    host = formats.host_platform()
    other = "win-64" if host == "linux-64" else "linux-64"
    (tmp_path / "pixi.toml").write_text(
        f'[workspace]\nchannels = []\nplatforms = ["{other}"]\n[dependencies]\na = "*"\n', encoding="utf-8"
    )
    answer = appose("info", tmp_path, "--json")
    assert answer.json["platform"] == other
    assert f"This machine is {host}" in answer.err
    assert f"  default  not for {host}" in appose("list", tmp_path).out
    assert "not built" not in appose("info", tmp_path).out


def test_a_platform_that_it_is_not_for_is_an_error_with_those_that_it_is_for(
    appose: Appose, worker: Path
) -> None:
    answer = appose("info", worker, "--platform", "linux-aarch64", "--json")
    assert answer.code == 3
    assert answer.error["code"] == "platform-unsupported"
    assert "it is for osx-arm64, osx-64, linux-64, win-64." in answer.error["message"]


def test_a_platform_goes_by_the_name_that_the_manifest_gives_it(appose: Appose) -> None:
    call = ("info", DATA / "rich-platforms", "-e", "cuda", "--json", "--platform")
    told = appose(*call, "linux-gpu").json
    assert told["requirements"] == {"__cuda": "12.0", "__cuda_arch": "8.6", "__glibc": "2.34"}
    assert [spec["name"] for spec in told["specs"] if spec["origin"] == "cuda"] == ["cudnn"]
    unknown = appose(*call, "amiga")
    assert (unknown.code, unknown.error["code"]) == (3, "platform-unsupported")
    assert "linux-gpu, win-64-cuda-12-0" in unknown.error["message"]


def test_every_environment_is_listed(appose: Appose) -> None:
    listed = appose("list", DATA / "dev-cuda", "--depth", "0", "--json").json
    (workspace,) = (entry for entry in listed["workspaces"] if entry["root"] == str(DATA / "dev-cuda"))
    assert workspace["format"] == "pixi"
    assert [env["name"] for env in workspace["environments"]] == ["default", "cuda", "dev", "cuda-dev"]


LOCK = """version: 6
environments:
  default:
    channels:
    - url: https://conda.invalid/main/
    packages:
      linux-64:
      - conda: https://conda.invalid/main/noarch/alpha-1.0-0.conda
packages:
- conda: https://conda.invalid/main/noarch/alpha-1.0-0.conda
  sha256: 0000000000000000000000000000000000000000000000000000000000000000
"""


@pytest.mark.skipif(formats.host_platform() != "linux-64", reason="the lock is written for it")
def test_a_lock_that_is_older_than_the_manifest_is_told_with_what_is_wanted(
    appose: Appose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # where there is no pixi
    manifest = tmp_path / "pixi.toml"
    text = '[workspace]\nname = "w"\nchannels = ["https://conda.invalid/main"]\nplatforms = ["linux-64"]\n'
    manifest.write_text(text + '[dependencies]\nalpha = ">=2"\n')
    lock = tmp_path / "pixi.lock"
    lock.write_text(LOCK)
    drift = ["alpha: 1.0 is locked, >=2 is wanted"]
    answer = appose("info", tmp_path, "--json")
    assert answer.json["lock"] == {"path": str(lock), "state": "outdated", "drift": drift}
    assert f"{lock} is older than the manifest: {drift[0]}" in appose("info", tmp_path).out
    manifest.write_text(text + '[dependencies]\nalpha = "*"\n')
    assert appose("info", tmp_path, "--json").json["lock"]["state"] == "present"


def test_what_opens_a_channel_or_an_index_is_not_shown(appose: Appose, tmp_path: Path) -> None:
    (tmp_path / "pixi.toml").write_text(
        '[workspace]\nname = "w"\nplatforms = ["linux-64"]\n'
        'channels = ["https://me:hunter2@conda.invalid/main", "https://conda.invalid/t/hunter2/more"]\n'
        '[dependencies]\na = { version = "*", channel = "https://me:hunter2@conda.invalid/main" }\n'
        '[pypi-dependencies]\nb = { version = "*", index = "https://me:hunter2@pypi.invalid/simple" }\n'
        '[activation.env]\nAPI_TOKEN = "hunter2"\nPLAIN = "shown"\n'
        '[pypi-options]\nindex-url = "https://me:hunter2@pypi.invalid/simple"\n',
        encoding="utf-8",
    )
    for answer in (appose("info", tmp_path, "--platform", "linux-64"), appose("info", tmp_path, "--json")):
        assert answer.code == 0, answer.err
        assert "hunter2" not in answer.out + answer.err
        assert "https://****@conda.invalid/main" in answer.out
        assert "shown" in answer.out
