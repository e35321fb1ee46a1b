"""How an environment's kernel is started: the one answer for starter, front, provisioner and command line."""

from __future__ import annotations

from collections.abc import Mapping

from ..environ import clean
from ..environments.kernel_argv import kernel_argv
from ..model import Stamp


def command(
    stamp: Stamp, environ: Mapping[str, str], connection_file: str = "{connection_file}"
) -> tuple[list[str], dict[str, str]]:
    """The ``argv`` and the variables of the kernel of a ready environment.

    With the default, ``argv`` is what a kernelspec holds.
    """
    return kernel_argv(stamp, connection_file), variables(stamp, environ)


def variables(stamp: Stamp, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of anything that runs in a ready environment.

    ``environ`` is what the caller's own process sees; what belongs to that process's environment is not
    in the answer, except what configuration lets through.
    """
    assert stamp.activation is not None, "a stamp that is ready has an activation"
    return stamp.activation.apply(clean(environ, stamp.passed))
