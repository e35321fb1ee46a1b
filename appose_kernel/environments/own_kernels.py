"""The kernels that prefixes bring themselves: R, Julia, xeus… They stand in ``share/jupyter/kernels``.

https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import KernelMissing
from ..model import Environment, OwnKernel, Prefix, Stamp
from ..workspaces import files
from . import stamp, store

FOLDER = Path("share", "jupyter", "kernels")

_log = logging.getLogger(__name__)
#: How ipykernel's own kernelspec ends, which says nothing that we would not do.
_IPYKERNEL = ("-m", "ipykernel_launcher", "-f", "{connection_file}")
_OURS = re.compile(r"\{(resource_dir|prefix)\}")
#: By its file, what a stamp said when the file had that signature; stamps are replaced, never written to.
_known: dict[Path, tuple[files.Signature, Stamp | None]] = {}


def find(prefix: Prefix) -> dict[str, OwnKernel]:
    """The kernelspecs of an installed prefix, by name, sorted; the builder keeps them in the stamp.

    One that cannot be understood is logged and left out; so are ipykernel's and our own.
    """
    specs = sorted((prefix.path / FOLDER).glob("*/kernel.json"))
    found = {file.parent.name: _read(file, prefix) for file in specs}
    return {name: kernel for name, kernel in found.items() if kernel is not None}


def _read(file: Path, prefix: Prefix) -> OwnKernel | None:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        return None if _is_python_kernel(data) else _parse(data, file.parent, prefix)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        _log.warning("The kernelspec %s is left out: %s: %s", file, type(error).__name__, error)
        return None


def _is_python_kernel(data: Mapping[str, Any]) -> bool:
    """Whether a kernelspec is what we start ourselves, or starts us."""
    ours = "appose" in (data.get("metadata") or {})
    return ours or (tuple(data["argv"][-4:]) == _IPYKERNEL and not data.get("env"))


def _parse(data: Mapping[str, Any], folder: Path, prefix: Prefix) -> OwnKernel:
    places = {"resource_dir": str(folder), "prefix": str(prefix.path)}
    argv = tuple(_OURS.sub(lambda match: places[match[1]], word) for word in data["argv"])
    if not argv or "{connection_file}" not in " ".join(argv):
        raise ValueError("its argv has no {connection_file}")
    return OwnKernel(
        argv=argv,
        display_name=str(data.get("display_name") or folder.name),
        language=str(data.get("language") or ""),
        interrupt_mode="message" if data.get("interrupt_mode") == "message" else "signal",
        variables={str(name): str(value) for name, value in (data.get("env") or {}).items()},
    )


def demand(env: Environment, kernels: Mapping[str, OwnKernel]) -> None:
    """Raise :class:`KernelMissing` for a prefix without Python that has no kernel of its own either.

    The builder calls it, for nothing could ever be started there.
    """
    if not kernels:
        raise KernelMissing(
            f"{env.title} has neither Python nor a kernel of its own, so no notebook can run in it.",
            remedy=f"Add one to {env.workspace.manifest}: `python`, or a kernel of another language, such as"
            " `r-irkernel` or `xeus-cling`.",
        )


def built(env: Environment) -> Mapping[str, OwnKernel]:
    """The own kernels of the prefix of ``env`` as it was last built; a change since makes no difference.

    For lists: it costs a ``stat`` of the stamp.
    """
    found = _stamp(env)
    return found.kernels if found else {}


def instead_of_python(env: Environment) -> OwnKernel | None:
    """What the kernel of ``env`` starts where the prefix that was last built has no Python."""
    found = _stamp(env)
    if found is None or found.activation is None or found.activation.python:
        return None
    return next(iter(found.kernels.values()), None)


def _stamp(env: Environment) -> Stamp | None:
    prefix = store.place(env)
    file = prefix.records / stamp.FILE
    now = files.signature(file)
    if now is None:
        return None
    known = _known.get(file)
    if known is None or known[0] != now:
        known = _known[file] = now, stamp.read(prefix)
    return known[1]


def resources(env: Environment, kernel: str) -> Path | None:
    """The folder with the logos of a prefix's own kernel, if it has any."""
    folder = store.place(env).path / FOLDER / kernel
    return folder if any(folder.glob("logo-*")) else None
