"""The section “Builds”: what runs and what ended, with real builds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import labs
import pytest
from gates import Gate, hold_uv
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from conftest import ProjectFactory


@pytest.fixture
def gate(tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Builds of this test wait for it in their midst; to be asked for before ``screen``."""
    shut = hold_uv(tmp_path, isolated / "jupyter" / "config", monkeypatch)
    yield shut
    shut.open()


def builds(screen: labs.Screen) -> Locator:
    """The section, unfolded."""
    screen.unfold("Builds")
    return screen.page.locator(".jp-appose-builds")


def build(screen: labs.Screen, manifest: Path, environment: str = "default") -> None:
    """Ask for a build, once the page knows the environment."""
    about = {"manifest": manifest.relative_to(screen.lab.root).as_posix(), "environment": environment}
    screen.page.wait_for_function(
        "about => window.jupyterapp.commands.isEnabled('appose-kernel:build', about)", arg=about
    )
    screen.command("appose-kernel:build", **about)


def test_a_build_runs_is_cancelled_and_tried_again(
    uv_project: ProjectFactory, gate: Gate, screen: labs.Screen
) -> None:
    manifest = uv_project(name="proj") / "pyproject.toml"
    screen.open()
    section = builds(screen)
    expect(section).to_contain_text("No builds yet")
    build(screen, manifest)
    row = section.get_by_role("listitem")
    expect(row).to_contain_text("proj · default")
    expect(row.get_by_role("progressbar")).to_be_visible()
    expect(row).to_contain_text("locking")
    expect(row).to_contain_text("0:02")
    expect(screen.page.locator("#appose-kernel-sidebar")).to_contain_text("1 running")
    row.get_by_role("button", name="proj · default: Cancel").click()
    expect(row).to_contain_text("cancelled")
    expect(row).not_to_contain_text("0:0")
    gate.open()
    row.hover()
    row.get_by_role("button", name="proj · default: Retry").click()
    expect(section.get_by_role("listitem")).to_have_count(2)
    expect(section.get_by_role("listitem").first).to_contain_text("ready")


def test_a_build_that_fails_says_why_and_its_log_says_more(
    uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    folder = uv_project(["missing-package"], name="proj")
    screen.open()
    section = builds(screen)
    build(screen, folder / "pyproject.toml")
    row = section.get_by_role("listitem")
    expect(row).to_contain_text("failed")
    expect(row.locator(".jp-appose-build-error")).to_contain_text("missing-package")
    expect(row.locator(".jp-appose-build-error")).to_contain_text("proj/pyproject.toml")
    expect(row).not_to_contain_text(str(screen.lab.root))
    for dark in (False, True):
        screen.theme(dark)
        assert screen.violations(".jp-appose-builds") == []
    row.focus()
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_role("log")).to_contain_text("Failed")
    expect(screen.page.get_by_role("region", name="What went wrong")).to_contain_text("missing-package")
    toolbar = screen.page.locator(".jp-MainAreaWidget:has(.jp-appose-log) .jp-Toolbar")
    expect(toolbar.get_by_role("button", name="Retry")).to_be_visible()
