"""``info``: one environment, from files only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..environments import builds, engines, store
from ..model import Composition, Environment, Workspace
from ..workspaces import formats
from . import answers, describing, options

#: conda's names, which formats share.
PLATFORMS = ("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64", "win-arm64")


@click.command("info")
@options.workspace
@options.environment
@click.option(
    "--platform",
    type=click.Choice(PLATFORMS),
    metavar="NAME",
    help=f"Show what it contains on another platform: {', '.join(PLATFORMS)}.",
)
@options.as_json
def info_command(*, workspace: Path | None, environment: str, platform: str | None, as_json: bool) -> None:
    """Show what an environment contains, where it lives and how it stands."""
    env = options.chosen_environment(workspace, environment)
    composition = formats.compose(env, platform or formats.host_platform())
    engine = engines.choose(env)
    data = {
        **describing.identity(env),
        **describing.status(env),
        "platform": composition.platform,
        "python": composition.python,
        "interpreter": store.place(env).python if builds.ready(env) else None,
        "channels": list(composition.channels),
        "specs": [
            {"kind": spec.kind, "name": spec.name, "requirement": spec.requirement, "origin": spec.origin}
            for spec in composition.specs
        ],
        "variables": dict(composition.variables),
        "requirements": dict(composition.requirements),
        "lock": _lock(env.workspace),
        "engine": {"name": engine.name, "source": f"format {env.workspace.format}"},
        "verdict": None,
    }
    answers.give(data, _info(env, data, composition), as_json=as_json)


def _lock(workspace: Workspace) -> dict[str, Any]:
    """Whether there is a lock; whether it still fits, the engine finds out when it builds."""
    if workspace.lock is None:
        return {"path": None, "state": "none"}
    return {"path": workspace.lock, "state": "present" if workspace.lock.exists() else "missing"}


def _info(env: Environment, data: dict[str, Any], composition: Composition) -> str:
    """``info`` for people."""
    lock = data["lock"]
    rows = {
        "manifest": str(env.workspace.manifest),
        "features": ", ".join(f"{feature.name} ({feature.kind})" for feature in env.features),
        "state": describing.state(data["state"]) + (f": {data['reason']}" if data["reason"] else ""),
        "prefix": str(data["prefix"]),
        "kernel": data["kernel"],
        "python": composition.python,
        "platform": composition.platform,
        "channels": ", ".join(composition.channels),
        "lock": f"{lock['path']} ({lock['state']})" if lock["path"] else "none: this format has no lock",
        "engine": f"{data['engine']['name']} ({data['engine']['source']})",
    }
    lines = [click.style(env.title, bold=True)]
    lines += [f"  {key:9} {value}" for key, value in rows.items() if value]
    lines += ["  specs"] if composition.specs else []
    lines += [
        f"    {spec.requirement}{f'  ({spec.origin})' if spec.origin else ''}" for spec in composition.specs
    ]
    return "\n".join(lines)
