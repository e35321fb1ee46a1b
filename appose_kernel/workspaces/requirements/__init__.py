"""Format ``requirements``: a ``requirements.txt`` that stands alone. Its one environment is ``default``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...model import Composition, Environment, Spec, Workspace
from .. import files, toml
from ..pep508 import PYPI, name_and_extras, normalized
from ..pixi.workspace import is_workspace
from ..uv.members import MANIFEST, PYTHON_PINS, content_of
from .lines import Entry, entries

if TYPE_CHECKING:
    from ..markers import Target

NAME = "requirements"
manifests: tuple[str, ...] = ("requirements.txt",)

_EGG = re.compile(r"[#&]egg=([^&\[]+)")


def detect(path: Path) -> Workspace | None:
    """The workspace of the file at ``path``; None if it is absent, or goes with a project beside it."""
    if not files.exists(path) or _has_project(path.parent / MANIFEST):
        return None
    root = path.parent
    return Workspace(
        name=files.display_name(root),
        format=NAME,
        manifest=path,
        root=root,
        lock=None,
        inputs=tuple(dict.fromkeys(_inputs(path))),
    )


def environments(workspace: Workspace) -> tuple[Environment, ...]:
    return (Environment(workspace, "default"),)


def compose(environment: Environment, platform: str) -> Composition:
    """What the file and its includes ask for on ``platform``, as written and without hashes."""
    from ..markers import Target  # noqa: PLC0415  (slow to import, and no kernel start needs it)

    found = list(entries(environment.workspace.manifest))
    target = Target(platform, "")
    specs = (_spec(entry) for entry in found if installs(entry, target))
    return Composition(
        platform=platform,
        python="",
        specs=tuple(dict.fromkeys(specs)),
        channels=tuple(dict.fromkeys(_channels(found))),
    )


def _has_project(pyproject: Path) -> bool:
    if not files.exists(pyproject):
        return False
    data = toml.read(pyproject)
    return "project" in data or is_workspace(pyproject, data)


def _inputs(manifest: Path) -> Iterator[Path]:
    yield manifest
    yield from locals_of(entries(manifest))
    yield manifest.parent / "uv.toml"
    yield from (manifest.parent / name for name in PYTHON_PINS)


def locals_of(found: Iterable[Entry]) -> Iterator[Path]:
    """The files whose content counts: those the entries stand in, and of the local packages they name."""
    for entry in found:
        yield entry.file
        if local := entry.local:
            yield from content_of(local)


def installs(entry: Entry, target: Target) -> bool:
    """Whether ``entry`` puts something into an environment on ``target``."""
    if entry.constrains or entry.kind not in ("package", "editable", "link"):
        return False
    if entry.kind == "package":
        return target.applies(entry.value)
    # A URL or path is parted from its marker by a space, for `;` may stand in a URL.
    _, _, marker = entry.value.partition(" ;")
    return not marker or target.holds(marker.strip())


def _spec(entry: Entry) -> Spec:
    if entry.kind == "package":
        return Spec("pypi", name_and_extras(entry.value)[0], entry.value)
    written = f"-e {entry.value}" if entry.kind == "editable" else entry.value
    return Spec("pypi", name_of_link(entry), written)


def name_of_link(entry: Entry) -> str:
    """A name to show for a URL or path: what it calls itself, else the last part, without a wheel's tags."""
    if egg := _EGG.search(entry.value):
        return normalized(egg[1])
    if entry.local:
        last = entry.local.name
    else:
        last = re.split(r"[#?; ]", entry.value)[0].rstrip("/").rpartition("/")[2].partition("@")[0]
    return normalized(re.sub(r"\.git$|-\d.*$", "", last))


def _channels(found: Iterable[Entry]) -> Iterator[str]:
    """The indexes in uv's order, the default one last; then the folders and pages of links."""
    values: dict[str, list[str]] = {}
    for entry in found:
        values.setdefault(entry.kind, []).append(entry.value)
    if "no-index" not in values:
        yield from values.get("extra-index-url", ())
        yield values.get("index-url", [PYPI])[-1]
    yield from values.get("find-links", ())
