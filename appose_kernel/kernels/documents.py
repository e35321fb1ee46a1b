"""What stands in a kernelspec: of an environment's Python kernel, of a kernel that its prefix brings
itself, and of the generic one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..environments import own_kernels
from ..environments.own_kernels import Built
from ..model import Environment, OwnKernel
from ..workspaces import names

#: The generic kernelspec, ``kernel.json`` of RESOURCES: the notebook's own environment, or its folder's.
GENERIC = "appose"
#: Our folder of logos, and of the generic kernelspec; the wheel installs it as a kernelspec too.
RESOURCES = Path(__file__).parent / "resources"
#: The name of our provisioner's entry point.
PROVISIONER = "appose-provisioner"
#: What of a kernelspec's metadata our provisioner is told.
_TOLD = ("workspace", "environment", "manifest", "kernel")


@dataclass(frozen=True, slots=True)
class Offer:
    """A kernel to pick: an environment's, or that of a prefix's own which is called ``kernel``.

    ``own`` is what it starts, where it is not ipykernel.
    """

    environment: Environment
    kernel: str = ""
    own: OwnKernel | None = None

    @property
    def resources(self) -> Path:
        """The folder with its logos."""
        own = own_kernels.resources(self.environment, self.kernel) if self.kernel else None
        return own or RESOURCES


def offers(environment: Environment, name: str, built: Built) -> Iterator[tuple[str, Offer]]:
    """The kernels of an environment by name, its own one, called ``name``, first."""
    yield name, Offer(environment, own=built.first)
    for kernel, own in built.kernels.items():
        yield names.own_kernel_name(name, kernel), Offer(environment, kernel, own)


def starter(environment: Environment, workspace: str, kernel: str = "") -> list[str]:
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
        *([f"--kernel={names.kernel_slug(kernel)}"] if kernel else []),
        "-f",
        "{connection_file}",
    ]


def _path(path: Path) -> str:
    """``path`` as every client passes it through."""
    return path.as_uri() if "{" in str(path) else str(path)


def document(offer: Offer, name: str) -> dict[str, Any]:
    """What the ``kernel.json`` of a kernel says, for the kernelspec of that name.

    It names no provisioner: a client that lacks ours would hide the kernelspec.
    """
    parts = names.parse_kernel_name(name)
    assert parts is not None, f"{name} is no name of ours"
    environment, own = offer.environment, offer.own
    ours = {
        "workspace": parts.workspace,
        "environment": environment.name,
        "manifest": str(environment.workspace.manifest),
        "format": environment.workspace.format,
    }
    return {
        "argv": starter(environment, parts.workspace, offer.kernel),
        "display_name": _title(offer, parts.workspace),
        "language": own.language if own else "python",
        "interrupt_mode": own.interrupt_mode if own else "signal",
        "metadata": {
            "appose": {**ours, "kernel": offer.kernel} if offer.kernel else ours,
            **({} if own else {"debugger": True}),
        },
    }


def _title(offer: Offer, workspace: str) -> str:
    """What people pick: of two workspaces with one name, the second says in which folder it is."""
    environment = offer.environment
    title = environment.title
    if offer.kernel and offer.own:
        title = f"{title} · {offer.own.display_name}"
    if environment.workspace.format == "appose":
        title = f"{title} (Appose)"
    if workspace == names.workspace_slug(environment.workspace):
        return title
    return f"{title} ({environment.workspace.root.parent.name}/{environment.workspace.root.name})"


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
    config = {key: ours[key] for key in _TOLD if ours.get(key)}
    return {**metadata, "kernel_provisioner": {"provisioner_name": PROVISIONER, "config": config}}
