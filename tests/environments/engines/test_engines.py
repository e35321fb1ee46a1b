from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from wanting import environment

from appose_kernel.environments import engines
from appose_kernel.errors import EngineUnsupported


def test_a_plug_in_brings_an_engine_and_a_broken_one_is_only_logged(
    uv_project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    info = tmp_path / "site" / "lines_engine-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lines-engine\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[appose_kernel.engines]\nbroken = no_such_module:x\nlines = lines_engine:engine\n"
    )
    (info.parent / "lines_engine.py").write_text("class engine: name = 'lines'; formats = {'lines'}\n")
    env = environment(uv_project())
    assert engines.choose(env).name == "uv"
    env = replace(env, workspace=replace(env.workspace, format="lines"))
    with pytest.raises(EngineUnsupported, match="lines"):
        engines.choose(env)
    monkeypatch.syspath_prepend(info.parent)
    with caplog.at_level(logging.ERROR):
        assert engines.choose(env).name == "lines"
    assert "broken (no_such_module:x) cannot be used" in caplog.text
