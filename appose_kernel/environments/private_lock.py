"""Where our own locks are: of workspaces that have none, or whose lock is not ours to write.

A lock belongs to a solve group, or to an environment that is in none, and to one state of the files that
it was made from.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ..model import Environment
from ..workspaces.names import slug
from . import generations, inputs


def path(env: Environment) -> Path:
    """The lock for the workspace's files as they are now; made by the engine, which prepares the folder."""
    made_from = {**inputs.sources(env.workspace), "generation": generations.current(env.workspace)}
    return generations.folder(env.workspace) / f"{_stem(env)}-{inputs.digest_of(made_from)[:16]}.lock"


def latest(env: Environment) -> Path | None:
    """The newest lock of the environment's solve group, whose versions a new one should keep."""
    found = []
    for lock in generations.folder(env.workspace).glob(f"{_stem(env)}-*.lock"):
        with suppress(FileNotFoundError):
            found.append((lock.stat().st_mtime_ns, lock))
    return max(found)[1] if found else None


def _stem(env: Environment) -> str:
    return f"group.{slug(env.solve_group)}" if env.solve_group else f"environment.{slug(env.name)}"
