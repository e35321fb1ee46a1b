"""Whether a project asks for something else than what its uv.lock was made for, from the two files alone.

uv.lock repeats the requirements of the projects that it is for (``[package.metadata]``), and uv calls it
outdated where these are not the manifest's
(https://docs.astral.sh/uv/concepts/projects/sync/#checking-the-lockfile). Names and versions are compared,
and not markers, sources or Pythons, for which uv has forms of its own: what is found is certain; what is not
found is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tomli
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ...errors import ManifestError
from ...model import Workspace
from .. import files, markers
from ..pep508 import normalized
from .manifest import parse
from .model import UvManifest

#: A lock may be larger than a manifest.
MAX_BYTES = 2**26
_DYNAMIC = {"dependencies", "optional-dependencies"}
_LOCAL = ("editable", "virtual", "directory")

#: By name, the versions that are asked for; None where it is not versions that are: a URL, a folder.
Asked = dict[str, set[SpecifierSet | None]]


def is_outgrown(workspace: Workspace, lock: Path) -> bool:
    """Whether the lock was certainly made for other requirements."""
    try:
        manifest = parse(workspace.manifest)
        if manifest.name is None or manifest.dynamic & _DYNAMIC:
            return False
        locked = _metadata(files.read_text(lock, MAX_BYTES), workspace.root, lock.parent)
        if locked is None:
            return False
        before, now = _locked(locked), _written(manifest)
    except (ManifestError, InvalidSpecifier, ValueError, KeyError, TypeError, AttributeError):
        return False
    for asked in (before, now):
        asked.pop(normalized(manifest.name), None)  # `all = ["project[cpu]"]`
    return before.keys() != now.keys() or any(
        before[name] != now[name] for name in now if None not in before[name] | now[name]
    )


def _metadata(text: str, root: Path, folder: Path) -> Mapping[str, Any] | None:
    """What the lock repeats of the project in ``root``; None where it does not have that.

    Only this part of the text is parsed: a lock is long.
    """
    for part in text.split("\n[[package]]\n")[1:]:
        head = part.partition("\n[package.")[0]
        if any(f"{kind} = " in head for kind in _LOCAL):
            package = tomli.loads(part)
            place = next((package["source"][kind] for kind in _LOCAL if kind in package["source"]), None)
            if place is not None and files.absolute(folder / place) == files.absolute(root):
                found: Mapping[str, Any] = package.get("package", {}).get("metadata", {})
                return found
    return None


def _locked(metadata: Mapping[str, Any]) -> Asked:
    groups = metadata.get("requires-dev", {}).values()
    found: Asked = {}
    for entry in (*metadata.get("requires-dist", ()), *(entry for group in groups for entry in group)):
        known = entry.keys() <= {"name", "specifier", "marker", "extras", "index"}
        specifier = SpecifierSet(entry.get("specifier", "")) if known else None
        found.setdefault(entry["name"], set()).add(specifier)
    return found


def _written(manifest: UvManifest) -> Asked:
    found: Asked = {}
    for text in _texts(manifest):
        requirement = markers.parsed(text)
        versions = None if requirement.url else requirement.specifier
        found.setdefault(normalized(requirement.name), set()).add(versions)
    return found


def _texts(manifest: UvManifest) -> Iterator[str]:
    parts: Iterable[Iterable[object]] = (
        manifest.dependencies,
        *manifest.extras.values(),
        *manifest.groups.values(),
    )
    yield from (entry for part in parts for entry in part if isinstance(entry, str))
