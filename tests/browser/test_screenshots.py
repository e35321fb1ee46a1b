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
def work(tmp_path: Path) -> Iterator[demo.Demo]:
    root = tmp_path / "root"
    root.mkdir()
    with demo.made(root, tmp_path) as made:
        yield made


@pytest.fixture
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    chosen = request.config.getoption("--pictures")
    folder = Path(chosen) if chosen else tmp_path / "pictures"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.timeout(400)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_view_has_its_picture(
    work: demo.Demo, browser: Browser, isolated: Path, pictures: Path, dark: bool
) -> None:
    theme = "dark" if dark else "light"
    with labs.serving(work.root, isolated / "lab.log") as lab:
        context = browser.new_context(viewport={"width": 1300, "height": 820}, device_scale_factor=2)
        screen = labs.Screen(context.new_page(), lab)
        screen.open(work.notebook)
        screen.theme(dark)
        screen.kernel_is_there()

        def keep(name: str, what: Locator | None = None) -> None:
            path = pictures / f"{name}-{theme}.png"
            (what or screen.page).screenshot(path=path, animations="disabled")

        panel = screen.sidebar()
        row(panel, "cuda-dev").click(button="right")
        screen.page.get_by_role("menuitem", name="Build").first.click()
        expect(row(panel, "cuda-dev").get_by_role("progressbar")).to_be_visible()
        for width in WIDTHS:
            screen.widen(width)
            keep(f"environments-{width}", panel)
        screen.command("appose-kernel:edit-features", workspace="research/my-dl-worker/pixi.toml")
        for width in WIDTHS:
            screen.widen(width)
            keep(f"features-{width}", panel)
        keep("whole")
        context.close()


def row(panel: Locator, environment: str) -> Locator:
    return panel.locator(f'.jp-appose-environment[data-environment="{environment}"]').first
