"""``lock``: the exact packages of a workspace, written down for builds to install."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import click

from ..environments import engines
from ..environments.engines import Engine, Job
from ..environments.engines.uv import script
from ..errors import ApposeKernelError
from ..model import BuildOptions, Workspace
from ..workspaces import formats
from ..workspaces.script import notebook_lock
from . import answers, describing, options
from .building import job


@click.command("lock")
@options.workspace
@click.option(
    "--into-notebook",
    is_flag=True,
    help="Put the lock of a notebook into its metadata, to travel with it; else it stays on this machine.",
)
@click.option(
    "--own",
    is_flag=True,
    help="Make a lock that only appose-kernel uses, although the workspace's pixi.lock fits. It counts until"
    " pixi.lock or the manifest changes, or `lock` is called without this.",
)
@options.as_json
def lock_command(*, workspace: Path | None, into_notebook: bool, own: bool, as_json: bool) -> None:
    """Write the exact packages of a workspace's environments to its lock, for builds to install.

    What is locked stays as it is as far as the manifest still allows it. A lock of our own, which no other
    tool updates, gets the newest versions where it fits already. One that is in a notebook stays there.
    Nothing is installed.
    """
    found = options.chosen_workspace(workspace)
    if into_notebook and found.format != "script":
        raise click.UsageError("--into-notebook goes with a notebook that has a block `# /// script`.")
    env = formats.environments(found)[0]
    engine = engines.choose(env)
    if own and engine.name != "embedded":
        raise click.UsageError("--own goes with conda packages where there is no pixi; others have one lock.")
    there = found.format == "script" and script.is_in_notebook(env)
    travels = into_notebook or there
    if travels or (found.lock is not None and engine.name != "embedded"):
        _demand_writable(found)
    before = _content(found)
    # what has been built and tried is what goes into the notebook, if there is such a lock
    wanted = BuildOptions(locked=into_notebook and not there)
    said = asyncio.run(_lock(engine, replace(job(env, wanted), own=own), quiet=as_json))
    after = _content(found)
    changed = {place: before.get(place) != content for place, content in after.items()}
    if travels:
        changed = {found.manifest: notebook_lock.write(found.manifest, script.portable_lock(env))}
    data = {
        "workspace": describing.workspace(found),
        "lock": next(iter(changed), None),
        "locks": list(changed),
        "changed": any(changed.values()) or (not travels and before.keys() != after.keys()),
        "output": said,
    }
    head = "The lock in " if travels else ""
    lines = [f"{head}{place} {_become(written)}." for place, written in changed.items()]
    answers.give(data, "\n".join(lines), as_json=as_json)


def _demand_writable(found: Workspace) -> None:
    if not os.access(found.root, os.W_OK):
        raise ApposeKernelError(
            f"{found.root} cannot be written to, so its lock cannot be either.",
            remedy="Copy the workspace to a folder of your own; or build it as it is.",
        )


def _content(found: Workspace) -> dict[Path, bytes]:
    """The locks that count for the workspace's environments, those that are there."""
    places = dict.fromkeys(describing.lock_of(env) for env in formats.environments(found))
    return {place: place.read_bytes() for place in places if place is not None and place.exists()}


def _become(written: bool) -> str:
    return "is written" if written else "fits the manifest, and stays"


async def _lock(engine: Engine, wanted: Job, *, quiet: bool) -> list[str]:
    """Lock, and return the lines that the engine's tool printed: they name what changed."""
    said = []
    async with aclosing(engine.lock(wanted)) as steps:
        async for step in steps:
            if step.output:
                said.append(step.message)
            if not quiet and step.message:
                answers.note(step.message)
    return said
