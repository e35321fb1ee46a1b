"""A build on stderr: what is said of how far it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from appose_kernel.cli.progress import Lines
from appose_kernel.model import BuildEvent, Environment, Phase, Step, Workspace

ROOT = Path("/somewhere")
CUDA = Environment(Workspace("mini", "pixi", ROOT / "pixi.toml", ROOT, None, ()), "cuda")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Step(Phase.LOCKING, "Solving conda packages"), "mini · cuda: locking (Solving conda packages)\n"),
        (Step(Phase.DOWNLOADING, done=1, total=4), "mini · cuda:  25% downloading (1 of 4)\n"),
        (Step(Phase.LOCKING, done=1, total=4), "mini · cuda:  25% locking (1 of 4)\n"),
        (Step(Phase.VERIFYING), "mini · cuda:  25% verifying\n"),
    ],
)
def test_a_fraction_is_told_where_there_is_one(
    step: Step, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Lines(CUDA) as lines:
        lines.show(BuildEvent("b", 1, 0.0, 0.25, step))
    assert capsys.readouterr().err == said
