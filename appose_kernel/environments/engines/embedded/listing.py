"""What a lock in pixi's format names for an environment on this machine, whichever engine wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ....errors import LockOutdated
from ....model import Environment
from ... import private_lock
from ...rattler_worker.tasks import Read
from ..locked import LockedPackage
from .lock_files import part, pixis
from .places import possibly
from .worker import Worker

__all__ = ["counting", "locked", "pixis"]


def counting(env: Environment) -> Path | None:
    """The lock that a build would use, or that a new one would be made after."""
    private = private_lock.path(env)
    return private if private.exists() else pixis(env) or private_lock.latest(env)


async def locked(env: Environment, environ: Mapping[str, str], lock: Path | None) -> list[LockedPackage]:
    """The packages that have a version; nothing where ``lock`` does not have the environment."""
    worker = Worker(env.workspace, environ)
    place = await possibly(env, worker)
    if lock is None or place is None:
        return []
    try:
        found = await worker.ask(Read(part(lock, place)))
    except LockOutdated:
        return []
    conda = [LockedPackage(row["name"], "conda", row["version"], row["size"]) for row in found["conda"]]
    pypi = [LockedPackage(row["name"], "pypi", row["version"]) for row in found["pypi"] if row["version"]]
    return [*conda, *pypi]
