"""An environment in JSON and in words: the keys that ``list``, ``info``, ``build`` and the others share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..environments import builds, choice, private_lock, store
from ..environments import own_kernels as prefixes_kernels
from ..environments.engines.uv import script
from ..model import Environment, State, Workspace
from ..workspaces import names

COLORS = {State.READY: "green", State.BUILDING: "cyan", State.DRIFTED: "yellow", State.FAILED: "red"}


def workspace(found: Workspace) -> dict[str, Any]:
    return {
        "name": found.name,
        "format": found.format,
        "manifest": found.manifest,
        "root": found.root,
        "lock": found.lock,
    }


def identity(env: Environment) -> dict[str, Any]:
    """Which environment an answer is about."""
    return {
        "workspace": workspace(env.workspace),
        "environment": env.name,
        "title": env.title,
        "kernel": names.kernel_name(env),
    }


def lock_of(env: Environment) -> Path | None:
    """The lock that builds of ``env`` install, if there is one yet: the workspace's, ours, a notebook's."""
    workspace = env.workspace
    if workspace.format == "script":
        return workspace.manifest if script.is_in_notebook(env) else private_lock.path(env)
    private = private_lock.path(env)
    chosen = choice.of(env)
    theirs = workspace.lock is not None and workspace.lock.exists() and not private.exists()
    return private if chosen and chosen.engine == "embedded" and not theirs else workspace.lock


def status(env: Environment) -> dict[str, Any]:
    """What an environment is made of, where it is, and its state, from files only."""
    found = builds.status(env)
    return {
        "features": [{"name": feature.name, "kind": feature.kind} for feature in env.features],
        "prefix": store.place(env).path,
        "state": found.state.value,
        "reason": found.reason,
        "build": found.build,
        "error": found.error,
    }


def own_kernels(env: Environment, kernel: str) -> list[dict[str, Any]]:
    """The kernels that the prefix of ``env``, whose own kernel is called so, brings itself."""
    return [
        {
            "name": name,
            "kernel": names.own_kernel_name(kernel, name),
            "display_name": own.display_name,
            "language": own.language,
        }
        for name, own in prefixes_kernels.built(env).kernels.items()
    ]


def state(entry: Mapping[str, Any]) -> tuple[str, str]:
    """The state of what :func:`status` describes, in its colour, and the reason if that is more to tell.

    Why something is not built says all: that it is for another platform, that its application has built it.
    """
    value, reason = entry["state"], entry["reason"]
    if value == State.NOT_BUILT.value and reason:
        return reason, ""
    return click.style(value, fg=COLORS.get(State(value))), reason


def short(path: Path) -> str:
    """A path as people write it: below the current folder, or below home, or as it is."""
    for base, prefix in ((Path.cwd(), ""), (Path.home(), "~/")):
        if path != base and path.is_relative_to(base):
            return f"{prefix}{path.relative_to(base)}"
    return str(path)
