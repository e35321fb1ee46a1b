"""uv projects whose folder may not be written: a lock of our own, and copies of local packages to build."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import tomli

from ....model import Step
from ... import folders
from ...mirror import copy
from ..base import Job
from . import progress
from .command import Uv

#: What no build reads, and what may be large. ``.git`` is read, by setuptools-scm.
UNREAD = shutil.ignore_patterns(".venv", ".venvs", ".pixi", ".tox", "node_modules", "__pycache__")


def in_place(job: Job) -> bool:
    """Whether the prefix belongs to the workspace's folder, and not to the store, which may lie below it."""
    root = job.environment.workspace.root
    return job.prefix.path.parent in (root, root / ".venvs")


def needed(job: Job) -> bool:
    """Whether uv.lock would have to be made in a folder that cannot be written."""
    lock = job.environment.workspace.lock
    return not in_place(job) and lock is not None and not lock.exists()


async def mirror(uv: Uv, job: Job) -> Uv:
    """``uv``, to be run in a copy of the workspace's manifests; a lock made there before is still there."""
    folder = await asyncio.to_thread(copy, job.environment.workspace, _folder(job))
    return replace(uv, folder=folder)


def _folder(job: Job) -> Path:
    return folders.cache_dir() / "locks" / job.prefix.path.name


def _sources(job: Job) -> Path:
    return _folder(job) / "sources"


async def install(uv: Uv, job: Job, selection: Sequence[str]) -> AsyncGenerator[Step, None]:
    """``uv sync`` without the local packages, then these from copies, as their folders are read-only."""
    workspace = job.environment.workspace
    locker = await mirror(uv, job) if needed(job) else uv
    check = "--frozen" if job.options.frozen or job.settings.frozen else "--locked"
    arguments = ["sync", "--no-python-downloads", "--no-install-local", check, *selection]
    lock = locker.folder / "uv.lock" if locker is not uv else workspace.lock
    known = await asyncio.to_thread(progress.sizes, lock)
    async with aclosing(progress.follow(locker, arguments, known)) as steps:
        async for step in steps:
            yield step
    exported = await locker.output("export", "--frozen", "--format", "pylock.toml", "--quiet", *selection)
    local = await asyncio.to_thread(_copies, job, exported)
    if not local:
        return
    arguments = ["pip", "install", "--python", str(job.prefix.python), "--no-deps", *local]
    async with aclosing(progress.follow(uv, arguments)) as steps:
        async for step in steps:
            yield step
    await asyncio.to_thread(shutil.rmtree, _sources(job), ignore_errors=True)


def _copies(job: Job, exported: str) -> list[str]:
    """The local packages of the exported lock, folders as copies: setuptools writes into what it builds."""
    root = job.environment.workspace.root
    shutil.rmtree(_sources(job), ignore_errors=True)
    found = []
    for package in tomli.loads(exported).get("packages", ()):
        source = package.get("directory") or package.get("archive") or {}
        if "path" not in source:
            continue
        path = Path(os.path.normpath(root / source["path"]))
        if path.is_dir():
            copy = _sources(job) / package["name"]
            path = Path(shutil.copytree(path, copy, symlinks=True, ignore=UNREAD))
        found.append(str(path))
    return found
