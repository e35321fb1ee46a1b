"""What a user sees of an environment, from files alone: no process, and nothing is made or changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..model import Environment, Phase, Prefix, Stamp, StampState, State
from ..workspaces import formats
from . import buildlog, earlier, inputs, joining, locks, store
from . import stamp as stamps

#: What a changed part of the fingerprint means to a user; every other part is a file.
_MEANINGS = {
    "version": "an earlier version of appose-kernel built it",
    "environment": "its definition changed after the build",
    "features": "its definition changed after the build",
    "folder": "the workspace was moved after the build",
    "platform": "it was built for another platform",
    "solve group": "its definition changed after the build",
    "definition": "its requirements changed after the build",
    "engine": "another engine builds it now",
    "generation": "its lock was made anew after the build",
    "lock": "another lock counts since the build",
}


@dataclass(frozen=True, slots=True)
class Status:
    """``build`` is the newest build, ``error`` what it failed of; ``reason`` explains the state in words.

    ``prefix`` is there or not; ``size`` is how many bytes it held after its last build, None where nobody
    knows. It is ``built`` where a build of ours has put something there, which may be removed.
    """

    state: State
    prefix: Prefix
    build: str | None = None
    error: Mapping[str, str] | None = None
    fraction: float = 0.0
    reason: str = ""
    size: int | None = None
    built: bool = False


def status(env: Environment) -> Status:
    """The state of ``env``, as lists and views show it."""
    now = inputs.fingerprint(env)
    digest = inputs.digest_of(now)
    prefix = store.place(env, digest)
    there = stamps.read(prefix)
    found = there or earlier.newest(env, prefix)
    return replace(
        _state(env, prefix, found, now, digest),
        size=found.size if found else None,
        built=env.prefix is None and found is not None and (there is None or prefix.path.exists()),
    )


def _state(
    env: Environment, prefix: Prefix, found: Stamp | None, now: Mapping[str, str], digest: str
) -> Status:
    """``found`` is the stamp of the prefix, or of one that was built for an earlier state of ``env``.

    ``digest`` is of ``now``, which ``env`` would be built from.
    """
    if not formats.is_for_this_machine(env):
        return Status(State.NOT_BUILT, prefix, reason=f"not for {formats.host_platform()}")
    if found and found.digest == digest and stamps.intact(prefix, found):
        return Status(State.READY, prefix, build=found.build, fraction=1.0)
    return _of_newest_build(prefix, digest) or _of_stamp(env, prefix, found, now)


def _of_newest_build(prefix: Prefix, digest: str) -> Status | None:
    """BUILDING, or FAILED for as long as the inputs are the ones that failed."""
    newest = buildlog.announced(prefix)
    if newest is None:
        return None
    record, its_digest = newest
    last = buildlog.last(record)
    if locks.held(joining.lock_of(prefix)) and not (last and last.phase.ends):
        message = last.step.message if last else ""
        return Status(
            State.BUILDING, prefix, build=record.id, fraction=last.fraction if last else 0.0, reason=message
        )
    if last and last.phase is Phase.FAILED and its_digest == digest:
        return Status(
            State.FAILED,
            prefix,
            build=record.id,
            error=last.error,
            fraction=last.fraction,
            reason=last.step.message,
        )
    return None


def _of_stamp(env: Environment, prefix: Prefix, found: Stamp | None, now: Mapping[str, str]) -> Status:
    if found is None:
        theirs = env.prefix is not None and (
            prefix.python.exists() or (prefix.path / stamps.KERNELS).is_dir()
        )
        return Status(State.NOT_BUILT, prefix, reason="built by its application" if theirs else "")
    if found.state is StampState.BUILDING:
        return Status(State.NOT_BUILT, prefix, build=found.build, reason="the last build did not finish")
    return Status(State.DRIFTED, prefix, build=found.build, reason=_drift(env, prefix, found, now))


def _drift(env: Environment, prefix: Prefix, found: Stamp, now: Mapping[str, str]) -> str:
    """Why a prefix that was ready is so no longer."""
    changed = inputs.changes(found.inputs, now)
    files = [name for name in changed if name not in _MEANINGS and not name.startswith(inputs.OVERRIDE)]
    for name in changed:
        if name == "definition" and env.workspace.format != "script":
            files.insert(0, env.workspace.manifest.name)
        elif name in _MEANINGS:
            return _MEANINGS[name]
        if name.startswith(inputs.OVERRIDE):
            return f"the variable {name} changed after the build"
    if files:
        return f"{' and '.join(files)} changed after the build"
    return _damage(prefix, found)


def _damage(prefix: Prefix, found: Stamp) -> str:
    """What is wrong with a prefix that was made from what is there now."""
    if not prefix.path.exists():
        return "its folder is gone"
    if found.activation and found.activation.python and not Path(found.activation.python).exists():
        return "its interpreter is gone"
    if found.seal == stamps.DAMAGED:
        return "files of it are damaged; its next build makes it from scratch"
    if found.overlay and not Path(found.overlay).is_dir():
        return "the shared folder with its ipykernel is gone"
    return "the prefix was changed by another tool"
