"""What a waiting cell says about a build."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from appose_kernel.kernels.progress import PIECE, Progress
from appose_kernel.model import BuildEvent, Environment, Phase, Step, Workspace

ROOT = Path("/somewhere")
WORKSPACE = Workspace("my-dl-worker", "uv", ROOT / "pyproject.toml", ROOT, None, ())


def shown(*steps: Step, environment: str = "cuda-dev", workspace: Workspace = WORKSPACE) -> dict[str, str]:
    progress = Progress(Environment(workspace, environment))
    started = time.time() - 38
    for number, step in enumerate([Step(Phase.QUEUED), *steps]):
        progress.add(BuildEvent("b", number, started, number / 10, step))
    return progress.bundle()


DOWNLOADING = Step(Phase.DOWNLOADING, done=61, total=142, bytes_done=1_900_000_000, bytes_total=4_400_000_000)


def test_a_download_is_counted_sized_and_timed() -> None:
    bundle = shown(DOWNLOADING)
    assert bundle["text/plain"] == (
        "Building my-dl-worker · cuda-dev: downloading 61 of 142 packages (10 %, 0:38)"
    )
    html = bundle["text/html"]
    assert "Building <b>my-dl-worker · cuda-dev</b> · downloading 61 of 142 packages" in html
    assert "0:38 · 1.9 GB of 4.4 GB" in html
    assert 'aria-valuenow="10"' in html
    assert "margin-left: 0%; width: 10%" in html


def test_what_is_compiled_are_files() -> None:
    told = shown(Step(Phase.COMPILING, "Compiling bytecode", done=1200, total=4300))["text/plain"]
    assert "compiling 1200 of 4300 files" in told


def test_what_follows_when_all_is_verified_is_said_instead() -> None:
    step = Step(Phase.VERIFYING, "looking for an ipykernel that fits")
    assert "Building my-dl-worker · cuda-dev: looking for an ipykernel" in shown(step)["text/plain"]


@pytest.mark.parametrize("step", [Step(Phase.LOCKING, "Solving conda packages"), Step(Phase.RESOLVING)])
def test_while_nobody_knows_how_far_it_is_a_piece_moves_along_the_bar(step: Step) -> None:
    bundle = shown(step)
    assert "%" not in bundle["text/plain"]
    assert "aria-valuenow" not in bundle["text/html"]
    assert f"width: {PIECE}%" in bundle["text/html"]


def test_the_last_line_of_the_tool_stands_below_the_step() -> None:
    bundle = shown(DOWNLOADING, Step(Phase.DOWNLOADING, "Downloaded cudnn", output=True))
    assert "downloading 61 of 142 packages" in bundle["text/plain"]
    assert "· Downloaded cudnn ·" in bundle["text/html"]


@pytest.mark.parametrize(
    "place",
    ["../../home/me/.local/share/appose-kernel/store/x", "/tmp/appose-kernel-x/in.txt", "/data/store/x"],
)
def test_a_line_that_names_a_place_of_ours_is_for_the_log_alone(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPOSE_KERNEL_DATA_DIR", "/data")
    said = Step(Phase.INSTALLING, "Using Python 3.12.1", output=True)
    html = shown(said, Step(Phase.INSTALLING, f"Environment at: {place}", output=True))["text/html"]
    assert "· Using Python 3.12.1 ·" in html
    assert place not in html


def test_a_phase_that_only_the_tool_speaks_in_is_named() -> None:
    assert "cuda-dev: locking (" in shown(Step(Phase.LOCKING, "uv 0.13", output=True))["text/plain"]


@pytest.mark.parametrize("message", ["", "Locking"])
def test_a_step_does_not_repeat_its_phase(message: str) -> None:
    assert "cuda-dev: locking (" in shown(Step(Phase.LOCKING, message))["text/plain"]


def test_what_a_manifest_or_a_tool_says_is_text_and_not_markup() -> None:
    line = Step(Phase.INSTALLING, "<script>alert(1)</script>", output=True)
    html = shown(line, environment="<i>", workspace=replace(WORKSPACE, name="<b>&"))["text/html"]
    assert "<script" not in html
    assert "<i>" not in html
    assert "&lt;b&gt;&amp;" in html
