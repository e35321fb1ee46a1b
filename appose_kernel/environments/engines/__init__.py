"""The engines, and the choice of one for an environment."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points

from ...errors import EngineUnsupported
from ...model import Environment
from .base import Engine, Job
from .uv import UvEngine

__all__ = ["ENGINES", "Engine", "Job", "choose"]

#: Built-in engines by name; further ones come by the entry-point group ``appose_kernel.engines``.
ENGINES: dict[str, Engine] = {"uv": UvEngine()}


def choose(environment: Environment) -> Engine:
    """The first engine that builds this environment's format; built-in ones come before plug-ins."""
    workspace = environment.workspace
    for engine in _all():
        if workspace.format in engine.formats:
            return engine
    raise EngineUnsupported(
        f"{workspace.manifest}: no engine builds the format “{workspace.format}”.",
        remedy="Install the package that provides it (entry-point group `appose_kernel.engines`).",
    )


def _all() -> Iterator[Engine]:
    yield from ENGINES.values()
    for entry in entry_points(group="appose_kernel.engines"):
        if engine := _load(entry):
            yield engine


def _load(entry: EntryPoint) -> Engine | None:
    try:
        engine: Engine = entry.load()()
    except Exception:
        logging.getLogger(__name__).exception("The engine plug-in %s cannot be loaded", entry.value)
        return None
    return engine
