"""What a failed build leaves in its log."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from appose_kernel.environments.failures import addressed
from appose_kernel.errors import LockOutdated


@pytest.mark.parametrize("manifest", ["requirements.txt", "environment.yml"])
def test_a_command_to_type_says_for_which_workspace(tmp_path: Path, manifest: str) -> None:
    folder = tmp_path / "my work"
    folder.mkdir()
    (folder / "requirements.txt").write_text("")
    (folder / "environment.yml").write_text("dependencies: [python]\n")
    remedy = "Run `pixi lock`; or `jupyter appose lock`, then `jupyter appose build`. `jupyter appose list`!"
    place = shlex.quote(str(folder if manifest == "requirements.txt" else folder / manifest))
    assert addressed(LockOutdated("It is old.", remedy=remedy), folder / manifest, "default").remedy == (
        f"Run `pixi lock`; or `jupyter appose lock {place}`, then `jupyter appose build {place} -e default`."
        " `jupyter appose list`!"
    )
