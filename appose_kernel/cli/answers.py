"""What a command says: its result on stdout (text, or one JSON object), its errors, its exit code."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..errors import (
    ApposeKernelError,
    BuildCancelled,
    BuilderDied,
    BuildNotFound,
    EngineUnsupported,
    EnvironmentInUse,
    EnvironmentNotBuilt,
    EnvironmentNotFound,
    InstallError,
    KernelMissing,
    KernelspecError,
    LaunchError,
    LockOutdated,
    ManifestError,
    PlanNotFound,
    SolveError,
    ToolError,
    VerifyError,
)

#: Of the JSON that every command prints with ``--json``. It changes when a key changes its meaning or goes.
VERSION = 1

#: The nearest class in an error's ancestry decides. 2 is click's, and the shell's, for a wrong command line.
USAGE = 2
EXIT_CODES: dict[type[ApposeKernelError], int] = {
    ApposeKernelError: 1,
    ManifestError: 3,
    EnvironmentNotFound: 4,
    ToolError: 5,
    SolveError: 6,
    InstallError: 7,
    VerifyError: 8,
    LockOutdated: 9,
    EngineUnsupported: 10,
    BuildNotFound: 11,
    KernelMissing: 12,
    LaunchError: 13,
    KernelspecError: 14,
    BuilderDied: 15,
    EnvironmentNotBuilt: 16,
    EnvironmentInUse: 17,
    PlanNotFound: 18,
    BuildCancelled: 130,
}


class Unasked(click.ClickException):
    """A question that nobody is there to answer: the command line is right but for one option."""

    exit_code = USAGE


def exit_code(error: ApposeKernelError) -> int:
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def give(data: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """Print a command's result; every command ends with this."""
    if as_json:
        click.echo(json.dumps({"version": VERSION, **data}, indent=2, default=_plain))
    elif text:
        click.echo(text, color=_color())


def note(text: str) -> None:
    """Tell what happens on stderr, which leaves stdout to the result."""
    click.echo(text, err=True, color=_color())


def _color() -> bool | None:
    """None leaves it to click, which keeps colours on a terminal only."""
    return False if os.environ.get("NO_COLOR") else None  # https://no-color.org


def refuse(error: ApposeKernelError, *, as_json: bool) -> int:
    """Print an error that ends the command; returns the exit code."""
    if as_json:
        give({"error": error.to_dict()}, "", as_json=True)
    else:
        note(f"{click.style('Error:', fg='red', bold=True)} {error.message}")
        if error.remedy:
            note(error.remedy)
        if error.detail:
            note("\n".join(f"  | {line}" for line in error.detail.splitlines()))
    return exit_code(error)


def refuse_usage(error: click.ClickException, *, as_json: bool) -> int:
    """Print what is wrong with the command line itself."""
    if not as_json:
        error.show()
        return error.exit_code
    context = getattr(error, "ctx", None)
    remedy = f"`{context.command_path} --help` shows how to call it." if context else ""
    message = {"code": "usage", "message": error.format_message(), "remedy": remedy, "detail": ""}
    give({"error": message}, "", as_json=True)
    return error.exit_code


def from_os(error: OSError) -> ApposeKernelError:
    """A refusal of the operating system (read-only folder, full disk), in our terms."""
    where = f"{error.filename}: " if error.filename else ""
    return ApposeKernelError(f"{where}{error.strerror or error}.")


def confirm(question: str, *, yes: bool, as_json: bool) -> None:
    """Ask before something goes away. Where nobody can answer, ``--yes`` has to have been given."""
    if yes:
        return
    if as_json or not sys.stdin.isatty():
        raise Unasked(f"{question} Say --yes to agree: there is nobody here to ask.")
    if not click.confirm(question, err=True):
        raise click.Abort


def size(count: float) -> str:
    """Bytes for people: ``1.2 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def _plain(value: object) -> str:
    """Paths in JSON."""
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} in a JSON answer")
