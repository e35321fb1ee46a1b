"""The variables of a process: which ones must not travel from one environment into another.

Apart from :mod:`appose_kernel.process`, whose ``asyncio`` costs a kernel start 25 ms.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping

#: Variables of one environment that must not reach another one, nor a build.
FOREIGN_PREFIXES = ("UV_", "PIXI_", "CONDA_", "PYTHON")
FOREIGN_NAMES = ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYENV_VERSION", "__PYVENV_LAUNCHER__")
#: The virtual environment that this process runs in; empty outside of one.
OWN = "" if sys.prefix == sys.base_prefix else sys.prefix
_SCRIPTS = "Scripts" if os.name == "nt" else "bin"


def clean(environ: Mapping[str, str], keep: Iterable[str] = (), own: str = OWN) -> dict[str, str]:
    """``environ`` without what belongs to ``own``, the environment that this process itself runs in.

    ``keep`` names variables that configuration lets through.
    """
    kept = set(keep)
    cleaned = {
        name: value
        for name, value in environ.items()
        if name in kept or not (name in FOREIGN_NAMES or name.startswith(FOREIGN_PREFIXES))
    }
    if "PATH" in cleaned and "PATH" not in kept:
        cleaned["PATH"] = _deactivated(cleaned["PATH"], filter(None, (own, environ.get("VIRTUAL_ENV"))))
    return cleaned


def _deactivated(path: str, environments: Iterable[str]) -> str:
    """``path`` without the commands of virtual environments, as ``deactivate`` leaves it.

    The ``jupyter`` command puts its own there, and activation did: a ``pip`` from there would install
    into the server. https://github.com/jupyter/jupyter_core/blob/v5.7.2/jupyter_core/command.py#L119
    """
    gone = {_real(os.path.join(environment, _SCRIPTS)) for environment in environments}  # noqa: PTH118
    return os.pathsep.join(entry for entry in path.split(os.pathsep) if _real(entry) not in gone)


def _real(folder: str) -> str:
    return os.path.normcase(os.path.realpath(folder))
