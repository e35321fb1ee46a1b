"""The command line, ``jupyter appose …``: a table of commands, each in a module loaded when it is called."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Sequence
from itertools import takewhile

import click

from ..errors import ApposeKernelError, BuildCancelled
from . import answers

#: Command → (the module of this package that has it, the one line that ``--help`` shows). The line stands
#: here too so that ``--help`` and completion load no command.
COMMANDS = {
    "list": ("listing", "Workspaces and environments under a folder, with their state."),
    "info": ("info", "What an environment contains, where it lives and how it stands."),
    "lock": ("locking", "Write the exact packages of a workspace to its lock."),
    "build": ("building", "Make an environment ready."),
    "verify": ("building", "Compare every installed file with what its package recorded."),
    "run": ("running", "Run a command in an environment, building it if need be."),
    "register": ("registering", "Write a kernelspec, for clients that list kernelspecs on disk only."),
    "unregister": ("registering", "Remove a kernelspec that was registered."),
    "prune": ("upkeep", "Remove installed environments that nothing refers to any more."),
    "doctor": ("upkeep", "Check this installation, and say what to do about what is wrong."),
    "completion": ("completing", "Print the completion script of a shell."),
}

PROGRAM = "jupyter appose"
#: The variable through which the completion script asks for completions.
COMPLETE = "_JUPYTER_APPOSE_COMPLETE"


class Commands(click.Group):
    """The commands of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="appose-kernel", prog_name=PROGRAM)
def program() -> None:
    """Every environment of a workspace as a Jupyter kernel, built when it is needed.

    WORKSPACE is a folder or a manifest (pixi.toml, pyproject.toml, requirements.txt, environment.yml, a
    notebook). Left out, it is the nearest one at or above the current folder.
    """


def main() -> None:
    """The console script ``jupyter-appose``, which ``jupyter appose`` finds."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A path that the terminal's encoding cannot show shall not end the command.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """Run one command line; returns its exit code, one of docs/cli.md. Here errors become text or JSON.

    A reader that goes away (``| head``) click itself meets with silence and exit code 1.
    """
    as_json = "--json" in takewhile(lambda arg: arg != "--", args)
    try:
        done = program.main(args, PROGRAM, COMPLETE, standalone_mode=False)
    except click.Abort:
        return answers.refuse(BuildCancelled("Stopped."), as_json=as_json)
    except click.ClickException as error:
        return answers.refuse_usage(error, as_json=as_json)
    except ApposeKernelError as error:
        return answers.refuse(error, as_json=as_json)
    except OSError as error:
        return answers.refuse(answers.from_os(error), as_json=as_json)
    return done if isinstance(done, int) else 0
