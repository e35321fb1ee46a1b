"""The engines, and the choice of one for an environment."""

from __future__ import annotations

from ...errors import EngineUnsupported
from ...model import Environment
from ...workspaces import plugins
from .. import choice
from .appose import ApposeEngine
from .base import Engine, Job, surroundings
from .embedded import EmbeddedEngine
from .pixi import PixiEngine
from .uv import UvEngine

__all__ = ["ENGINES", "Engine", "Job", "choose", "surroundings"]

#: Built-in engines by name; further ones come, as objects too, by the entry points ``appose_kernel.engines``.
ENGINES: dict[str, Engine] = {
    "uv": UvEngine(),
    "pixi": PixiEngine(),
    "embedded": EmbeddedEngine(),
    "appose": ApposeEngine(),
}


def choose(environment: Environment) -> Engine:
    """The engine that makes this environment's prefix; built-in ones come before plug-ins."""
    workspace = environment.workspace
    chosen = choice.of(environment)
    if chosen is not None:
        return ENGINES[chosen.engine]
    others: dict[str, Engine] = plugins.load("appose_kernel.engines")
    for engine in others.values():
        if workspace.format in engine.formats:
            return engine
    raise EngineUnsupported(
        f"{workspace.manifest}: no engine builds the format “{workspace.format}”.",
        remedy="Install the package that provides it (entry-point group `appose_kernel.engines`).",
    )
