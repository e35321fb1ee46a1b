"""How fast the sidebar opens and its filter answers, with 100 workspaces and 600 environments beside a few.

    python benchmarks/sidebar.py [--rounds 5]

A real JupyterLab in Chromium, once over two workspaces and once over a hundred. *Opens* is from the click on
the tab to the frame that shows the first environments; *a key* from a keystroke in the filter box to the
frame that shows its outcome; *worst frame* the longest gap between two frames while somebody types.
JupyterLab's own file browser, opened in the same page, is the measure beside it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "browser"), str(ROOT / "benchmarks")]

import labs  # noqa: E402  (from the tests, as is the next one's neighbour)
import listing  # noqa: E402

ROW = "#appose-kernel-sidebar .jp-appose-environment"
QUERY = "project-1 extra-3"

#: Notes the milliseconds from the next click to the frame in which the selector's node is seen.
CLICKED = """
selector => {
  window.opened = null;
  const onClick = () => {
    const start = performance.now();
    const look = now => {
      const isSeen = document.querySelector(selector)?.offsetParent;
      if (isSeen) { window.opened = performance.now() - start; } else { requestAnimationFrame(look); }
    };
    requestAnimationFrame(look);
  };
  document.addEventListener('pointerdown', onClick, { capture: true, once: true });
}
"""
#: Notes the gaps between frames, and for each key the milliseconds to the second frame after it: by then its
#: outcome is on the screen.
WATCH = """
() => {
  const seen = window.seen = { keys: [], gaps: [], on: true };
  let before = performance.now();
  const tick = now => {
    seen.gaps.push(now - before);
    before = now;
    if (seen.on) { requestAnimationFrame(tick); }
  };
  requestAnimationFrame(tick);
  const onKey = () => {
    const start = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() => seen.keys.push(performance.now() - start)));
  };
  document.addEventListener('keydown', onKey, true);
}
"""


def opened(page: Page, tab: str, selector: str) -> float:
    """From the click on a tab whose panel is hidden."""
    page.evaluate("window.jupyterapp.shell.collapseLeft()")
    page.evaluate(CLICKED, selector)
    page.locator(f'.lm-TabBar-tab[data-id="{tab}"]').click()
    page.wait_for_function("window.opened !== null")
    return float(page.evaluate("window.opened"))


def typed(page: Page) -> tuple[float, float]:
    """The median of a key, and the worst frame, over a query typed and taken back."""
    page.locator("#appose-kernel-sidebar input").first.click()
    page.evaluate(WATCH)
    page.keyboard.type(QUERY, delay=30)
    for _ in QUERY:
        page.keyboard.press("Backspace", delay=30)
    page.wait_for_function(f"window.seen.keys.length >= {2 * len(QUERY)}")
    seen = page.evaluate("() => { window.seen.on = false; return window.seen; }")
    return statistics.median(seen["keys"]), max(seen["gaps"][1:])


def measure(page: Page, rounds: int) -> dict[str, float]:
    page.locator(ROW).first.wait_for(state="attached")
    keys, frames = zip(*(typed(page) for _ in range(rounds)), strict=True)
    return {
        "file browser opens": statistics.median(
            opened(page, "filebrowser", ".jp-DirListing-item") for _ in range(rounds)
        ),
        "sidebar opens": statistics.median(opened(page, "appose-kernel-sidebar", ROW) for _ in range(rounds)),
        "a key": statistics.median(keys),
        "worst frame": max(frames),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    found = {}
    for manifests in (2, 100):
        with tempfile.TemporaryDirectory() as folder:
            found[manifests] = run(Path(folder), manifests, rounds)
    print(f"{'milliseconds':20}{'2 workspaces':>14}{'100':>10}{'ratio':>8}")
    for name, few in found[2].items():
        many = found[100][name]
        print(f"{name:20}{few:14.1f}{many:10.1f}{many / few:8.1f}")


def run(folder: Path, manifests: int, rounds: int) -> dict[str, float]:
    root = folder / "root"
    root.mkdir()
    listing.write(root, manifests, extras=5)
    folders = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "RUNTIME", "DATA")}
    os.environ.update({"HOME": str(folder), **folders})
    with labs.serving(root, folder / "lab.log") as lab, sync_playwright() as playwright:
        browser = labs.launch(playwright)
        page = browser.new_page(viewport={"width": 1300, "height": 850})
        page.set_default_timeout(10_000)
        screen = labs.Screen(page, lab).open()
        screen.sidebar()
        try:
            return measure(page, rounds)
        finally:
            browser.close()


if __name__ == "__main__":
    main()
