"""``info``: one environment, from files; to compare pixi.lock with its manifest takes a process."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from ..environments import builds, choice, engines, settings, store
from ..environments.engines.embedded import EmbeddedEngine
from ..errors import ApposeKernelError, LockOutdated, PlatformUnsupported
from ..model import Composition, Environment
from ..workspaces import formats, names
from . import answers, contents, describing, options

#: conda's names, which formats share.
PLATFORMS = ("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64", "win-arm64")


@click.command("info")
@options.workspace
@options.environment
@click.option(
    "--platform",
    metavar="NAME",
    help=f"Show what it contains on another platform: {', '.join(PLATFORMS)}, or one that pixi.toml names.",
)
@options.as_json
def info_command(*, workspace: Path | None, environment: str, platform: str | None, as_json: bool) -> None:
    """Show what an environment contains, where it lives and how it stands."""
    env = options.chosen_environment(workspace, environment, quiet=as_json)
    composition = contents.without_secrets(_composition(env, platform))
    data = {
        **describing.identity(env),
        **describing.status(env),
        "own_kernels": describing.own_kernels(env, names.kernel_name(env)),
        "solve_group": env.solve_group,
        **contents.data(composition),
        "interpreter": store.place(env).python if builds.ready(env) else None,
        "lock": _lock(env),
        "engine": _engine(env),
        "verdict": None,
    }
    answers.give(data, _info(env, data, composition), as_json=as_json)


def _composition(env: Environment, platform: str | None) -> Composition:
    """For the platform asked about, else this machine's, else one that the environment is for."""
    host = formats.host_platform()
    # a pixi manifest has platforms of its own making, and tells them to whoever asks for another
    if platform not in (None, host, *PLATFORMS) and env.workspace.format != "pixi":
        raise click.UsageError(f"--platform is one of {', '.join(PLATFORMS)}; `{platform}` is none.")
    try:
        return formats.compose(env, platform or host)
    except PlatformUnsupported as error:
        if platform or not error.platforms:
            raise
        answers.note(f"This machine is {host}: {env.title} is not for it.")
        return formats.compose(env, error.platforms[0])


def _engine(env: Environment) -> dict[str, str]:
    """What would build it, and why that."""
    chosen = choice.of(env)
    if chosen is None:
        return {"name": engines.choose(env).name, "source": f"format {env.workspace.format}"}
    return {"name": chosen.engine, "source": chosen.source}


def _lock(env: Environment) -> dict[str, Any]:
    """Whether there is a lock, and where pixi's is older than the manifest."""
    lock = describing.lock_of(env)
    if lock is None:
        return {"path": None, "state": "none", "drift": []}
    drift = _drift(env) if lock.exists() and lock == env.workspace.lock else []
    return {
        "path": lock,
        "state": "outdated" if drift else "present" if lock.exists() else "missing",
        "drift": drift,
    }


def _drift(env: Environment) -> list[str]:
    """What the embedded engine would say of pixi.lock; other engines find that out when they build."""
    engine = engines.choose(env)
    if not isinstance(engine, EmbeddedEngine):
        return []
    try:
        return asyncio.run(engine.drift(env, engines.surroundings(settings.load())))
    except LockOutdated as unreadable:
        return [unreadable.message]
    except ApposeKernelError:
        return []  # an environment of another platform, or no py-rattler: its build says so


def _lock_in_words(lock: dict[str, Any]) -> str:
    if lock["path"] is None:
        return "none: this format has no lock"
    if lock["drift"] and str(lock["path"]) in lock["drift"][0]:
        return str(lock["drift"][0])
    if lock["drift"]:
        return f"{lock['path']} is older than the manifest: {'; '.join(lock['drift'])}"
    return f"{lock['path']} ({lock['state']})"


def _info(env: Environment, data: dict[str, Any], composition: Composition) -> str:
    """``info`` for people."""
    rows = {
        "manifest": str(env.workspace.manifest),
        "features": ", ".join(f"{feature.name} ({feature.kind})" for feature in env.features),
        "solved": f"together with the others of “{env.solve_group}”" if env.solve_group else "",
        "state": ": ".join(filter(None, describing.state(data))),
        "prefix": str(data["prefix"]),
        "kernel": data["kernel"],
        "further": ", ".join(f"{own['kernel']} ({own['display_name']})" for own in data["own_kernels"]),
        **contents.rows(composition),
        "lock": _lock_in_words(data["lock"]),
        "engine": f"{data['engine']['name']} ({data['engine']['source']})",
    }
    lines = [click.style(env.title, bold=True)]
    lines += [f"  {key:9} {value}" for key, value in rows.items() if value]
    return "\n".join((*lines, *contents.lines(composition)))
