"""What `doctor` finds, and what it says to do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from calling import Answer, Appose, Factory


def failed(answer: Answer) -> dict[str, dict[str, Any]]:
    """The checks that are not ok, by name."""
    assert answer.code == (0 if answer.json["ok"] else 1)
    found = {check["name"]: check for check in answer.json["checks"] if not check["ok"]}
    assert all(check["remedy"] for check in found.values())
    return found


def test_a_sound_installation_passes(script: Appose) -> None:
    answer = script("doctor", "--json")
    assert failed(answer) == {}
    said = {check["name"]: check["message"] for check in answer.json["checks"]}
    assert "installed with appose-kernel" in said["uv"]
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in said["interpreters"]
    assert "appose-provisioner" in said["kernel provisioner"]
    text = script("doctor")
    assert text.code == 0
    assert "FAIL" not in text.out


def test_a_folder_that_cannot_be_written_is_named(script: Appose, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = script("doctor", "--json", APPOSE_KERNEL_STATE_DIR=str(tmp_path / "file" / "state"))
    assert failed(answer).keys() == {"state folder"}
    assert "APPOSE_KERNEL_STATE_DIR" in failed(answer)["state folder"]["remedy"]


def test_a_cache_that_uv_cannot_write_is_named(script: Appose, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = failed(script("doctor", "--json", XDG_CACHE_HOME=str(tmp_path / "file"), COLUMNS="40"))
    assert str(tmp_path / "file" / "uv") in found["interpreters"]["message"]
    assert "Make it writable" in found["interpreters"]["remedy"]


def test_a_wrong_uv_is_named(script: Appose, isolated: Path) -> None:
    config = isolated / "jupyter" / "config"
    config.mkdir(parents=True)
    settings = config / "jupyter_appose_config.json"
    settings.write_text(json.dumps({"Settings": {"uv": "/no/such/uv"}}))
    answer = script("doctor", "--json")
    assert failed(answer).keys() == {"uv"}
    assert "/no/such/uv" in failed(answer)["uv"]["message"]
    settings.write_text("{")
    assert failed(script("doctor", "--json")).keys() == {"settings"}


def test_a_disabled_server_extension_is_found(script: Appose, isolated: Path) -> None:
    folder = isolated / "jupyter" / "config" / "jupyter_server_config.d"
    folder.mkdir(parents=True)
    config = {"ServerApp": {"jpserver_extensions": {"appose_kernel": False}}}
    (folder / "appose_kernel.json").write_text(json.dumps(config))
    # else an environment's own configuration, which enables it, comes before the user's
    found = failed(script("doctor", "--json", JUPYTER_PREFER_ENV_PATH="0"))
    assert found.keys() == {"server extension"}
    assert "jupyter server extension enable appose_kernel" in found["server extension"]["remedy"]


def test_a_kernelspec_that_leads_nowhere_is_found(script: Appose, uv_project: Factory) -> None:
    project = uv_project(name="demo")
    assert script("register", project).code == 0
    assert failed(script("doctor", "--json")) == {}
    (project / "pyproject.toml").unlink()
    found = failed(script("doctor", "--json"))
    assert found.keys() == {"kernelspec appose.demo.default"}
    remedy = found["kernelspec appose.demo.default"]["remedy"]
    assert "jupyter kernelspec remove appose.demo.default" in remedy
    text = script("doctor")
    assert text.code == 1
    assert remedy in text.out
