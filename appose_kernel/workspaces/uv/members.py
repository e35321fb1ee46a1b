"""uv workspaces: which projects share a lock, and which files decide what their environments contain."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from ...errors import ManifestError
from .. import files, toml
from .manifest import is_ours, parse
from .model import UvManifest

MANIFEST = "pyproject.toml"
#: What else a project may say about itself outside of `pyproject.toml` (`dynamic` in PEP 621).
LEGACY = ("setup.py", "setup.cfg")
PYTHON_PINS = (".python-version", ".python-versions")
ARCHIVES = frozenset({".whl", ".gz", ".zip", ".bz2", ".xz"})


def content_of(local: Path) -> list[Path]:
    """The files of a local package whose content decides what it installs and needs."""
    return [local] if local.suffix in ARCHIVES else [local / name for name in (MANIFEST, *LEGACY)]


def root_of(manifest: UvManifest) -> UvManifest:
    """The workspace root that ``manifest`` belongs to, or ``manifest`` itself.

    As in uv, the nearest `pyproject.toml` above decides, whatever it is for.
    """
    if manifest.members is not None:
        return manifest
    folder = manifest.file.parent
    for parent in folder.parents:
        file = parent / MANIFEST
        if files.exists(file):
            root = parse(file) if is_ours(toml.read(file)) else manifest
            return root if folder in member_folders(root) else manifest
    return manifest


def member_folders(root: UvManifest) -> tuple[Path, ...]:
    """The folders of a workspace's members, the root's own not included, in a fixed order."""
    top = root.file.parent
    found = {folder for pattern in root.members or () for folder in _expand(top, _parts(pattern))}
    excluded = [_parts(pattern) for pattern in root.exclude]
    return tuple(
        folder
        for folder in sorted(found - {top})
        if not any(_matches(folder.relative_to(top).parts, pattern) for pattern in excluded)
        and files.exists(folder / MANIFEST)
    )


def inputs(manifest: UvManifest, root: UvManifest) -> tuple[Path, ...]:
    """All files whose content decides what ``manifest``'s environments contain, the absent ones too."""
    top = root.file.parent
    members = [folder / MANIFEST for folder in member_folders(root)]
    found = [manifest.file, top / "uv.lock", root.file, *members]
    for file in (manifest.file, root.file, *members):
        found += _path_sources(file, set(found))
    if "dependencies" in manifest.dynamic or "optional-dependencies" in manifest.dynamic:
        found += [manifest.file.parent / name for name in LEGACY]
    found.append(top / "uv.toml")
    found += _pins(manifest.file.parent, top)
    return tuple(dict.fromkeys(found))


def _pins(folder: Path, top: Path) -> Iterator[Path]:
    """Where uv looks for a pinned Python: from the project's folder up to the workspace's."""
    for level in (folder, *folder.parents):
        yield from (level / name for name in PYTHON_PINS)
        if level == top:
            return


def _path_sources(file: Path, known: set[Path]) -> list[Path]:
    """The files behind ``path`` sources: archives, and folders' manifests, which have sources too."""
    try:
        sources = parse(file).sources if is_ours(toml.read(file)) else ()
    except ManifestError:
        # Whoever opens that file itself is told; here it only matters that its content counts.
        return []
    found: list[Path] = []
    for source in sources:
        if source.path is None:
            continue
        target = Path(os.path.normpath(file.parent / source.path))
        if target.suffix in ARCHIVES:
            found.append(target)
        elif (inner := target / MANIFEST) not in known:
            found += [inner, *(target / name for name in LEGACY)]
            known.update(found)
            found += _path_sources(inner, known) if files.exists(inner) else []
    return found


def _parts(pattern: str) -> tuple[str, ...]:
    return tuple(part for part in pattern.replace("\\", "/").split("/") if part not in ("", "."))


def _expand(folder: Path, pattern: tuple[str, ...]) -> Iterator[Path]:
    if not pattern:
        yield folder
        return
    first, *rest = pattern
    if first == "**":
        for level in _below(folder):
            yield from _expand(level, tuple(rest))
    elif any(letter in first for letter in "*?["):
        for name in files.folders(folder):
            if fnmatchcase(name, first):
                yield from _expand(folder / name, tuple(rest))
    else:
        yield from _expand(Path(os.path.normpath(folder / first)), tuple(rest))


def _below(folder: Path) -> Iterator[Path]:
    """``folder`` and all folders below it, each once: symbolic links may lead round in circles."""
    seen: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        level = waiting.pop()
        found = files.signature(level)
        if found is None or found.identity in seen:
            continue
        seen.add(found.identity)
        yield level
        waiting += (level / name for name in files.folders(level))


def _matches(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return _matches(parts, pattern[1:]) or (bool(parts) and _matches(parts[1:], pattern))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
