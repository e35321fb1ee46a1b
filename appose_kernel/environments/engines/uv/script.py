"""uv for a notebook with a PEP 723 block: a script with that block, its lock, and a venv in the store.

The script and the lock that uv keeps beside it exist while uv runs; what stays is our private lock, or the
one in the notebook. uv runs in the notebook's folder, whose ``uv.toml`` and ``.python-version`` it reads.
https://docs.astral.sh/uv/guides/scripts/#locking-dependencies
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ....errors import EngineUnsupported, LockOutdated
from ....model import Environment, Phase, Step
from ....workspaces import formats, script
from ....workspaces.names import slug
from ....workspaces.script.block import Script
from ... import generations, private_lock
from ..base import Job
from . import interpreters, progress
from .command import Uv


async def lock(uv: Uv, job: Job, *, frozen: bool) -> AsyncGenerator[Step, None]:
    """Find an interpreter; then check the notebook's lock, or make a private one where there is none.

    A private lock goes by the digest of the block, so one that is there fits it.
    """
    env, private = job.environment, private_lock.path(job.environment)
    found = await asyncio.to_thread(script.script, env.workspace)
    with _written(env, found) as file:
        async with aclosing(interpreters.ensure(uv, env.workspace, "--script", str(file))) as steps:
            async for step in steps:
                yield step
        if found.block.lock and found.names_places:
            yield Step(Phase.LOCKING, "The lock in the notebook names local folders, and is not used")
        if frozen:
            _demand(env, found)
        elif job.options.locked and _own_lock(found):
            await _check(uv, env, file)
        elif not (job.options.locked and private.exists()):
            async with aclosing(_renew(uv, file, upgrade=not job.options.locked)) as steps:
                async for step in steps:
                    yield step
            await asyncio.to_thread(_keep, env, _lock_of(file), private)


def _own_lock(found: Script) -> str | None:
    """The lock in the notebook, if it can be used: paths in it would be from the notebook's folder."""
    return None if found.names_places else found.block.lock


@contextmanager
def _written(env: Environment, found: Script) -> Iterator[Path]:
    """The block as a script for uv, with the lock beside it that there is, or the last there was.

    Paths in a lock are from the script's folder, so that is always one of the same parent.
    """
    place = generations.prepare(env.workspace)
    with TemporaryDirectory(prefix="script-", dir=place, ignore_cleanup_errors=True) as folder:
        file = Path(folder, f"{slug(env.workspace.name)}.py")
        file.write_text(found.code(), encoding="utf-8")
        private = private_lock.path(env)
        if text := _own_lock(found):
            _lock_of(file).write_text(text, encoding="utf-8")
        elif kept := private if private.exists() else private_lock.latest(env):
            shutil.copyfile(kept, _lock_of(file))
        yield file


def _lock_of(file: Path) -> Path:
    """Where uv keeps a script's lock."""
    return file.with_name(f"{file.name}.lock")


def _demand(env: Environment, found: Script) -> None:
    if not _own_lock(found) and not private_lock.path(env).exists():
        raise LockOutdated(
            f"{env.workspace.manifest} has no lock that fits its block, and a frozen build needs one.",
            remedy="Run `jupyter appose lock`, or build without `--frozen`.",
        )


async def _check(uv: Uv, env: Environment, file: Path) -> None:
    """Raise LockOutdated, with what a new lock would change as detail, if the notebook's does not fit."""
    try:
        await uv.output("lock", "--check", "--script", str(file))
    except LockOutdated as outdated:
        detail = outdated.detail
        if "needs to be updated" in detail:
            detail = "\n".join([line async for line in uv.lines("lock", "--dry-run", "--script", str(file))])
        raise LockOutdated(
            f"{env.workspace.manifest}: the lock in the notebook does not fit its block.",
            remedy="Run `jupyter appose lock` to bring it up to date.",
            detail=detail,
        ) from None


async def _renew(uv: Uv, file: Path, *, upgrade: bool) -> AsyncGenerator[Step, None]:
    """Bring the lock up to date, keeping versions where the block still allows it.

    With ``upgrade`` a lock that is up to date already gets the newest versions: no other command does that.
    """
    yield Step(Phase.LOCKING, "Locking")
    before = _lock_of(file).read_bytes() if _lock_of(file).exists() else b""
    try:
        async with aclosing(_lock(uv, file)) as steps:
            async for step in steps:
                yield step
    except LockOutdated:  # uv cannot read what is there: a merge has left its marks
        _lock_of(file).unlink()
    again = ["--upgrade"] if upgrade and before else []
    if not _lock_of(file).exists() or (again and _lock_of(file).read_bytes() == before):
        async with aclosing(_lock(uv, file, *again)) as steps:
            async for step in steps:
                yield step


async def _lock(uv: Uv, file: Path, *more: str) -> AsyncGenerator[Step, None]:
    async with aclosing(uv.lines("lock", "--script", str(file), *more)) as lines:
        async for line in lines:
            yield Step(Phase.LOCKING, line, output=True)


def _keep(env: Environment, made: Path, private: Path) -> None:
    """Put the lock that uv made in our own's place; another than was built from makes another prefix."""
    now = formats.environment(formats.open_workspace(env.workspace.manifest), env.name)
    private_lock.demand_unchanged(now, private)
    if private.exists() and private.read_bytes() != made.read_bytes():
        generations.renew(env.workspace)
    private_lock.keep(made, private_lock.path(env))


async def install(uv: Uv, job: Job) -> AsyncGenerator[Step, None]:
    """Bring the prefix to what the lock says. The caller has cleared the way."""
    found = await asyncio.to_thread(script.script, job.environment.workspace)
    with _written(job.environment, found) as file:
        # https://docs.astral.sh/uv/reference/cli/#uv-sync--active: else uv chooses a folder of its cache
        active = uv.with_variables({"VIRTUAL_ENV": str(job.prefix.path)})
        arguments = ["sync", "--script", str(file), "--active", "--frozen", "--no-python-downloads"]
        if job.options.rebuild:
            arguments.append("--reinstall")
        known = await asyncio.to_thread(progress.sizes, _lock_of(file))
        async with aclosing(progress.follow(active, arguments, known, resolved=True)) as steps:
            async for step in steps:
                yield step


def is_in_notebook(env: Environment) -> bool:
    """Whether the lock that counts stands in the notebook itself."""
    return _own_lock(script.script(env.workspace)) is not None


def portable_lock(env: Environment) -> str:
    """The lock to put into the notebook, as the last :func:`lock` made it.

    Raises EngineUnsupported where the block names places of this machine: the lock would, too.
    """
    found = script.script(env.workspace)
    if found.names_places:
        raise EngineUnsupported(
            f"{env.workspace.manifest}: its block takes packages or an index from local folders, so a lock in"
            " the notebook would hold for this machine only.",
            remedy="Leave out `--into-notebook`: the lock is kept beside our own records then.",
        )
    return private_lock.path(env).read_text(encoding="utf-8")
