"""Format ``uv``: a ``pyproject.toml`` with a ``[project]``, or the root of a uv workspace.

Environments: ``default``, one for each extra, and those of ``[tool.appose-kernel.environments]``.
"""

from __future__ import annotations

from pathlib import Path

from ...errors import ManifestInvalid
from ...model import Composition, Environment, Feature, Workspace
from .. import files, toml
from .manifest import is_ours
from .members import MANIFEST, inputs
from .model import Conflict
from .project import Project

NAME = "uv"
manifests: tuple[str, ...] = (MANIFEST,)


def detect(path: Path) -> Workspace | None:
    """The workspace of the manifest at ``path``; None if there is none, or if it is another tool's."""
    if not files.exists(path) or not is_ours(toml.read(path)):
        return None
    project = Project.open(path)
    _check(project)
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
    project = Project.open(workspace.manifest)
    found: dict[str, tuple[Feature, ...]] = {"default": ()}
    for extra in project.extras:
        features = (Feature(extra, "extra"),)
        # An extra that brings conflicting ones (`all = ["p[cpu,cuda]"]`) cannot be installed.
        if not project.conflicting(features):
            found.setdefault(extra, features)
    found |= project.manifest.environments
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


def _check(project: Project) -> None:
    """Refuse what uv would refuse, before anything is built."""
    if source := project.undefined_index():
        raise project.manifest.invalid(
            f"`{source.key}` is taken from the index `{source.index}`, which is not defined.",
            *("tool", "uv", "sources", source.key),
            remedy=f'Add a [[tool.uv.index]] with `name = "{source.index}"`, or remove the source.',
        )
    for name, features in project.manifest.environments.items():
        _check_environment(project, name, features)


def _check_environment(project: Project, name: str, features: tuple[Feature, ...]) -> None:
    for feature in features:
        if not project.defines(feature):
            raise _undefined(project, name, feature)
    if clash := project.conflicting(features):
        raise project.manifest.invalid(
            f"environment `{name}` combines {' and '.join(map(_described, clash))}, which are declared"
            " to conflict in `tool.uv.conflicts`.",
            *("tool", "appose-kernel", "environments", name),
            remedy="Make an environment of its own for each of them.",
        )


def _undefined(project: Project, name: str, feature: Feature) -> ManifestInvalid:
    table = "[project.optional-dependencies]" if feature.kind == "extra" else "[dependency-groups]"
    key = f"{feature.kind}s"
    return project.manifest.invalid(
        f"environment `{name}` uses the {feature.kind} `{feature.name}`, which is not defined.",
        *("tool", "appose-kernel", "environments", name, key),
        remedy=f"Add it under {table} or remove it.",
    )


def _described(conflict: Conflict) -> str:
    if conflict.feature is None:
        return f"the package `{conflict.package}`"
    return f"the {conflict.feature.kind} `{conflict.feature.name}`"
