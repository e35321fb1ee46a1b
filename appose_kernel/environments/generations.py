"""The generation of a workspace's private locks. Every kernel start of an embedded environment imports this.

It is part of what names a prefix in the store: asking for a newer lock changes all names. A lock itself is
not, unless it stands in for one that the workspace has: a build that makes the first lock changes no name.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from pathlib import Path

from ..model import Environment, Workspace
from ..workspaces.names import slug
from . import folders, glance

FILE = "generation"
#: Holds the path of the manifest, for whoever has to tell which locks nobody needs any more.
MANIFEST = "manifest"
#: Letters of the digest in a lock's name.
DIGEST = 16


@glance.shared
def folder(workspace: Workspace) -> Path:
    """The folder of a workspace's private locks, whether or not it is there."""
    where = os.fsencode(os.path.realpath(workspace.manifest))
    key = hashlib.sha256(where).hexdigest()[:12]
    return folders.data_dir() / "locks" / f"{slug(workspace.name)}-{key}"


def lock(env: Environment, digest: str) -> Path:
    """The private lock of the environment's solve group that is made from what ``digest`` is of.

    ``digest`` may be a pattern of :mod:`glob`.
    """
    return folder(env.workspace) / f"{stem(env)}-{digest[:DIGEST]}.lock"


def stem(env: Environment) -> str:
    """What the locks of an environment are called, which it shares with those of its solve group."""
    return f"group.{slug(env.solve_group)}" if env.solve_group else f"environment.{slug(env.name)}"


@glance.shared
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
