"""The variables of a process: which ones must not travel from one environment into another.

Apart from :mod:`appose_kernel.process`, whose ``asyncio`` costs a kernel start 25 ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: Variables of one environment that must not reach another one, nor a build.
FOREIGN_PREFIXES = ("UV_", "PIXI_", "CONDA_", "PYTHON")
FOREIGN_NAMES = ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYENV_VERSION", "__PYVENV_LAUNCHER__")


def clean(environ: Mapping[str, str], keep: Iterable[str] = ()) -> dict[str, str]:
    """``environ`` without what belongs to the environment this process itself runs in.

    ``keep`` names variables that configuration lets through.
    """
    kept = set(keep)
    return {
        name: value
        for name, value in environ.items()
        if name in kept or not (name in FOREIGN_NAMES or name.startswith(FOREIGN_PREFIXES))
    }
