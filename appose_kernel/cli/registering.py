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
    environment need not be built: the kernel's first start builds it. If it is, the kernels of other
    languages that it brings get one each, too.
    """
    env = options.chosen_environment(workspace, environment)
    folder = kernelspecs.register(env)
    own = describing.own_kernels(env, folder.name)
    data = {**describing.identity(env), "kernel": folder.name, "kernelspec": folder, "own_kernels": own}
    lines = [f"{env.title} is the kernel {folder.name}: {folder}"]
    lines += [f"{env.title} · {each['display_name']} is the kernel {each['kernel']}" for each in own]
    answers.give(data, "\n".join(lines), as_json=as_json)


@click.command("unregister")
@options.workspace
@options.environment
@options.as_json
def unregister_command(workspace: Path | None, environment: str, as_json: bool) -> None:
    """Remove the kernelspecs that `register` or the first build wrote. The environment stays."""
    env = options.chosen_environment(workspace, environment)
    name, *own = [known.name for known in kernelspecs.of(env)] or [names.kernel_name(env)]
    folder = kernelspecs.unregister(name)
    for each in own:
        kernelspecs.unregister(each)
    data = {**describing.identity(env), "kernel": name, "kernelspec": folder}
    answers.give(data, f"{env.title} is no longer registered: {folder} is gone.", as_json=as_json)
