"""The stamp: our word that a prefix is whole, and whether it still holds. Every kernel start imports this.

It lies among the records and not in the prefix, because uv deletes and remakes a venv that it finds broken.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..model import WINDOWS, Activation, Environment, OwnKernel, Prefix, Stamp, StampState
from ..workspaces import files
from . import inputs, records, store

FILE = "stamp.json"
#: Instead of a seal, of a prefix whose files were found damaged.
DAMAGED = "damaged"
#: Where a prefix has the kernelspecs that it brings itself.
KERNELS = Path("share", "jupyter", "kernels")


def ready(env: Environment) -> Stamp | None:
    """The stamp of a prefix that is built and unchanged since, by files alone; None: it must be built."""
    digest = inputs.digest(env)
    prefix = store.place(env, digest)
    stamp = read(prefix)
    if stamp is None or not intact(prefix, stamp) or stamp.digest != digest:
        return None
    return stamp


def intact(prefix: Prefix, stamp: Stamp) -> bool:
    """Whether the prefix is what it was when the stamp was written; its manifest is not looked at."""
    return (
        stamp.state is StampState.READY
        and stamp.activation is not None
        and stamp.seal != ""
        and stamp.seal == seal(prefix)
        and (not stamp.activation.python or Path(stamp.activation.python).exists())
        and (stamp.overlay is None or Path(stamp.overlay).is_dir())
    )


def seal(prefix: Prefix) -> str:
    """What any tool changes that installs, upgrades or removes something; empty where there is no prefix."""
    try:
        marks = [_mark(prefix, folder) for folder in site_packages(prefix)]
        if (packages := prefix.path / "conda-meta").is_dir():
            marks.append(files.remembered(packages, _conda_packages))
        else:
            marks += [_mark(prefix, prefix.python), _mark(prefix, prefix.path / "pyvenv.cfg")]
        kernels = prefix.path / KERNELS
        if kernels.is_dir():  # `python -m bash_kernel.install --sys-prefix` puts one there
            marks.append(_mark(prefix, kernels))
    except OSError:
        return ""
    return " ".join(marks)


def _conda_packages(folder: Path) -> str:
    """Their names say package, version and build; pixi writes files of its own beside them at each run."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(".json"))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def site_packages(prefix: Prefix) -> Iterator[Path]:
    """The folders that packages are installed into."""
    lib = prefix.path / ("Lib" if WINDOWS else "lib")
    for version in [""] if WINDOWS else files.remembered(lib, _pythons):
        folder = lib / version / "site-packages"
        if folder.is_dir():
            yield folder


def _pythons(lib: Path) -> list[str]:
    """The folders of Python's library; there are hundreds of others beside them in a conda prefix."""
    try:
        with os.scandir(lib) as entries:
            return sorted(entry.name for entry in entries if entry.name.startswith("python"))
    except OSError:
        return []


def _mark(prefix: Prefix, path: Path) -> str:
    return f"{path.relative_to(prefix.path).as_posix()}@{path.stat().st_mtime_ns}"


def read(prefix: Prefix) -> Stamp | None:
    """The stamp of ``prefix``; None where there is none that can be understood."""
    return files.remembered(prefix.records / FILE, _read)


def _read(file: Path) -> Stamp | None:
    data = records.read(file)
    try:
        return None if data is None else _parse(data)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def write(prefix: Prefix, stamp: Stamp) -> None:
    """Replace the stamp of ``prefix``; on the disk before this returns. Only the builder calls it."""
    records.write(prefix.records / FILE, dataclasses.asdict(stamp))


def _parse(data: dict[str, Any]) -> Stamp:
    activation = data.get("activation")
    if activation is not None:
        activation = Activation(
            python=activation["python"],
            path=tuple(activation["path"]),
            variables=dict(activation["variables"]),
            extended=dict(activation.get("extended", {})),
        )
    return Stamp(
        state=StampState(data["state"]),
        digest=data["digest"],
        engine=data["engine"],
        build=data["build"],
        time=data["time"],
        inputs=dict(data.get("inputs", {})),
        seal=data.get("seal", ""),
        activation=activation,
        overlay=data.get("overlay"),
        passed=tuple(data.get("passed", ())),
        kernels={name: _own_kernel(kernel) for name, kernel in data.get("kernels", {}).items()},
        notes=tuple(data.get("notes", ())),
        size=data.get("size"),
    )


def _own_kernel(data: dict[str, Any]) -> OwnKernel:
    return OwnKernel(
        argv=tuple(data["argv"]),
        display_name=data["display_name"],
        language=data["language"],
        interrupt_mode=data["interrupt_mode"],
        variables=dict(data["variables"]),
    )
