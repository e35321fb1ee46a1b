"""The commands about environments, where people find them."""

import labs
from playwright.sync_api import expect


def test_the_palette_has_our_commands(screen: labs.Screen) -> None:
    screen.open()
    screen.command("apputils:activate-command-palette")
    screen.page.locator("#modal-command-palette input").fill("environments")
    expect(
        screen.page.locator('.lm-CommandPalette-item[data-command="appose-kernel:refresh"]')
    ).to_be_visible()
