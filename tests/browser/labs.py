"""A real JupyterLab in a process of its own, and what a person does with it in Chromium."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import extension
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

TOKEN = "browser"
#: Seconds in which anything a test waits for has to happen, also on a busy machine.
PATIENCE = 60.0
#: Chromium without a sandbox, for tests run by root, and without what it asks the network for.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


def chromium() -> str | None:
    """Debian's Chromium, or another that is on the PATH; None where only Playwright's own may be there."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)


@dataclass(frozen=True)
class Lab:
    """A running server: ``root`` is the folder that it shows."""

    url: str
    root: Path

    def get(self, path: str) -> Any:
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.load(response)


@contextlib.contextmanager
def serving(root: Path, log: Path, app: str = "lab") -> Iterator[Lab]:
    """JupyterLab, or Jupyter Notebook (``app="notebook"``), over ``root``, until the block ends."""
    options = {
        "ServerApp.root_dir": str(root),
        "ServerApp.port": 0,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": TOKEN,
        # so that a test can say app.commands.execute(…)
        ("LabApp" if app == "lab" else "JupyterNotebookApp") + ".expose_app_in_browser": True,
        # of this server alone: layouts are not for the next test
        "LabApp.workspaces_dir": str(log.parent / "workspaces"),
    }
    argv = [sys.executable, "-m", "jupyter", app, "--no-browser"]
    argv += [f"--{name}={value}" for name, value in options.items()]
    _be_quiet(Path(os.environ["JUPYTER_CONFIG_DIR"], "lab", "user-settings"))
    with log.open("w") as output:
        process = subprocess.Popen(argv, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd=root)
    try:
        yield Lab(_address(process, log), root)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _be_quiet(settings: Path) -> None:
    """Lab asks the network for news, and asks people whether it may."""
    folder = settings / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True, exist_ok=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (folder / "notification.jupyterlab-settings").write_text(json.dumps(quiet))


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Read from the file that the server writes into the runtime folder when it listens."""
    info = Path(os.environ["JUPYTER_RUNTIME_DIR"], f"jpserver-{process.pid}.json")
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        if info.exists() and (text := info.read_text()):
            return str(json.loads(text)["url"]).rstrip("/")
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@dataclass
class Screen:
    """One browser tab with JupyterLab in it."""

    page: Page
    lab: Lab

    def open(self, path: str = "", workspace: str = "auto-test") -> Screen:
        """Open a file, or the launcher, with a fresh layout; returns when the screen can be used."""
        tree = f"/tree/{path}" if path else ""
        self.page.goto(f"{self.lab.url}/lab/workspaces/{workspace}{tree}?token={TOKEN}&reset")
        return self.ready()

    def reload(self) -> Screen:
        self.page.reload()
        return self.ready()

    def ready(self) -> Screen:
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0, timeout=PATIENCE * 1000)
        expect(self.page.locator(".jp-SideBar").first).to_be_visible(timeout=PATIENCE * 1000)
        # the layout of before may open and close panels until then
        self.page.evaluate("window.jupyterapp.restored.then(() => null)")
        return self

    def command(self, command: str, **arguments: Any) -> Any:
        """Execute one of the application's commands, as a menu would."""
        return self.page.evaluate(
            "([id, args]) => { window.jupyterapp.commands.execute(id, args); }", [command, arguments]
        )

    def sidebar(self) -> Locator:
        """Our panel, shown: by the command, since a second click on its tab would hide it again."""
        panel = self.page.locator("#appose-kernel-sidebar")
        if not panel.is_visible():
            self.command("appose-kernel:open")
        expect(panel).to_be_visible()
        return panel

    def title(self, section: str) -> Locator:
        """What folds a section of our panel, and unfolds it."""
        return (
            self.sidebar()
            .locator(".lm-AccordionPanel-title")
            .filter(has=self.page.get_by_text(section, exact=True))
        )

    def unfold(self, section: str) -> None:
        """Open a section of our panel, as one does with the mouse."""
        title = self.title(section)
        if title.get_attribute("aria-expanded") == "false":
            title.get_by_text(section, exact=True).click()
        expect(title).to_have_attribute("aria-expanded", "true")

    def widen(self, width: int) -> None:
        """Give the panel on the left a width in pixels, as one does with the mouse."""
        panel = self.page.locator("#jp-left-stack")
        box = panel.bounding_box()
        assert box is not None
        edge, middle = box["x"] + box["width"], box["y"] + box["height"] / 2
        self.page.mouse.move(edge + 1, middle)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + width + 1, middle, steps=3)
        self.page.mouse.up()

    def kept_by_the_server(self, text: str) -> None:
        """Wait until JupyterLab has saved something of this page, which it does a moment after a change."""
        deadline = time.monotonic() + PATIENCE
        while text not in json.dumps(self.lab.get("/lab/api/workspaces/auto-test")):
            assert time.monotonic() < deadline
            self.page.wait_for_timeout(100)

    def theme(self, dark: bool) -> None:
        name = "JupyterLab Dark" if dark else "JupyterLab Light"
        self.page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name
        )
        expect(self.page.locator("body")).to_have_attribute(
            "data-jp-theme-light", "false" if dark else "true"
        )

    def violations(self, selector: str) -> list[str]:
        """What axe-core finds serious or critical in a part of the page: which rule, and where.

        JupyterLab's own filter box is left out: its hidden button has no name.
        """
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate((extension.packages() / "axe-core" / "axe.min.js").read_text())
        found = self.page.evaluate("part => axe.run({include: [part], exclude: ['.jp-FilterBox']})", selector)
        return [
            f"{rule['id']}: {node['html']}: {node['failureSummary']}"
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]

    def kernel_is_there(self) -> None:
        """Wait until the current notebook has a kernel: a cell run before is lost."""
        self.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel", timeout=PATIENCE * 1000
        )

    def run(self, code: str) -> None:
        """Type code into the current notebook's active cell, and run it."""
        self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell.jp-mod-active .cm-content").click()
        self.page.keyboard.type(code)
        self.page.keyboard.press("Shift+Enter")
