"""PyPI packages on their way between uv's files and pixi's lock."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli
from conda_bench import sha256
from packaging.tags import parse_tag

from appose_kernel.environments.engines.embedded import pylock
from appose_kernel.environments.engines.embedded.pylock import Package
from appose_kernel.errors import InstallError

HASH = "a" * 64
TAGS = [tag for text in ("cp311-cp311-linux_x86_64", "py3-none-any") for tag in parse_tag(text)]


def resolved(package: str) -> Package:
    [found] = pylock.resolved(f'lock-version = "1.0"\n[[packages]]\nname = "Some.Name"\n{package}', TAGS)
    return found


def file(name: str) -> str:
    return f'{{ url = "https://x.invalid/{name}", hashes = {{ sha256 = "{HASH}" }} }}'


def test_the_best_wheel_is_chosen() -> None:
    names = ("py3-none-any", "cp311-cp311-linux_x86_64", "cp312-cp312-linux_x86_64")
    wheels = ", ".join(file(f"some_name-1.0-{name}.whl") for name in names)
    found = resolved(f'version = "1.0"\nwheels = [{wheels}]\nsdist = {file("some_name-1.0.tar.gz")}')
    location = f"https://x.invalid/some_name-1.0-cp311-cp311-linux_x86_64.whl#sha256={HASH}"
    assert found == Package("some-name", "1.0", location)


def test_the_source_is_chosen_where_no_wheel_fits() -> None:
    wheels = file("some_name-1.0-cp312-cp312-linux_x86_64.whl")
    found = resolved(f'version = "1.0"\nwheels = [{wheels}]\nsdist = {file("some_name-1.0.tar.gz")}')
    assert found.location == f"https://x.invalid/some_name-1.0.tar.gz#sha256={HASH}"


def test_a_package_that_is_for_other_platforms_only_is_named() -> None:
    with pytest.raises(InstallError) as caught:
        resolved(f'version = "1.0"\nwheels = [{file("some_name-1.0-cp312-cp312-win_amd64.whl")}]')
    assert caught.value.message == ("Some.Name 1.0 has neither a wheel for this platform nor a source.")


VCS = (
    'vcs = { type = "git", url = "https://x.invalid/repo", requested-revision = "v1", '
    f'commit-id = "{"b" * 40}", subdirectory = "sub/folder" }}'
)
GIT = f"https://x.invalid/repo?rev=v1&subdirectory=sub%2Ffolder#{'b' * 40}"


@pytest.mark.parametrize(
    ("package", "location", "entry"),
    [
        (
            f'version = "1.0"\nwheels = [{file("some_name-1.0-py3-none-any.whl")}]',
            f"https://x.invalid/some_name-1.0-py3-none-any.whl#sha256={HASH}",
            {
                "version": "1.0",
                "wheels": [
                    {"url": "https://x.invalid/some_name-1.0-py3-none-any.whl", "hashes": {"sha256": HASH}}
                ],
            },
        ),
        (
            f'version = "1.0"\nsdist = {file("some_name-1.0.tar.gz")}',
            f"https://x.invalid/some_name-1.0.tar.gz#sha256={HASH}",
            {
                "version": "1.0",
                "sdist": {"url": "https://x.invalid/some_name-1.0.tar.gz", "hashes": {"sha256": HASH}},
            },
        ),
        (
            VCS,
            f"git+{GIT}",
            {
                "vcs": {
                    "type": "git",
                    "url": "https://x.invalid/repo",
                    "commit-id": "b" * 40,
                    "requested-revision": "v1",
                    "subdirectory": "sub/folder",
                }
            },
        ),
        (
            'directory = { path = "/some/where", editable = false }',
            "/some/where",
            {"directory": {"path": "/some/where", "editable": False}},
        ),
    ],
)
def test_what_uv_resolves_is_what_it_installs(
    package: str, location: str, entry: dict[str, object], tmp_path: Path
) -> None:
    found = resolved(package)
    assert found.location == location
    text = pylock.installable([found], tmp_path / "lock", tmp_path, ())
    assert tomli.loads(text)["packages"] == [{"name": "some-name", **entry}]


def installable(package: Package, root: Path, editable: tuple[str, ...] = ()) -> dict[str, object]:
    text = pylock.installable([package], root / "pixi.lock", root, editable)
    [entry] = tomli.loads(text)["packages"]
    return entry  # type: ignore[no-any-return]


def test_a_folder_is_relative_to_the_workspace_and_editable_if_the_manifest_says_so(tmp_path: Path) -> None:
    package = Package("mine", "0.1", "./sub/mine")
    path = str(tmp_path / "sub" / "mine")
    assert installable(package, tmp_path)["directory"] == {"path": path, "editable": False}
    assert installable(package, tmp_path, ("mine",))["directory"] == {"path": path, "editable": True}


def test_an_archive_of_the_workspace_is_hashed_where_the_lock_has_no_hash(tmp_path: Path) -> None:
    archive = tmp_path / "mine-0.1-py3-none-any.whl"
    package = Package("mine", "0.1", f"./{archive.name}")
    with pytest.raises(InstallError, match=f"{archive} does not exist, and is locked"):
        installable(package, tmp_path)
    archive.write_bytes(b"wheel")
    expected = {"path": str(archive), "hashes": {"sha256": sha256(archive)}}
    assert installable(package, tmp_path)["archive"] == expected
    locked = package._replace(sha256=HASH)
    assert installable(locked, tmp_path)["archive"] == {"path": str(archive), "hashes": {"sha256": HASH}}


def test_an_address_of_the_manifest_s_own_stays_one(tmp_path: Path) -> None:
    package = Package("mine", "0.1", "direct+https://x.invalid/mine-0.1-py3-none-any.whl", HASH)
    source = {"url": "https://x.invalid/mine-0.1-py3-none-any.whl", "hashes": {"sha256": HASH}}
    assert installable(package, tmp_path) == {"name": "mine", "archive": source}
