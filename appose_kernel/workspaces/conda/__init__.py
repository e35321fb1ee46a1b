"""Format ``conda``: an ``environment.yml``. Its one environment is ``default``.

The file's ``name`` is the workspace's. ``prefix`` means a folder of the machine that the file was exported
on, and is ignored, as conda itself does where it creates an environment by name.
"""

from __future__ import annotations

from pathlib import Path

from ...model import Composition, Environment, Workspace
from .. import files

NAME = "conda"
manifests: tuple[str, ...] = ("environment.yml", "environment.yaml")


def detect(path: Path) -> Workspace | None:
    """The workspace of the file at ``path``; None if it is absent."""
    if not files.exists(path):
        return None
    from . import composing, environment_file  # noqa: PLC0415  (YAML, 20 ms that other kernels can do without)

    found = environment_file.parse(path)
    return Workspace(
        name=found.name or files.display_name(path.parent),
        format=NAME,
        manifest=path,
        root=path.parent,
        lock=None,
        inputs=composing.inputs(found),
        definition=composing.definition(found),
    )


def environments(workspace: Workspace) -> tuple[Environment, ...]:
    return (Environment(workspace, "default"),)


def compose(environment: Environment, platform: str) -> Composition:
    """What the file asks for on ``platform``; ``variables`` are literal, no shell expands them."""
    from . import composing, environment_file  # noqa: PLC0415  (see above)

    return composing.compose(environment_file.parse(environment.workspace.manifest), platform)
