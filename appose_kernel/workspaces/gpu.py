"""Whether an environment asks for a GPU, by what its manifest says.

It does if it declares CUDA (pixi's ``cuda`` of a platform or of ``[system-requirements]``), if a requirement
names a package or a build for CUDA, or if it takes packages from an index of CUDA builds. What a package
brings along without being named is not known here.
"""

from __future__ import annotations

import re

from ..model import Composition, Spec

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


def is_asked_for(composition: Composition) -> bool:
    """Whether what an environment contains on a platform is for one with a GPU."""
    return (
        "__cuda" in composition.requirements
        or any(map(_names_cuda, composition.specs))
        or any(map(_INDEX.search, _indexes(composition)))
    )


def _names_cuda(spec: Spec) -> bool:
    if spec.kind == "constraint":
        return False
    rest = spec.requirement.partition(";")[0].replace(spec.name, "", 1)
    telling = _PYPI if spec.kind == "pypi" else _CONDA
    return bool(_NAME.fullmatch(spec.name) or telling.search(rest))


def _indexes(composition: Composition) -> list[str]:
    return [*composition.channels, *(spec.index for spec in composition.specs if spec.index)]
