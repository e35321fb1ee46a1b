"""A worker with an environment for each kind of machine, and what a person does with its notebooks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import labs
import pytest
from gates import Gate, hold_uv
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from conftest import ProjectFactory, WheelFactory

CONFLICT = '[tool.uv]\nconflicts = [[{ extra = "cpu" }, { extra = "cuda" }]]'
#: Tells which environment a kernel is in.
WHICH = "import light; light.__version__"


@pytest.fixture
def gate(tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gates]:
    """Open, until a test shuts it; to be asked for before ``screen``."""
    gates = Gates(tmp_path / "gate", hold_uv(tmp_path, isolated / "jupyter" / "config", monkeypatch))
    gates.open()
    yield gates
    gates.open()


class Gates:
    """A gate that can be shut again."""

    def __init__(self, path: Path, gate: Gate) -> None:
        self._path = path
        self._gate = gate

    def shut(self) -> None:
        self._gate = Gate(self._path)

    def open(self) -> None:
        self._gate.open()


@pytest.fixture
def worker(uv_project: ProjectFactory, wheel: WheelFactory) -> Path:
    """Environments ``cpu`` and ``cuda``, with one package each in a build of its own, and ``default``."""
    wheel("light", "1.0+cpu")
    wheel("light", "1.0+cu126")
    extras = {"cpu": ["light==1.0+cpu"], "cuda": ["light==1.0+cu126"]}
    return uv_project(name="worker", extras=extras, more=CONFLICT)


def choose_settings(**settings: object) -> None:
    """What a person has set of ours, before the browser opens."""
    folder = Path(os.environ["JUPYTER_CONFIG_DIR"], "lab", "user-settings", "appose-kernel")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plugin.jupyterlab-settings").write_text(json.dumps(settings))


def new(screen: labs.Screen, environment: str, workspace: str = "worker") -> None:
    """A new notebook beside the manifest, with a kernel."""
    screen.command("notebook:create-new", kernelName=f"appose.{workspace}.{environment}", cwd=workspace)
    has(screen, environment)
    screen.kernel_is_there()


def panel(screen: labs.Screen) -> Locator:
    """The notebook in front."""
    return screen.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")


def button(screen: labs.Screen) -> Locator:
    return panel(screen).locator(".jp-appose-switch-button")


def has(screen: labs.Screen, environment: str) -> None:
    """Wait until the notebook has been switched."""
    expect(button(screen)).to_contain_text(environment)
    expect(button(screen)).to_have_attribute("aria-busy", "false")


def menu(screen: labs.Screen) -> Locator:
    """The menu of the switch, opened."""
    button(screen).click()
    return screen.page.get_by_role("menu")


def item(screen: labs.Screen, name: str) -> Locator:
    """An environment in the menu."""
    return screen.page.get_by_role("menuitemradio", name=name)


def answer(screen: labs.Screen, code: str, expected: str) -> None:
    """Run code in the notebook's last cell, and read what comes out."""
    cells = panel(screen).locator(".jp-Notebook-cell")
    count = cells.count()
    screen.run(code)
    output = cells.nth(count - 1).locator(".jp-OutputArea-output").last
    # the first build of all brings an ipykernel too
    expect(output).to_have_text(expected, timeout=3 * labs.PATIENCE * 1000)
