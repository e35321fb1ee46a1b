"""A copy of what a workspace is made of, for a tool that would write where it must not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ..errors import ManifestError
from ..model import WINDOWS, Workspace
from ..workspaces import files, toml

#: Bytes from which on a file beside a manifest is data, and is linked.
LARGE = 2**20
#: Files of a project that are brought at most: a home folder with a manifest in it is not copied.
MOST = 20_000


def copy(workspace: Workspace, folder: Path) -> Path:
    """Copy the files that decide what the workspace's environments contain, manifest and lock among them,
    and for a project whose build backend computes what it needs what that may read.

    Returns the workspace's root in ``folder``, where everything else stays as it is.
    """
    root = workspace.root
    inputs = [path for path in workspace.inputs if path.is_file()]
    # Path sources may lie beside the workspace's root: relative paths must stay what they are.
    base = os.path.commonpath([root, *(path.parent for path in inputs)])
    for path in inputs:
        target = folder / path.relative_to(base)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for project in {path.parent for path in inputs if _is_computed(path)}:
        _copy_sources(project, folder / project.relative_to(base), set(inputs))
    return folder / root.relative_to(base)


def _is_computed(manifest: Path) -> bool:
    """Whether a Python project does not say itself what it needs, or which version it is.

    https://packaging.python.org/en/latest/specifications/pyproject-toml/#dynamic
    """
    if manifest.name != "pyproject.toml":
        return manifest.name == "setup.py"
    with suppress(ManifestError):
        project = toml.read(manifest).get("project")
        return isinstance(project, dict) and bool(project.get("dynamic"))
    return False


def _copy_sources(project: Path, target: Path, known: set[Path]) -> None:
    for path in islice(_sources(project), MOST):
        if path not in known:
            with suppress(OSError):  # what cannot be read, a build cannot read either
                _bring(path, target / path.relative_to(project))
    if (project / ".git").is_dir():
        _share_history(project / ".git", target / ".git")


def _sources(folder: Path) -> Iterator[Path]:
    """The files that may be somebody's work: nothing hidden but files, no installed packages."""
    with suppress(OSError):
        yield from (path for path in folder.iterdir() if path.is_file())
    for name in files.folders(folder):
        if not (folder / name).is_symlink():
            yield from _sources(folder / name)


def _bring(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    if path.stat().st_size > LARGE and not WINDOWS:
        target.symlink_to(path)
    else:
        shutil.copyfile(path, target)


def _share_history(git: Path, target: Path) -> None:
    """Make the copy a working tree of the same history, as `git worktree` does, for versions that are tags.

    https://git-scm.com/docs/gitrepository-layout#Documentation/gitrepository-layout.txt-commondir
    """
    target.mkdir(exist_ok=True)
    for name in ("HEAD", "index"):
        with suppress(OSError):
            shutil.copyfile(git / name, target / name)
    (target / "commondir").write_text(f"{git}\n", encoding="utf-8")
