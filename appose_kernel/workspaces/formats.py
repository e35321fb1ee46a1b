"""The kinds of manifest, and what they say: the only way in for everybody outside of this wing.

Answers are remembered until one of the files they came from changes, so asking is cheap: some
``stat`` calls. A plug-in is an object with the members of :class:`Format`, under the entry-point group
``appose_kernel.formats``.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Protocol

from ..errors import (
    ApposeKernelError,
    EnvironmentNotFound,
    ManifestError,
    ManifestInvalid,
    ManifestNotFound,
)
from ..model import Composition, Environment, Workspace
from . import appose, conda, files, pixi, requirements, script, uv

GROUP = "appose_kernel.formats"


class Format(Protocol):
    """Reads one kind of manifest: files only, never a process."""

    #: The file names it may claim. A pattern (``*.ipynb``) is for files that somebody names: no folder is
    #: searched for them.
    manifests: tuple[str, ...]

    def detect(self, path: Path) -> Workspace | None:
        """The workspace of the manifest at ``path``; None if it is of another kind; or ManifestInvalid."""

    def environments(self, workspace: Workspace) -> tuple[Environment, ...]:
        """Asked once for each state of the workspace's inputs."""

    def compose(self, environment: Environment, platform: str) -> Composition:
        """Asked when somebody wants to see what an environment contains."""


FORMATS: dict[str, Format] = {
    "appose": appose,
    "pixi": pixi,
    "uv": uv,
    "requirements": requirements,
    "conda": conda,
    "script": script,
}
#: Of which formats a manifest beside one of this format speaks about the same workspace.
MANAGED = {
    "appose": ("appose", "pixi", "uv", "requirements", "conda"),
    "pixi": ("pixi", "uv", "requirements"),
    "uv": ("requirements",),
    "conda": ("conda",),
}


@cache
def _plugins() -> dict[str, Format]:
    from . import plugins  # noqa: PLC0415  (slow to import, and rarely needed)

    return plugins.load(GROUP)


def _all() -> Iterator[tuple[str, Format]]:
    """The built-in formats first; plug-ins are only looked for when none of these fits."""
    yield from FORMATS.items()
    yield from _plugins().items()


def manifest_names() -> tuple[str, ...]:
    """The file names that people give to manifests, in the order in which they win within one folder."""
    return _literal({name: kind for name, kind in _all() if name != appose.NAME})


def is_found_by_name(manifest: Path) -> bool:
    """Whether a manifest, such as a notebook, counts only where somebody names it; it need not exist."""
    patterns = (pattern for _, kind in _all() for pattern in kind.manifests)
    return "*" in next((pattern for pattern in patterns if fnmatchcase(manifest.name, pattern)), "")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a manifest said, and the signatures of all that was looked at to know it.

    ``format`` is the one that knows the manifest for its own; empty where none does.
    """

    format: str
    workspace: Workspace | None
    environments: tuple[Environment, ...] = ()
    error: ManifestError | None = None
    notes: dict[Path, files.Signature | None] = field(default_factory=dict)


_readings: dict[Path, _Reading] = {}


def _read(manifest: Path) -> _Reading:
    known = _readings.get(manifest)
    if known is None or not files.unchanged(known.notes):
        known = _readings[manifest] = _read_again(manifest)
    return known


def _read_again(manifest: Path) -> _Reading:
    with files.recording() as notes:
        for name, kind in _all():
            if not any(fnmatchcase(manifest.name, pattern) for pattern in kind.manifests):
                continue
            try:
                with _contained(manifest):
                    if workspace := kind.detect(manifest):
                        found = kind.environments(workspace)
                        for path in workspace.inputs:
                            files.note(path)
                        return _Reading(name, workspace, found, notes=notes)
            except ManifestError as error:
                return _Reading(name, None, error=error, notes=notes)
    return _Reading("", None, notes=notes)


@contextmanager
def _contained(manifest: Path) -> Iterator[None]:
    """A defect of a format, which may be a plug-in, is the trouble of the manifest that it shows in: those of
    a server's other workspaces stay."""
    try:
        yield
    except ApposeKernelError:
        raise
    except Exception as error:
        raise ManifestInvalid(
            manifest,
            None,
            f"this file could not be read, for a defect of appose-kernel: {type(error).__name__}: {error}.",
            remedy="Please report it, with the file.",
            detail=traceback.format_exc(),
        ) from error


def detect(path: Path) -> Workspace | None:
    """The workspace of a manifest, or a folder's first, if there is one; or ManifestInvalid."""
    path = files.absolute(path)
    for reading in [_read(path)] if files.is_file(path) else _in(path):
        if reading.error is not None:
            raise reading.error.with_traceback(None)
        if reading.workspace is not None:
            return reading.workspace
    return None


def all_in(folder: Path) -> Iterator[Workspace | ManifestError]:
    """The workspaces of a folder, in the order in which they win, and what is wrong with broken manifests.

    What another manifest beside it manages is left out.
    """
    for reading in _in(files.absolute(folder)):
        if reading.error is not None:
            yield reading.error.with_traceback(None)
        elif reading.workspace is not None:
            yield reading.workspace


def _in(folder: Path) -> Iterator[_Reading]:
    """What the manifests in a folder say, apart from those that another one manages; plug-ins' come last."""
    ranks = {name: rank for rank, name in enumerate(FORMATS)}
    managed: tuple[str, ...] = ()
    for names in _names_to_look_for():
        readings = map(_read, files.present(folder, names))
        for reading in sorted(readings, key=lambda reading: ranks.get(reading.format, len(ranks))):
            if reading.format and reading.format not in managed:
                yield reading
                managed += MANAGED.get(reading.format, ())


def _names_to_look_for() -> Iterator[tuple[str, ...]]:
    """In a folder. Those that only plug-ins know come apart, for to look for plug-ins takes time."""
    names = _literal(FORMATS)
    yield names
    yield tuple(name for name in _literal(_plugins()) if name not in names)


def _literal(kinds: Mapping[str, Format]) -> tuple[str, ...]:
    """The file names, without the patterns, that formats may claim."""
    names = (name for kind in kinds.values() for name in kind.manifests)
    return tuple(dict.fromkeys(name for name in names if "*" not in name))


def open_workspace(path: Path) -> Workspace:
    """The workspace of a folder or manifest that somebody named. Raises ManifestNotFound, ManifestInvalid."""
    if workspace := detect(path):
        return workspace
    if not files.exists(path):
        raise ManifestNotFound(f"{path} does not exist.", remedy="Check how it is spelt, and where you are.")
    if files.is_file(path) and path.suffix == ".ipynb":
        raise script.missing(path)
    named = ", ".join(f"`{name}`" for name in manifest_names())
    if files.is_file(path):
        raise ManifestNotFound(
            f"{path} is not a manifest that defines environments of its own.",
            remedy=f"Name one of these, or its folder: {named}. A `pyproject.toml` needs a [project] or a"
            " [tool.pixi], and comes before a `requirements.txt` beside it.",
        )
    raise ManifestNotFound(
        f"There is no manifest in {path}.",
        remedy=f"Go to a folder that has one of: {named}; or name a notebook that says what it needs.",
    )


def environments(workspace: Workspace) -> tuple[Environment, ...]:
    """The environments of a workspace, as its manifest names them now; the default one first."""
    reading = _read(workspace.manifest)
    if reading.error is not None:
        raise reading.error.with_traceback(None)
    if reading.workspace is None:
        raise ManifestNotFound(
            f"{workspace.manifest} is no longer the manifest of a workspace.", remedy="Look for it again."
        )
    return reading.environments


def environment(workspace: Workspace, name: str) -> Environment:
    """The environment of that name. Raises EnvironmentNotFound, which says what exists."""
    existing = environments(workspace)
    for candidate in existing:
        if candidate.name == name:
            return candidate
    raise EnvironmentNotFound(name, workspace.manifest, [candidate.name for candidate in existing])


def compose(environment: Environment, platform: str) -> Composition:
    """What an environment asks for on a platform, before anything is solved."""
    kind = environment.workspace.format
    reader = FORMATS.get(kind) or _plugins().get(kind)
    if reader is None:
        raise ManifestNotFound(f"The format “{kind}” is not installed here.", remedy="Install its plug-in.")
    with _contained(environment.workspace.manifest):
        return reader.compose(environment, platform)


def is_for_this_machine(environment: Environment) -> bool:
    """Whether the manifest lets the environment be built here, by the machine's platform."""
    return not environment.platforms or host_platform() in environment.platforms


def address(workspace: Workspace) -> Path:
    """Its folder, where that leads to it; a notebook, or a folder's second manifest, goes by its file."""
    with suppress(ManifestError):
        if detect(workspace.root) == workspace:
            return workspace.root
    return workspace.manifest


def host_platform() -> str:
    """This machine's platform, in conda's words: ``linux-64``, ``osx-arm64``…"""
    system = {"darwin": "osx", "win32": "win"}.get(sys.platform, sys.platform)
    machine = os.environ.get("PROCESSOR_ARCHITECTURE", "") if system == "win" else os.uname().machine
    machine = machine.lower()
    if machine in ("x86_64", "amd64"):
        machine = "64"
    elif machine in ("arm64", "aarch64"):
        machine = "aarch64" if system == "linux" else "arm64"
    return f"{system}-{machine}"
