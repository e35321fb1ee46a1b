"""Prefixes of the store that were built for an earlier state of an environment.

The store names each prefix for what it is made from, so one whose manifest has changed is elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..model import Environment, Prefix, Stamp, StampState
from ..workspaces import files
from . import buildlog, glance, stamp, store


def newest(env: Environment, prefix: Prefix) -> Stamp | None:
    """The stamp of the prefix that was made ready last for ``env``, apart from ``prefix``, where it is now.

    None where there is none, as for all prefixes that are not in the store.
    """
    if not store.is_kept(prefix):
        return None
    found = [(one.time, one) for other in _others(prefix) if (one := _ready_for(env, other))]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def prefixes(env: Environment, prefix: Prefix) -> list[Prefix]:
    """The prefixes that were made ready for other states of ``env`` than the one of ``prefix``."""
    if not store.is_kept(prefix):
        return []
    return [other for other in _others(prefix) if _ready_for(env, other)]


def _others(prefix: Prefix) -> Iterator[Prefix]:
    for name in _records(prefix.records.parent).get(_stem(prefix.records.name), ()):
        if name != prefix.records.name:
            yield Prefix(prefix.path.with_name(name), prefix.records.with_name(name))


@glance.shared
def _records(folder: Path) -> dict[str, list[str]]:
    return files.remembered(folder, _names)


def _names(folder: Path) -> dict[str, list[str]]:
    """The records in the store, those together that are of environments of one name."""
    found: dict[str, list[str]] = {}
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found.setdefault(_stem(entry.name), []).append(entry.name)
    return found


def _stem(name: str) -> str:
    return name.rpartition("-")[0]


def _ready_for(env: Environment, prefix: Prefix) -> Stamp | None:
    found = stamp.read(prefix)
    if found is None or found.state is not StampState.READY or not prefix.path.exists():
        return None
    announced = buildlog.announced(prefix)
    if announced is None:
        return None
    record, _ = announced
    same = (record.manifest, record.environment) == (env.workspace.manifest, env.name)
    return found if same else None
