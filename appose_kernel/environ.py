"""The variables of a process: which ones must not travel from one environment into another.

Apart from :mod:`appose_kernel.process`, whose ``asyncio`` costs a kernel start 25 ms.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence

#: Variables of one environment that must not reach another one, nor a build.
FOREIGN_PREFIXES = ("UV_", "PIXI_", "CONDA_", "PYTHON")
FOREIGN_NAMES = ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYENV_VERSION", "__PYVENV_LAUNCHER__")


def _own() -> str:
    """The environment, virtual or conda's, that this process runs in; empty outside of one."""
    if sys.prefix != sys.base_prefix or os.path.isdir(os.path.join(sys.prefix, "conda-meta")):  # noqa: PTH112, PTH118
        return sys.prefix
    return ""


OWN = _own()
_COMMANDS = ("bin", "sbin", "Scripts", "Library/bin", "Library/usr/bin", "Library/mingw-w64/bin")
#: Jupyter's own folders may well be in its environment, and stay what they are.
_JUPYTERS = "JUPYTER"


def clean(environ: Mapping[str, str], keep: Iterable[str] = (), own: str = OWN) -> dict[str, str]:
    """``environ`` without what belongs to ``own``, the environment that this process itself runs in.

    Nor has it what belongs to an environment that is activated in it. ``keep`` names variables that
    configuration lets through.
    """
    kept = set(keep)
    left = [prefix for prefix in (own, environ.get("VIRTUAL_ENV"), environ.get("CONDA_PREFIX")) if prefix]
    cleaned = {}
    for name, value in environ.items():
        if name in kept or name.startswith(_JUPYTERS):
            cleaned[name] = value
        elif name == "PATH":
            cleaned[name] = _deactivated(value, left)
        elif not (name in FOREIGN_NAMES or name.startswith(FOREIGN_PREFIXES)):
            outside = _outside(value, left)
            if outside is not None:
                cleaned[name] = outside
    return cleaned


def _deactivated(path: str, environments: Iterable[str]) -> str:
    """``path`` without the commands of environments, as ``deactivate`` leaves it; ``condabin`` stays.

    The ``jupyter`` command puts its own there, and activation did: a ``pip`` from there would install
    into the server. https://github.com/jupyter/jupyter_core/blob/v5.7.2/jupyter_core/command.py#L119
    """
    gone = {_real(os.path.join(environment, below)) for environment in environments for below in _COMMANDS}  # noqa: PTH118
    return os.pathsep.join(entry for entry in path.split(os.pathsep) if _real(entry) not in gone)


def _outside(value: str, environments: Sequence[str]) -> str | None:
    """``value`` without those of its paths that lie in an environment; None where nothing is left.

    Activation scripts set ``GDAL_DATA``, ``SSL_CERT_FILE``, ``LD_LIBRARY_PATH``… to what is there, and
    what is there is of other versions than what another environment needs.
    """
    if not any(environment in value for environment in environments):
        return value
    below = tuple(environment.rstrip(os.sep) + os.sep for environment in environments)
    paths = value.split(os.pathsep)
    outside = [path for path in paths if not path.startswith(below)]
    if len(outside) == len(paths):
        return value
    return os.pathsep.join(outside) if any(outside) else None


def _real(folder: str) -> str:
    return os.path.normcase(os.path.realpath(folder))
