"""``run``: a command in an environment, as a kernel of it would see the world."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NoReturn

import click

from ..environments import stamp
from ..errors import LaunchError
from ..kernels import launch
from ..model import WINDOWS, BuildOptions, Environment, Stamp
from . import answers, options

#: What a shell answers for a command that is not there, and for one that cannot be run.
NOT_FOUND, NOT_RUNNABLE = 127, 126
#: Commands that people mean the environment's own by, also where it has none.
PIPS = ("pip", "pip3")


class SplitCommand(click.Command):
    """Everything after the first ``--`` is the command, also where WORKSPACE was left out before it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        cut = args.index("--") if "--" in args else len(args)
        rest = super().parse_args(ctx, args[:cut])
        ctx.params["command"] = tuple(args[cut + 1 :])
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "-- COMMAND [ARGUMENTS]..."]


@click.command("run", cls=SplitCommand)
@options.workspace
@options.environment
@options.frozen
@options.locked
@options.as_json
def run_command(
    *,
    workspace: Path | None,
    environment: str,
    frozen: bool,
    locked: bool,
    as_json: bool,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND in an environment, building it first if need be.

    COMMAND sees the variables and the PATH that a kernel of the environment sees; its exit code is passed on.
    127 is the answer if there is no such command, 126 if it cannot be run. With --json only errors of the
    build are JSON: stdout belongs to COMMAND.
    """
    if not command:
        raise click.UsageError("Which command? Write it after --, as in: run . -e default -- python -V")
    env = options.chosen_environment(workspace, environment, quiet=as_json)
    ready = stamp.ready(env) or _built(env, locked=locked, frozen=frozen, quiet=as_json)
    first = ready.activation.path if ready.activation else ()
    _become(command, launch.variables(ready, os.environ), first)


def _built(env: Environment, *, locked: bool, frozen: bool, quiet: bool) -> Stamp:
    """The stamp of a build that was waited for."""
    from .waiting import Waiter  # noqa: PLC0415  (half the time that a ready environment takes to run something)

    options.demand_lock(env, locked=locked)
    ready = stamp.ready(Waiter(env, BuildOptions(frozen=frozen), quiet=quiet).wait())
    if ready is None:
        raise LaunchError(
            f"{env.title} was built, but its manifest or its prefix has changed since.",
            remedy="Run the command again.",
        )
    return ready


def _become(command: tuple[str, ...], environ: Mapping[str, str], first: Iterable[str]) -> NoReturn:
    """Replace this process by the command; where a process cannot do that (Windows), start it and wait.

    ``first`` are the environment's own folders of programs.
    """
    program = shutil.which(command[0], path=environ.get("PATH"))
    if program is None:
        _cannot_run(command[0])
    if command[0] in PIPS and Path(program).parent not in map(Path, first):
        answers.note(
            f"Note: {program} is not of this environment, which has no pip. Write what it shall contain into"
            " its manifest; `pip` too, if you want one in it."
        )
    if WINDOWS:
        sys.exit(subprocess.run([program, *command[1:]], env=environ, check=False).returncode)
    try:
        os.execve(program, command, environ)
    except OSError as error:
        answers.note(f"{program}: {error.strerror}.")
        sys.exit(NOT_RUNNABLE)


def _cannot_run(name: str) -> NoReturn:
    """End as a shell ends for a command that it does not find, or may not run."""
    if Path(name).name != name and Path(name).exists():
        answers.note(f"{name} is not an executable file.")
        sys.exit(NOT_RUNNABLE)
    answers.note(f"There is no command “{name}” in the environment or on PATH.")
    sys.exit(NOT_FOUND)
