"""The uv engine: ``uv sync`` for projects and notebooks, ``uv pip install`` for a bare requirements.txt."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from ....errors import EngineUnsupported, InstallError, LockOutdated
from ....model import Activation, Environment, Phase, Prefix, Step
from ....workspaces.uv import excluded_groups
from ...clearing import clear
from .. import venv
from ..base import Job
from . import binary, interpreters, progress, scratch, script
from .command import Uv

#: What may stand in a venv whose making was cut short.
_OF_A_VENV = frozenset(
    {"bin", "include", "lib", "lib64", "share", "Scripts", "Include", "Lib"}
    | {"pyvenv.cfg", "CACHEDIR.TAG", ".gitignore", ".lock"}
)

#: A line of what uv plans: `` - six==1.17.0`` goes, ``+`` comes and ``~`` is reinstalled.
_PLAN = re.compile(r" (?P<sign>[-+~]) (?P<what>(?P<name>[^\s=@]+).*)")

#: Seconds that the check of a lock may take; it may have to resolve anew.
_RESOLVE = 600.0


class UvEngine:
    name = "uv"
    formats = frozenset({"uv", "requirements", "script"})

    async def lock(self, job: Job) -> AsyncGenerator[Step, None]:
        """Find uv and an interpreter; then check uv.lock, or make it where there is none."""
        uv = await uv_for(job)
        yield Step(Phase.LOCKING, f"uv {uv.binary.version}, {uv.binary.source}", output=True)
        if job.environment.workspace.format == "script":
            found = script.lock(uv, job, frozen=_frozen(job))
        else:
            found = _lock(uv, job)
        async with aclosing(found) as steps:
            async for step in steps:
                yield step

    async def install(self, job: Job) -> AsyncGenerator[Step, None]:
        """Bring the prefix to what the lock, or the requirements.txt, says."""
        uv = await uv_for(job)
        await asyncio.to_thread(_clear_the_way, job)
        if job.environment.workspace.format == "requirements":
            commands = _install_requirements(uv, job)
        elif job.environment.workspace.format == "script":
            commands = script.install(uv, job)
        elif not scratch.in_place(job):
            commands = scratch.install(uv, job, selection(job.environment))
        else:
            commands = _sync(uv, job)
        async with aclosing(commands) as steps:
            async for step in steps:
                yield step

    async def removals(self, job: Job) -> list[str]:
        """What uv says that it would take out; a prefix of the store is uv's alone."""
        if not (scratch.in_place(job) and _is_venv(job.prefix)):
            return []
        uv = await uv_for(job)
        pip = job.environment.workspace.format == "requirements"
        arguments = _pip_arguments(job) if pip else _sync_arguments(job)
        plan = [match for match in map(_PLAN.match, await _dry_run(uv, arguments)) if match]
        stays = {match["name"] for match in plan if match["sign"] != "-"}
        return [match["what"] for match in plan if match["name"] not in stays]

    async def activation(self, job: Job) -> Activation:
        """The venv's interpreter and scripts, and the variables that activating it sets."""
        return venv.activation(job.prefix)


async def uv_for(job: Job) -> Uv:
    """uv, to be run for ``job``."""
    found = await binary.find(job.settings.uv, job.environ)
    workspace = job.environment.workspace
    variables = {
        "PATH": interpreters.search_path(job.environ),
        "UV_PROJECT_ENVIRONMENT": str(job.prefix.path),
    }
    if not scratch.in_place(job):
        # What is hard-linked to a cache changes with whatever else is linked to it.
        variables["UV_LINK_MODE"] = "copy"
    return Uv(found, workspace.manifest, workspace.root, {**job.environ, **variables})


def _frozen(job: Job) -> bool:
    return job.options.frozen or (job.settings.frozen and job.options.locked)


async def _lock(uv: Uv, job: Job) -> AsyncGenerator[Step, None]:
    workspace = job.environment.workspace
    async with aclosing(interpreters.ensure(uv, workspace)) as steps:
        async for step in steps:
            yield step
    if workspace.format == "requirements":
        if not job.options.locked:
            raise EngineUnsupported(
                f"{workspace.manifest}: a requirements.txt has no lock.",
                remedy="Move the requirements into a pyproject.toml: "
                "`uv init --bare && uv add -r requirements.txt`.",
            )
        return
    if _frozen(job):
        return  # uv itself refuses to install when there is no lock
    if scratch.needed(job):
        uv = await scratch.mirror(uv, job)
    elif job.options.locked and workspace.lock is not None and workspace.lock.exists():
        await _check(uv)
        return
    yield Step(Phase.LOCKING, "Locking")
    async with aclosing(uv.lines("lock")) as lines:
        async for line in lines:
            yield Step(Phase.LOCKING, line, output=True)


async def _check(uv: Uv) -> None:
    """Raise LockOutdated, with what a new lock would change as detail, if the lock does not fit."""
    try:
        await uv.output("lock", "--check", timeout=_RESOLVE)
    except LockOutdated as outdated:
        if "needs to be updated" not in outdated.detail:
            raise
        changes = [line async for line in uv.lines("lock", "--dry-run")]
        raise LockOutdated(outdated.message, remedy=outdated.remedy, detail="\n".join(changes)) from None


def selection(environment: Environment) -> list[str]:
    """The environment's extras and groups as arguments."""
    chosen = [part for feature in environment.features for part in (f"--{feature.kind}", feature.name)]
    left_out = [part for group in excluded_groups(environment) for part in ("--no-group", group)]
    return [*chosen, *left_out]


async def _dry_run(uv: Uv, arguments: list[str]) -> list[str]:
    return [line async for line in uv.lines(*arguments, "--dry-run")]


def _sync_arguments(job: Job) -> list[str]:
    arguments = ["sync", "--no-python-downloads", *selection(job.environment)]
    if _frozen(job):
        arguments.append("--frozen")
    elif (lock := job.environment.workspace.lock) and lock.exists():
        arguments.append("--locked")
    if not job.options.exact:
        arguments.append("--inexact")
    if job.options.rebuild:
        arguments.append("--reinstall")
    return arguments


async def _sync(uv: Uv, job: Job) -> AsyncGenerator[Step, None]:
    known = await asyncio.to_thread(progress.sizes, job.environment.workspace.lock)
    async with aclosing(progress.follow(uv, _sync_arguments(job), known)) as steps:
        async for step in steps:
            yield step


async def _install_requirements(uv: Uv, job: Job) -> AsyncGenerator[Step, None]:
    if not job.prefix.python.exists():
        async with aclosing(
            progress.follow(uv, ["venv", "--no-python-downloads", str(job.prefix.path)])
        ) as steps:
            async for step in steps:
                yield step
    async with aclosing(progress.follow(uv, _pip_arguments(job))) as steps:
        async for step in steps:
            yield step


def _pip_arguments(job: Job) -> list[str]:
    arguments = ["pip", "install", "--python", str(job.prefix.python)]
    arguments += ["--requirements", str(job.environment.workspace.manifest)]
    if job.options.exact:
        arguments.append("--exact")
    if job.options.rebuild:
        arguments.append("--reinstall")
    return arguments


def _clear_the_way(job: Job) -> None:
    """Remove what a killed build left of a venv; refuse a folder that is something else.

    uv takes a folder with an interpreter but without ``pyvenv.cfg`` for an environment, and would install
    into the interpreter that its ``bin/python`` points to.
    """
    folder, rebuild = job.prefix.path, job.options.rebuild
    if not folder.exists():
        return
    if _is_venv(job.prefix):
        if rebuild and not scratch.in_place(job):
            clear(folder)
        return
    names = {entry.name for entry in folder.iterdir()}
    if names and not (rebuild and names <= _OF_A_VENV):
        raise InstallError(
            f"{folder} is in the way: it is not a virtual environment.",
            remedy="Move or remove it, then build again.",
        )
    clear(folder)


def _is_venv(prefix: Prefix) -> bool:
    try:
        configuration = (prefix.path / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return prefix.python.exists() and re.search(r"(?m)^home\s*=", configuration) is not None
