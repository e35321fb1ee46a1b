"""The commands about environments, where people find them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import labs
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import ProjectFactory


def test_the_palette_has_our_commands(screen: labs.Screen) -> None:
    screen.open()
    screen.command("apputils:activate-command-palette")
    screen.page.locator("#modal-command-palette input").fill("environments")
    expect(
        screen.page.locator('.lm-CommandPalette-item[data-command="appose-kernel:refresh"]')
    ).to_be_visible()


def test_the_file_browser_offers_what_a_manifest_is_for(
    screen: labs.Screen, uv_project: ProjectFactory
) -> None:
    folder = uv_project(name="tide")
    (folder / "requirements.txt").write_text("gauge\n")
    (folder / "reqs.txt").write_text("gauge\n")
    (folder / "notes.txt").write_text("")
    screen.open("tide/notes.txt")
    menu = screen.page.get_by_role("menu")

    def offered(name: str) -> list[str]:
        screen.page.locator(".jp-DirListing-item", has_text=name).click(button="right")
        expect(menu.get_by_role("menuitem", name="Rename")).to_be_visible()
        labels = menu.locator(".lm-Menu-item:not(.lm-mod-hidden) .lm-Menu-itemLabel").all_inner_texts()
        screen.page.keyboard.press("Escape")
        return [label for label in labels if "Environment" in label]

    screen.page.wait_for_function(
        "about => window.jupyterapp.commands.isEnabled('appose-kernel:build', about)",
        arg={"manifest": "tide/pyproject.toml", "environment": "default"},
    )
    assert offered("pyproject.toml") == ["Edit Environments"]
    assert offered("requirements.txt") == ["New Environment from This File…"]
    assert offered("reqs.txt") == ["New Environment from This File…"]
    assert offered("notes.txt") == []
