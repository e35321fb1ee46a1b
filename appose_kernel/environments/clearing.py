"""Take a prefix away."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def clear(folder: Path) -> None:
    """Remove a folder. Of one that is a link, or mounted there as a container's volume is, the content."""
    # Path.is_mount is not there on Windows before Python 3.12
    if not folder.is_symlink() and not os.path.ismount(folder):
        shutil.rmtree(folder)
        return
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
