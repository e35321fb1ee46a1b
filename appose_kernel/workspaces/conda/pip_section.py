"""The ``pip:`` section of an environment.yml, in the terms that uv and pixi have for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import ManifestError, ManifestInvalid
from ...model import Spec
from .. import files, toml
from ..pep508 import name_and_extras, normalized
from ..requirements import installs, name_of_link
from ..requirements.lines import Entry
from ..uv.members import MANIFEST

if TYPE_CHECKING:
    from ..markers import Target

#: What an option of pip's is called among pixi's, https://pixi.prefix.dev/latest/reference/pixi_manifest/.
_LISTS = {
    "extra-index-url": "extra-index-urls",
    "no-binary": "no-binary",
    "only-binary": "no-build",
    "constraint": "constraints",
}
#: Options that change nothing for uv.
_IGNORED = frozenset({"prefer-binary", "use-feature", "requirement"})
_PACKAGES = ("package", "editable", "link")
_EXTRAS = re.compile(r"\[[^\]/]*\]$")
_WHEEL = re.compile(r"(?:.*/)?(?P<name>[A-Za-z0-9._]+)-[^-/]+(?:-[^-/]+){3,4}\.whl(?:#.*)?")


def specs(entries: Iterable[Entry], target: Target) -> Iterator[Spec]:
    """What the section installs on a platform; a local path as ``name @ file:///…``.

    Where the name of what a URL leads to is not known before it is fetched, the requirement is the bare
    URL, which uv takes as well.
    """
    for entry in entries:
        if installs(entry, target):
            yield _spec(entry)


def _spec(entry: Entry) -> Spec:
    if entry.kind == "package":
        return Spec("pypi", name_and_extras(entry.value)[0], entry.value, origin="pip")
    place, _, marker = (part.strip() for part in entry.value.partition(" ;"))
    extras = match[0] if (match := _EXTRAS.search(place)) else ""
    local = entry.local
    url = re.sub(r"#egg=[^&]*$|(?<=#)egg=[^&]*&|&egg=[^&]*", "", place)
    name = _certain_name(entry, local)
    if local is not None:
        url = local.as_uri()
    text = f"{name}{extras} @ {url}" if name else url + extras
    text = f"{text} ; {marker}" if marker else text
    editable = entry.kind == "editable"
    return Spec("pypi", name or name_of_link(entry), text, origin="pip", editable=editable)


def _certain_name(entry: Entry, local: Path | None) -> str | None:
    """The name of the package behind a URL or path, where something says it."""
    if match := re.search(r"[#&]egg=([A-Za-z0-9._-]+)", entry.value):
        return normalized(match[1])
    if match := _WHEEL.fullmatch(entry.value):
        return normalized(match[1])
    try:
        data = toml.read(local / MANIFEST) if local and files.exists(local / MANIFEST) else {}
    except ManifestError:
        return None  # uv tells whoever builds it
    project = data.get("project")
    name = project.get("name") if isinstance(project, dict) else None
    return normalized(name) if isinstance(name, str) else None


def options(entries: Iterable[Entry]) -> dict[str, Any]:
    """The section's options, in the words of pixi's ``[pypi-options]``.

    ``constraints`` are pip's, as requirements; pixi has none.
    """
    found: dict[str, Any] = {}
    for entry in entries:
        if entry.constrains or entry.kind == "constraint":
            if entry.kind == "package":
                found.setdefault("constraints", []).append(entry.value)
        elif entry.kind in _LISTS:
            found.setdefault(_LISTS[entry.kind], []).extend(_values(entry))
        elif entry.kind == "index-url":
            found["index-url"] = entry.value
        elif entry.kind == "find-links":
            found.setdefault("find-links", []).append(_link(entry))
        elif entry.kind == "pre":
            found["prerelease-mode"] = "allow"
        elif entry.kind not in (*_PACKAGES, *_IGNORED):
            raise _unsupported(entry)
    return found


def _values(entry: Entry) -> list[str]:
    if entry.kind == "extra-index-url":
        return [entry.value]
    return [part.strip() for part in entry.value.split(",")]


def _link(entry: Entry) -> dict[str, str]:
    if "://" in entry.value:
        return {"url": entry.value}
    return {"path": str(files.absolute(entry.file.parent / entry.value))}


def _unsupported(entry: Entry) -> ManifestInvalid:
    return ManifestInvalid(
        entry.file,
        entry.line,
        f"pip's option `--{entry.kind}` is not supported in a conda environment.",
        remedy="Remove it; uv, which installs these packages, has settings of its own for the same ends:"
        " https://docs.astral.sh/uv/reference/settings/.",
    )
