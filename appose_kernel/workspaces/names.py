"""Portable names: the kernel ``appose.<workspace>.<environment>`` is the same on every machine."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..model import Environment, Workspace

#: The longest slug; three of them and the dots fit in every file system's 255 bytes, with room to spare.
LENGTH = 60

_PREFIX = "appose"
_PLAIN = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
#: Jupyter's own names have dots, as ``julia-1.9`` does.
_DOTTED = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?")
_HASHED = re.compile(r".*--[0-9a-f]{8}")
_KERNEL = re.compile(rf"{_PREFIX}\.([a-z0-9_-]+)\.([a-z0-9_-]+)(?:\.([a-z0-9._-]+))?")
#: Windows gives these to devices, in every folder.
_DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}


class KernelName(NamedTuple):
    """The slugs in a kernel's name; without ``kernel`` it is the environment's Python kernel."""

    workspace: str
    environment: str
    kernel: str | None = None


def slug(text: str, plain: re.Pattern[str] = _PLAIN) -> str:
    """``text`` as a part of a file name or kernel name; ordinary names stay as they are.

    Where something had to change, a hash keeps different texts different; so a text that already
    looks hashed gets a hash of its own.
    """
    if len(text) <= LENGTH and plain.fullmatch(text) and not _HASHED.fullmatch(text) and text not in _DEVICES:
        return text
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9_]+", "-", letters).strip("-")
    return _hashed(words or "x", text)


def workspace_slug(workspace: Workspace) -> str:
    """The workspace's part of its kernels' names.

    Case and dots don't matter, as in the names of Python packages; two workspaces that share a slug
    are told apart by :func:`kernel_names`.
    """
    return slug(workspace.name.lower().replace(".", "-"))


def kernel_name(environment: Environment) -> str:
    return _join(workspace_slug(environment.workspace), environment)


def kernel_names(environments: Iterable[Environment]) -> dict[str, Environment]:
    """Each environment by name: the first workspace's is plain, a namesake's has its path's hash."""
    owners: dict[str, Path] = {}
    named: dict[str, Environment] = {}
    for environment in environments:
        workspace = environment.workspace
        part = workspace_slug(workspace)
        if owners.setdefault(part, workspace.manifest) != workspace.manifest:
            part = _with_path(workspace)
        named[_join(part, environment)] = environment
    return named


def is_called(workspace: Workspace, part: str) -> bool:
    """Whether ``part`` of a kernel's name means this workspace, plain or with its path's hash."""
    return part in (workspace_slug(workspace), _with_path(workspace))


def own_kernel_name(name: str, kernel: str) -> str:
    """The name of a kernel that the prefix brings itself, from its environment's and Jupyter's own for it."""
    return f"{name}.{kernel_slug(kernel)}"


def kernel_slug(kernel: str) -> str:
    """The part of such a name that stands for the prefix's own ``kernel``."""
    return slug(kernel, _DOTTED)


def is_own_kernel(kernel: str, part: str) -> bool:
    """Whether ``part`` means the prefix's own ``kernel``: by its name, or by its slug."""
    return part in (kernel, kernel_slug(kernel))


def parse_kernel_name(name: str) -> KernelName | None:
    """What the name says, or None where ``name`` is no kernel of ours."""
    match = _KERNEL.fullmatch(name)
    return KernelName(*match.groups()) if match else None


def _join(part: str, environment: Environment) -> str:
    return f"{_PREFIX}.{part}.{slug(environment.name)}"


def _with_path(workspace: Workspace) -> str:
    return _hashed(workspace_slug(workspace), str(workspace.manifest))


def _hashed(words: str, text: str) -> str:
    # A folder's name may hold bytes that are no text; Python carries them as lone surrogates.
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{words[: LENGTH - 10].rstrip('-')}--{digest}"
