"""The arguments and options that several commands share, and the choice of workspace and environment."""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path

import click

from ..errors import ApposeKernelError, LockOutdated, ManifestNotFound
from ..model import Environment, Workspace
from ..workspaces import finding, formats
from . import answers, describing


def _names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """What a shell offers after ``-e``: the environments of the workspace that the command line names."""
    # click gives up at an option that still lacks its value, and leaves the argument before it unread
    path = ctx.params.get("workspace") or next(map(Path, ctx.args), None)
    with contextlib.suppress(ApposeKernelError, OSError):
        found = formats.environments(chosen_workspace(path))
        return [env.name for env in found if env.name.startswith(incomplete)]
    return []


workspace = click.argument("workspace", required=False, type=click.Path(path_type=Path))
environment = click.option(
    "-e",
    "--environment",
    shell_complete=_names,
    default="default",
    show_default=True,
    metavar="NAME",
    help="The environment of the workspace.",
)
as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, errors too; its keys are stable."
)
yes = click.option("-y", "--yes", is_flag=True, help="Agree to what would be asked.")
frozen = click.option("--frozen", is_flag=True, help="Use the lock as it is, without a look at the manifest.")
locked = click.option(
    "--locked", is_flag=True, help="Fail where there is no lock yet, instead of making one."
)


def chosen_workspace(path: Path | None) -> Workspace:
    """The workspace of a folder or manifest; without one, the nearest at or above the current folder."""
    if path is not None:
        return formats.open_workspace(path)
    here = Path.cwd()
    found = finding.above(here)
    if found is None:
        raise ManifestNotFound(
            f"Neither {here} nor a folder above it is a workspace.",
            remedy="Name a folder with a manifest (pyproject.toml, environment.yml…), or go to one.",
        )
    return found


def chosen_environment(path: Path | None, name: str, *, quiet: bool = True) -> Environment:
    """The environment of that name; where the folder holds other workspaces too, stderr says which it is."""
    found = chosen_workspace(path)
    if not quiet and (path is None or path.is_dir()):
        _tell_others(found)
    return formats.environment(found, name)


def _tell_others(taken: Workspace) -> None:
    here = [found for found in formats.all_in(taken.root) if isinstance(found, Workspace)]
    others = [str(found.manifest) for found in here if found != taken]
    if others:
        answers.note(f"{taken.manifest} is taken; name the file to mean {' or '.join(others)} beside it.")


def demand_lock(env: Environment, *, locked: bool) -> None:
    """What ``--locked`` adds to the ordinary build, which makes a lock where there is none."""
    lock = describing.lock_of(env) if locked else None
    if lock is not None and not lock.exists():
        raise LockOutdated(
            f"{env.workspace.manifest} has no lock, and --locked asks for one.",
            remedy=f"Make it: {call('lock', env.workspace)}",
        )


def call(command: str, what: Environment | Workspace) -> str:
    """A command line to type, from any folder."""
    workspace = what.workspace if isinstance(what, Environment) else what
    words = ["jupyter", "appose", command, str(formats.address(workspace))]
    if isinstance(what, Environment):
        words += ["-e", what.name]
    return shlex.join(words)
