"""What the rattler worker can be asked to do, one dataclass a task, of JSON's own types.

The engine writes one into ``job.json``; the worker reads it there. A *platform* is conda's name
of one (``linux-64``); ``virtual`` are virtual packages by name, None for those that this machine has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: The one environment of the lock that :class:`Solve` asks for.
GROUP = "group"


@dataclass(frozen=True, slots=True)
class Section:
    """An environment on a platform, in a lock file; ``name`` is what the workspace calls the platform."""

    lock: str
    environment: str
    platform: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Detect:
    """Tell which virtual packages this machine has."""


@dataclass(frozen=True, slots=True)
class Read:
    """Tell what a lock holds for an environment."""

    section: Section


@dataclass(frozen=True, slots=True)
class Drift:
    """Tell in words where a lock does not satisfy the manifest.

    ``channels`` are as the manifest writes them. ``pypi`` are PEP 508 texts.
    """

    section: Section
    channels: Sequence[str]
    conda: Sequence[str]
    constraints: Sequence[str]
    pypi: Sequence[str]


@dataclass(frozen=True, slots=True)
class Part:
    """One environment of a group: the conda packages that it names, and its PyPI packages as
    ``[name, version, location]``."""

    roots: Sequence[str]
    channels: Sequence[str]
    pypi: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """Write a lock whose environments are parts of the group that ``group`` holds."""

    group: str
    platform: str
    environments: Mapping[str, Part]
    out: str


@dataclass(frozen=True, slots=True)
class Solve:
    """Solve conda's part for a group of environments at once, into a lock that has one, :data:`GROUP`.

    ``prefer`` is a lock whose versions are kept where possible, and ``environments`` are looked for in it.
    ``distributions``: tell which Python distributions the packages bring. ``then``: what to make of it.
    """

    out: str
    platform: str
    virtual: Mapping[str, str] | None
    channels: Sequence[str]
    specs: Sequence[str]
    constraints: Sequence[str] = ()
    channel_priority: str = "strict"
    strategy: str = "highest"
    exclude_newer: str | None = None
    prefer: str | None = None
    environments: Sequence[str] = ()
    distributions: bool = False
    then: Write | None = None


@dataclass(frozen=True, slots=True)
class Install:
    """Put the conda packages of a lock into a prefix, and take out those that it does not name."""

    section: Section
    prefix: str


Task = Detect | Read | Drift | Solve | Write | Install
TASKS: dict[str, type[Task]] = {kind.__name__: kind for kind in (Detect, Read, Drift, Solve, Write, Install)}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a task is done: the manifest that errors name, the folder that paths in it are relative to, and
    pixi's and rattler's configuration: ``[path, whether other tools share it]``, the strongest last;
    ``cache`` is the folder of caches, None for rattler's own."""

    manifest: str
    root: str
    files: Sequence[tuple[str, bool]] = ()
    cache: str | None = None
