"""Kernels of other languages on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from calling import Appose, Factory
from conda_channel import Channel
from jupyter_core.paths import jupyter_data_dir

R = {"argv": ["R", "{connection_file}"], "display_name": "R", "language": "R"}


@pytest.fixture
def built(appose: Appose, uv_project: Factory, wheel: Factory, ipykernel: str) -> Path:
    """The folder of a built workspace with a package that brings a kernel."""
    wheel("r", files={"r-1.0.data/data/share/jupyter/kernels/ir/kernel.json": json.dumps(R)})
    folder = uv_project([ipykernel, "r"], name="lab")
    assert appose("build", folder).code == 0
    return folder


def registered() -> list[str]:
    return sorted(path.name for path in Path(jupyter_data_dir(), "kernels").iterdir())


def test_a_build_brings_listed_and_registered_kernels(appose: Appose, built: Path) -> None:
    expected = [
        {"name": "ir", "kernel": "appose.lab.default.ir", "display_name": "R", "language": "R"},
    ]
    [workspace] = appose("list", built, "--json").json["workspaces"]
    assert workspace["environments"][0]["own_kernels"] == expected
    assert appose("info", built, "--json").json["own_kernels"] == expected
    assert "and R" in appose("list", built).out
    assert "appose.lab.default.ir (R)" in appose("info", built).out
    assert registered() == ["appose.lab.default", "appose.lab.default.ir"]


def test_register_and_unregister_mean_all_kernels_of_an_environment(appose: Appose, built: Path) -> None:
    assert appose("unregister", built).code == 0
    assert registered() == []
    assert "appose.lab.default.ir" in appose("register", built).out
    assert registered() == ["appose.lab.default", "appose.lab.default.ir"]


def test_a_build_that_takes_a_kernel_away_takes_its_kernelspec_too(appose: Appose, built: Path) -> None:
    manifest = built / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace(", 'r'", ""))
    assert appose("lock", built).code == 0
    assert appose("build", built, "--exact", "--yes").code == 0
    assert registered() == ["appose.lab.default"]
    assert appose("info", built, "--json").json["own_kernels"] == []


def test_a_kernel_that_was_installed_into_the_prefix_by_hand_is_offered(appose: Appose, built: Path) -> None:
    prefix = Path(appose("info", built, "--json").json["prefix"])
    by_hand = prefix / "share/jupyter/kernels/bash/kernel.json"
    by_hand.parent.mkdir()
    by_hand.write_text(json.dumps({**R, "display_name": "Bash", "language": "bash"}))
    assert "and Bash, R" in appose("list", built).out
    assert "appose.lab.default.bash" in appose("register", built).out
    assert appose("info", built, "--json").json["state"] == "drifted"
    answer = appose("build", built, "--json").json
    assert (answer["built"], answer["state"]) == (True, "ready")
    assert appose("build", built, "--json").json["built"] is False
    assert registered() == ["appose.lab.default", "appose.lab.default.bash", "appose.lab.default.ir"]
    shutil.rmtree(by_hand.parent)
    assert appose("build", built).code == 0
    assert registered() == ["appose.lab.default", "appose.lab.default.ir"]


def test_an_environment_without_python_is_verified_too(appose: Appose, tmp_path: Path) -> None:
    made = Channel(tmp_path / "channel")
    made.package("r", files={"share/jupyter/kernels/ir/kernel.json": json.dumps(R)})
    made.index()
    folder = tmp_path / "lab"
    folder.mkdir()
    (folder / "environment.yml").write_text(
        f"name: lab\nchannels: [{made.folder.as_uri()}]\ndependencies: [r]\n"
    )
    unbuilt = appose("verify", folder)
    assert (unbuilt.code, "is not built" in unbuilt.err) == (8, True)
    prefix = Path(appose("build", folder, "--json").json["prefix"])
    assert "is whole" in appose("verify", folder).out
    (prefix / "share/jupyter/kernels/ir/kernel.json").unlink()
    assert "kernel.json is missing" in appose("verify", folder).out
    assert appose("build", folder).code == 0
    assert "is whole" in appose("verify", folder).out
