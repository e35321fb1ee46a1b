"""What uv refuses in a project, found before anything is built."""

from __future__ import annotations

from ...errors import ManifestInvalid
from ...model import Feature
from .model import Conflict
from .project import Project


def check(project: Project) -> None:
    """Raises ManifestInvalid for what uv would refuse."""
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
