"""What every engine is given and what it must do. The engines themselves stand one to a module."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ...environ import clean
from ...errors import ToolFailed
from ...model import Activation, BuildOptions, Environment, Prefix, Step

if TYPE_CHECKING:
    from ..settings import Settings


#: Variables of the user's own that say how to build, and not for which environment.
CONFIGURING = (
    "CONDA_OVERRIDE_",
    "PIXI_CACHE_",
    "PIXI_CONFIG_FILE",
    "PIXI_HOME",
    "PIXI_NO_CONFIG",
    "PIXI_OFFLINE",
    "PIXI_TLS_",
)


def surroundings(settings: Settings) -> dict[str, str]:
    """The variables that a build's tools see: this process's, without what belongs to an environment, and
    without the width of a terminal: they would break their lines there, which we read."""
    configuring = [name for name in os.environ if name.startswith(CONFIGURING)]
    seen = clean(os.environ, [*settings.pass_variables, *configuring])
    return {name: value for name, value in seen.items() if name != "COLUMNS"}


@dataclass(frozen=True, slots=True)
class Job:
    """One environment to make: where, how, and with what; ``environ`` is what :func:`surroundings` gives.

    ``tell`` takes a note of the build, from where no step can be yielded. ``own``, of a job that is to
    lock: an engine that can keep a lock of ours is to make one, whatever lock the workspace has.
    """

    environment: Environment
    prefix: Prefix
    options: BuildOptions
    settings: Settings
    environ: Mapping[str, str]
    tell: Callable[[str], object] = lambda _: None
    own: bool = False


class Engine(Protocol):
    """Makes prefixes.

    The builder, holding the prefix's lock, calls ``lock``, then ``install``, then ``activation``. Steps are
    of the phases LOCKING to INSTALLING only: an engine never says that a prefix is ready. Closing a
    generator stops the tool behind it. Failures are :class:`~appose_kernel.errors.ApposeKernelError`.
    """

    @property
    def name(self) -> str: ...

    @property
    def formats(self) -> frozenset[str]:
        """The formats of manifest that this engine can build."""
        ...

    def lock(self, job: Job) -> AsyncGenerator[Step, None]:
        """Make sure that the lock fits the manifest, as ``job.options`` allows; touches no prefix."""
        ...

    def install(self, job: Job) -> AsyncGenerator[Step, None]:
        """Put what the lock names into the prefix."""
        ...

    async def removals(self, job: Job) -> list[str]:
        """What an ``exact`` install would take out of the prefix, asked before a person agrees to it."""
        ...

    async def activation(self, job: Job) -> Activation:
        """How to run something in the prefix; called after ``install``, its answer is kept in the stamp."""
        ...


def unexplained(argv: Sequence[str], code: int | None, detail: str) -> ToolFailed:
    """The failure of a tool whose words nobody recognises; without an exit ``code``, it took too long."""
    remedy = ""
    if code is None:
        remedy = "Check the network and the disk, then build again."
    elif code < 0:
        name = signal.Signals(-code).name
        remedy = f"It was stopped by {name}, as a machine short of memory does. Build again."
    return ToolFailed(argv, code, remedy=remedy, detail=detail)
