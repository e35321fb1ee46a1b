"""Our own folders, and the place of each environment's prefix. Every kernel start imports this."""

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path

from ..errors import ApposeKernelError
from ..model import WINDOWS, Environment, Prefix
from ..workspaces.names import slug
from . import inputs

APP = "appose-kernel"
#: The folder of records, among the prefixes that they are about.
RECORDS = ".records"


def data_dir() -> Path:
    """Where the store of prefixes and the overlays live."""
    return _folder("data")


def state_dir() -> Path:
    """Where the logs of builds live."""
    return _folder("state")


def cache_dir() -> Path:
    """Where things live that can be made again."""
    return _folder("cache")


def _folder(kind: str) -> Path:
    if override := os.environ.get(f"APPOSE_KERNEL_{kind.upper()}_DIR"):
        return Path(override).absolute()
    import platformdirs  # noqa: PLC0415  (costs 18 ms, and no kernel of a writable workspace needs it)

    folder: Path = getattr(platformdirs, f"user_{kind}_path")(APP, appauthor=False)
    return folder


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


def place(env: Environment) -> Prefix:
    """Where the environment's prefix is, or will be: files only, and nothing is made.

    In place where the workspace can be written, for a terminal's ``uv run`` and the notebook to share it;
    else in the store, under a name that changes with what the environment is made from.
    """
    root = env.workspace.root
    name = slug(env.name)
    if _takes_files(root) if WINDOWS else os.access(root, os.W_OK):
        folder = root / ".venvs"
        return Prefix(root / ".venv" if _is_uvs_own(env) else folder / name, folder / RECORDS / name)
    kept = f"{slug(f'{env.workspace.name}-{env.name}')}-{inputs.digest(env)[:12]}"
    folder = data_dir() / "store"
    return Prefix(folder / kept, folder / RECORDS / kept)


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


def _is_uvs_own(env: Environment) -> bool:
    """Whether uv itself would put this environment into ``.venv``; a workspace's member has none."""
    workspace = env.workspace
    member = workspace.lock is not None and workspace.lock.parent != workspace.root
    return env.name == "default" and not member


def prepare(prefix: Prefix) -> None:
    """Make the folder of records, shared with whoever shares the workspace, and hide it from git."""
    top = prefix.records.parents[1]
    top.parent.mkdir(parents=True, exist_ok=True)
    for folder in (top, top / RECORDS, prefix.records, prefix.records / "waiting"):
        _share(folder)
    ignore = top / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def _share(folder: Path) -> None:
    try:
        folder.mkdir()
    except FileExistsError:
        return
    if os.name != "nt":
        folder.chmod(stat.S_IMODE(folder.parent.stat().st_mode))
