"""The switch in a notebook's toolbar, with real builds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import labs
import notebooks
import pytest
from notebooks import WHICH, answer, button, gate, has, item, menu, new, panel, worker
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import ProjectFactory

__all__ = ["gate", "worker"]


#: A first build brings the overlay with ipykernel too: ``answer`` waits up to 180 s for it.
pytestmark = pytest.mark.timeout(400)


def test_the_present_kernel_answers_while_another_environment_is_built(
    worker: Path, gate: notebooks.Gates, screen: labs.Screen
) -> None:
    screen.open()
    new(screen, "cpu")
    answer(screen, WHICH, "'1.0+cpu'")
    gate.shut()
    menu(screen)
    item(screen, "cuda").click()
    wanted = panel(screen).get_by_role("group", name="Next environment")
    expect(wanted).to_contain_text("cuda")
    answer(screen, "x = 41; x + 1", "42")
    has(screen, "cpu")
    gate.open()
    screen.page.get_by_role("alert").get_by_role("button", name="Switch").click()
    has(screen, "cuda")
    expect(wanted).to_have_count(0)
    answer(screen, WHICH, "'1.0+cu126'")
    answer(screen, "'x' in globals()", "False")
    menu(screen)
    item(screen, "cpu").click()
    has(screen, "cpu")
    answer(screen, WHICH, "'1.0+cpu'")


def test_a_notebook_without_kernel_gets_one_at_once(
    worker: Path, gate: notebooks.Gates, screen: labs.Screen
) -> None:
    screen.open()
    new(screen, "default")
    screen.command("kernelmenu:shutdown")
    expect(button(screen)).to_have_text("No environment")
    gate.shut()
    menu(screen)
    item(screen, "cuda").click()
    has(screen, "cuda")
    screen.kernel_is_there()
    screen.run(WHICH)
    output = panel(screen).locator(".jp-OutputArea-output")
    expect(output.get_by_role("progressbar")).to_be_visible()
    gate.open()
    expect(output).to_have_text("'1.0+cu126'")


def test_the_cells_above_run_again_in_the_new_environment(
    worker: Path, gate: notebooks.Gates, screen: labs.Screen
) -> None:
    screen.open()
    new(screen, "cpu")
    screen.run("import light")
    answer(screen, "light.__version__", "'1.0+cpu'")
    again = screen.page.get_by_role("menuitemcheckbox", name="Run the cells above again")
    menu(screen)
    again.click()
    menu(screen)
    expect(again).to_be_checked()
    item(screen, "cuda").click()
    panel(screen).get_by_role("button", name="Switch to cuda").click()
    expect(panel(screen).locator(".jp-OutputArea-output")).to_have_text("'1.0+cu126'")


def test_each_notebook_has_its_own_environment(worker: Path, screen: labs.Screen) -> None:
    screen.open()
    new(screen, "cpu")
    answer(screen, WHICH, "'1.0+cpu'")
    new(screen, "cuda")
    answer(screen, WHICH, "'1.0+cu126'")
    expect(screen.page.locator(".jp-appose-switch-name")).to_have_text(["cpu", "cuda"])
    menu(screen)
    item(screen, "cpu").click()
    has(screen, "cpu")
    expect(screen.page.locator(".jp-appose-switch-name")).to_have_text(["cpu", "cpu"])
    answer(screen, WHICH, "'1.0+cpu'")


def test_two_views_of_a_notebook_show_one_choice(
    worker: Path, gate: notebooks.Gates, screen: labs.Screen
) -> None:
    screen.page.set_viewport_size({"width": 1800, "height": 850})
    screen.open()
    new(screen, "cpu")
    answer(screen, WHICH, "'1.0+cpu'")
    screen.command("docmanager:clone")
    expect(screen.page.locator(".jp-NotebookPanel")).to_have_count(2)
    gate.shut()
    button(screen).first.click()
    item(screen, "cuda").click()
    groups = panel(screen).get_by_role("group", name="Next environment")
    expect(groups).to_have_count(2)
    panel(screen).get_by_role("button", name="Stay in the present environment").last.click()
    expect(groups).to_have_count(0)


def test_a_build_that_was_chosen_can_be_given_up(
    worker: Path, gate: notebooks.Gates, screen: labs.Screen
) -> None:
    screen.open()
    new(screen, "cpu")
    answer(screen, WHICH, "'1.0+cpu'")
    gate.shut()
    menu(screen)
    item(screen, "cuda").click()
    panel(screen).get_by_role("button", name="Stay in the present environment").click()
    expect(panel(screen).get_by_role("group", name="Next environment")).to_have_count(0)
    menu(screen)
    expect(item(screen, "cuda")).to_contain_text("build, then switch")
    screen.page.keyboard.press("Escape")
    answer(screen, WHICH, "'1.0+cpu'")


def test_a_kernel_that_is_not_ours_is_no_environment(worker: Path, screen: labs.Screen) -> None:
    screen.open()
    screen.command("notebook:create-new", kernelName="python3", cwd="worker")
    expect(button(screen)).to_have_text("No environment")
    expect(panel(screen).locator(".jp-KernelName")).to_be_visible()
    menu(screen)
    expect(item(screen, "cuda")).to_be_visible()


def test_environments_of_other_workspaces_are_in_the_menu_too(
    worker: Path, uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    for name in ("abacus", "zebra"):
        uv_project(name=name, extras={"one": [], "two": [], "three": []})
    screen.open()
    new(screen, "default")
    opened = menu(screen)
    expect(opened.get_by_role("menuitem", disabled=True)).to_have_text("worker")
    opened.locator(".lm-Menu-item", has_text="zebra").click()
    item(screen, "three").click()
    panel(screen).get_by_role("button", name="Switch to three").click()
    has(screen, "zebra ·three")


def test_everything_can_be_done_with_the_keyboard(
    worker: Path, gate: notebooks.Gates, screen: labs.Screen
) -> None:
    keyboard = screen.page.keyboard
    screen.open()
    new(screen, "cpu")
    answer(screen, WHICH, "'1.0+cpu'")
    keyboard.press("Alt+Shift+E")
    expect(screen.page.get_by_role("menu")).to_be_visible()
    keyboard.press("Escape")
    expect(screen.page.get_by_role("menu")).to_have_count(0)
    expect(panel(screen).locator(".cm-content:focus")).to_have_count(1)
    button(screen).focus()
    for key in ("Enter", "Space", "ArrowDown"):
        keyboard.press(key)
        expect(screen.page.get_by_role("menu")).to_be_visible()
        keyboard.press("Escape")
        expect(button(screen)).to_be_focused()
    keyboard.press("Enter")
    for _ in range(2):
        keyboard.press("ArrowDown")
    expect(screen.page.locator(".lm-Menu-item.lm-mod-active")).to_contain_text("cuda")
    keyboard.press("Enter")
    accept = panel(screen).get_by_role("button", name="Switch to cuda")
    expect(accept).to_be_visible()
    accept.focus()
    keyboard.press("Enter")
    has(screen, "cuda")


def test_what_is_chosen_elsewhere_wins(worker: Path, gate: notebooks.Gates, screen: labs.Screen) -> None:
    screen.open()
    new(screen, "cpu")
    answer(screen, WHICH, "'1.0+cpu'")
    gate.shut()
    screen.command("appose-kernel:switch-to", manifest="worker/pyproject.toml", environment="cuda")
    expect(panel(screen).get_by_role("group", name="Next environment")).to_be_visible()
    screen.page.evaluate(
        "window.jupyterapp.shell.currentWidget.sessionContext.changeKernel({name: 'python3'})"
    )
    expect(panel(screen).get_by_role("group", name="Next environment")).to_have_count(0)
    gate.open()
    expect(button(screen)).to_have_text("No environment")
