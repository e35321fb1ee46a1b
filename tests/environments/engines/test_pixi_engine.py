"""What the pixi engine asks of pixi, and what it makes of what pixi does; pixi itself is pretended here."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest
from gates import Gate
from pixi_bench import PixiBench

from appose_kernel.environments.engines.pixi import PixiEngine
from appose_kernel.errors import (
    ApposeKernelError,
    EngineUnsupported,
    LockOutdated,
    SolveError,
    ToolError,
    ToolFailed,
    ToolNotFound,
    ToolTooOld,
)
from appose_kernel.model import Phase, Step

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the pretending tools are shell scripts")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PixiBench:
    found = PixiBench(tmp_path / "demo", tmp_path / "tools", monkeypatch)
    for name in ("FORCE_COLOR", "PIXI_IN_SHELL", "PIXI_PROJECT_ROOT"):
        monkeypatch.setenv(name, "of the server")
    found.use("pixi_pretending.py")
    return found


@pytest.mark.parametrize(
    ("tool", "error", "message"),
    [
        ("pixi_old", ToolTooOld, r"pixi 0\.65\.0 .+ is older than 0\.70\.1"),
        ("pixi_crashing", ToolNotFound, "pixi does not work"),
        ("pixi_other", ToolNotFound, "is not pixi"),
    ],
)
def test_a_pixi_that_cannot_be_used_is_named_with_a_remedy(
    bench: PixiBench, tool: str, error: type[ApposeKernelError], message: str
) -> None:
    bench.use(tool)
    with pytest.raises(error, match=message) as caught:
        bench.lock()
    assert str(bench.folder / "pixi") in caught.value.message
    assert caught.value.remedy


def test_a_pixi_that_was_updated_is_asked_for_its_version_again(bench: PixiBench) -> None:
    bench.use("pixi_old")
    with pytest.raises(ToolTooOld):
        bench.lock()
    bench.use("pixi_pretending.py")
    assert "pixi 0.72.1" in bench.lock()[0].message


def test_a_missing_lock_is_made_and_one_that_is_there_is_checked_without_writing(bench: PixiBench) -> None:
    bench.lock()
    bench.lock()
    check = ["list", "--environment", "default", "--locked", "--no-install", "--json"]
    assert bench.calls == [["lock"], check]


def test_lock_on_request_makes_a_lock_whether_or_not_there_is_one(bench: PixiBench) -> None:
    bench.lock()
    steps = bench.lock(locked=False)
    assert bench.calls == [["lock"], ["lock"]]
    assert Step(Phase.LOCKING, "✔ Updated lock file", output=True) in steps


@pytest.mark.parametrize("configured", [True, False])
def test_a_frozen_build_asks_for_no_check(bench: PixiBench, configured: bool) -> None:
    bench.settings.frozen = configured
    (bench.root / "pixi.lock").touch()
    bench.lock(frozen=not configured)
    bench.install("cuda", frozen=not configured)
    assert bench.calls[-1] == ["install", "--environment", "cuda", "--frozen"]
    assert not any("--locked" in call for call in bench.calls)


def test_a_frozen_build_without_a_lock_is_refused(bench: PixiBench) -> None:
    with pytest.raises(LockOutdated, match=r"There is no .+pixi\.lock"):
        bench.lock(frozen=True)


def test_an_install_tells_what_has_arrived(bench: PixiBench) -> None:
    steps = bench.install("cuda")
    assert bench.calls[-1] == ["install", "--environment", "cuda", "--locked"]
    assert steps[0] == Step(Phase.DOWNLOADING, "Downloading", done=0, total=1)
    assert steps[-1] == Step(Phase.INSTALLING, "Installed", done=1, total=1)
    assert [step.message for step in steps if step.output] == ["✔ The cuda environment has been installed."]
    assert bench.install("cuda")[0].total == 0


def test_a_package_is_counted_while_the_install_still_goes_on(bench: PixiBench, tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    bench.patch.setenv("TEST_GATE", str(tmp_path / "gate"))

    async def watched() -> list[Step]:
        seen = []
        async with aclosing(PixiEngine().install(bench.job())) as steps:
            async for step in steps:
                seen.append(step)
                if step == Step(Phase.INSTALLING, "Installing", done=1, total=1):
                    gate.open()
        return seen

    assert [step.message for step in asyncio.run(watched()) if step.output] == [
        "✔ The default environment has been installed."
    ]


def test_from_scratch_nothing_is_left_of_the_prefix_and_all_of_others(
    bench: PixiBench, tmp_path: Path
) -> None:
    bench.install()
    bench.install("cuda")
    prefix = bench.prefix().path
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    (prefix / "lib" / "broken").touch()
    (prefix / "link").symlink_to(outside, target_is_directory=True)
    bench.install(rebuild=True)
    assert {path.name for path in prefix.iterdir()} == {"conda-meta", "pyvenv.cfg", "bin", "lib"}
    assert not (prefix / "lib" / "broken").exists()
    assert (outside / "kept").exists()
    assert bench.prefix("cuda").path.is_dir()


def test_an_environment_without_packages_is_one(bench: PixiBench) -> None:
    (bench.root / "pixi.lock").touch()
    bench.use("pixi_without_packages")
    bench.lock()
    assert bench.install()[-1] == Step(Phase.INSTALLING, "Installed", done=0, total=0)


def test_removals_are_what_the_lock_does_not_name(bench: PixiBench) -> None:
    assert bench.removals() == []
    bench.lock()
    bench.install()
    (bench.prefix().path / "conda-meta" / "left-over-1.5-h1_0.json").touch()
    (bench.prefix().path / "conda-meta" / "alpha-1.0-py_0.json").touch()
    assert bench.removals() == ["left-over 1.5"]


def test_the_activation_is_pixis_own_from_next_to_nothing(bench: PixiBench) -> None:
    bench.patch.setenv("SECRET", "of the server")
    bench.patch.setenv("LD_LIBRARY_PATH", "/of/the/server")
    found = bench.activation("cuda")
    prefix = bench.prefix("cuda").path
    assert found.path == (f"{prefix}/bin",)
    assert found.variables["CONDA_PREFIX"] == str(prefix)
    assert found.variables["PIXI_PROJECT_ROOT"] == str(bench.root)
    assert found.variables["SEEN_BY_SCRIPTS"] == "HOME XDG_CONFIG_HOME"
    assert "PIXI_PROMPT" not in found.variables
    assert found.apply({})["LD_LIBRARY_PATH"] == f"{prefix}/lib:"
    assert found.apply({"LD_LIBRARY_PATH": "/a"})["LD_LIBRARY_PATH"] == f"{prefix}/lib:/a"
    hook = ["shell-hook", "--environment", "cuda", "--frozen", "--no-install", "--force-activate", "--json"]
    assert bench.calls == [hook, hook]


@pytest.mark.parametrize(
    ("tool", "error", "message", "detail"),
    [
        ("pixi_unsolvable", SolveError, "no set of packages satisfies", "Cannot solve the request because"),
        ("pixi_newer_required", ToolError, "asks for pixi >=0.80, and .+ is 0.72.1", "requires-pixi = "),
        ("pixi_other_platform", EngineUnsupported, r"not made for this machine \(osx-arm64\)", "linux-64"),
        ("pixi_outdated_lock", LockOutdated, r"pixi\.lock is older than pixi\.toml", "+ alpha  2.0"),
    ],
)
def test_pixis_own_words_are_told_apart(
    bench: PixiBench, tool: str, error: type[ApposeKernelError], message: str, detail: str
) -> None:
    (bench.root / "pixi.lock").touch()
    bench.use(tool)
    with pytest.raises(error, match=message) as caught:
        bench.lock()
    assert detail in caught.value.detail
    assert not {"×", "╰─▶", "├─▶"} & set(caught.value.detail.split())
    assert caught.value.remedy


def test_an_outdated_lock_is_told_although_no_new_one_can_be_made(bench: PixiBench) -> None:
    (bench.root / "pixi.lock").touch()
    bench.use("pixi_outdated_unsolvable")
    with pytest.raises(LockOutdated) as caught:
        bench.lock()
    assert "no set of packages satisfies" in caught.value.detail
    assert "alpha >=3" in caught.value.detail


def test_an_answer_that_is_no_json_is_shown(bench: PixiBench) -> None:
    (bench.root / "pixi.lock").touch()
    bench.use("pixi_chatting")
    with pytest.raises(ToolFailed) as caught:
        bench.lock()
    assert "nice to meet you" in caught.value.detail
    assert caught.value.remedy


def test_an_install_that_is_killed_says_so(bench: PixiBench) -> None:
    bench.use("pixi_half_install")
    bench.patch.setenv("TEST_PREFIX", str(bench.prefix().path))
    with pytest.raises(ToolFailed, match=r"exit code -9") as caught:
        bench.install()
    assert "SIGKILL" in caught.value.remedy
    bench.use("pixi_pretending.py")
    bench.install(rebuild=True)
    assert not (bench.prefix().path / "half").exists()


def test_a_build_that_is_stopped_stops_pixi(bench: PixiBench) -> None:
    bench.use("pixi_never")

    async def stopped() -> int:
        async with aclosing(PixiEngine().install(bench.job())) as steps:
            async for step in steps:
                if step.message.startswith("pid "):
                    return int(step.message.removeprefix("pid "))
        raise AssertionError("it ended by itself")

    pid = asyncio.run(stopped())
    assert not psutil.pid_exists(pid)
