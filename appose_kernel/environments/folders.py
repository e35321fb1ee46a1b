"""Our own folders, and whether one may be written to. Every kernel start imports this."""

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path

from ..errors import ApposeKernelError
from ..model import WINDOWS
from . import glance

APP = "appose-kernel"


def data_dir() -> Path:
    """Where the store of prefixes and the overlays live."""
    return _folder("data")


def state_dir() -> Path:
    """Where the logs of builds live."""
    return _folder("state")


def cache_dir() -> Path:
    """Where things live that can be made again."""
    return _folder("cache")


@glance.shared
def _folder(kind: str) -> Path:
    if override := os.environ.get(f"APPOSE_KERNEL_{kind.upper()}_DIR"):
        return Path(override).absolute()
    import platformdirs  # noqa: PLC0415  (costs 18 ms, and no kernel of a writable workspace needs it)

    folder: Path = getattr(platformdirs, f"user_{kind}_path")(APP, appauthor=False)
    return folder


def are_named_in(line: str) -> bool:
    """Whether a tool's line names a place of ours, which means nothing to somebody who watches a build."""
    return f"/{APP}" in line.replace("\\", "/") or str(data_dir()) in line


def runtime_dir() -> Path:
    """A folder for sockets and connection files that only this user can enter; it is made if need be."""
    if override := os.environ.get("APPOSE_KERNEL_RUNTIME_DIR"):
        folder = Path(override).absolute()
    elif (session := os.environ.get("XDG_RUNTIME_DIR")) and os.access(session, os.W_OK):
        folder = Path(session, APP)
    else:
        import tempfile  # noqa: PLC0415  (costs 6 ms, and a kernel that starts directly needs none of this)

        folder = Path(tempfile.gettempdir(), APP if os.name == "nt" else f"{APP}-{os.getuid()}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name != "nt":
        _own(folder)
    return folder


def _own(folder: Path) -> None:
    """Refuse a folder that somebody else put in our place in the temporary folder."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise ApposeKernelError(
            f"{folder} belongs to another user.",
            remedy="Remove it, or name another folder in the variable APPOSE_KERNEL_RUNTIME_DIR.",
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def share(folder: Path) -> None:
    """Make ``folder``, for whoever may write beside it; one that is there stays as it is."""
    try:
        folder.mkdir()
    except FileExistsError:
        return
    if not WINDOWS:
        folder.chmod(stat.S_IMODE(folder.parent.stat().st_mode))


def writable(folder: Path) -> bool:
    """Whether files can be made in ``folder``."""
    return _takes_files(folder) if WINDOWS else os.access(folder, os.W_OK)


@cache
def _takes_files(folder: Path) -> bool:
    """Windows' ``os.access`` knows nothing of permissions (https://bugs.python.org/issue2528): make a file.

    Asked once, for each file that comes and goes changes what is known of the folder.
    """
    probe = folder / f".{APP}-{os.urandom(4).hex()}"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True
