"""How an environment's kernel is started: the one answer for starter, front, provisioner and command line."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..environ import clean
from ..environments.kernel_argv import kernel_argv
from ..errors import KernelMissing, LaunchError
from ..model import OwnKernel, Stamp
from ..workspaces import names


def own_kernel(stamp: Stamp, kernel: str | None) -> OwnKernel | None:
    """Which of the kernels that a prefix brings itself is meant; None means ipykernel.

    ``kernel`` is its name, or the last part of our kernel's name. Without one it is ipykernel, or the first
    that there is where the prefix has no Python. Raises :class:`KernelMissing`.
    """
    assert stamp.activation is not None, "a stamp that is ready has an activation"
    if kernel is None and stamp.activation.python:
        return None
    for name, own in stamp.kernels.items():
        if kernel is None or names.is_own_kernel(name, kernel):
            return own
    there = [*(["ipykernel"] if stamp.activation.python else []), *stamp.kernels]
    has = f"It has: {', '.join(there)}. Pick one of these" if there else "It has none. Pick another kernel"
    raise KernelMissing(
        f"The environment has no kernel “{kernel}” as it is built now."
        if kernel
        else "The environment has neither Python nor a kernel of its own.",
        remedy=f"{has}, or add the package that brings the kernel to the manifest.",
    )


def command(
    stamp: Stamp,
    environ: Mapping[str, str],
    connection_file: str = "{connection_file}",
    own: OwnKernel | None = None,
) -> tuple[list[str], dict[str, str]]:
    """The ``argv`` and the variables of a kernel of a ready environment: ipykernel, or its ``own``.

    With the default, ``argv`` is what a kernelspec holds. Raises :class:`LaunchError` if an own kernel's
    program is nowhere.
    """
    argv, seen = kernel_argv(stamp, connection_file, own), variables(stamp, environ)
    if own is not None:
        seen = _with_own_variables(own, seen)
        argv[0] = _program(argv[0], seen)
    return argv, seen


def _with_own_variables(own: OwnKernel, environ: Mapping[str, str]) -> dict[str, str]:
    """``${NAME}`` in their values means what the environment has, as with any kernelspec.

    https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs
    """
    from string import Template  # noqa: PLC0415  (for the few that need it)

    return {
        **environ,
        **{name: Template(value).safe_substitute(environ) for name, value in own.variables.items()},
    }


def _program(name: str, environ: Mapping[str, str]) -> str:
    """``name`` by its path. Jupyter would take the server's Python for one that is called ``python``:
    https://github.com/jupyter/jupyter_client/blob/v8.6.0/jupyter_client/manager.py#L271
    """
    import shutil  # noqa: PLC0415  (as above)

    found = shutil.which(name, path=environ.get("PATH", os.defpath))
    if found is None:
        raise LaunchError(
            f"The kernel's program “{name}” is neither in the environment nor on PATH.",
            remedy="Add the package that has it to the manifest.",
        )
    return found


def variables(stamp: Stamp, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of anything that runs in a ready environment.

    ``environ`` is what the caller's own process sees; what belongs to that process's environment is not
    in the answer, except what configuration lets through.
    """
    assert stamp.activation is not None, "a stamp that is ready has an activation"
    return stamp.activation.apply(clean(environ, stamp.passed))
