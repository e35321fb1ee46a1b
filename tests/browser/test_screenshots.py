"""The pictures in README and docs: every view, light and dark, narrow and wide.

    pytest tests/browser/test_screenshots.py --pictures docs/images

writes them anew. Without the option they are made all the same, and thrown away: a view that is gone fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import demo
import labs
import pytest
from playwright.sync_api import Browser, Locator, expect

WIDTHS = (250, 500)


@pytest.fixture
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    chosen = request.config.getoption("--pictures")
    folder = Path(chosen) if chosen else tmp_path / "pictures"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Iterator[demo.Demo]:
    root = tmp_path / "work"
    root.mkdir()
    with demo.made(root, tmp_path) as made:
        yield made


class Camera:
    """Takes a picture of a view under its name, in each theme."""

    def __init__(self, screen: labs.Screen, folder: Path) -> None:
        self.screen = screen
        self._folder = folder

    def take(self, name: str, view: Locator | None = None) -> None:
        for theme in ("light", "dark"):
            self.screen.theme(theme == "dark")
            self.screen.page.mouse.move(0, 0)
            path = self._folder / f"{name}-{theme}.png"
            (view or self.screen.page).screenshot(path=path, animations="disabled", scale="css")

    def take_narrow_and_wide(self, name: str, view: Locator) -> None:
        for width in WIDTHS:
            self.screen.widen(width)
            self.take(f"{name}-{width}", view)


@pytest.mark.timeout(600)
def test_every_view_has_its_pictures(
    work: demo.Demo, browser: Browser, isolated: Path, pictures: Path
) -> None:
    with labs.serving(work.root, isolated / "lab.log") as lab:
        context = browser.new_context(viewport={"width": 1300, "height": 820})
        context.set_default_timeout(labs.PATIENCE * 1000)
        screen = labs.Screen(context.new_page(), lab)
        camera = Camera(screen, pictures)

        screen.open()
        expect(screen.page.locator(".jp-LauncherCard").first).to_be_visible()
        camera.take("launcher", screen.page.locator(".jp-Launcher"))

        screen.open(demo.NOTEBOOK)
        screen.kernel_is_there()
        panel = screen.sidebar()
        build(screen, "cuda-dev", panel)
        camera.take_narrow_and_wide("environments", panel)

        edit(screen)
        camera.take_narrow_and_wide("features", panel)
        screen.widen(330)
        screen.command("appose-kernel:choose-environment")
        expect(screen.page.get_by_role("menu")).to_be_visible()
        camera.take("whole")
        camera.take("switch", screen.page.locator(".jp-NotebookPanel"))
        screen.page.keyboard.press("Escape")

        screen.command("appose-kernel:show-log", manifest="tide/pyproject.toml", environment="cuda")
        log = screen.page.locator(".jp-appose-log").first
        expect(log).to_contain_text("cupy-cuda12x")
        camera.take("log", log)

        screen.command("appose-kernel:new-environment")
        form = screen.page.get_by_role("dialog")
        form.get_by_label("Folder", exact=True).fill("tides")
        form.get_by_label("Packages", exact=True).fill("numpy >=2\nxarray")
        expect(form.locator("pre")).to_contain_text("xarray")
        camera.take("new-environment", form.locator(".jp-Dialog-content"))
        context.close()


def build(screen: labs.Screen, environment: str, panel: Locator) -> None:
    """Start a build that stays in its midst."""
    manifest = demo.MANIFEST
    screen.command("appose-kernel:build", manifest=manifest, environment=environment)
    row = panel.locator(f'.jp-appose-environment[data-environment="{environment}"]').first
    expect(row).to_contain_text("downloading")


def edit(screen: labs.Screen) -> None:
    """A pending change of two edits."""
    screen.command("appose-kernel:edit-features", workspace=demo.MANIFEST)
    features = screen.page.locator(".jp-appose-features")
    table = features.get_by_role("table")
    table.get_by_role("button", name="cuda", exact=True).last.click()
    version = features.get_by_label("Version of cudnn", exact=True)
    version.fill("8.9.*")
    version.press("Enter")
    features.get_by_role("checkbox", name="dev in cuda", exact=True).check()
    expect(features.get_by_role("group", name="Pending change")).to_contain_text("2 edits")
