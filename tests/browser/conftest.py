"""JupyterLab over the test's folder, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import labs
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, expect, sync_playwright


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module; without any, its tests skip, and say so.

    Not for longer: while Playwright's loop is there, no other test can have one.
    """
    expect.set_options(timeout=labs.PATIENCE * 1000)
    with sync_playwright() as playwright:
        try:
            started = labs.launch(playwright)
        except Error as error:
            pytest.skip(
                f"there is no Chromium ({error.name}): install it, or run `playwright install chromium`"
            )
        yield started
        started.close()


@pytest.fixture
def lab(tmp_path: Path, isolated: Path) -> Iterator[labs.Lab]:
    """A JupyterLab at the test's folder, where `uv_project` writes its workspaces."""
    with labs.serving(tmp_path, isolated / "lab.log") as running:
        yield running


@pytest.fixture
def screen(lab: labs.Lab, browser: Browser) -> Iterator[labs.Screen]:
    """A tab of its own. An error that reaches the page, and what we say on its console, fails the test."""
    context = browser.new_context(viewport={"width": 1300, "height": 850})
    context.set_default_timeout(labs.PATIENCE * 1000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.extend(_ours(message)))
    yield labs.Screen(page, lab)
    context.close()
    assert not errors, errors


def _ours(message: ConsoleMessage) -> list[str]:
    """An error or a warning that is about us, but not that a request of ours was refused: tests have such."""
    said = f"{message.type}: {message.text}"
    about_us = "appose" in said or "/labextensions/appose-kernel/" in message.location["url"]
    refused = message.text.startswith("Failed to load resource")
    return [said] if message.type in ("error", "warning") and about_us and not refused else []
