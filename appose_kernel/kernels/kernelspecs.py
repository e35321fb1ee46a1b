"""Kernelspecs: what stands in an environment's, and the ones kept on disk.

Clients other than Jupyter Server (nbclient, papermill, the console, VS Code) see only what is on
disk, so :func:`register` writes there what the server's list holds in memory.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir

from ..environments import settings
from ..errors import ApposeKernelError, KernelspecError
from ..model import Environment
from ..workspaces import names

#: The generic kernelspec, ``kernel.json`` of RESOURCES: the environment of the notebook's own folder.
GENERIC = "appose"
#: Our folder of logos, and of the generic kernelspec; the wheel installs it as a kernelspec too.
RESOURCES = Path(__file__).parent / "resources"
#: The name of our provisioner's entry point.
PROVISIONER = "appose-provisioner"


@dataclass(frozen=True, slots=True)
class Registered:
    """A kernelspec of ours in the user's Jupyter folder."""

    name: str
    folder: Path
    workspace: str
    environment: str
    manifest: Path


def starter(environment: Environment, workspace: str) -> list[str]:
    """The ``argv`` of our starter. ``workspace`` is what the kernel's name calls the workspace.

    Jupyter replaces ``{prefix}`` and the like in it, which a folder or an environment may be called:
    https://github.com/jupyter/jupyter_client/blob/v8.6.0/jupyter_client/manager.py#L295
    """
    return [
        sys.executable,
        "-m",
        "appose_kernel.start",
        f"--manifest={_path(environment.workspace.manifest)}",
        f"--environment={names.slug(environment.name) if '{' in environment.name else environment.name}",
        f"--workspace={workspace}",
        "-f",
        "{connection_file}",
    ]


def _path(path: Path) -> str:
    """``path`` as every client passes it through."""
    return path.as_uri() if "{" in str(path) else str(path)


def document(environment: Environment, name: str) -> dict[str, Any]:
    """What the ``kernel.json`` of an environment says, for the kernelspec of that name.

    It names no provisioner: a client that lacks ours would hide the kernelspec.
    """
    parts = names.parse_kernel_name(name)
    assert parts is not None, f"{name} is no name of ours"
    workspace, _ = parts
    return {
        "argv": starter(environment, workspace),
        "display_name": _title(environment, workspace),
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {
            "appose": {
                "workspace": workspace,
                "environment": environment.name,
                "manifest": str(environment.workspace.manifest),
                "format": environment.workspace.format,
            },
            "debugger": True,
        },
    }


def _title(environment: Environment, workspace: str) -> str:
    """What people pick: of two workspaces with one name, the second says in which folder it is."""
    if workspace == names.workspace_slug(environment.workspace):
        return environment.title
    return f"{environment.title} ({environment.workspace.root.parent.name}/{environment.workspace.root.name})"


def generic() -> dict[str, Any]:
    """What the ``kernel.json`` of the generic kernelspec says."""
    text = (RESOURCES / "kernel.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def provisioned(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """``metadata`` with the stanza that makes a server use our provisioner, if it is a kernelspec of ours."""
    ours = metadata.get("appose")
    if not isinstance(ours, dict) or "kernel_provisioner" in metadata:
        return dict(metadata)
    config = {key: ours[key] for key in ("workspace", "environment", "manifest") if ours.get(key)}
    return {**metadata, "kernel_provisioner": {"provisioner_name": PROVISIONER, "config": config}}


def register(environment: Environment) -> Path:
    """Write the environment's kernelspec into the user's Jupyter folder, and return its folder.

    Raises :class:`KernelspecError` where a kernelspec of another making has that name.
    """
    name = _name(environment)
    folder = _kernels() / name
    text = json.dumps(document(environment, name), indent=2, ensure_ascii=False)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # beside the folder of kernelspecs: nobody may list a half-written one
    with tempfile.TemporaryDirectory(prefix=".appose-kernel-", dir=folder.parent.parent) as staging:
        staged = Path(staging) / folder.name
        shutil.copytree(RESOURCES, staged, ignore=shutil.ignore_patterns("kernel.json"))
        (staged / "kernel.json").write_text(text, encoding="utf-8")
        if folder.exists():
            (staged / "kernel.json").replace(folder / "kernel.json")
        else:
            staged.rename(folder)
    return folder


def offer(environment: Environment, warn: Callable[[str], object]) -> None:
    """Register what has been built, unless that is configured otherwise.

    Nothing depends on it where this is called, so ``warn`` is told if it fails.
    """
    try:
        if settings.load().register:
            register(environment)
    except (ApposeKernelError, OSError) as error:
        warn(f"No kernelspec for {environment.title} on disk: {error}")


def unregister(name: str) -> Path:
    """Remove the kernelspec that :func:`register` wrote. Raises :class:`KernelspecError` if there is none."""
    folder = _kernels() / name
    if name not in {kernelspec.name for kernelspec in registered()}:
        raise KernelspecError(
            f"{folder} is not a kernelspec that appose-kernel wrote.",
            remedy="`jupyter kernelspec list` shows what there is.",
        )
    shutil.rmtree(folder)
    return folder


def registered() -> tuple[Registered, ...]:
    """The kernelspecs that :func:`register` wrote, by name."""
    found = []
    for folder in sorted(_kernels().glob("*/")):
        ours = _ours(folder)
        if ours is not None:
            found.append(
                Registered(
                    name=folder.name,
                    folder=folder,
                    workspace=ours["workspace"],
                    environment=ours["environment"],
                    manifest=Path(ours["manifest"]),
                )
            )
    return tuple(found)


def _kernels() -> Path:
    return Path(jupyter_data_dir()) / "kernels"


def _name(environment: Environment) -> str:
    """The name to register under: of two workspaces with one name, the first to come has it plain."""
    holder = _ours(_kernels() / names.kernel_name(environment))
    manifest = environment.workspace.manifest if holder is None else Path(holder["manifest"])
    first = dataclasses.replace(environment.workspace, manifest=manifest)
    *_, name = names.kernel_names([dataclasses.replace(environment, workspace=first), environment])
    folder = _kernels() / name
    if folder.exists() and _ours(folder) is None:
        raise KernelspecError(
            f"{folder} is a kernelspec that appose-kernel did not write.",
            remedy=f"Remove it (`jupyter kernelspec remove {name}`), then register again.",
        )
    return name


def _ours(folder: Path) -> dict[str, str] | None:
    """Our part of a kernelspec's metadata; None where it is not ours, or unreadable."""
    try:
        ours = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))["metadata"]["appose"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    complete = isinstance(ours, dict) and all(
        isinstance(ours.get(key), str) for key in ("workspace", "environment", "manifest")
    )
    return ours if complete else None
