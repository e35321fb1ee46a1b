"""The section “Environments”: what is there, in which state, and what can be done; with real builds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import labs
import pytest
from gates import Gate, hold_uv
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from conftest import ProjectFactory, WheelFactory


@pytest.fixture
def gate(tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Builds of this test wait for it in their midst; to be asked for before ``screen``."""
    shut = hold_uv(tmp_path, isolated / "jupyter" / "config", monkeypatch)
    yield shut
    shut.open()


def row(screen: labs.Screen, environment: str, workspace: str = "tide") -> Locator:
    """The line of an environment, in the open sidebar."""
    return screen.sidebar().locator(
        f'.jp-appose-environment[data-manifest^="{workspace}/"][data-environment="{environment}"]'
    )


def choose(screen: labs.Screen, at: Locator, command: str) -> None:
    """From the context menu of a line."""
    at.click(button="right")
    screen.page.get_by_role("menuitem", name=re.compile(f"^{command}")).click()


def test_environments_are_listed_with_their_workspace_and_found_by_filter(
    uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    uv_project(name="tide", extras={"cuda": [], "plots": ["bokeh>=3"]})
    uv_project(name="moor")
    screen.open()
    tree = screen.sidebar().get_by_role("tree")
    expect(tree.get_by_role("treeitem")).to_have_count(6)
    expect(tree.locator(".jp-appose-workspace")).to_have_text(["mooruv", "tideuv"])
    expect(row(screen, "cuda")).to_have_accessible_name("cuda, not built")
    box = screen.sidebar().locator(".jp-appose-filter input")
    box.fill("tide cuda")
    expect(tree.get_by_role("treeitem")).to_have_count(2)
    box.fill("bokeh")
    expect(tree.get_by_role("treeitem")).to_have_text([re.compile("tide"), "plots"])
    box.fill("no such")
    expect(screen.sidebar()).to_contain_text("Nothing matches “no such”.")


def test_a_build_shows_its_progress_wherever_one_looks_until_it_is_ready(
    uv_project: ProjectFactory, gate: Gate, screen: labs.Screen
) -> None:
    uv_project(name="tide")
    screen.open()
    line = row(screen, "default")
    line.hover()
    line.get_by_role("button", name="Build").click()
    expect(line.get_by_role("progressbar")).to_be_visible()
    expect(line).to_contain_text("0:02")
    status = screen.page.locator(".jp-appose-status")
    expect(status).to_contain_text("default")
    other = screen.page.context.new_page()
    twin = labs.Screen(other, screen.lab).open(workspace="auto-other")
    expect(row(twin, "default").get_by_role("progressbar")).to_be_visible()
    screen.reload()
    expect(row(screen, "default").get_by_role("progressbar")).to_be_visible()
    gate.open()
    for tab in (screen, twin):
        line = row(tab, "default")
        expect(line).to_have_class(re.compile("jp-mod-ready"))
        expect(line).to_have_accessible_name(re.compile(r"default, ready, .*B"))
    expect(status).to_be_hidden()


def test_the_end_of_a_build_that_was_asked_for_here_is_told_once(
    uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    uv_project(name="tide")
    screen.open()
    choose(screen, row(screen, "default"), "Build")
    notice = screen.page.locator(".Toastify__toast")
    expect(notice).to_have_count(1)
    expect(notice).to_contain_text("tide · default is ready.")
    notice.get_by_role("button", name="New Notebook").click()
    screen.kernel_is_there()
    expect(row(screen, "default")).to_have_attribute("aria-current", "true")
    expect(row(screen, "default")).to_contain_text("1 ●")


def test_a_build_is_cancelled(uv_project: ProjectFactory, gate: Gate, screen: labs.Screen) -> None:
    uv_project(name="tide")
    screen.open()
    choose(screen, row(screen, "default"), "Build")
    row(screen, "default").get_by_role("button", name="Cancel the build of tide · default").click()
    expect(row(screen, "default").get_by_role("progressbar")).to_be_hidden()
    expect(row(screen, "default")).to_have_accessible_name("default, not built")


def test_a_build_that_fails_says_why_shows_its_log_and_is_tried_again(
    uv_project: ProjectFactory, wheel: WheelFactory, screen: labs.Screen
) -> None:
    uv_project(["gauge"], name="tide")
    screen.open()
    line = row(screen, "default")
    choose(screen, line, "Build")
    expect(line).to_contain_text("gauge")
    expect(line).to_have_accessible_name(re.compile("default, failed, .*gauge"))
    notice = screen.page.locator(".Toastify__toast")
    expect(notice).to_contain_text("tide · default could not be built.")
    notice.get_by_role("button", name="Show Log").click()
    expect(screen.page.locator(".jp-appose-log")).to_be_visible()
    wheel("gauge")
    line.get_by_role("button", name="Retry").click()
    expect(line).to_have_class(re.compile("jp-mod-ready"))
    expect(notice.filter(has_text="could not be built")).to_have_count(0)


def test_what_was_installed_is_deleted_after_a_question_that_says_how_much_is_freed(
    uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    prefix = uv_project(name="tide") / ".venv"
    screen.open()
    line = row(screen, "default")
    choose(screen, line, "Build")
    expect(line).to_have_class(re.compile("jp-mod-ready"))
    line.click()
    screen.page.keyboard.press("Delete")
    dialog = screen.page.get_by_role("dialog")
    expect(dialog).to_contain_text(re.compile(r"This frees \d.* [kM]?B"))
    expect(dialog).to_contain_text("can be built again")
    dialog.get_by_role("button", name="Cancel").click()
    assert prefix.exists()
    choose(screen, line, "Delete Installed Files…")
    dialog.get_by_role("button", name="Delete").click()
    expect(line).to_have_accessible_name("default, not built")
    assert not prefix.exists()


def test_before_what_kernels_run_in_is_deleted_they_are_named_and_then_shut_down(
    uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    prefix = uv_project(name="tide") / ".venv"
    screen.open()
    line = row(screen, "default")
    line.dblclick()
    screen.kernel_is_there()
    expect(line).to_have_class(re.compile("jp-mod-ready"))
    expect(line).to_contain_text("1 ●")
    choose(screen, line, "Delete Installed Files…")
    dialog = screen.page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 kernel runs in it: that of Untitled.ipynb.")
    assert prefix.exists()
    dialog.get_by_role("button", name="Shut Down and Delete").click()
    expect(screen.page.locator(".Toastify__toast")).to_contain_text("freed")
    expect(line).to_have_accessible_name("default, not built")
    assert not prefix.exists()


def test_what_kernels_run_in_is_rebuilt_after_a_question_and_they_are_restarted(
    uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    uv_project(name="tide")
    screen.open()
    line = row(screen, "default")
    line.dblclick()
    screen.kernel_is_there()
    expect(line).to_have_class(re.compile("jp-mod-ready"))
    screen.run("1 + 1")
    prompt = screen.page.locator(".jp-InputArea-prompt", has_text=re.compile(r"\[1\]"))
    expect(prompt).to_have_count(1)
    screen.page.evaluate(
        "window.jupyterapp.shell.currentWidget.sessionContext.statusChanged.connect("
        "(_, status) => { window.restarts ||= status === 'restarting'; })"
    )
    choose(screen, line, "Rebuild from Scratch")
    dialog = screen.page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 kernel runs in it: that of Untitled.ipynb.")
    expect(dialog.get_by_label("Restart the kernel afterwards")).to_be_checked()
    dialog.get_by_role("button", name="Rebuild").click()
    builds = screen.page.locator(".jp-appose-build")
    expect(builds).to_have_count(2)
    expect(builds.first).to_have_class(re.compile("jp-mod-ready"))
    screen.page.wait_for_function("window.restarts")
    # a kernel that was begun again counts from one
    screen.run("2 + 2")
    expect(prompt).to_have_count(2)


def test_everything_is_reached_by_keyboard(
    uv_project: ProjectFactory, gate: Gate, screen: labs.Screen
) -> None:
    uv_project(name="tide", extras={"cuda": []})
    screen.open()
    box = screen.sidebar().locator(".jp-appose-filter input")
    expect(row(screen, "cuda")).to_be_visible()
    box.focus()
    keyboard = screen.page.keyboard
    keyboard.press("ArrowDown")
    workspace = screen.sidebar().locator(".jp-appose-workspace")
    expect(workspace).to_be_focused()
    keyboard.press("ArrowLeft")
    expect(workspace).to_have_attribute("aria-expanded", "false")
    expect(row(screen, "cuda")).to_have_count(0)
    keyboard.press("ArrowRight")
    keyboard.press("End")
    expect(row(screen, "cuda")).to_be_focused()
    keyboard.press("Home")
    expect(workspace).to_be_focused()
    keyboard.press("ArrowDown")
    line = row(screen, "default")
    expect(line).to_be_focused()
    keyboard.press("Tab")
    expect(line.get_by_role("button", name="New Notebook")).to_be_focused()
    expect(line.get_by_role("button", name="Build")).to_be_visible()
    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    screen.kernel_is_there()
    expect(line).to_have_attribute("aria-current", "true")


def test_a_manifest_that_cannot_be_read_says_why_and_is_opened(
    uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    manifest = uv_project(name="tide") / "pyproject.toml"
    manifest.write_text(manifest.read_text() + "\n[tool.uv\n")
    screen.open()
    card = screen.sidebar().locator(".jp-appose-broken")
    expect(card).to_contain_text("tide/pyproject.toml")
    expect(card).to_contain_text(re.compile(r"line \d+"))
    card.get_by_role("button", name="Open").click()
    expect(screen.page.locator(".jp-FileEditor .cm-content")).to_contain_text("[tool.uv")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_section_has_no_serious_violation_of_accessibility(
    uv_project: ProjectFactory, gate: Gate, screen: labs.Screen, dark: bool
) -> None:
    uv_project(name="tide", extras={"cuda": []})
    uv_project(["no-such-package"], name="wreck")
    (uv_project(name="moor") / "pyproject.toml").write_text("[project")
    screen.open().theme(dark)
    choose(screen, row(screen, "default", "wreck"), "Build")
    expect(row(screen, "default", "wreck")).to_contain_text("Show log · Retry")
    choose(screen, row(screen, "default"), "Build")
    expect(row(screen, "default").get_by_role("progressbar")).to_be_visible()
    row(screen, "cuda").hover()
    assert screen.violations("#appose-kernel-sidebar") == []
    expect(screen.page.locator(".jp-appose-status")).to_be_visible()
    assert screen.violations(".jp-appose-status") == []
