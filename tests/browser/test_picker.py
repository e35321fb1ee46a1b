"""JupyterLab's dialog "Select Kernel": environments by workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import labs
from notebooks import button, has, new
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import ProjectFactory


def test_the_notebooks_own_workspace_is_first(uv_project: ProjectFactory, screen: labs.Screen) -> None:
    for name in ("alpha", "beta"):
        uv_project(name=name, extras={"cuda": []})
    screen.open()
    new(screen, "default", workspace="beta")
    expect(button(screen)).to_contain_text("beta")
    screen.command("notebook:change-kernel")
    groups = screen.page.locator(".jp-Dialog select optgroup")
    expect(groups.first).to_have_attribute("label", "beta")
    labels = groups.evaluate_all("all => all.map(group => group.label)")
    assert labels[:2] == ["beta", "alpha"]
    assert len(labels) > 2, "those of JupyterLab are there too"
    expect(groups.first.locator("option")).to_have_text(["beta · default", "beta · cuda"])
    screen.page.locator(".jp-Dialog select").select_option(label="alpha · cuda")
    screen.page.get_by_role("button", name="Select Kernel").click()
    has(screen, "alpha ·cuda")
