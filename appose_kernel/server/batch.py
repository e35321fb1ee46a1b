"""Which events of builds go to the browsers when there are more than the server's loop should carry."""

from __future__ import annotations

from collections import deque
from typing import Any

from ..model import Phase


class Batch:
    """The newest step of each build, and every event that ends one, as JSON."""

    def __init__(self) -> None:
        self._steps: dict[str, dict[str, Any]] = {}
        self._ends: deque[dict[str, Any]] = deque()

    def add(self, event: dict[str, Any]) -> None:
        if Phase(event["phase"]).ends:
            self._steps.pop(event["build"], None)
            self._ends.append(event)
        else:
            # in place: a build that has waited keeps its turn
            self._steps[event["build"]] = event

    def take(self, limit: int) -> list[dict[str, Any]]:
        """At most ``limit`` events, ends first; what is left comes with a later call."""
        taken: list[dict[str, Any]] = []
        while self._ends and len(taken) < limit:
            taken.append(self._ends.popleft())
        while self._steps and len(taken) < limit:
            taken.append(self._steps.pop(next(iter(self._steps))))
        return taken
