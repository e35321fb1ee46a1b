"""The Python of an environment that is not there yet: uv's word for its platform, and its wheels' tags."""

from __future__ import annotations

import pytest

from appose_kernel.environments.engines.embedded.conda_python import Target


def target(platform: str, build: str = "h1_0_cpython", **virtual: str) -> Target:
    return Target("3.12.4", build, platform, {f"__{name}": version for name, version in virtual.items()})


@pytest.mark.parametrize(
    ("found", "platform"),
    [
        (target("linux-64", glibc="2.28"), "x86_64-manylinux_2_28"),
        (target("linux-64", glibc="2.30"), "x86_64-manylinux_2_28"),
        (target("linux-64", glibc="2.12"), "x86_64-manylinux_2_17"),
        (target("linux-64", glibc="2.50"), "x86_64-manylinux_2_40"),
        (target("linux-64", glibc="2"), "x86_64-manylinux_2_17"),
        (target("linux-aarch64"), "aarch64-manylinux_2_28"),
        (target("osx-64"), "x86_64-apple-darwin"),
        (target("osx-arm64"), "aarch64-apple-darwin"),
        (target("win-64"), "x86_64-pc-windows-msvc"),
        (target("win-arm64"), "aarch64-pc-windows-msvc"),
        (target("linux-ppc64le"), None),
    ],
)
def test_uv_has_words_of_its_own_for_platforms(found: Target, platform: str | None) -> None:
    assert found.uv_platform() == platform


@pytest.mark.parametrize(
    ("found", "first", "member", "stranger"),
    [
        (
            target("linux-64", glibc="2.28"),
            "cp312-cp312-manylinux_2_28_x86_64",
            "cp312-abi3-manylinux2014_x86_64",
            "cp312-cp312-manylinux_2_31_x86_64",
        ),
        (
            target("linux-64", "h1_0_cp312t", glibc="2.17"),
            "cp312-cp312t-manylinux_2_17_x86_64",
            "cp312-cp312t-linux_x86_64",
            "cp312-cp312-manylinux_2_17_x86_64",
        ),
        (
            target("osx-arm64", osx="13.0"),
            "cp312-cp312-macosx_13_0_arm64",
            "py3-none-macosx_11_0_universal2",
            "cp312-cp312-macosx_14_0_arm64",
        ),
        (target("win-64"), "cp312-cp312-win_amd64", "py3-none-any", "cp312-cp312-win32"),
        (
            target("linux-aarch64"),
            "cp312-cp312-manylinux_2_28_aarch64",
            "cp39-abi3-manylinux_2_17_aarch64",
            "cp312-cp312-manylinux_2_28_x86_64",
        ),
    ],
)
def test_wheels_that_fit_are_known_by_their_tags(
    found: Target, first: str, member: str, stranger: str
) -> None:
    tags = [str(tag) for tag in found.tags()]
    assert tags[0] == first
    assert member in tags
    assert stranger not in tags
