"""``completion``: the scripts that make a shell complete ``jupyter-appose``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from . import COMPLETE

EXECUTABLE = "jupyter-appose"


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> None:
    """Print the script that makes SHELL complete the commands, options and environments.

    \b
    bash: eval "$(jupyter-appose completion bash)"   in ~/.bashrc (bash 4.4 or newer)
    zsh:  eval "$(jupyter-appose completion zsh)"    in ~/.zshrc, after compinit
    fish: jupyter-appose completion fish | source    in ~/.config/fish/config.fish

    What is completed is the word `jupyter-appose`; `jupyter appose` is the same program.
    """
    kind = get_completion_class(shell)
    assert kind is not None, "click has all three"
    click.echo(kind(click.get_current_context().find_root().command, {}, EXECUTABLE, COMPLETE).source())
