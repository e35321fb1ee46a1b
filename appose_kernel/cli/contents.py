"""What an environment contains on a platform, in JSON and in words: the heart of ``info``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click

from ..errors import redact
from ..model import Composition, SolveOptions, Spec

#: The kinds of specs in the order in which they are shown, with what stands above them.
_KINDS = {
    "conda": "conda packages",
    "source": "conda packages built from their sources",
    "constraint": "only these, where something brings them",
    "pypi": "Python packages",
}


def without_secrets(composition: Composition) -> Composition:
    """What may be shown: passwords and tokens of channels, indexes and URLs are hidden."""
    return replace(
        composition,
        channels=tuple(map(redact, composition.channels)),
        specs=tuple(
            replace(spec, requirement=redact(spec.requirement), index=spec.index and redact(spec.index))
            for spec in composition.specs
        ),
        variables={
            name: redact(f"{name}={value}").removeprefix(f"{name}=")
            for name, value in composition.variables.items()
        },
        options=replace(
            composition.options,
            pypi={key: redact(value) for key, value in composition.options.pypi.items()},
        ),
    )


def data(composition: Composition) -> dict[str, Any]:
    """A composition as ``--json`` prints it."""
    return {
        "platform": composition.platform,
        "python": composition.python,
        "channels": list(composition.channels),
        "specs": [_spec(spec) for spec in composition.specs],
        "variables": dict(composition.variables),
        "scripts": list(composition.scripts),
        "requirements": dict(composition.requirements),
        "options": {
            "channel_priority": composition.options.channel_priority,
            "strategy": composition.options.strategy,
            "exclude_newer": composition.options.exclude_newer,
            "pypi": dict(composition.options.pypi),
        },
    }


def _spec(spec: Spec) -> dict[str, Any]:
    return {
        "kind": spec.kind,
        "name": spec.name,
        "requirement": spec.requirement,
        "origin": spec.origin,
        "index": spec.index,
        "editable": spec.editable,
    }


def rows(composition: Composition) -> dict[str, str]:
    """The one-line facts, by their names; an empty one is not worth a line."""
    required = (f"{name} {version}" for name, version in composition.requirements.items())
    return {
        "python": composition.python,
        "platform": composition.platform,
        "system": ", ".join(required),
        "channels": ", ".join(composition.channels),
        "solving": ", ".join(_unusual(composition.options)),
    }


def _unusual(options: SolveOptions) -> Iterator[str]:
    """What the manifest wants otherwise than usual."""
    usual = SolveOptions()
    if options.channel_priority != usual.channel_priority:
        yield f"channel priority {options.channel_priority}"
    if options.strategy != usual.strategy:
        yield f"versions: {options.strategy}"
    if options.exclude_newer:
        yield f"nothing newer than {options.exclude_newer}"
    for key, value in options.pypi.items():
        yield f"{key} {value}"


def lines(composition: Composition) -> Iterator[str]:
    """Specs by kind, each with the feature that brings it, and what activation does."""
    for kind, head in _KINDS.items():
        found = [spec for spec in composition.specs if spec.kind == kind]
        if found:
            yield f"  {click.style(head, bold=True)}"
            yield from (f"    {_told(spec)}" for spec in found)
    if composition.variables or composition.scripts:
        yield f"  {click.style('activation', bold=True)}"
        yield from (f"    {name}={value}" for name, value in composition.variables.items())
        yield from (f"    runs {script}" for script in composition.scripts)


def _told(spec: Spec) -> str:
    extra = [spec.origin, "editable" if spec.editable else "", f"from {spec.index}" if spec.index else ""]
    told = ", ".join(filter(None, extra))
    return f"{spec.requirement}{f'  ({told})' if told else ''}"
