"""Whether an environment asks for a GPU, by what its manifest says.

It does if it declares CUDA (pixi's ``cuda`` of a platform or of ``[system-requirements]``), if a requirement
names a package or a build for CUDA, or if it takes packages from an index of CUDA builds. What a package
brings along without being named is not known here.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import ManifestError
from ..model import Composition, Environment, Spec
from . import formats, pixi

#: Packages that are of no use without CUDA: NVIDIA's own on PyPI and conda-forge, `cupy-cuda12x`, `…-cu12`.
_NAME = re.compile(
    r"nvidia-.+|cuda|cuda-.+|cudatoolkit|cudnn|cupy-cuda.+|.+-cu\d\d|(pytorch|tensorflow|jaxlib)-(gpu|cuda)"
)
#: After the name: an extra (`jax[cuda12]`), a local version (`==2.1.0+cu118`), a wheel's address.
_PYPI = re.compile(r"\[[^]]*cuda[^]]*\]|(\+|%2B|/)cu\d\d")
#: After the name: a build (`*cuda*`, `gpu_*`).
_CONDA = re.compile(r"cuda|gpu")
#: https://download.pytorch.org/whl/cu118
_INDEX = re.compile(r"/cu\d\d\d?/?$")

#: By manifest and name; another object stands for an environment if anything about it has changed.
_known: dict[tuple[Path, str], tuple[Environment, bool]] = {}


def is_asked_for(env: Environment) -> bool:
    """Whether ``env`` asks for a GPU on this machine; one for other platforms, on the first of those."""
    key = env.workspace.manifest, env.name
    known = _known.get(key)
    if known is None or known[0] is not env:
        known = _known[key] = env, _asks(env)
    return known[1]


def _asks(env: Environment) -> bool:
    try:
        composition = formats.compose(env, _platform(env))
    except ManifestError:
        return False  # that it cannot be read is told elsewhere
    return (
        "__cuda" in composition.requirements
        or any(map(_names_cuda, composition.specs))
        or any(map(_INDEX.search, _indexes(composition)))
    )


def _platform(env: Environment) -> str:
    host = formats.host_platform()
    if env.workspace.format != pixi.NAME:
        return host
    known = pixi.platforms(env)
    here = [platform for platform in known if platform.subdir == host]
    return next((platform.name for platform in (*here, *known)), host)


def _names_cuda(spec: Spec) -> bool:
    if spec.kind == "constraint":
        return False
    rest = spec.requirement.partition(";")[0].replace(spec.name, "", 1)
    telling = _PYPI if spec.kind == "pypi" else _CONDA
    return bool(_NAME.fullmatch(spec.name) or telling.search(rest))


def _indexes(composition: Composition) -> list[str]:
    return [*composition.channels, *(spec.index for spec in composition.specs if spec.index)]
