"""What decides what an environment contains, in one comparable form. Every kernel start imports this."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..model import Environment, Workspace
from ..workspaces import files as disk
from . import choice, generations, glance

#: Changes when prefixes of an earlier release must be checked again.
VERSION = "1"
#: What variables are called that pretend other hardware to a solver.
OVERRIDE = "CONDA_OVERRIDE_"
#: Bytes of a file that is not read at each kernel start but known by its size and time: a wheel beside the
#: manifest may have gigabytes.
LARGE = 2**24


def fingerprint(env: Environment) -> dict[str, str]:
    """By name, everything that a build of ``env`` depends on."""
    found = {
        "environment": env.name,
        "features": ", ".join(f"{feature.kind} {feature.name}" for feature in env.features),
    }
    if env.solve_group is not None:
        found["solve group"] = env.solve_group
    chosen = choice.of(env)
    if chosen is not None and chosen.engine != "uv":
        found["engine"] = chosen.engine
    if _has_private_lock(env, chosen):
        found["generation"] = generations.current(env.workspace)
        theirs = env.workspace.lock
        # where there is no other, the first one of our own moves no prefix: it is made while one is built
        if theirs is not None and theirs.exists() and private_lock(env).exists():
            found["lock"] = "ours"
    return found | sources(env.workspace)


def private_lock(env: Environment) -> Path:
    """The lock of our own for the workspace's files as they are now, whether or not it is there."""
    return generations.lock(env, _digest_of_locks(env.workspace))


@glance.shared
def _digest_of_locks(workspace: Workspace) -> str:
    return digest_of({**sources(workspace), "generation": generations.current(workspace)})


def _has_private_lock(env: Environment, chosen: choice.Choice | None) -> bool:
    return env.workspace.format == "script" or (chosen is not None and chosen.engine == "embedded")


@glance.shared
def sources(workspace: Workspace) -> dict[str, str]:
    """By name, everything that a lock of ``workspace`` is made from: the machine, each file's hash."""
    root = workspace.root
    found = {
        "version": VERSION,
        # scripts and editable installs hold absolute paths, so a moved workspace is another one
        "folder": os.path.realpath(root),
    }
    found |= _machine()
    if workspace.definition:
        found["definition"] = hashlib.sha256(workspace.definition.encode()).hexdigest()
    # of a manifest that has a definition, nothing else counts
    files = [path for path in workspace.inputs if not (workspace.definition and path == workspace.manifest)]
    return found | hashes(files, root)


def hashes(files: Iterable[Path], root: Path) -> dict[str, str]:
    """By its path from ``root``, the hash of each file, or that it is absent."""
    return {_name(path, root): disk.remembered(path, _hash) for path in files}


def digest(env: Environment) -> str:
    return digest_of(fingerprint(env))


def digest_of(found: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The names of what differs, files last and by their path from the workspace's root."""
    return [name for name in {**now, **before} if before.get(name) != now.get(name)]


@glance.shared
def _machine() -> dict[str, str]:
    """The platform, and what variables pretend of it."""
    machine = os.environ.get("PROCESSOR_ARCHITECTURE", "") if os.name == "nt" else os.uname().machine
    pretended = {name: value for name, value in os.environ.items() if name.startswith(OVERRIDE)}
    return {"platform": f"{sys.platform}-{machine}", **pretended}


def _name(path: Path, root: Path) -> str:
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return str(path)


def _hash(path: Path) -> str:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # to read a named pipe is to wait for ever
            return "absent"
        if found.st_size > LARGE:
            return f"{found.st_size} bytes of {found.st_mtime_ns}"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "absent"
