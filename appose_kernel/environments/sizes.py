"""How much a prefix holds: for `list --size`, and for what `prune` frees."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def of(folder: Path) -> int:
    """The bytes of the files below ``folder``, each file once however often it is linked."""
    found = {}
    for path in folder.rglob("*"):
        with suppress(OSError):
            stat = path.lstat()
            found[stat.st_dev, stat.st_ino] = stat.st_size
    return sum(found.values())
