"""One run of a conda prefix's activation in a real shell: bash or sh, and cmd.exe on Windows.

The order and the quoting are those of rattler's activator, which pixi uses
(https://github.com/conda/rattler/blob/main/crates/rattler_shell/src/activation.rs).
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import process
from ..errors import InstallError, ToolFailed, redact
from ..model import WINDOWS
from .shells import SHELL

#: What conda writes for a variable that ``conda env config vars unset`` took out.
_UNSET = "***unset***"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNSETS = re.compile(r"\bunset\b([^\n;&|#]*)")


@dataclass(frozen=True, slots=True)
class Plan:
    """What :func:`appose_kernel.environments.activation.record` is asked to run."""

    prefix: Path
    scripts: tuple[Path, ...]
    variables: Mapping[str, str]
    own: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Step:
    """A line of the shell's script, and what to call it if the shell ends there."""

    title: str
    line: str
    script: Path | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """The variables after an activation, and those of the manifest's scripts that ended with a failure."""

    variables: dict[str, str]
    failed: tuple[Path, ...]


async def run(plan: Plan, environ: Mapping[str, str], folder: Path | None, patience: float) -> Ran:
    """One activation that starts with ``environ``. Raises InstallError."""
    steps = list(_steps(plan))
    with tempfile.TemporaryDirectory(prefix="appose-kernel-", ignore_cleanup_errors=True) as name:
        desk = Path(name)
        for file in ("at", "output", "failed", "environ"):
            (desk / file).touch()  # a script may set a umask, or forbid to overwrite
        argv = SHELL.command(desk, [step.line for step in steps], environ)
        failure = None
        try:
            await process.output(argv, env=environ, cwd=folder or plan.prefix, timeout=patience)
        except ToolFailed as error:
            failure = error
        if (desk / "at").read_text().strip() != str(len(steps)):
            raise _complaint(plan, steps, desk, failure, patience)
        numbers = (desk / "failed").read_text().split()
        scripts = {steps[int(number)].script: None for number in numbers}
        failed = tuple(script for script in plan.scripts if script in scripts)
        for script in failed:
            await _demand_readable(plan, script, environ)
        return Ran(SHELL.parsed((desk / "environ").read_bytes()), failed)


async def _demand_readable(plan: Plan, script: Path, environ: Mapping[str, str]) -> None:
    """Raise InstallError where the shell could not read a script to its end, and went on without it.

    Asked only of a script that has failed: one may change, while it runs, what the shell can read.
    """
    try:
        await process.output(SHELL.reading(script, environ), env=environ)
    except ToolFailed as error:
        raise InstallError(
            f"{plan.prefix} cannot be activated: {script} is no script that the shell can read.",
            remedy="See the shell's words below. Mend it, or leave it out.",
            detail=redact(error.detail),
        ) from error


def unset_by(plan: Plan) -> set[str]:
    """Variables that a script says it unsets. Where it does, that shows only if they had been set."""
    if WINDOWS:
        return set()
    texts = [script.read_text("utf-8", errors="replace") for script in _scripts(plan)]
    return {name for text in texts for found in _UNSETS.findall(text) for name in _words(found)}


def _words(text: str) -> set[str]:
    return {word for word in text.split() if _NAME.fullmatch(word)}


def _steps(plan: Plan) -> Iterator[_Step]:
    """All that happens, in its order."""
    prefix = plan.prefix
    yield _Step("PATH", SHELL.prepend_path(_path_entries(prefix)))
    for name, value in {"CONDA_SHLVL": "1", "CONDA_PREFIX": str(prefix)}.items():
        yield _Step(name, SHELL.set(name, SHELL.literal(value)))
    for name, value in _stored(prefix).items():
        yield _Step(f"the variable {name} of {prefix}", SHELL.set(name, SHELL.expanding(value)))
    for name, value in plan.own.items():
        yield _Step(name, SHELL.set(name, SHELL.literal(value)))
    for script in _scripts(plan):
        yield _Step(str(script), SHELL.call(script), script)
    for name, value in _valid(plan.variables).items():
        yield _Step(f"the variable `{name}` of `[activation.env]`", SHELL.set(name, SHELL.expanding(value)))


def _scripts(plan: Plan) -> list[Path]:
    """The packages' scripts sorted by name, then the manifest's in their order."""
    folder = plan.prefix / "etc" / "conda" / "activate.d"
    packages = sorted(path for path in folder.glob(f"*{SHELL.ending}") if path.is_file())
    return [*packages, *(script for script in plan.scripts if script.is_file())]


def _path_entries(prefix: Path) -> list[str]:
    if not WINDOWS:
        return [str(prefix / "bin")]
    inner = ("Library/mingw-w64/bin", "Library/usr/bin", "Library/bin", "Scripts", "bin")
    return [str(prefix), *(str(prefix / folder) for folder in inner)]


def _stored(prefix: Path) -> dict[str, str]:
    """The variables that packages and ``conda env config vars`` have put into the prefix.

    https://docs.conda.io/projects/conda/en/stable/dev-guide/deep-dives/activation.html
    """
    found: dict[str, Any] = {}
    for file in sorted((prefix / "etc" / "conda" / "env_vars.d").glob("*")):
        if file.is_file():
            found |= _object(file)
    state = prefix / "conda-meta" / "state"
    if state.is_file():
        kept = _object(state).get("env_vars", {})
        found |= {name.upper(): value for name, value in kept.items()} if isinstance(kept, dict) else {}
    return {name: value for name, value in _valid(found).items() if value != _UNSET}


def _object(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise InstallError(
            f"{file} cannot be read: {error}",
            remedy="The package that brings it is damaged, or the file was changed: build from scratch.",
        ) from None
    return found if isinstance(found, dict) else {}


def _valid(variables: Mapping[str, Any]) -> dict[str, str]:
    """Those that a shell can export; others it would pass over, or take for something else."""
    return {
        name: value
        for name, value in variables.items()
        if _NAME.fullmatch(name) and isinstance(value, str) and "\0" not in value
    }


def _complaint(
    plan: Plan, steps: list[_Step], desk: Path, failure: ToolFailed | None, patience: float
) -> InstallError:
    """What the shell was at when it ended, or had to be ended."""
    at = (desk / "at").read_text().strip()
    title = steps[int(at)].title if at else "the shell itself"
    said = (desk / "output").read_text("utf-8", errors="replace").splitlines()[-process.TAIL :]
    if failure is not None and failure.exit_code is None:
        how = f"did not end within {patience:g} seconds"
        remedy = "It must not wait for anything or anybody. Mend it, or leave it out."
    elif failure is not None:
        how = f"failed with exit code {failure.exit_code}"
        remedy = "See its output below. Mend it, or leave it out."
    else:
        how = "ended the shell"
        remedy = "It is read into the shell that goes on after it: write `return` for `exit`, and no `exec`."
    return InstallError(
        f"{plan.prefix} cannot be activated: {title} {how}.", remedy=remedy, detail=redact("\n".join(said))
    )
