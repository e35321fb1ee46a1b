"""Formats that other packages bring. Apart from :mod:`.formats`, for looking for them takes 40 ms."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from typing import Any

_log = logging.getLogger(__name__)


def load(group: str) -> dict[str, Any]:
    """What the entry points of ``group`` name. A broken one is logged and left out."""
    found: dict[str, Any] = {}
    for point in entry_points(group=group):
        with _logged(point):
            found[point.name] = point.load()
    return found


@contextmanager
def _logged(point: EntryPoint) -> Iterator[None]:
    try:
        yield
    except Exception:
        _log.exception("The plug-in %s (%s) cannot be used", point.name, point.value)
