"""A dry run: which packages a new lock would change if a manifest said something else.

The engine itself locks, as it would for a build, in a copy of what the workspace is made of; of the workspace
nothing is written.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import ApposeKernelError, EngineUnsupported, from_dict
from ..model import BuildOptions, Environment, Prefix, Workspace
from ..workspaces import formats
from . import engines, generations, mirror, private_lock, settings
from .engines import Engine, Job
from .engines.embedded import listing as conda
from .engines.locked import LockedPackage
from .engines.uv import listing as pypi

#: The formats that have a lock for several tools, or for us alone, to make anew.
FORMATS = ("pixi", "uv", "conda")


@dataclass(frozen=True, slots=True)
class Change:
    """The versions of a package, None where it is not there; ``size`` is the bytes of the download, where the
    lock says."""

    name: str
    kind: str
    before: str | None
    after: str | None
    size: int | None


def demand_possible(workspace: Workspace) -> None:
    """Raise EngineUnsupported for a workspace without a lock to plan."""
    if workspace.format not in FORMATS:
        raise EngineUnsupported(
            f"{workspace.manifest}: what a build would change cannot be told beforehand for the format"
            f" “{workspace.format}”.",
            remedy="Apply the change, then build.",
        )


async def plan(
    manifest: Path, text: str, wanted: Sequence[str] | None, tell: Callable[[str], object]
) -> dict[str, list[Change]]:
    """What changes, by environment, if ``manifest`` says ``text``; of the ``wanted`` ones, or of all that are
    for this machine. ``tell`` takes what is being done, in words."""
    workspace = formats.open_workspace(manifest)
    demand_possible(workspace)
    engine = engines.choose(formats.environments(workspace)[0])
    tell("Reading the lock")
    before = await _locked(engine, workspace, None)
    with TemporaryDirectory(prefix="appose-kernel-plan-", ignore_cleanup_errors=True) as folder:
        root = mirror.copy(workspace, Path(folder, workspace.root.name))
        (root / manifest.name).write_bytes(text.encode())
        try:
            copied = formats.open_workspace(root / manifest.name)
            _demand(copied, wanted)
            with _lending(workspace, copied):
                await _lock(engine, copied, tell)
                tell("Comparing the packages")
                after = await _locked(engine, copied, wanted)
        except ApposeKernelError as error:
            raise _at_home(error, root, workspace.root) from error
    return {name: _changes(before.get(name, ()), packages) for name, packages in after.items()}


def _demand(workspace: Workspace, wanted: Sequence[str] | None) -> None:
    for name in wanted or ():
        formats.environment(workspace, name)


@contextmanager
def _lending(workspace: Workspace, copied: Workspace) -> Iterator[None]:
    """Our own locks are found by the place of a manifest: inside the ``with`` block, the copy of a workspace
    has those whose versions a new one should keep."""
    try:
        for env in formats.environments(workspace):
            if latest := private_lock.latest(env):
                shutil.copyfile(latest, generations.prepare(copied) / latest.name)
        yield
    finally:
        shutil.rmtree(generations.folder(copied), ignore_errors=True)


async def _lock(engine: Engine, workspace: Workspace, tell: Callable[[str], object]) -> None:
    async with aclosing(engine.lock(_job(formats.environments(workspace)[0]))) as steps:
        async for step in steps:
            tell(step.message)


async def _locked(
    engine: Engine, workspace: Workspace, wanted: Sequence[str] | None
) -> dict[str, list[LockedPackage]]:
    """What the lock that counts now names, for those of the ``wanted`` environments that can run here."""
    return {
        env.name: await _packages(engine, _job(env))
        for env in formats.environments(workspace)
        if formats.is_for_this_machine(env) and (wanted is None or env.name in wanted)
    }


async def _packages(engine: Engine, job: Job) -> list[LockedPackage]:
    if engine.name == "uv":
        return await pypi.locked(job)
    ours = engine.name == "embedded"
    lock = conda.counting(job.environment) if ours else conda.pixis(job.environment)
    return await conda.locked(job.environment, job.environ, lock)


def _job(env: Environment) -> Job:
    """For an engine that is to lock and to install nothing: the prefix is only where uv would look."""
    configured = settings.load()
    place = Prefix(env.workspace.root / ".venv", env.workspace.root / ".venvs")
    return Job(env, place, BuildOptions(locked=False), configured, engines.surroundings(configured))


def _changes(before: Iterable[LockedPackage], after: Iterable[LockedPackage]) -> list[Change]:
    """What comes, goes and is replaced, by name."""
    old, new = ({(package.kind, package.name): package for package in each} for each in (before, after))
    found = []
    for kind, name in sorted({*old, *new}, key=lambda key: (key[1], key[0])):
        was, will = old.get((kind, name)), new.get((kind, name))
        versions = was.version if was else None, will.version if will else None
        if versions[0] != versions[1]:
            found.append(Change(name, kind, *versions, will.size if will else None))
    return found


def _at_home(error: ApposeKernelError, copy: Path, root: Path) -> ApposeKernelError:
    """``error`` as if it were about the workspace, and not about its copy."""
    told = {name: text.replace(str(copy), str(root)) for name, text in error.to_dict().items()}
    return from_dict(told)
