"""The panel “Environments” as a whole: its sections fold, and are as high as one wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import labs
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from conftest import ProjectFactory

SECTIONS = ("Environments", "Features", "Builds")


def expect_open(screen: labs.Screen, *sections: str) -> None:
    for section in SECTIONS:
        expanded = "true" if section in sections else "false"
        expect(screen.title(section)).to_have_attribute("aria-expanded", expanded)


def height(section: Locator) -> float:
    box = section.bounding_box()
    assert box is not None
    return box["height"]


def test_at_first_there_are_the_environments_and_what_is_unfolded_stays_so(
    uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    uv_project(name="tide")
    screen.open().sidebar()
    environments = screen.page.locator(".jp-appose-environments")
    features = screen.page.locator(".jp-appose-features")
    expect_open(screen, "Environments")
    whole = height(environments)
    screen.unfold("Features")
    expect(features.get_by_role("table")).to_be_visible()
    assert whole / 2 < height(environments) < height(features) * 1.5
    screen.unfold("Builds")
    assert height(environments) > height(features) > height(screen.page.locator(".jp-appose-builds"))
    screen.title("Builds").get_by_text("Builds").click()
    screen.kept_by_the_server('"expansionStates": [true, true, false]')
    before = height(environments)
    screen.reload()
    expect_open(screen, "Environments", "Features")
    assert abs(height(environments) - before) < 2
