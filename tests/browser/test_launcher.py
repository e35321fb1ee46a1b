"""The launcher: environments by workspace, with real builds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import labs
import notebooks
import pytest
from notebooks import WHICH, choose_settings, gate, has, panel, worker
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from conftest import ProjectFactory

__all__ = ["gate", "worker"]


def section(screen: labs.Screen, title: str) -> Locator:
    heading = screen.page.get_by_role("heading", name=title, exact=True)
    return screen.page.locator(".jp-Launcher-section").filter(has=heading)


def card(screen: labs.Screen, workspace: str, environment: str) -> Locator:
    return section(screen, workspace).locator(".jp-LauncherCard").filter(has_text=environment)


def titles(screen: labs.Screen) -> Locator:
    return screen.page.locator(".jp-Launcher-sectionTitle")


def test_a_card_leads_to_a_result_by_way_of_a_build(
    worker: Path, gate: notebooks.Gates, screen: labs.Screen
) -> None:
    gate.shut()
    screen.open()
    screen.command("filebrowser:open-path", path="worker")
    chosen = card(screen, "worker", "cuda")
    expect(chosen).to_have_attribute("title", "worker · cuda: not built, for GPUs")
    chosen.click()
    has(screen, "cuda")
    screen.kernel_is_there()
    screen.run(WHICH)
    output = panel(screen).locator(".jp-OutputArea-output")
    expect(output.get_by_role("progressbar")).to_be_visible()
    gate.open()
    expect(output).to_have_text("'1.0+cu126'", timeout=3 * labs.PATIENCE * 1000)
    assert (worker / "Untitled.ipynb").exists(), "the notebook is in the current folder"


def test_workspaces_are_sections_the_current_folders_first(
    uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    for name in ("alpha", "beta"):
        uv_project(name=name, extras={"cuda": []})
    screen.open()
    expect(titles(screen)).to_have_text(["Notebook", "alpha", "beta", "Console", "Other"])
    expect(section(screen, "beta").locator(".jp-LauncherCard-label")).to_have_text(["default", "cuda"])
    expect(section(screen, "Notebook")).not_to_contain_text("alpha")
    consoles = section(screen, "Console")
    expect(consoles).to_contain_text("Python 3")
    expect(consoles).not_to_contain_text("·")
    screen.command("filebrowser:open-path", path="beta")
    expect(titles(screen)).to_have_text(["beta", "Notebook", "alpha", "Console", "Other"])
    expect(consoles).to_contain_text("beta · cuda")
    expect(consoles).not_to_contain_text("alpha")


def test_settings_say_which_workspaces_show(
    uv_project: ProjectFactory, isolated: Path, screen: labs.Screen
) -> None:
    for name in ("alpha", "beta", "gamma"):
        uv_project(name=name)
    choose_settings(shownWorkspaces="near", pinnedWorkspaces=["gamma"])
    screen.open()
    screen.command("filebrowser:open-path", path="alpha")
    expect(titles(screen)).to_have_text(["alpha", "Notebook", "gamma", "Console", "Other"])
    consoles = section(screen, "Console")
    expect(consoles).to_contain_text("alpha · default")
    expect(consoles).to_contain_text("gamma · default")
    expect(consoles).not_to_contain_text("beta")


def test_a_manifest_that_comes_later_shows_and_one_that_breaks_says_so(
    uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    screen.open()
    expect(titles(screen)).to_have_text(["Notebook", "Console", "Other"])
    folder = uv_project(name="pulled")
    expect(card(screen, "pulled", "default")).to_be_visible()
    (folder / "pyproject.toml").write_text("[project\n")
    broken = card(screen, "pulled", "pyproject.toml cannot be read")
    expect(broken).to_be_visible()
    broken.click()
    expect(screen.page.locator(".jp-FileEditor")).to_contain_text("[project")


def test_a_card_is_chosen_with_the_keyboard(worker: Path, screen: labs.Screen) -> None:
    screen.open()
    card(screen, "worker", "cpu").focus()
    screen.page.keyboard.press("Enter")
    has(screen, "cpu")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everybody_can_read_it(worker: Path, screen: labs.Screen, dark: bool) -> None:
    screen.open()
    screen.theme(dark)
    expect(card(screen, "worker", "cuda")).to_be_visible()
    screen.command("filebrowser:open-path", path="worker")
    for title in ("worker", "Console"):
        expect(section(screen, title)).to_contain_text("cuda")
    assert screen.violations(".jp-LauncherCard[title^='worker']") == []
