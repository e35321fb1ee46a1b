"""What an environment asks for, as lists show it: by what its manifest says, without solving."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import ManifestError
from ..model import Environment
from . import formats, gpu, pixi


@dataclass(frozen=True, slots=True)
class Declared:
    """``packages`` are the names in the manifest, each once; ``gpu`` tells whether a GPU is asked for."""

    packages: tuple[str, ...] = ()
    gpu: bool = False


#: By manifest and name; another object stands for an environment if anything about it has changed.
_known: dict[tuple[Path, str], tuple[Environment, Declared]] = {}


def of(env: Environment) -> Declared:
    """What ``env`` asks for on this machine; one for other platforms, on the first of those."""
    key = env.workspace.manifest, env.name
    known = _known.get(key)
    if known is None or known[0] is not env:
        known = _known[key] = env, _read(env)
    return known[1]


def _read(env: Environment) -> Declared:
    try:
        composition = formats.compose(env, _platform(env))
    except ManifestError:
        return Declared()  # that it cannot be read is told elsewhere
    names = {spec.name for spec in composition.specs if spec.kind != "constraint"}
    return Declared(tuple(sorted(names)), gpu.is_asked_for(composition))


def _platform(env: Environment) -> str:
    host = formats.host_platform()
    if env.workspace.format != pixi.NAME:
        return host
    known = pixi.platforms(env)
    here = [platform for platform in known if platform.subdir == host]
    return next((platform.name for platform in (*here, *known)), host)
