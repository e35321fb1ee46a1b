"""The browser extension is part of the package, and loads."""

import subprocess
import sys

import labs


def test_jupyter_lists_the_extension_as_enabled_and_ok() -> None:
    argv = [sys.executable, "-m", "jupyter", "labextension", "list"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True)
    line = next(line for line in (said.stdout + said.stderr).splitlines() if "appose-kernel" in line)
    assert "enabled" in line
    assert "OK" in line


def test_the_extension_is_active_in_the_page(screen: labs.Screen) -> None:
    screen.open()
    assert screen.page.evaluate("window.jupyterapp.isPluginActivated('appose-kernel:model')")


def test_the_sidebar_opens(screen: labs.Screen) -> None:
    screen.open().sidebar()
