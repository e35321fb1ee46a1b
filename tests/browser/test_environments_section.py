"""The section “Environments”: what is there, in which state, and what can be done with it; with real builds."""

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


def row(screen: labs.Screen, environment: str, workspace: str = "tide") -> Locator:
    """The line of an environment, in the open sidebar."""
    return screen.sidebar().locator(
        f'.jp-appose-environment[data-manifest^="{workspace}/"][data-environment="{environment}"]'
    )


def choose(screen: labs.Screen, at: Locator, command: str) -> None:
    """From the context menu of a line."""
    at.click(button="right")
    screen.page.get_by_role("menuitem", name=command).click()


def test_environments_are_listed_with_their_workspace_and_found_by_filter(
    uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    uv_project(name="tide", extras={"cuda": [], "plots": []})
    uv_project(name="moor")
    screen.open()
    tree = screen.sidebar().get_by_role("tree")
    expect(tree.get_by_role("treeitem")).to_have_count(6)
    expect(tree.locator(".jp-appose-workspace")).to_have_text(["mooruv", "tideuv"])
    expect(row(screen, "cuda")).to_have_accessible_name("cuda, not built")
    box = screen.sidebar().locator(".jp-appose-filter input")
    box.fill("tide cuda")
    expect(tree.get_by_role("treeitem")).to_have_count(2)
    box.fill("no such")
    expect(screen.sidebar()).to_contain_text("Nothing matches “no such”.")
