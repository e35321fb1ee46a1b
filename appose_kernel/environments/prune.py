"""Removing what nothing refers to any more: prefixes, private locks, halves of overlays, old logs."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import Timeout

from ..errors import EnvironmentNotFound, ManifestError, ManifestNotFound
from ..model import WINDOWS, Prefix
from ..workspaces import formats
from . import buildlog, folders, generations, joining, locks, removing, sizes, store

#: Days for which logs of builds are kept.
LOG_DAYS = 30
#: Seconds for which somebody may be about to start the first build of a prefix.
PREPARING = 60.0
#: Seconds that no making of an overlay lasts.
OVERLAY_AGE = 86400.0


@dataclass(frozen=True, slots=True)
class Removed:
    """A folder or a log that is gone, the bytes that this freed, and why."""

    path: Path
    bytes: int
    reason: str


def prune() -> list[Removed]:
    """Remove prefixes of the store that no environment refers to, unless in use; locks of workspaces that are
    gone; half overlays; old logs."""
    return [*_prefixes(), *_locks(), *_overlays(), *_logs()]


def _prefixes() -> Iterator[Removed]:
    folder = folders.data_dir() / "store"
    for records in sorted((folder / store.RECORDS).glob("*")):
        prefix = Prefix(folder / records.name, records)
        if (reason := _unreferenced(prefix)) and not removing.user(prefix):
            with suppress(Timeout):
                yield _remove(prefix, reason)


def _unreferenced(prefix: Prefix) -> str:
    """Why nothing refers to the prefix; empty where something does, or where that cannot be told now."""
    newest = buildlog.announced(prefix)
    if newest is None:
        return "" if _is_being_prepared(prefix) else "it was never built"
    record, _ = newest
    try:
        env = formats.environment(formats.open_workspace(record.manifest), record.environment)
    except ManifestNotFound:
        return f"{record.manifest} is gone"
    except EnvironmentNotFound:
        return f"{record.manifest} has no environment “{record.environment}” any more"
    except ManifestError:
        return ""
    return "" if store.place(env).records == prefix.records else f"{record.manifest} has changed since"


def _is_being_prepared(prefix: Prefix) -> bool:
    """Whether somebody came a moment ago who may be about to build; each leaves a mark among the waiting."""
    with suppress(FileNotFoundError):
        touched = max(folder.stat().st_mtime for folder in (prefix.records, prefix.records / "waiting"))
        return time.time() - touched < PREPARING
    return False


def _remove(prefix: Prefix, reason: str) -> Removed:
    """Remove a prefix under its lock; the stamp goes first, so that a half-removed one is never used."""
    with locks.lock(joining.lock_of(prefix)).acquire(timeout=0):
        (prefix.records / "stamp.json").unlink(missing_ok=True)
        freed = sizes.of(prefix.path) + sizes.of(prefix.records)
        if prefix.path.exists():
            shutil.rmtree(prefix.path)
        if not WINDOWS:  # which removes no file that is open, and the lock is one
            shutil.rmtree(prefix.records)
    if WINDOWS:
        shutil.rmtree(prefix.records)
    return Removed(prefix.path, freed, reason)


def _locks() -> Iterator[Removed]:
    """Private locks whose manifest is gone. Those of one that is there are small, and a solver's memory."""
    for folder in sorted((folders.data_dir() / "locks").glob("*/")):
        manifest = generations.manifest_of(folder)
        if manifest is not None and not manifest.exists():
            freed = sizes.of(folder)
            shutil.rmtree(folder)
            yield Removed(folder, freed, f"{manifest} is gone")


def _overlays() -> Iterator[Removed]:
    """What killed builders left of overlays that they were making."""
    for aside in (folders.data_dir() / "overlays").glob("*/.*"):
        if time.time() - aside.stat().st_mtime > OVERLAY_AGE:
            freed = sizes.of(aside)
            shutil.rmtree(aside)
            yield Removed(aside, freed, "its making was cut short")


def _logs() -> Iterator[Removed]:
    for record in buildlog.recent():
        if time.time() - record.time > LOG_DAYS * 86400 and not locks.held(joining.lock_of(record.prefix)):
            log = buildlog.folder() / record.log.name  # another user's build has none here
            freed = log.stat().st_size if log.exists() else 0
            buildlog.discard(record)
            yield Removed(log, freed, f"it is older than {LOG_DAYS} days")
