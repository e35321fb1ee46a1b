"""Prefixes of the store that were built for an earlier state of an environment.

The store names each prefix for what it is made from, so one whose manifest has changed is elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..model import Environment, Prefix, Stamp, StampState
from . import buildlog, stamp, store

#: What :func:`_names` found, and the folder's time then: a list of a thousand environments asks as often.
_known: dict[Path, tuple[int, dict[str, list[str]]]] = {}


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
    for name in _names(prefix.records.parent).get(_stem(prefix.records.name), ()):
        if name != prefix.records.name:
            yield Prefix(prefix.path.with_name(name), prefix.records.with_name(name))


def _names(folder: Path) -> dict[str, list[str]]:
    """The records in the store, those together that are of environments of one name."""
    try:
        now = folder.stat().st_mtime_ns
    except OSError:
        return {}
    known = _known.get(folder)
    if known is None or known[0] != now:
        found: dict[str, list[str]] = {}
        for records in folder.iterdir():
            found.setdefault(_stem(records.name), []).append(records.name)
        known = _known[folder] = now, found
    return known[1]


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
