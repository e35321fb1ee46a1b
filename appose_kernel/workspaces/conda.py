"""Format ``conda``: an ``environment.yml``. Its one environment is ``default``.

The file's ``name`` is the workspace's. ``prefix`` means a folder of the machine that the file was exported
on, and is ignored, as conda itself does where it creates an environment by name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ..model import Composition, Environment, SolveOptions, Spec, Workspace
from . import conda_file, conda_pip, files
from .conda_file import CondaFile
from .conda_specs import CondaSpec
from .requirements import locals_of

NAME = "conda"
manifests: tuple[str, ...] = ("environment.yml", "environment.yaml")

#: Where an environment without channels comes from. conda would take ``defaults``, whose terms forbid it to
#: many (https://www.anaconda.com/legal/terms/terms-of-service); pixi takes this one for imported files.
CHANNEL = "conda-forge"
_ANACONDA = "https://repo.anaconda.com/pkgs"


def detect(path: Path) -> Workspace | None:
    """The workspace of the file at ``path``; None if it is absent."""
    if not files.exists(path):
        return None
    found = conda_file.parse(path)
    conda_pip.options(found.pip)  # refuses what cannot be installed, before anything is
    return Workspace(
        name=found.name or files.display_name(path.parent),
        format=NAME,
        manifest=path,
        root=path.parent,
        lock=None,
        inputs=tuple(dict.fromkeys(_inputs(found))),
    )


def environments(workspace: Workspace) -> tuple[Environment, ...]:
    return (Environment(workspace, "default"),)


def compose(environment: Environment, platform: str) -> Composition:
    """What the file asks for on ``platform``; ``variables`` are literal, no shell expands them."""
    from .markers import Target  # noqa: PLC0415  (slow to import, and no kernel start needs it)

    found = conda_file.parse(environment.workspace.manifest)
    wanted = [spec for spec, system in found.specs if conda_file.applies(system, platform)]
    pip = conda_pip.specs(found.pip, Target(platform, ""))
    python = [spec.version for spec in wanted if spec.name == "python" and spec.version]
    return Composition(
        platform=platform,
        python=",".join(python),
        specs=tuple(dict.fromkeys((*(_spec(spec, found) for spec in wanted), *pip))),
        channels=tuple(dict.fromkeys(_channels(found, wanted, platform))),
        variables=found.variables,
        options=SolveOptions(pypi=conda_pip.options(found.pip)),
    )


def _inputs(found: CondaFile) -> Iterator[Path]:
    yield found.file
    yield from locals_of(found.pip)


def _spec(spec: CondaSpec, found: CondaFile) -> Spec:
    if spec.channel is None:
        return Spec("conda", spec.name, spec.text)
    channel = _channel(spec.channel, found.file.parent, "")[0]
    return Spec("conda", spec.name, spec.text.replace(f"{spec.channel}::", f"{channel}::", 1))


def _channels(found: CondaFile, wanted: list[CondaSpec], platform: str) -> Iterator[str]:
    """The channels in the file's order, then those that single packages name."""
    named = [spec.channel for spec in wanted if spec.channel]
    for channel in (*(found.channels or (CHANNEL,)), *named):
        yield from _channel(channel, found.file.parent, platform)


def _channel(written: str, folder: Path, platform: str) -> tuple[str, ...]:
    """A channel as solvers know it: ``defaults`` is a list of three, a path is a URL.

    https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/settings.html
    """
    if written == "defaults":
        more = ("msys2",) if platform.startswith("win") else ()
        return tuple(f"{_ANACONDA}/{name}" for name in ("main", "r", *more))
    if re.match(r"\.{0,2}[/\\]|~|[A-Za-z]:[/\\]", written):
        return (Path(os.path.normpath(folder / Path(written).expanduser())).as_uri(),)
    return (written,)
