"""The pixi engine: ``pixi install`` into ``.pixi/envs``, which a terminal's ``pixi run`` shares.

Never ``pixi shell``, which waits for a terminal, nor ``pixi run``, which stands between Jupyter and the
kernel.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from ....errors import ApposeKernelError, LockOutdated
from ....model import WINDOWS, Activation, Phase, Step
from ... import activation
from ..base import Job
from . import binary, progress
from .command import Pixi


class PixiEngine:
    name = "pixi"
    formats = frozenset({"pixi"})

    async def lock(self, job: Job) -> AsyncGenerator[Step, None]:
        """Find pixi; then have it check pixi.lock, or make it where there is none."""
        pixi = await _pixi(job)
        said = f"pixi {pixi.binary.version}, {pixi.binary.path}, {pixi.binary.source}"
        yield Step(Phase.LOCKING, said, output=True)
        lock = _lock_file(job)
        if _frozen(job):
            _demand(lock)
        elif job.options.locked and lock.exists():
            await _check(pixi, job)
        else:
            yield Step(Phase.LOCKING, "Locking")
            async with aclosing(pixi.lines("lock")) as lines:
                async for line in lines:
                    yield Step(Phase.LOCKING, line, output=True)

    async def install(self, job: Job) -> AsyncGenerator[Step, None]:
        """Bring the prefix to what the lock says; pixi takes out what it does not name."""
        pixi = await _pixi(job)
        packages = await progress.listed(pixi, job.environment.name, "--frozen")
        if job.options.rebuild:
            await asyncio.to_thread(_empty, job.prefix.path)
        arguments = ["--environment", job.environment.name, _usage(job)]
        async with aclosing(progress.follow(pixi, arguments, job.prefix.path, packages)) as steps:
            async for step in steps:
                yield step

    async def removals(self, job: Job) -> list[str]:
        """The conda packages in the prefix that the lock does not name.

        pixi takes these out in every install, exact or not, and leaves alone what ``pip`` has put there.
        """
        present = progress.records(job.prefix.path)
        if not present or not _lock_file(job).exists():
            return []
        packages = await progress.listed(await _pixi(job), job.environment.name, _usage(job))
        stay = {package.name for package in packages}
        found = [name.removesuffix(".json").rsplit("-", 2) for name in sorted(present)]
        return [f"{name} {version}" for name, version, _ in found if name not in stay]

    async def activation(self, job: Job) -> Activation:
        """What ``pixi shell-hook`` does to the variables of a process."""
        pixi = await _pixi(job)

        async def run(before: Mapping[str, str]) -> Mapping[str, str]:
            return {**before, **await _activated(pixi.among(before), job.environment.name)}

        return await activation.measure(run, activation.surroundings(job.environ), job.prefix.path)


async def _pixi(job: Job) -> Pixi:
    return Pixi(await binary.find(job.environ), job.environment.workspace.manifest, job.environ)


def _lock_file(job: Job) -> Path:
    workspace = job.environment.workspace
    return workspace.lock or workspace.root / "pixi.lock"


def _frozen(job: Job) -> bool:
    return job.options.frozen or (job.settings.frozen and job.options.locked)


def _usage(job: Job) -> str:
    return "--frozen" if _frozen(job) else "--locked"


def _demand(lock: Path) -> None:
    """pixi itself installs nothing and is content (https://github.com/prefix-dev/pixi/issues/371)."""
    if not lock.exists():
        raise LockOutdated(
            f"There is no {lock}, and a frozen build needs one.",
            remedy="Run `jupyter appose lock` to make it, or build without `--frozen`.",
        )


async def _check(pixi: Pixi, job: Job) -> None:
    """Raise LockOutdated, with what a new lock would change as detail, if the lock does not fit.

    Not by ``pixi lock --check``, which writes the new lock before it complains
    (https://github.com/prefix-dev/pixi/blob/main/crates/pixi_cli/src/lock.rs).
    """
    try:
        await progress.listed(pixi, job.environment.name, "--locked")
    except LockOutdated as outdated:
        detail = await _changes(pixi)
        raise LockOutdated(outdated.message, remedy=outdated.remedy, detail=detail) from None


async def _changes(pixi: Pixi) -> str:
    """What a new lock would change; or why none can be made, for instance without a network."""
    try:
        return "\n".join([line async for line in pixi.lines("lock", "--dry-run")])
    except ApposeKernelError as error:
        return f"{error.message}\n{error.detail}"


async def _activated(pixi: Pixi, environment: str) -> dict[str, str]:
    """The variables that pixi sets, without a look at the lock or the prefix."""
    arguments = ("--environment", environment, "--frozen", "--no-install", "--force-activate")
    answer = await pixi.answer("shell-hook", *arguments, timeout=activation.PATIENCE)
    variables: dict[str, str] = answer["environment_variables"]
    return {name.upper() if WINDOWS else name: value for name, value in variables.items()}


def _empty(prefix: Path) -> None:
    """Remove all that is in the prefix; itself it may be a link, or a volume mounted there."""
    if not prefix.is_dir():
        return
    with os.scandir(prefix) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry)
            else:
                Path(entry).unlink()
