"""``prune`` and ``doctor``: keeping an installation in order."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import click

from ..environments import prune, sizes
from ..environments.prune import Removed
from ..kernels import kernelspecs
from . import answers, doctor, doctor_pixi, options


@click.command("prune")
@options.as_json
def prune_command(*, as_json: bool) -> None:
    """Remove installed environments that nothing refers to any more.

    Those are in the store, made for workspaces that cannot be written to: their manifest is gone, or has
    changed since. Environments inside workspaces stay, and so does whatever a process runs from. Old logs
    of builds go too, and registered kernelspecs whose manifest is gone.
    """
    removed = [*prune.prune(), *_kernelspecs()]
    freed = sum(each.bytes for each in removed)
    lines = [f"{each.path}: {each.reason}" for each in removed]
    lines.append(f"{len(removed)} removed, {answers.size(freed)} freed." if removed else "Nothing to remove.")
    data = {"removed": [dataclasses.asdict(each) for each in removed], "bytes": freed}
    answers.give(data, "\n".join(lines), as_json=as_json)


def _kernelspecs() -> Iterator[Removed]:
    for registered in kernelspecs.registered():
        if not registered.manifest.exists():
            freed = sizes.of(registered.folder)
            kernelspecs.unregister(registered.name)
            yield Removed(registered.folder, freed, f"{registered.manifest} is gone")


@click.command("doctor")
@click.option("--install-pixi", is_flag=True, help="Fetch a pixi first, for appose-kernel alone; asks.")
@options.yes
@options.as_json
def doctor_command(*, install_pixi: bool, yes: bool, as_json: bool) -> None:
    """Check this installation, and say what to do about what is wrong.

    Exit code 1 if something is. The pixi that can be fetched is a conda package, from conda-forge or what
    `default-channels` of pixi's configuration names; it goes to appose-kernel's own data, and is used where
    there is no other.
    """
    if install_pixi:
        doctor_pixi.install(yes=yes, as_json=as_json)
    found = doctor.checks()
    ok = all(check.ok for check in found)
    lines = []
    for check in found:
        mark = click.style("ok  ", fg="green") if check.ok else click.style("FAIL", fg="red", bold=True)
        lines.append(f"{mark}  {check.name}: {check.message}")
        if not check.ok:
            lines.append(f"      {check.remedy}")
    data = {"ok": ok, "checks": [dataclasses.asdict(check) for check in found]}
    answers.give(data, "\n".join(lines), as_json=as_json)
    if not ok:
        click.get_current_context().exit(1)
