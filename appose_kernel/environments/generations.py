"""The generation of a workspace's private locks. Every kernel start of an embedded environment imports this.

It is part of what names a prefix in the store, and the locks themselves are not: a build that makes the
first lock changes no name, and asking for a newer lock changes all.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from pathlib import Path

from ..model import Workspace
from ..workspaces.names import slug
from . import folders

FILE = "generation"
#: Holds the path of the manifest, for whoever has to tell which locks nobody needs any more.
MANIFEST = "manifest"


def folder(workspace: Workspace) -> Path:
    """The folder of a workspace's private locks, whether or not it is there."""
    where = os.fsencode(os.path.realpath(workspace.manifest))
    key = hashlib.sha256(where).hexdigest()[:12]
    return folders.data_dir() / "locks" / f"{slug(workspace.name)}-{key}"


def current(workspace: Workspace) -> str:
    """Changes with each :func:`renew`; empty before the first."""
    try:
        return (folder(workspace) / FILE).read_text(encoding="utf-8")
    except OSError:
        return ""


def renew(workspace: Workspace) -> None:
    """Let go of the workspace's locks: the next build makes new ones, for prefixes of their own."""
    place = prepare(workspace)
    draft = place / f".{FILE}.{os.getpid()}"
    draft.write_text(uuid.uuid4().hex, encoding="utf-8")
    draft.replace(place / FILE)


def prepare(workspace: Workspace) -> Path:
    """Make the folder of a workspace's private locks, shared with whoever shares our data, and return it."""
    place = folder(workspace)
    place.parents[1].mkdir(parents=True, exist_ok=True)
    for each in (place.parent, place):
        folders.share(each)
    if manifest_of(place) != workspace.manifest:
        (place / MANIFEST).write_bytes(os.fsencode(workspace.manifest))
    return place


def manifest_of(place: Path) -> Path | None:
    """The manifest whose private locks are in that folder; None if it is no such folder."""
    try:
        return Path(os.fsdecode((place / MANIFEST).read_bytes()))
    except OSError:
        return None
