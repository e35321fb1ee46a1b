"""What a conda environment file comes to on a platform."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from ...model import Composition, SolveOptions, Spec
from ..requirements import locals_of
from . import environment_file, pip_section
from .environment_file import CondaFile
from .match_specs import CondaSpec

#: Where an environment without channels comes from. conda would take ``defaults``, whose terms forbid it to
#: many (https://www.anaconda.com/legal/terms/terms-of-service); pixi takes this one for imported files.
CHANNEL = "conda-forge"
_ANACONDA = "https://repo.anaconda.com/pkgs"


def inputs(found: CondaFile) -> tuple[Path, ...]:
    """The files that count. Raises ManifestInvalid for what cannot be installed, before anything is."""
    pip_section.options(found.pip)
    return tuple(dict.fromkeys((found.file, *locals_of(found.pip))))


def definition(found: CondaFile) -> str:
    """What decides what the environment contains; comments and other sections do not."""
    pip = [(str(entry.file), entry.kind, entry.value, entry.constrains) for entry in found.pip]
    specs = [(spec.text, spec.channel, system) for spec, system in found.specs]
    return json.dumps([found.name, found.channels, specs, pip, dict(found.variables)], sort_keys=True)


def compose(found: CondaFile, platform: str) -> Composition:
    """What the file asks for on ``platform``."""
    from ..markers import Target  # noqa: PLC0415  (slow to import, and no kernel start needs it)

    wanted = [spec for spec, system in found.specs if environment_file.applies(system, platform)]
    pip = pip_section.specs(found.pip, Target(platform, ""))
    python = [spec.version for spec in wanted if spec.name == "python" and spec.version]
    return Composition(
        platform=platform,
        python=",".join(python),
        specs=tuple(dict.fromkeys((*(_spec(spec, found) for spec in wanted), *pip))),
        channels=tuple(dict.fromkeys(_channels(found, wanted, platform))),
        variables=found.variables,
        options=SolveOptions(pypi=pip_section.options(found.pip)),
    )


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
