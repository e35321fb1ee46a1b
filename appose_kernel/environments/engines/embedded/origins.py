"""What one of our own locks was made from, which stands in a comment at its end.

So a lock goes on to count where something has changed that no solver looks at: a variable, a script, a task.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ....model import Spec
from ... import generations, inputs
from .places import Place

_MARK = "# made from "


def of(group: Sequence[Place], environ: Mapping[str, str]) -> dict[str, str]:
    """Digests of what conda's packages, and PyPI's, were asked for, and of how they are to be found.

    ``group`` are all environments that the lock is for, ``environ`` is what a build's tools see.
    """
    conda = {place.environment.name: sorted(_conda(place)) for place in group}
    pypi = {place.environment.name: sorted(map(_pypi, _specs(place, "pypi"))) for place in group}
    return {"conda": _digest(conda), "pypi": _digest(pypi), "how": _digest(_how(group, environ))}


def _conda(place: Place) -> list[str]:
    return [spec.requirement for spec in _specs(place, "conda", "constraint", "source")]


def _specs(place: Place, *kinds: str) -> list[Spec]:
    return [spec for spec in place.composition.specs if spec.kind in kinds]


def _pypi(spec: Spec) -> list[str]:
    return [spec.requirement, spec.index or "", "editable" if spec.editable else ""]


def _how(group: Sequence[Place], environ: Mapping[str, str]) -> list[Any]:
    workspace = group[0].environment.workspace
    places = [
        (
            place.platform,
            place.composition.channels,
            dataclasses.asdict(place.composition.options),
            place.virtual,
        )
        for place in group
    ]
    # the manifest is what the compositions are made of, and scripts are for after the installation
    passed = {workspace.manifest, workspace.lock}
    passed |= {workspace.root / script for place in group for script in place.composition.scripts}
    files = [path for path in workspace.inputs if path not in passed]
    pretended = {name: value for name, value in environ.items() if name.startswith(inputs.OVERRIDE)}
    return [places, inputs.hashes(files, workspace.root), pretended, generations.current(workspace)]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def write(lock: Path, origin: Mapping[str, str]) -> None:
    """Add it to a lock that nobody uses yet."""
    with lock.open("a", encoding="utf-8") as file:
        file.write(f"{_MARK}{json.dumps(origin, sort_keys=True)}\n")


def read(lock: Path) -> dict[str, str]:
    """What :func:`write` has added; nothing where nothing is there."""
    try:
        last = lock.read_text(encoding="utf-8").rstrip().rpartition("\n")[2]
        found = json.loads(last.removeprefix(_MARK))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
