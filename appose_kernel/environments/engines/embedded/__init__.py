"""The embedded engine: conda environments made with py-rattler and uv, where there is no pixi.

It installs a locked environment faithfully, solves a simple one, and refuses the rest by name. Its prefixes
are in the store, its own locks among our data; pixi's lock and prefixes are never written.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from ....model import Activation, Environment, Phase, Step
from ....workspaces import pixi
from ... import activation
from ...rattler_worker.tasks import Install, Read
from ..base import Job
from . import lock_files, locking, pypi
from .places import Place, here
from .worker import Worker


class EmbeddedEngine:
    name = "embedded"
    formats = frozenset({"pixi", "conda"})

    async def lock(self, job: Job) -> AsyncGenerator[Step, None]:
        """Check pixi's lock, or make one of our own."""
        workspace = job.environment.workspace
        if workspace.format == pixi.NAME and (wanted := pixi.requires_pixi(workspace)):
            line = f"{workspace.manifest.name} asks for pixi {wanted}; appose-kernel builds it without pixi"
            yield Step(Phase.LOCKING, line, output=True)
        async with aclosing(locking.lock(job)) as steps:
            async for step in steps:
                yield step

    async def install(self, job: Job) -> AsyncGenerator[Step, None]:
        """Bring the prefix to what the lock says: conda's packages, then PyPI's."""
        worker = Worker(job.environment.workspace, job.environ)
        place = await here(job.environment, worker)
        section = lock_files.section(place)
        if job.prefix.path.exists():
            locked = await worker.ask(Read(section))
            await asyncio.to_thread(_clear, job, locked)
            async with aclosing(pypi.remove(job, locked["pypi"])) as steps:
                async for step in steps:
                    yield step
        async with aclosing(worker.steps(Install(section, str(job.prefix.path)))) as steps:
            async for step in steps:
                yield step
        locked = worker.answer
        for reason in locked["lacking"]:
            yield Step(Phase.INSTALLING, reason, output=True, note=True)
        lock = Path(section.lock)
        async with aclosing(pypi.install(job, place, lock, locked)) as steps:
            async for step in steps:
                yield step

    async def removals(self, job: Job) -> list[str]:
        """Nothing: a prefix of the store is ours alone."""
        return []

    async def activation(self, job: Job) -> Activation:
        """What activating the prefix does: its packages' scripts, and the manifest's."""
        worker = Worker(job.environment.workspace, job.environ)
        place = await here(job.environment, worker)
        root, composition = job.environment.workspace.root, place.composition
        own, variables = _own(place), composition.variables
        if job.environment.workspace.format != pixi.NAME:
            own, variables = {**own, **variables}, {}  # conda takes them literally, and sets them first
        return await activation.record(
            job.prefix.path,
            [root / script for script in composition.scripts],
            variables,
            own,
            environ=job.environ,
            folder=root,
            tell=job.tell,
        )

    async def drift(self, environment: Environment, environ: Mapping[str, str]) -> list[str]:
        """Where pixi.lock is older than the manifest, in words (``tensorflow: 2.15.0 is locked, …``)."""
        worker = Worker(environment.workspace, environ)
        return await lock_files.drift(await here(environment, worker), worker)


def _own(place: Place) -> dict[str, str]:
    """What pixi tells an environment of itself.
    https://pixi.prefix.dev/latest/reference/environment_variables/#environment-variables-set-by-pixi"""
    workspace, name = place.environment.workspace, place.environment.name
    if workspace.format != pixi.NAME:
        return {"CONDA_DEFAULT_ENV": workspace.name}
    return {
        "CONDA_DEFAULT_ENV": workspace.name if name == "default" else f"{workspace.name}:{name}",
        "PIXI_PROJECT_ROOT": str(workspace.root),
        "PIXI_PROJECT_NAME": workspace.name,
        "PIXI_PROJECT_MANIFEST": str(workspace.manifest),
        "PIXI_ENVIRONMENT_NAME": name,
    }


def _clear(job: Job, locked: Mapping[str, Any]) -> None:
    """Remove a prefix that counts for nothing: of a build that was cut short, or of another Python."""
    folder = job.prefix.path
    python = next((one["version"] for one in locked["conda"] if one["name"] == "python"), "")
    installed = [path.name.split("-")[1] for path in folder.glob("conda-meta/python-[0-9]*.json")]
    moved = any(_minor(version) != _minor(python) for version in installed)
    if folder.exists() and (job.options.rebuild or moved):
        shutil.rmtree(folder)


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]
