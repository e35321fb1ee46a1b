"""The project's nouns, one frozen dataclass each. Standard library only: every kernel start imports this."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

WINDOWS = os.name == "nt"
#: Where a variable's former value goes, in a template.
BEFORE = "{before}"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A manifest and its root folder.

    ``inputs`` are all files whose content decides what the workspace's environments contain, in a
    fixed order, whether or not they exist: a file that appears changes the digest too. ``definition``
    is the part of the manifest that does, where the rest does not matter: a notebook's PEP 723 block, or
    what a pixi manifest says without its comments and tasks.
    """

    name: str
    format: str
    manifest: Path
    root: Path
    lock: Path | None
    inputs: tuple[Path, ...]
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Feature:
    """A named group of dependencies: a uv ``extra`` or dependency ``group``, a pixi ``feature``."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Environment:
    """A named set of features that can be installed.

    Environments of one ``solve_group`` agree on the version of every package that they share.
    ``prefix`` is where another application has built it already; we only open that. ``platforms`` are those
    that can run it, where the manifest says so (``linux-64``).
    """

    workspace: Workspace
    name: str
    features: tuple[Feature, ...] = ()
    solve_group: str | None = None
    prefix: Path | None = None
    platforms: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What people see: ``my-project · cuda``."""
        return f"{self.workspace.name} · {self.name}"


@dataclass(frozen=True, slots=True)
class Spec:
    """One requirement, and the feature that brings it (empty: the base).

    ``kind`` is ``pypi`` (``requirement`` is PEP 508 text), ``conda`` (a conda MatchSpec), ``constraint``
    (a MatchSpec that holds if something else brings the package) or ``source`` (a conda package built
    from sources). ``index`` is the URL of the only index that may provide a PyPI package; ``editable``
    goes with a local folder (``name @ file:///…``).
    """

    kind: str
    name: str
    requirement: str
    origin: str = ""
    index: str | None = None
    editable: bool = False


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """How to solve what is asked for, in pixi's words.

    ``channel_priority`` is ``strict`` or ``disabled``, ``strategy`` is ``highest``, ``lowest`` or
    ``lowest-direct``, ``exclude_newer`` a date or a duration, as written. ``pypi`` is the merged
    ``[pypi-options]``.
    https://pixi.prefix.dev/latest/reference/pixi_manifest/
    """

    channel_priority: str = "strict"
    strategy: str = "highest"
    exclude_newer: str | None = None
    pypi: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Composition:
    """What an environment contains on a platform (``linux-64``, ``osx-arm64``…), before solving.

    ``channels`` (indexes, for a uv project) stand in the order in which they win, as written.
    ``variables`` and ``scripts`` are the activation that the manifest adds, values as written; scripts are
    paths from the workspace's root. ``requirements`` are the virtual packages that it declares
    (``{"__cuda": "12.0"}``).
    """

    platform: str
    python: str
    specs: tuple[Spec, ...]
    channels: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    scripts: tuple[str, ...] = ()
    requirements: Mapping[str, str] = field(default_factory=dict)
    options: SolveOptions = field(default_factory=SolveOptions)


@dataclass(frozen=True, slots=True)
class Prefix:
    """An installed folder, and the folder of our records about it (lock, stamp), which survives it.

    ``conda`` tells the layout: Windows' conda prefixes have the interpreter at their top.
    """

    path: Path
    records: Path
    conda: bool = False

    @property
    def python(self) -> Path:
        if WINDOWS:
            return self.path / ("python.exe" if self.conda else "Scripts/python.exe")
        return self.path / "bin/python"

    @property
    def scripts(self) -> Path:
        return self.path / ("Scripts" if WINDOWS else "bin")


@dataclass(frozen=True, slots=True)
class Activation:
    """How to run something in a prefix: the interpreter, first ``PATH`` entries, variables (None unsets).

    ``python`` is empty where the prefix has none. ``extended`` are variables that take up what the process
    had before (``$CONDA_PREFIX/lib:$LD_LIBRARY_PATH``), with :data:`BEFORE` where that goes; they count
    where it had something, and ``variables`` where it had not.
    """

    python: str
    path: tuple[str, ...] = ()
    variables: Mapping[str, str | None] = field(default_factory=dict)
    extended: Mapping[str, str] = field(default_factory=dict)

    def apply(self, environ: Mapping[str, str]) -> dict[str, str]:
        """``environ`` as a process of this environment shall see it."""
        merged = dict(environ)
        for name, value in self.variables.items():
            if value is None:
                merged.pop(name, None)
            else:
                merged[name] = value
        for name, template in self.extended.items():
            if before := environ.get(name):
                merged[name] = template.replace(BEFORE, before)
        if self.path:
            merged["PATH"] = os.pathsep.join((*self.path, *filter(None, [merged.get("PATH")])))
        return merged


@dataclass(frozen=True, slots=True)
class OwnKernel:
    """A kernelspec that a prefix carries itself (``share/jupyter/kernels``): R, Julia, xeus…

    ``argv`` and ``variables`` are as its ``kernel.json`` has them, ``{resource_dir}`` filled in.
    """

    argv: tuple[str, ...]
    display_name: str
    language: str
    interrupt_mode: str = "signal"
    variables: Mapping[str, str] = field(default_factory=dict)


class StampState(str, Enum):
    BUILDING = "building"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Stamp:
    """The record of what was built into a prefix.

    ``digest`` is over everything the build read, which ``inputs`` holds by name to tell what changed;
    ``seal`` over what the prefix looked like when it was ready: a tool that changes the prefix behind
    our back breaks the seal. ``overlay`` is the folder appended to ``sys.path`` for an environment
    without ipykernel of its own. ``passed`` names the variables of another environment that
    configuration lets through to its kernels. ``kernels`` are the prefix's own kernelspecs, by name,
    ``notes`` what people should know of it though it is ready. ``size`` is how many bytes it held when it was
    ready; None where an earlier version of appose-kernel built it.
    """

    state: StampState
    digest: str
    engine: str
    build: str
    time: float
    inputs: Mapping[str, str] = field(default_factory=dict)
    seal: str = ""
    activation: Activation | None = None
    overlay: str | None = None
    passed: tuple[str, ...] = ()
    kernels: Mapping[str, OwnKernel] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    size: int | None = None


class State(str, Enum):
    """What a user sees of an environment. DRIFTED: it was ready; its manifest or prefix has changed since."""

    NOT_BUILT = "not built"
    BUILDING = "building"
    READY = "ready"
    DRIFTED = "drifted"
    FAILED = "failed"


class Phase(str, Enum):
    """The phases of a build, in their order; the last three end it."""

    QUEUED = "queued"
    LOCKING = "locking"
    RESOLVING = "resolving"
    DOWNLOADING = "downloading"
    INSTALLING = "installing"
    VERIFYING = "verifying"
    COMPILING = "compiling"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ends(self) -> bool:
        return self in (Phase.READY, Phase.FAILED, Phase.CANCELLED)


@dataclass(frozen=True, slots=True)
class Step:
    """What an engine reports while it works. Counts are packages (files where bytecode is compiled),
    ``bytes_*`` are bytes.

    ``output`` marks a line of the tool's own output, shown in the log and not as a headline; ``note`` one
    that is also said when all is done, and is then in the stamp and not in the log's events.
    """

    phase: Phase
    message: str = ""
    done: int | None = None
    total: int | None = None
    bytes_done: int | None = None
    bytes_total: int | None = None
    output: bool = False
    note: bool = False


@dataclass(frozen=True, slots=True)
class BuildEvent:
    """One line of a build's log: a step, numbered from 0 and timed (Unix seconds) by the builder.

    ``fraction`` (0 to 1) never goes backwards within a build. ``error`` is set on FAILED only, as
    :meth:`appose_kernel.errors.ApposeKernelError.to_dict` writes it.
    """

    build: str
    sequence: int
    time: float
    fraction: float
    step: Step
    error: Mapping[str, str] | None = None

    @property
    def phase(self) -> Phase:
        return self.step.phase

    @property
    def measured(self) -> bool:
        """Whether ``fraction`` says how far the build is: nobody knows how long a solve takes."""
        counted = self.step.total or self.step.bytes_total
        return bool(counted) or self.phase not in (Phase.QUEUED, Phase.LOCKING, Phase.RESOLVING)

    def to_dict(self) -> dict[str, Any]:
        """Flat JSON: the event's own fields and its step's, without those that are None."""
        flat: dict[str, Any] = {
            "build": self.build,
            "sequence": self.sequence,
            "time": self.time,
            "fraction": self.fraction,
            "phase": self.step.phase.value,
            "message": self.step.message,
            "output": self.step.output,
            "done": self.step.done,
            "total": self.step.total,
            "bytes_done": self.step.bytes_done,
            "bytes_total": self.step.bytes_total,
            "error": None if self.error is None else dict(self.error),
        }
        return {key: value for key, value in flat.items() if value is not None}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> BuildEvent:
        step = Step(
            phase=Phase(data["phase"]),
            message=data.get("message", ""),
            done=data.get("done"),
            total=data.get("total"),
            bytes_done=data.get("bytes_done"),
            bytes_total=data.get("bytes_total"),
            output=data.get("output", False),
        )
        return cls(
            build=data["build"],
            sequence=data["sequence"],
            time=data["time"],
            fraction=data["fraction"],
            step=step,
            error=data.get("error"),
        )


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How a build may treat the lock and the prefix.

    locked: an outdated lock is an error (what uv and pixi call ``--locked``).
    frozen: the lock is used without a look at the manifest (``--frozen``).
    exact: remove from an in-place prefix what the manifest does not name.
    rebuild: reinstall every package from scratch.
    kept: asked for as such, so it goes on when nobody waits for it.
    """

    locked: bool = True
    frozen: bool = False
    exact: bool = False
    rebuild: bool = False
    kept: bool = False
