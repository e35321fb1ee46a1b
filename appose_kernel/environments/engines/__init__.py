"""The engines, and the choice of one for an environment."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import EngineUnsupported
from ...model import Environment
from ...workspaces import plugins
from .base import Engine, Job
from .uv import UvEngine

__all__ = ["ENGINES", "Engine", "Job", "choose"]

#: Built-in engines by name; further ones come, as objects too, by the entry points ``appose_kernel.engines``.
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
    yield from plugins.load("appose_kernel.engines").values()
