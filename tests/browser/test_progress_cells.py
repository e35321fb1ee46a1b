"""A cell shows the progress of a build for as long as it waits for it, and no longer."""

from __future__ import annotations

from pathlib import Path

import labs
import notebooks
import pytest
from notebooks import WHICH, answer, gate, has, new, panel, worker
from playwright.sync_api import Locator, expect

__all__ = ["gate", "worker"]


@pytest.fixture
def bar(worker: Path, gate: notebooks.Gates, screen: labs.Screen) -> Locator:
    """The progress of a build that does not end, in the cell of a notebook."""
    gate.shut()
    screen.open()
    new(screen, "cpu")
    screen.run(WHICH)
    bar = panel(screen).locator(".jp-OutputArea").get_by_role("progressbar")
    expect(bar).to_be_visible()
    return bar


def test_it_goes_with_a_restart(bar: Locator, screen: labs.Screen) -> None:
    screen.command("notebook:restart-kernel")
    screen.page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(bar).to_have_count(0)
    screen.run("1")
    expect(bar).to_have_count(1)


@pytest.mark.nightly  # not yet steady: see the issue
def test_it_goes_with_an_interrupt(bar: Locator, screen: labs.Screen) -> None:
    screen.command("notebook:interrupt-kernel")
    expect(bar).to_have_count(0)
    expect(panel(screen).locator(".jp-OutputArea")).to_contain_text("cancelled")


def test_it_goes_with_another_kernel(bar: Locator, screen: labs.Screen) -> None:
    screen.page.evaluate(
        "window.jupyterapp.shell.currentWidget.sessionContext.changeKernel({name: 'python3'})"
    )
    expect(bar).to_have_count(0)
    answer(screen, "6 * 7", "42")


def test_it_goes_with_the_kernel(bar: Locator, screen: labs.Screen) -> None:
    screen.command("kernelmenu:shutdown")
    expect(bar).to_have_count(0)


@pytest.mark.nightly  # not yet steady: see the issue
def test_it_is_not_there_after_the_notebook_was_saved_and_opened_again(
    bar: Locator, worker: Path, gate: notebooks.Gates, screen: labs.Screen
) -> None:
    screen.command("docmanager:save")
    expect(panel(screen).locator(".jp-Notebook")).to_be_visible()
    saved = worker / "Untitled.ipynb"
    screen.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    assert "progressbar" in saved.read_text()
    screen.page.reload()
    screen.ready()
    has(screen, "cpu")
    expect(panel(screen).locator(".jp-Cell").first).to_contain_text("light")
    expect(bar).to_have_count(0)
    gate.open()
    answer(screen, "6 * 7", "42")


def test_a_second_view_leaves_it_alone(bar: Locator, screen: labs.Screen) -> None:
    screen.command("docmanager:clone")
    expect(bar).to_have_count(2)
