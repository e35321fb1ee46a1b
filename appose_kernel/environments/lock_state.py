"""Whether a workspace is locked, from files alone: no process, and nothing is resolved.

A lock is called stale only where something that we know says so; a build may find out more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ..errors import LockOutdated
from ..model import Environment, Phase, Workspace
from ..workspaces import formats, pixi, uv
from ..workspaces.pixi import locked as pixi_lock
from ..workspaces.uv import locked as uv_lock
from . import buildlog, choice, inputs, private_lock, store


class LockState(str, Enum):
    LOCKED = "locked"
    STALE = "stale"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Lock:
    """``file`` is the lock beside the manifest, where there is one; ours are no files for people."""

    state: LockState
    file: Path | None = None


def of(workspace: Workspace) -> Lock:
    """The state of the workspace's lock; NONE where the format knows none, or none has been made."""
    environments = [env for env in formats.environments(workspace) if formats.is_for_this_machine(env)]
    theirs = workspace.lock if workspace.lock is not None and workspace.lock.exists() else None
    if environments and all(map(_has_private, environments)):
        return Lock(LockState.LOCKED, theirs)
    if theirs is None:
        return Lock(LockState.NONE)
    stale = _is_outgrown(workspace, environments, theirs) or any(map(_refused, environments))
    return Lock(LockState.STALE if stale else LockState.LOCKED, theirs)


#: By manifest; another object stands for a workspace if its manifest or its lock has changed.
_outgrown: dict[Path, tuple[Workspace, bool]] = {}


def _is_outgrown(workspace: Workspace, environments: list[Environment], lock: Path) -> bool:
    """Whether the manifest asks for what the lock certainly does not have."""
    known = _outgrown.get(workspace.manifest)
    if known is None or known[0] is not workspace:
        found = False
        if workspace.format == uv.NAME:
            found = uv_lock.is_outgrown(workspace, lock)
        elif workspace.format == pixi.NAME:
            found = pixi_lock.is_outgrown(environments, lock)
        known = _outgrown[workspace.manifest] = workspace, found
    return known[1]


def _has_private(env: Environment) -> bool:
    """Whether a lock of our own counts. It belongs to the present state of its files, and is never stale."""
    chosen = choice.of(env)
    return chosen is not None and chosen.engine == "embedded" and private_lock.path(env).exists()


def _refused(env: Environment) -> bool:
    """Whether the newest build ended because the lock did not fit what the files say now."""
    newest = buildlog.announced(store.place(env))
    if newest is None:
        return False
    record, digest = newest
    last = buildlog.last(record)
    error = last.error if last is not None and last.phase is Phase.FAILED else None
    return error is not None and error.get("code") == LockOutdated.code and digest == inputs.digest(env)
