"""Put on the disk what was installed: after a power cut files would be empty or absent otherwise."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path


def flush(folder: Path) -> None:
    """Return when everything on the file system of ``folder`` has reached the disk; may take seconds."""
    if sys.platform == "linux" and _syncfs(folder):
        return
    if hasattr(os, "sync"):  # Windows has none, and there the stamp's own flush has to do
        os.sync()


def _syncfs(folder: Path) -> bool:
    """Linux alone can flush one file system and not all of them; False where its C library cannot."""
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "syncfs"):
        return False
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return bool(libc.syncfs(descriptor) == 0)
    finally:
        os.close(descriptor)
