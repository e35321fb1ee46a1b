"""The kernels that prefixes bring themselves: R, Julia, xeus… They stand in ``share/jupyter/kernels``.

https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ApposeKernelError, KernelMissing
from ..model import Environment, OwnKernel, Prefix, StampState
from ..workspaces import files
from . import choice, folders, stamp, store

_log = logging.getLogger(__name__)
#: How ipykernel's own kernelspec ends, which says nothing that we would not do.
_IPYKERNEL = ("-m", "ipykernel_launcher", "-f", "{connection_file}")
_OURS = re.compile(r"\{(resource_dir|prefix)\}")


@dataclass(frozen=True, slots=True)
class Built:
    """The own kernels of a prefix by name, and the first of them if it has no Python to start instead."""

    kernels: Mapping[str, OwnKernel]
    first: OwnKernel | None


_NONE = Built({}, None)
#: By the file of a prefix's stamp, what there was when that and the folder of kernelspecs had these
#: signatures; stamps are replaced, never written to.
_known: dict[Path, tuple[tuple[files.Signature | None, ...], Built]] = {}


def find(prefix: Prefix) -> dict[str, OwnKernel]:
    """The kernelspecs of an installed prefix, by name, sorted; the builder keeps them in the stamp.

    One that cannot be understood is logged and left out; so are ipykernel's and our own.
    """
    specs = sorted((prefix.path / stamp.KERNELS).glob("*/kernel.json"))
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


def built(env: Environment) -> Built:
    """The own kernels of the prefix of ``env`` once it has been built, with those put there since."""
    return built_in(store.place(env))


def built_in(prefix: Prefix) -> Built:
    """As :func:`built`, of a prefix."""
    return _built(prefix.records / stamp.FILE, prefix)


class Listing:
    """As :func:`built`, for many environments again and again: each costs two ``stat`` once it is known."""

    def __init__(self) -> None:
        self._places: dict[tuple[Path, str], tuple[Environment, Path, Prefix]] = {}
        self._mark: object = None

    def begin(self) -> None:
        """To be called before each round: prefixes may be elsewhere since the last one."""
        mark: tuple[object, ...] = (files.signature(folders.data_dir() / "store" / store.RECORDS),)
        with suppress(ApposeKernelError):  # of a broken configuration others tell
            mark += (choice.pixi(),)
        if mark != self._mark:
            self._mark = mark
            self._places.clear()

    def built(self, env: Environment) -> Built:
        key = env.workspace.manifest, env.name
        known = self._places.get(key)
        if known is None or known[0] is not env:  # another object if anything has changed
            try:
                prefix = store.place(env)
            except ApposeKernelError:
                return _NONE
            known = self._places[key] = env, prefix.records / stamp.FILE, prefix
        return _built(*known[1:])


def _built(file: Path, prefix: Prefix) -> Built:
    built = files.signature(file)
    if built is None:
        return _NONE
    now = built, files.signature(prefix.path / stamp.KERNELS)
    known = _known.get(file)
    if known is None or known[0] != now:
        known = _known[file] = now, _look(prefix, there=now[1] is not None)
    return known[1]


def _look(prefix: Prefix, *, there: bool) -> Built:
    """What is there now; while it is being built, or once it is gone, what was there when it was built."""
    found = stamp.read(prefix)
    if found is None:
        return _NONE
    kernels = find(prefix) if there and found.state is StampState.READY else found.kernels
    has_python = found.activation is None or bool(found.activation.python)
    return Built(kernels, None if has_python else next(iter(kernels.values()), None))


def resources(env: Environment, kernel: str) -> Path | None:
    """The folder with the logos of a prefix's own kernel, if it has any."""
    folder = store.place(env).path / stamp.KERNELS / kernel
    return folder if any(folder.glob("logo-*")) else None
