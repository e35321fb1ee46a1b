"""Format ``uv``: a ``pyproject.toml`` with a ``[project]``, or the root of a uv workspace.

Environments: ``default``, one for each extra, and those of ``[tool.appose-kernel.environments]``.
"""

from __future__ import annotations

from pathlib import Path

from ...model import Composition, Environment, Workspace
from .. import files, toml
from .checking import check
from .manifest import is_ours
from .members import MANIFEST, inputs
from .project import Project

NAME = "uv"
manifests: tuple[str, ...] = (MANIFEST,)


def detect(path: Path) -> Workspace | None:
    """The workspace of the manifest at ``path``; None if there is none, or if it is another tool's."""
    if not files.exists(path) or not is_ours(toml.read(path)):
        return None
    project = Project.open(path)
    check(project)
    return Workspace(
        name=project.manifest.name or files.display_name(path.parent),
        format=NAME,
        manifest=path,
        root=path.parent,
        lock=project.root.file.parent / "uv.lock",
        inputs=inputs(project.manifest, project.root),
    )


def environments(workspace: Workspace) -> tuple[Environment, ...]:
    """``default``, the extras, and the declared ones, which replace an extra's of the same name."""
    found = Project.open(workspace.manifest).environments
    return tuple(Environment(workspace, name, features) for name, features in found.items())


def excluded_groups(environment: Environment) -> tuple[str, ...]:
    """The default groups that conflict with the environment's own features, which come first.

    The uv engine leaves them out (``--no-group``); uv itself refuses the combination.
    """
    return Project.open(environment.workspace.manifest).excluded_groups(environment.features)


def compose(environment: Environment, platform: str) -> Composition:
    """What the manifest asks for on ``platform``: requirements as written, and indexes in uv's order."""
    from ..markers import Target  # noqa: PLC0415  (slow to import, and no kernel start needs it)

    project = Project.open(environment.workspace.manifest)
    python = ",".join(project.requires_python())
    target = Target(platform, python)
    written = project.specs(environment.features)
    specs = tuple(dict.fromkeys(spec for spec in written if target.applies(spec.requirement)))
    return Composition(
        platform=platform,
        python=python,
        specs=specs,
        channels=tuple(dict.fromkeys(project.channels(specs, environment.features, target))),
    )
