"""What builds have left on the disk: looking at it, and deleting it. Not for the server's loop."""

from __future__ import annotations

from typing import Any

from ..environments import removing, store
from ..errors import EnvironmentInUse
from ..kernels.catalogue import key
from .overview import Running
from .places import Places


class Prefixes:
    """Each answer is as wire.json defines it."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def contents(self, workspace: str, environment: str, running: Running) -> dict[str, Any]:
        """What deleting an environment's prefix would free, and the kernels that are in the way."""
        env = self._places.environment(workspace, environment)
        return {
            "prefix": str(store.place(env).path),
            "size": removing.size(removing.prefixes(env)),
            "kernels": running.get(key(env), []),
        }

    def remove(self, workspace: str, environment: str, running: Running) -> dict[str, Any]:
        """Delete an environment's prefix. Raises EnvironmentInUse while kernels of it run."""
        env = self._places.environment(workspace, environment)
        if kernels := running.get(key(env)):
            raise EnvironmentInUse(
                f"{env.title} is in use: {len(kernels)} of this server's kernels run in it.",
                remedy="Shut them down, then try again.",
            )
        prefix = store.place(env)
        return {"freed": removing.remove(env), "prefix": str(prefix.path)}
