"""A copy of what a workspace is made of, for a tool that would write where it must not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ..model import Workspace


def copy(workspace: Workspace, folder: Path) -> Path:
    """Copy the files that decide what the workspace's environments contain, manifest and lock among them.

    Returns the workspace's root in ``folder``, where everything else stays as it is.
    """
    root = workspace.root
    files = [path for path in workspace.inputs if path.is_file()]
    # Path sources may lie beside the workspace's root: relative paths must stay what they are.
    base = os.path.commonpath([root, *(path.parent for path in files)])
    for path in files:
        target = folder / path.relative_to(base)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder / root.relative_to(base)
