"""Which uv is taken, and what is said when none can be."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import uv
from bench import Bench, manifest
from index_server import Index

from appose_kernel.errors import ApposeKernelError, ToolFailed, ToolNotFound, ToolTooOld

FAKES = Path(__file__).parents[2] / "fake_tools"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the misbehaving tools are shell scripts")


@pytest.fixture
def project(bench: Bench, index: Index) -> Bench:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.environ["REAL_UV"] = uv.find_uv_bin()
    return bench


@pytest.mark.parametrize(
    ("tool", "error", "message"),
    [
        ("uv_missing", ToolNotFound, "cannot be run"),
        ("uv_old", ToolTooOld, r"uv 0\.4\.30 .+ is older than"),
        ("uv_crashing", ToolNotFound, "does not work"),
        ("uv_other", ToolNotFound, "is not uv"),
        ("uv_killed", ToolFailed, "exit code -9"),
    ],
)
def test_a_configured_uv_that_cannot_be_used_is_named_with_a_remedy(
    project: Bench, tool: str, error: type[ApposeKernelError], message: str
) -> None:
    project.settings.uv = str(FAKES / tool)
    with pytest.raises(error, match=message) as caught:
        project.lock()
    assert caught.value.remedy


def test_the_log_names_the_uv_and_why_it_was_chosen(project: Bench) -> None:
    first = project.lock()[0]
    assert first.output
    assert first.message.endswith("installed with appose-kernel")
    project.settings.uv = str(FAKES / "uv_slow")
    assert project.lock()[0].message.endswith("named by `c.Settings.uv`")


def test_uv_on_path_is_used_where_the_wheel_has_none(
    project: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "bin"
    elsewhere.mkdir()
    (elsewhere / "uv").symlink_to(uv.find_uv_bin())
    monkeypatch.setitem(sys.modules, "uv", None)
    project.environ["PATH"] = os.pathsep.join([str(elsewhere), os.environ["PATH"]])
    assert project.lock()[0].message.endswith("first on PATH")
    project.environ["PATH"] = str(tmp_path)
    with pytest.raises(ToolNotFound, match="No uv was found"):
        project.lock()
