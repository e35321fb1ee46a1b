"""Find workspaces: above a folder, under a server's root, and for a kernel that is to start."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import ApposeKernelError, EnvironmentNotFound, ManifestError, ManifestNotFound
from ..model import Environment, Workspace
from . import appose, files, formats, names

#: How many levels below a root are searched.
DEPTH = 4
#: The most folders that one listing looks at, those near to the roots first.
MAX_FOLDERS = 10_000


def above(folder: Path) -> Workspace | None:
    """The first workspace of the nearest folder that has one, from ``folder`` up; or ManifestInvalid."""
    for level in _upwards(folder):
        if workspace := formats.detect(level):
            return workspace
    return None


def _upwards(folder: Path) -> Iterator[Path]:
    folder = files.absolute(folder)
    yield folder
    yield from folder.parents


class Finder:
    """The workspaces in reach of a server: above its roots, below them to a depth, in further folders, and
    those of Appose's applications.

    Asking again costs a ``stat`` of what was seen before. Any thread may ask. Manifests that cannot be
    read are left out, and stand in ``problems``.
    """

    def __init__(self, roots: Iterable[Path], depth: int = DEPTH, extra_folders: Iterable[Path] = ()) -> None:
        self.problems: dict[Path, ApposeKernelError] = {}
        self._roots = [files.absolute(root) for root in roots]
        self._extra_folders = [files.absolute(folder) for folder in extra_folders]
        self._depth = depth
        self._guard = threading.Lock()

    def workspaces(self) -> list[Workspace]:
        """The shallowest first, then by folder: an order that does not change between two listings."""
        found: list[Workspace] = []
        problems: dict[Path, ApposeKernelError] = {}
        with self._guard:
            for folder in self._folders():
                for workspace in formats.all_in(folder):
                    if isinstance(workspace, ManifestError):
                        problems[getattr(workspace, "file", folder)] = workspace
                    else:
                        found.append(workspace)
            self.problems = problems
        # those of one folder stay in the order in which they win
        return sorted(found, key=lambda workspace: (len(workspace.root.parts), f"{workspace.root}/"))

    def _folders(self) -> Iterator[Path]:
        """Each folder once, whichever symbolic links lead to it."""
        seen: set[tuple[int, int]] = set()
        # what lies below an application's environment is nobody's work
        yield from (folder for folder in appose.folders(os.environ) if _first_visit(folder, seen))
        waiting = deque((folder, 0) for folder in (*self._roots, *self._extra_folders))
        while waiting and len(seen) < MAX_FOLDERS:
            folder, depth = waiting.popleft()
            if not _first_visit(folder, seen):
                continue
            yield folder
            if depth < self._depth:
                waiting.extend((folder / name, depth + 1) for name in files.folders(folder))
        for root in self._roots:
            yield from (parent for parent in root.parents if _first_visit(parent, seen))


def _first_visit(folder: Path, seen: set[tuple[int, int]]) -> bool:
    found = files.signature(folder)
    if found is None or found.identity in seen:
        return False
    seen.add(found.identity)
    return True


@dataclass(frozen=True, slots=True)
class Resolution:
    """The environment that a kernel shall run, and what led to it, for the log."""

    environment: Environment
    source: Literal[
        "the notebook itself", "the notebook's folder", "the working folder", "the recorded manifest"
    ]


def resolve(
    workspace_slug: str | None,
    environment_name: str | None,
    *,
    cwd: Path,
    session_name: str | None,
    recorded: Path | None,
) -> Resolution:
    """What a kernel's start means, asked by the provisioner and the starter.

    The nearest workspace with that slug above the notebook wins, then above ``cwd``, then the
    ``recorded`` manifest. Without a slug it is the recorded manifest; without both, the generic kernel, it
    is the notebook's own environment, else the nearest workspace. Where the recorded manifest is a
    notebook, no folder is meant: see :func:`_own`. Without an environment's name it is the workspace's first.

    ``session_name`` is ``JPY_SESSION_NAME``: after a rename it is right and ``cwd`` is not; for a
    console it names a file that does not exist.

    Raises ManifestNotFound, ManifestInvalid, EnvironmentNotFound.
    """
    problems: list[ManifestError] = []
    notebook = cwd / session_name if session_name else None
    there = notebook if notebook and files.is_file(notebook) else None
    owns = workspace_slug is None if recorded is None else formats.is_found_by_name(recorded)
    if owns and there and (workspace := _own(there, workspace_slug, recorded)):
        return Resolution(_environment(workspace, environment_name), "the notebook itself")
    if recorded is None or (workspace_slug is not None and not owns):
        if there and (workspace := _called(workspace_slug, there.parent, recorded, problems)):
            return Resolution(_environment(workspace, environment_name), "the notebook's folder")
        if workspace := _called(workspace_slug, cwd, recorded, problems):
            return Resolution(_environment(workspace, environment_name), "the working folder")
    if recorded is not None and files.signature(recorded):
        workspace = formats.open_workspace(recorded)
        return Resolution(_environment(workspace, environment_name), "the recorded manifest")
    raise next(iter(problems), None) or _not_found(workspace_slug, cwd, session_name, recorded)


def _own(notebook: Path, slug: str | None, recorded: Path | None) -> Workspace | None:
    """The workspace of a notebook with an environment of its own, where that is meant.

    By the generic kernel it is; by the kernel of a recorded notebook it is if this one has that name, as a
    copy has, or if the other is gone, as after a rename.
    """
    meant = recorded is None or not files.is_file(recorded)
    try:
        own = formats.detect(notebook)
    except ManifestError:
        if meant:
            raise
        return None
    if own is None or meant:
        return own
    return own if slug is not None and names.is_called(own, slug) else None


def _called(
    slug: str | None, folder: Path, recorded: Path | None, problems: list[ManifestError]
) -> Workspace | None:
    """The nearest workspace above ``folder`` that goes by ``slug``. Broken manifests on the way are noted.

    Of several in one folder it is the one whose manifest is called as the ``recorded`` one, else the first.
    """
    for level in _upwards(folder):
        first = None
        for found in formats.all_in(level):
            if isinstance(found, ManifestError):
                problems.append(found)
                if slug is None and first is None:
                    return None
            elif slug is None or names.is_called(found, slug):
                if recorded is None or found.manifest.name == recorded.name:
                    return found
                first = first or found
        if first:
            return first
    return None


def _environment(workspace: Workspace, name: str | None) -> Environment:
    existing = formats.environments(workspace)
    for candidate in existing:
        if name is None or name in (candidate.name, names.slug(candidate.name)):
            return candidate
    raise EnvironmentNotFound(name or "", workspace.manifest, [candidate.name for candidate in existing])


def _not_found(
    slug: str | None, cwd: Path, session_name: str | None, recorded: Path | None
) -> ManifestNotFound:
    if slug is None and recorded is None:
        from .script import advice  # noqa: PLC0415  (for the few that need it)

        return advice.without_block(cwd) if session_name else advice.unknown_notebook(cwd)
    wanted = f"workspace “{slug}”" if slug else "workspace"
    gone = f", and {recorded} does not exist" if recorded else ""
    return ManifestNotFound(
        f"There is no {wanted} in {cwd} or above it{gone}.",
        remedy="Move the notebook into its workspace, or pick another kernel.",
    )
