"""``register`` and ``unregister``: kernelspecs on disk."""

from __future__ import annotations

from pathlib import Path

import click

from ..kernels import kernelspecs
from ..workspaces import names
from . import answers, describing, options


@click.command("register")
@options.workspace
@options.environment
@options.as_json
def register_command(workspace: Path | None, environment: str, as_json: bool) -> None:
    """Write a kernelspec of an environment, for clients that list kernelspecs on disk only.

    nbconvert, papermill, `jupyter console` and VS Code are such clients; JupyterLab needs none. The
    environment need not be built: the kernel's first start builds it.
    """
    env = options.chosen_environment(workspace, environment)
    folder = kernelspecs.register(env)
    data = {**describing.identity(env), "kernel": folder.name, "kernelspec": folder}
    answers.give(data, f"{env.title} is the kernel {folder.name}: {folder}", as_json=as_json)


@click.command("unregister")
@options.workspace
@options.environment
@options.as_json
def unregister_command(workspace: Path | None, environment: str, as_json: bool) -> None:
    """Remove the kernelspec that `register` or the first build wrote. The environment stays."""
    env = options.chosen_environment(workspace, environment)
    name = next(
        (
            known.name
            for known in kernelspecs.registered()
            if (known.manifest, known.environment) == (env.workspace.manifest, env.name)
        ),
        names.kernel_name(env),
    )
    folder = kernelspecs.unregister(name)
    data = {**describing.identity(env), "kernel": name, "kernelspec": folder}
    answers.give(data, f"{env.title} is no longer registered: {folder} is gone.", as_json=as_json)
