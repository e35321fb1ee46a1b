"""Terminals in which an environment is activated, made by the server's own manager of terminals."""

from __future__ import annotations

import itertools
import re
import shutil
import sysconfig
from collections.abc import Collection, Sequence

from ..environments import builds
from ..errors import EnvironmentNotBuilt, LaunchError
from ..model import Environment

#: A login shell reads the system's profile, which sets PATH anew.
_LOGIN = ("-l", "--login")


def name(env: Environment, taken: Collection[str]) -> str:
    """What a terminal, and its tab, is called: the environment's title, and a number where that is taken.

    Jupyter's routes about terminals take letters, digits and ``_``.
    """
    title = re.sub(r"\W+", "_", env.title).strip("_") or "terminal"
    numbered = (f"{title}_{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([title], numbered) if each not in taken)


def command(env: Environment, shell: Sequence[str]) -> list[str]:
    """What a terminal runs: ``shell`` in a ready environment. Raises EnvironmentNotBuilt."""
    if builds.ready(env) is None:
        raise EnvironmentNotBuilt(f"{env.title} is not ready.", remedy="Build it first.")
    ours = shutil.which("jupyter-appose", path=sysconfig.get_path("scripts"))
    if ours is None:
        raise LaunchError(
            f"There is no jupyter-appose in {sysconfig.get_path('scripts')}.",
            remedy="Install appose-kernel again.",
        )
    inner = [word for word in shell if word not in _LOGIN]
    return [ours, "run", str(env.workspace.manifest), "-e", env.name, "--", *inner]
