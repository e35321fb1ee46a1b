"""Format ``pixi``: a ``pixi.toml``, or a ``pyproject.toml`` with ``[tool.pixi.workspace]``.

An environment's features are those that it lists; the default feature is implied, and its specs have no
origin. What the environment's own table says has the environment's name for its origin.

What reads a manifest is imported when there is one: it takes 15 ms, which kernels of other formats can do
without.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...model import Composition, Environment, Feature, Workspace
from .. import files, toml
from .workspace import MANIFEST, PYPROJECT, is_workspace

if TYPE_CHECKING:
    from .model import PixiEnvironment, PixiManifest, Platform
    from .refusals import Refusal

NAME = "pixi"
manifests: tuple[str, ...] = (MANIFEST, PYPROJECT)


def detect(path: Path) -> Workspace | None:
    """The workspace of the manifest at ``path``; None if there is none, or if it is a member of another."""
    if not files.exists(path) or not is_workspace(path, toml.read(path)):
        return None
    from .definition import definition  # noqa: PLC0415
    from .inputs import inputs  # noqa: PLC0415

    manifest = _parse(path)
    counting = list(inputs(manifest))
    return Workspace(
        name=manifest.name or files.display_name(path.parent),
        format=NAME,
        manifest=path,
        root=path.parent,
        lock=path.parent / "pixi.lock",
        inputs=tuple(dict.fromkeys((path, *counting))),
        definition=definition(manifest, installed=path in counting),
    )


def environments(workspace: Workspace) -> tuple[Environment, ...]:
    from . import composing  # noqa: PLC0415

    manifest = _parse(workspace.manifest)
    return tuple(
        Environment(
            workspace=workspace,
            name=found.name,
            features=tuple(Feature(name, "feature") for name in found.features),
            solve_group=found.solve_group,
            platforms=composing.running(manifest, found),
        )
        for found in manifest.environments.values()
    )


def compose(environment: Environment, platform: str) -> Composition:
    """What the environment contains on ``platform``, one of conda's or the name of the workspace's.

    Raises PlatformUnsupported where the manifest does not list the platform.
    """
    from . import composing  # noqa: PLC0415

    manifest, found = _opened(environment)
    return composing.compose(manifest, found, platform)


def platforms(environment: Environment) -> tuple[Platform, ...]:
    """The environment's platforms, in the order in which pixi tries whether the machine can run them."""
    from . import composing  # noqa: PLC0415

    return composing.platforms(*_opened(environment))


def virtual_packages(composition: Composition) -> dict[str, str]:
    """What to solve with: the declared virtual packages, and pixi's defaults for all others.

    The value of ``__archspec`` is a microarchitecture, that of any other a version.
    """
    from . import rich_platforms  # noqa: PLC0415

    return rich_platforms.completed(composition.platform, composition.requirements)


def requires_pixi(workspace: Workspace) -> str | None:
    """The versions of pixi that the manifest asks for, as conda writes them (``>=0.70``)."""
    return _parse(workspace.manifest).requires_pixi


def needs_pixi(environment: Environment, platform: str) -> list[Refusal]:
    """What of the environment on ``platform`` only the pixi binary can build. Raises PlatformUnsupported."""
    from .refusals import refusals  # noqa: PLC0415

    return refusals(*_opened(environment), platform)


def _opened(environment: Environment) -> tuple[PixiManifest, PixiEnvironment]:
    manifest = _parse(environment.workspace.manifest)
    return manifest, manifest.environments[environment.name]


def _parse(manifest: Path) -> PixiManifest:
    from .manifest import parse  # noqa: PLC0415

    return parse(manifest)
