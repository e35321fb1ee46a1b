"""``list``: the workspaces and environments that there are."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import click

from ..environments import settings, sizes
from ..environments.glance import glance
from ..model import Environment
from ..workspaces import finding, formats, names
from . import answers, describing, options


@click.command("list")
@click.argument("folder", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--depth", type=click.IntRange(min=0), help="How many levels of folders to look into.")
@click.option("--size", "measure", is_flag=True, help="Measure the installed environments too.")
@options.as_json
def list_command(*, folder: Path, depth: int | None, measure: bool, as_json: bool) -> None:
    """List the workspaces and environments at and under FOLDER, and the one it belongs to.

    Reads files only: nothing is locked, built or started.
    """
    finder = finding.Finder([folder], settings.load().depth if depth is None else depth)
    environments = {workspace: formats.environments(workspace) for workspace in finder.workspaces()}
    kernels = {env: name for name, env in names.kernel_names(chain(*environments.values())).items()}
    with glance():
        listed = [
            describing.workspace(workspace)
            | {"environments": [_environment(env, kernels[env], measure=measure) for env in found]}
            for workspace, found in environments.items()
        ]
    problems = finder.problems
    data = {
        "folder": folder.absolute(),
        "workspaces": listed,
        "problems": [{"manifest": manifest, **error.to_dict()} for manifest, error in problems.items()],
    }
    answers.give(data, "\n".join(map(_listed, listed)), as_json=as_json)
    if as_json:
        return
    for error in problems.values():
        answers.note(f"\n{click.style('Cannot be read:', fg='red')} {error}")
    if not listed and not problems:
        manifests = " or ".join(formats.manifest_names())
        answers.note(
            f"There is no workspace (a folder with {manifests}) in {folder.absolute()}, below or above it."
        )


def _environment(env: Environment, kernel: str, *, measure: bool) -> dict[str, Any]:
    entry = {
        "name": env.name,
        "title": env.title,
        "kernel": kernel,
        "own_kernels": describing.own_kernels(env, kernel),
        **describing.status(env),
    }
    return {**entry, "size": sizes.of(entry["prefix"])} if measure else entry


def _listed(workspace: dict[str, Any]) -> str:
    """A workspace and its environments, one line each and, where there is one, the reason under it."""
    head = f"{click.style(workspace['name'], bold=True)}  {describing.short(workspace['manifest'])}"
    width = max((len(entry["name"]) for entry in workspace["environments"]), default=0)
    lines = [head]
    for entry in workspace["environments"]:
        size = f"  {answers.size(entry['size'])}" if entry.get("size") else ""
        own = ", ".join(kernel["display_name"] for kernel in entry["own_kernels"])
        more = f"  and {own}" if own else ""
        state, reason = describing.state(entry)
        lines.append(f"  {entry['name']:{width}}  {state}{size}{more}")
        if reason:
            lines.append(f"  {'':{width}}  {reason}")
    return "\n".join(lines)
