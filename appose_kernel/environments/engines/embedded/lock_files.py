"""The lock that an environment is installed from, and where it is older than the manifest."""

from __future__ import annotations

from pathlib import Path

from ....errors import LockOutdated
from ....model import Environment
from ... import private_lock
from ...rattler_worker.tasks import Drift, Section
from .places import Place
from .worker import Worker


def section(place: Place) -> Section:
    """The part of the lock to install from. Raises LockOutdated if there is none."""
    private, theirs = private_lock.path(place.environment), pixis(place.environment)
    if private.exists():
        return part(private, place)
    if theirs is None:
        raise LockOutdated(
            f"{place.manifest}: there is no lock, and a frozen build needs one.",
            remedy="Run `jupyter appose lock` to make one, or build without `--frozen`.",
        )
    return part(theirs, place)


async def drift(place: Place, worker: Worker) -> list[str]:
    """Where pixi.lock does not do what the manifest asks for, in words; nothing where there is none.

    Raises LockOutdated for one that cannot be read.
    """
    theirs = pixis(place.environment)
    return [] if theirs is None else await compared(theirs, place, worker)


async def compared(lock: Path, place: Place, worker: Worker) -> list[str]:
    """Where ``lock`` does not do what the manifest asks for."""
    specs = place.composition.specs
    found: list[str] = await worker.ask(
        Drift(
            part(lock, place),
            channels=place.composition.channels,
            conda=[spec.requirement for spec in specs if spec.kind == "conda"],
            constraints=[spec.requirement for spec in specs if spec.kind == "constraint"],
            pypi=[spec.requirement for spec in specs if spec.kind == "pypi"],
        )
    )
    return found


def part(lock: Path, place: Place) -> Section:
    """The part of ``lock`` that is about an environment on this machine."""
    return Section(str(lock), place.environment.name, place.composition.platform, place.platform)


def pixis(environment: Environment) -> Path | None:
    path = environment.workspace.lock
    return path if path is not None and path.exists() else None
