"""The uv that works for the embedded engine, and what it does in a conda prefix.

conda's own distributions are not its to touch: what conda has brought is left out of what uv installs, and
only what uv has installed is taken out.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from packaging.utils import canonicalize_name

from ....model import Phase, Step
from ... import folders
from ..base import Job
from ..uv import binary as uv_binary
from ..uv import interpreters, progress, scratch
from ..uv.command import Uv
from . import pylock, resolving
from .places import Place
from .pylock import Package


async def find(job: Job) -> Uv:
    """uv, with interpreters to resolve with, and copies instead of links to its cache."""
    binary = await uv_binary.find(job.settings.uv, job.environ)
    workspace = job.environment.workspace
    variables = {"PATH": interpreters.search_path(job.environ), "UV_LINK_MODE": "copy"}
    environ = {**job.environ, **variables}
    return Uv(binary, workspace.manifest, workspace.root, environ, relock="jupyter appose lock --own")


async def remove(job: Job, locked: list[dict[str, Any]]) -> AsyncGenerator[Step, None]:
    """Take out what uv has installed and the lock does not name any more, before conda needs its place."""
    wanted = {canonicalize_name(package["name"]) for package in locked}
    present = await asyncio.to_thread(_of_uv, job.prefix.path)
    gone = present - wanted
    if not gone:
        return
    uv = await find(job)
    arguments = ["pip", "uninstall", "--python", str(job.prefix.python), *sorted(gone)]
    async with aclosing(uv.lines(*arguments)) as lines:
        async for line in lines:
            yield Step(Phase.INSTALLING, line, output=True)


async def install(
    job: Job, place: Place, lock: Path, installed: Mapping[str, Any]
) -> AsyncGenerator[Step, None]:
    """Install the lock's PyPI packages, hashes checked, into the prefix that conda's are in.

    ``installed`` is what the worker says of those.
    """
    brought = {canonicalize_name(name) for name in installed["brought"]}
    ours = []
    for package in (Package(**values) for values in installed["pypi"]):
        if canonicalize_name(package.name) in brought:
            message = f"{package.name}: conda has brought it, and so it stays"
            yield Step(Phase.INSTALLING, message, output=True)
        else:
            ours.append(package)
    if not ours:
        return
    uv = await find(job)
    with TemporaryDirectory(prefix="appose-kernel-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        file = folder / "pylock.toml"
        root = job.environment.workspace.root
        editable = resolving.local_editables(place.composition, ours, root)
        ours = await asyncio.to_thread(_from_copies, ours, root, folder)
        text = await asyncio.to_thread(pylock.installable, ours, lock, root, editable)
        file.write_text(text, encoding="utf-8")
        arguments = ["pip", "install", "--preview-features", "pylock", "--requirements", str(file)]
        arguments += ["--python", str(job.prefix.python)]
        # a conda prefix of ours is nobody else's to manage, whatever its Python says
        arguments += ["--no-deps", "--break-system-packages"]
        arguments += resolving.options(place.composition.options.pypi, root)
        async with aclosing(progress.follow(uv.in_folder(folder), arguments, resolved=True)) as steps:
            async for step in steps:
                yield step


def _from_copies(packages: list[Package], root: Path, folder: Path) -> list[Package]:
    """The packages, folders that may not be written as copies: setuptools writes into what it builds."""
    return [_from_copy(package, root, folder) for package in packages]


def _from_copy(package: Package, root: Path, folder: Path) -> Package:
    source = pylock.local_folder(package, root)
    if source is None or folders.writable(source):
        return package
    copy = shutil.copytree(source, folder / package.name, symlinks=True, ignore=scratch.UNREAD)
    return package._replace(location=str(copy))


def _of_uv(prefix: Path) -> set[str]:
    """The Python distributions in a prefix that uv has installed."""
    found = set()
    for site in (*prefix.glob("lib/python*/site-packages"), *prefix.glob("Lib/site-packages")):
        for installer in site.glob("*.dist-info/INSTALLER"):
            if installer.read_text(encoding="utf-8").strip() == "uv":
                found.add(str(canonicalize_name(installer.parent.name.partition("-")[0])))
    return found
