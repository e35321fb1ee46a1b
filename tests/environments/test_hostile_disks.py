"""Full disks, and folders that cannot be written: real ones, mounted for the test."""

import random
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from wanting import build, environment

from appose_kernel.environments import builds, folders, store
from appose_kernel.errors import InstallError
from appose_kernel.model import BuildOptions, Phase, State


@pytest.fixture
def big(wheel) -> None:
    """A package that does not fit."""
    wheel("big", files={"big.py": f"text = '{random.Random(0).randbytes(2**21).hex()}'\n"})


def test_a_full_disk_is_named_with_what_is_left(uv_project, small, big) -> None:
    folder = uv_project(["big"])
    text = (folder / "pyproject.toml").read_text()
    small(folder)
    (folder / "pyproject.toml").write_text(text)
    env = environment(folder)
    with pytest.raises(InstallError, match=rf"disk full: {folder} has \d MB left") as caught:
        build(env)
    assert "Free some space" in caught.value.remedy
    assert builds.ready(env) is None
    assert builds.status(env).state is State.FAILED
    subprocess.run(["mount", "-o", "remount,size=50m", folder], check=True)
    assert build(env)[-1].phase is Phase.READY


def test_a_disk_too_full_for_the_log_is_named(uv_project, small, isolated: Path) -> None:
    state = isolated / "appose-kernel" / "state"
    state.mkdir(parents=True)
    small(state)
    filler = state / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    env = environment(uv_project())
    with pytest.raises(InstallError, match=f"disk full: {state} has 0 MB left"):
        build(env)
    filler.unlink()
    assert build(env)[-1].phase is Phase.READY


def test_a_workspace_that_is_read_only_is_built_elsewhere(uv_project, wheel, frozen) -> None:
    wheel("alpha")
    folder = uv_project(["alpha"])
    frozen(folder)
    env = environment(folder)
    assert build(env)[-1].phase is Phase.READY
    assert store.place(env).path.is_relative_to(folders.data_dir())
    assert [path.name for path in folder.iterdir()] == ["pyproject.toml"]
    assert builds.ready(env)


@pytest.mark.parametrize("name", [".venvs", ".venv"])
def test_a_folder_that_is_read_only_is_named(name: str, uv_project, wheel, frozen) -> None:
    wheel("alpha")
    folder = uv_project(["alpha"])
    (folder / name).mkdir()
    frozen(folder / name)
    with pytest.raises(InstallError, match=str(folder / name)) as caught:
        build(environment(folder))
    assert caught.value.remedy


@pytest.mark.parametrize("left", [(), ("CACHEDIR.TAG", "lib/file")])
def test_a_volume_that_is_mounted_where_the_prefix_is_to_be_gets_one(
    left: tuple[str, ...], uv_project, wheel, mount
) -> None:
    wheel("alpha")
    folder = uv_project(["alpha"])
    volume = folder / ".venv"
    volume.mkdir()
    mount(["-t", "tmpfs", "tmpfs"], volume)
    for name in left:
        (volume / name).parent.mkdir(exist_ok=True)
        (volume / name).touch()
    (volume / "lib64").symlink_to("lib")
    env = environment(folder)
    assert build(env, BuildOptions(rebuild=True))[-1].phase is Phase.READY
    assert volume.is_mount()
    assert builds.ready(env)
