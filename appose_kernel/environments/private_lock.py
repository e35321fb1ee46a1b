"""Where our own locks are: of workspaces that have none, or whose lock is not ours to write.

A lock belongs to a solve group, or to an environment that is in none, and to one state of the files that
it was made from.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from ..errors import LockOutdated
from ..model import Environment
from ..workspaces import formats
from . import generations, inputs


def path(env: Environment) -> Path:
    """The lock for the workspace's files as they are now; made by the engine, which prepares the folder."""
    return inputs.private_lock(env)


def latest(env: Environment) -> Path | None:
    """The newest lock of the environment's solve group, whose versions a new one should keep."""
    found = []
    pattern = generations.lock(env, "?" * generations.DIGEST)
    for lock in pattern.parent.glob(pattern.name):
        with suppress(FileNotFoundError):
            found.append((lock.stat().st_mtime_ns, lock))
    return max(found)[1] if found else None


def making(env: Environment) -> Path:
    """What is held by who makes a lock of the solve group: its environments may be built at the same time."""
    return generations.prepare(env.workspace) / f".{generations.stem(env)}.making"


def demand_unchanged(env: Environment, lock: Path) -> None:
    """Raise LockOutdated unless ``lock``, the :func:`path` before anything was read, is that still.

    A lock made from files that change meanwhile belongs to no state of them.
    """
    now = formats.environment(formats.open_workspace(env.workspace.manifest), env.name)
    if path(now) != lock:
        raise LockOutdated(
            f"{env.workspace.manifest}: the files that its lock is made from were changed meanwhile.",
            remedy="Build again.",
        )


def keep(made: Path, lock: Path) -> None:
    """Put ``made`` in the place of ``lock`` in one step; a power cut leaves it whole, or not there."""
    draft = lock.with_name(f".{lock.name}.{os.getpid()}")
    with made.open("rb") as source, draft.open("wb") as target:
        shutil.copyfileobj(source, target)
        target.flush()
        os.fsync(target.fileno())
    draft.replace(lock)
