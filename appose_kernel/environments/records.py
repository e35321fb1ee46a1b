"""Small JSON files of ours that are whole or absent, whatever is killed or loses power."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..model import WINDOWS

#: How often a replacement that Windows refuses is tried again, and the seconds between two trials.
RETRIES = 50
PAUSE = 0.02


def write(path: Path, data: Mapping[str, Any]) -> None:
    """Put ``data`` at ``path`` in one step, and on the disk before returning."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8") as file:
            json.dump(data, file)
            file.flush()
            os.fsync(file.fileno())
        _replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def read(path: Path) -> dict[str, Any] | None:
    """The data at ``path``; None where there is none, or something else."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def _replace(draft: Path, path: Path) -> None:
    """Windows refuses while a reader has the file open (https://github.com/numba/numba/pull/2041), and our
    readers are done in a moment."""
    for _ in range(RETRIES if WINDOWS else 0):
        with suppress(PermissionError):
            draft.replace(path)
            return
        time.sleep(PAUSE)
    draft.replace(path)


def _sync_folder(folder: Path) -> None:
    """Without it a power cut can undo the rename; Windows has no such call and does it by itself."""
    if WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
