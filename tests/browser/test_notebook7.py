"""Jupyter Notebook 7: what of ours is there works, and nothing complains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import labs
import nbformat
import notebooks
import pytest
from notebooks import WHICH, answer, button, gate, has, item, menu, panel, worker
from playwright.sync_api import Browser, expect

__all__ = ["gate", "worker"]


@pytest.fixture
def lab(tmp_path: Path, isolated: Path) -> Iterator[labs.Lab]:
    with labs.serving(tmp_path, isolated / "notebook.log", app="notebook") as running:
        yield running


#: Notebook 7.6 has this one also without us, in every load: its shortcuts hear of the settings of others
#: before their own are there. https://github.com/jupyter/notebook/issues/7862
KNOWN = "Cannot read properties of undefined (reading 'schema')"


@pytest.fixture
def screen(lab: labs.Lab, browser: Browser) -> Iterator[labs.Screen]:
    """A tab; an error that reaches the page fails the test."""
    context = browser.new_context(viewport={"width": 1300, "height": 850})
    context.set_default_timeout(labs.PATIENCE * 1000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.stack or str(error)))
    yield labs.Screen(page, lab)
    context.close()
    errors = [error for error in errors if not (KNOWN in error and "notebook_core" in error)]
    assert not errors, errors


def write_notebook(folder: Path, kernelspec: str) -> str:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell()])
    notebook.metadata["kernelspec"] = {"name": kernelspec, "display_name": "", "language": "python"}
    nbformat.write(notebook, folder / "a.ipynb")
    return f"{folder.name}/a.ipynb"


def test_a_notebook_is_switched(worker: Path, gate: notebooks.Gates, screen: labs.Screen) -> None:
    path = write_notebook(worker, "appose.worker.cpu")
    said: list[str] = []
    screen.page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    screen.page.goto(f"{screen.lab.url}/notebooks/{path}?token={labs.TOKEN}")
    has(screen, "cpu")
    screen.kernel_is_there()
    answer(screen, WHICH, "'1.0+cpu'")
    menu(screen)
    item(screen, "cuda").click()
    panel(screen).get_by_role("button", name="Switch to cuda").click()
    has(screen, "cuda")
    answer(screen, WHICH, "'1.0+cu126'")
    button(screen).focus()
    screen.page.keyboard.press("ArrowDown")
    expect(screen.page.get_by_role("menu")).to_be_visible()
    screen.page.keyboard.press("Escape")
    assert not [text for text in said if "appose" in text], said


def test_the_panel_opens_on_the_left(worker: Path, screen: labs.Screen) -> None:
    path = write_notebook(worker, "appose.worker.cpu")
    screen.page.goto(f"{screen.lab.url}/notebooks/{path}?token={labs.TOKEN}")
    has(screen, "cpu")
    screen.command("appose-kernel:open")
    expect(screen.page.locator("#appose-kernel-sidebar")).to_be_visible()
    expect(screen.page.locator("#appose-kernel-sidebar")).to_contain_text("worker")
