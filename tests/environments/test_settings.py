from pathlib import Path

import pytest

from appose_kernel.environments import settings
from appose_kernel.errors import ApposeKernelError
from appose_kernel.workspaces import finding


@pytest.fixture
def config(isolated: Path) -> Path:
    folder = isolated / "jupyter" / "config"
    folder.mkdir(parents=True)
    return folder


def test_nothing_needs_to_be_configured() -> None:
    found = settings.load()
    assert not found.frozen
    assert found.register
    assert found.uv == ""
    assert found.depth == finding.DEPTH


def test_json_and_python_are_read(config: Path) -> None:
    (config / "jupyter_appose_config.json").write_text('{"Settings": {"frozen": true, "depth": 5}}')
    (config / "jupyter_appose_config.py").write_text(
        "c.Settings.pass_variables = ['UV_CACHE_DIR']\nc.Settings.depth = 7\n"
    )
    found = settings.load()
    assert found.frozen
    assert found.pass_variables == ["UV_CACHE_DIR"]
    assert found.depth == 7


def test_the_users_file_wins_over_the_machines(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tmp_path / "etc"
    machine.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(machine))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(config))
    (machine / "jupyter_appose_config.json").write_text('{"Settings": {"uv": "/opt/uv", "depth": 1}}')
    assert settings.load().uv == "/opt/uv"
    assert settings.load().depth == 1


@pytest.mark.parametrize(
    ("name", "text"), [("jupyter_appose_config.py", "1 / 0"), ("jupyter_appose_config.json", "{")]
)
def test_a_broken_file_is_named(config: Path, name: str, text: str) -> None:
    (config / name).write_text(text)
    with pytest.raises(ApposeKernelError, match=name):
        settings.load()


def test_a_value_of_the_wrong_kind_is_named(config: Path) -> None:
    (config / "jupyter_appose_config.json").write_text('{"Settings": {"depth": "deep"}}')
    with pytest.raises(ApposeKernelError, match="depth"):
        settings.load()
