"""Format ``script``: a notebook that says itself what it needs, in a PEP 723 block.

Its one environment is ``default``. The block stands in a code cell, as uv and juv write it, or in the
metadata. https://packaging.python.org/en/latest/specifications/inline-script-metadata/
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import ManifestError, ManifestNotFound
from ...model import Composition, Environment, SolveOptions, Spec, Workspace
from .. import files, toml
from ..pep508 import PYPI, name_and_extras, normalized
from ..tables import Table
from ..uv.manifest import indexes
from ..uv.members import PYTHON_PINS, content_of
from . import notebooks

if TYPE_CHECKING:
    from .block import Script

NAME = "script"
manifests: tuple[str, ...] = ("*.ipynb",)
#: A block, for people who have not seen one.
EXAMPLE = '# /// script\n# dependencies = ["numpy"]\n# ///'


def detect(path: Path) -> Workspace | None:
    """The workspace of a notebook with a block of its own; None if there is none."""
    block = notebooks.block(path) if files.exists(path) else None
    if block is None:
        return None
    found = _parse(block)
    return Workspace(
        name=path.stem,
        format=NAME,
        manifest=path,
        root=path.parent,
        lock=None,
        inputs=tuple(dict.fromkeys(_inputs(found))),
        # nothing else of the notebook counts: to save its outputs is to change nothing
        definition="\n".join(filter(None, (block.text, block.lock))),
    )


def _inputs(found: Script) -> Iterator[Path]:
    """As uv, which runs in the notebook's folder, finds them."""
    for local in found.local:
        yield from content_of(local)
    yield found.root / "uv.toml"
    yield from (found.root / name for name in PYTHON_PINS)


def environments(workspace: Workspace) -> tuple[Environment, ...]:
    return (Environment(workspace, "default"),)


def compose(environment: Environment, platform: str) -> Composition:
    """What the block asks for on ``platform``: requirements as written, and indexes in uv's order."""
    from ..markers import Target  # noqa: PLC0415  (slow to import, and no kernel start needs it)

    found = script(environment.workspace)
    target = Target(platform, found.python)
    return Composition(
        platform=platform,
        python=found.python,
        specs=tuple(_spec(found, text) for text in dict.fromkeys(found.dependencies) if target.applies(text)),
        channels=tuple(dict.fromkeys(_channels(found))),
        options=SolveOptions(strategy=found.resolution or "highest", exclude_newer=found.exclude_newer),
    )


def script(workspace: Workspace) -> Script:
    """What the notebook says now. Raises ManifestNotFound if its block is gone, ManifestInvalid."""
    block = notebooks.block(workspace.manifest)
    if block is None:
        raise missing(workspace.manifest)
    return _parse(block)


def _parse(block: notebooks.Block) -> Script:
    from .block import parse  # noqa: PLC0415  (no other kernel needs it)

    return parse(block)


def missing(notebook: Path) -> ManifestError:
    """What to say to somebody who named a notebook without a block; a damaged one has another error."""
    try:
        notebooks.demand_whole(notebook)
    except ManifestError as error:
        return error
    return ManifestNotFound(
        f"{notebook} does not say which packages it needs.",
        remedy=f"Begin its first code cell with these lines:\n{EXAMPLE}\n"
        "or name the workspace whose environment it shall run in.",
    )


def _spec(found: Script, text: str) -> Spec:
    name, _ = name_and_extras(text)
    sources = [source for source in found.sources if normalized(source.package) == name]
    pinned = {source.index for source in sources if source.index}
    named = [index.url for index in found.indexes if index.name in pinned]
    return Spec(
        "pypi",
        name,
        text,
        index=named[0] if named else None,
        editable=any(source.editable for source in sources),
    )


def _channels(found: Script) -> Iterator[str]:
    """The block's own indexes come before those of a `uv.toml`; the default one is last."""
    settings = found.root / "uv.toml"
    general = indexes(Table(settings, toml.read(settings))) if files.exists(settings) else ()
    every = (*found.indexes, *general)
    pinned = {source.index for source in found.sources if source.index}
    for index in every:
        if (index.explicit and index.name in pinned) or not (index.explicit or index.default):
            yield index.url
    defaults = [index.url for index in every if index.default and not index.explicit]
    yield defaults[0] if defaults else PYPI
