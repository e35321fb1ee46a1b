"""Deleting what builds have made of an environment, because somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psutil
from filelock import Timeout

from ..errors import EnvironmentInUse, EnvironmentNotBuilt
from ..model import Environment, Prefix, StampState
from . import buildlog, earlier, failures, joining, locks, sizes, stamp, store
from .clearing import clear

#: Seconds for which others may keep a prefix's lock who only look whether it is taken.
PATIENCE = 1.0


def prefixes(env: Environment) -> list[Prefix]:
    """What builds of ours have made of ``env``, for its present state or an earlier one.

    Raises EnvironmentNotBuilt where there is nothing of that kind.
    """
    prefix = store.place(env)
    if env.prefix is not None:
        raise EnvironmentNotBuilt(
            f"{env.title} was built by its application, and not here.",
            remedy="Delete it with that application.",
        )
    own = [prefix] if stamp.read(prefix) and prefix.path.exists() else []
    found = [*own, *earlier.prefixes(env, prefix)]
    if not found:
        raise EnvironmentNotBuilt(
            f"There is nothing to delete: {prefix.path} was not built here.",
            remedy="What another tool has made, that tool deletes.",
        )
    return found


def size(found: list[Prefix]) -> int:
    """Bytes that deleting the prefixes frees."""
    return sum(sizes.of(prefix.path) for prefix in found)


def remove(env: Environment) -> int:
    """Delete what :func:`prefixes` names, and return how many bytes that frees; ``env`` is not built then.

    Raises EnvironmentInUse, before anything is deleted, while something runs from there or builds it.
    """
    found = prefixes(env)
    for prefix in found:
        _demand_unused(env, prefix)
    freed = size(found)
    for prefix in found:
        with _alone(env, prefix):
            try:
                _remove(env, prefix)
            except OSError as error:
                raise failures.readable(error, [prefix.path]) from error
    return freed


def _demand_unused(env: Environment, prefix: Prefix) -> None:
    if program := user(prefix):
        raise EnvironmentInUse(
            f"{env.title} is in use: {program} runs from {prefix.path}.",
            remedy="Shut down its kernels and close what else runs in it, then try again.",
        )


@contextmanager
def _alone(env: Environment, prefix: Prefix) -> Iterator[None]:
    """Nobody builds the prefix or comes to a build of it meanwhile."""
    with locks.lock(joining.looking(prefix)):
        taken = locks.lock(joining.lock_of(prefix))
        try:
            taken.acquire(timeout=PATIENCE, poll_interval=locks.POLL)
        except Timeout:
            raise EnvironmentInUse(
                f"{env.title} is being built.", remedy="Wait for the build or cancel it, then try again."
            ) from None
        try:
            yield
        finally:
            taken.release()


def _remove(env: Environment, prefix: Prefix) -> None:
    """The stamp stays until the end, as one of a build that was cut short: no kernel starts from then on, and
    who finds half a prefix makes it from scratch."""
    if found := stamp.read(prefix):
        stamp.write(prefix, replace(found, state=StampState.BUILDING))
    try:
        _demand_unused(env, prefix)  # by a kernel that has started meanwhile
    except EnvironmentInUse:
        if found:
            stamp.write(prefix, found)
        raise
    clear(prefix.path)
    for name in (buildlog.CURRENT, stamp.FILE):
        (prefix.records / name).unlink(missing_ok=True)


def user(prefix: Prefix) -> str:
    """A process that was started from the prefix, whose files must not go; empty where there is none."""
    places = tuple(f"{path.as_posix()}/" for path in (prefix.path, prefix.path.resolve()))
    for process in psutil.process_iter():
        if any(Path(word).as_posix().startswith(places) for word in _started_as(process)):
            return f"process {process.pid}"
    return ""


def _started_as(process: psutil.Process) -> Iterator[str]:
    """Its command, and its program: an R kernel is started as `R`, wherever that is."""
    with suppress(psutil.Error, OSError):
        yield from process.cmdline()
        yield process.exe()
