"""What activating a prefix does to a process, found out once by really doing it, and kept in the stamp.

An activation is run twice. The first run starts from next to nothing, so that nothing of the server's
own environment gets into the answer. In the second one every variable that the first has set had a
value before; where that value shows up again, the activation extends what was there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from ..errors import ApposeKernelError
from ..model import BEFORE, Activation, Prefix
from . import activation_shell
from .activation_shell import Plan, Ran

#: One run of an activation: from the variables before it to those after it.
Run = Callable[[Mapping[str, str]], Awaitable[Mapping[str, str]]]

#: What an activation is given besides ``PATH``: who and where the user is.
_SURROUNDINGS = frozenset(
    {"HOME", "LANG", "LANGUAGE", "LOGNAME", "SHELL", "TMPDIR", "TZ", "USER"}
    | {"APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT", "PROGRAMDATA", "SYSTEMDRIVE"}
    | {"SYSTEMROOT", "TEMP", "TMP", "USERNAME", "USERPROFILE", "WINDIR"}
    | {"NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "PROGRAMFILES", "PROGRAMFILES(X86)"}
)
#: What a shell leaves behind, and what pixi notes for its own prompt and for undoing an activation.
_NOISE = re.compile(r"SHLVL|_|PWD|OLDPWD|PROMPT|PS1|BASH_.*|PIXI_IN_SHELL|PIXI_PROMPT|CONDA_ENV_SHLVL_.*")
#: No process of ours is started with such a variable, and pixi would take them to be meant.
_OWN = ("CONDA_", "PIXI_")
#: Seconds that the scripts of one activation may take.
PATIENCE = 60.0


async def record(
    prefix: Path,
    scripts: Sequence[Path] = (),
    variables: Mapping[str, str] = MappingProxyType({}),
    own: Mapping[str, str] = MappingProxyType({}),
    *,
    environ: Mapping[str, str],
    folder: Path | None = None,
    patience: float = PATIENCE,
    tell: Callable[[str], object] = lambda _: None,
) -> Activation:
    """The activation of the conda prefix ``prefix``; engines call it after an install.

    ``own`` are variables of the tool that made the prefix (``PIXI_PROJECT_ROOT``), taken literally;
    ``scripts`` (whole paths) and ``variables`` are the manifest's, values in the syntax of ``sh`` or
    ``cmd.exe``. They count in pixi's order: ``own``, the packages' scripts, ``scripts``, ``variables``
    (https://pixi.prefix.dev/latest/reference/environment_variables/#environment-variable-priority).
    All runs in ``folder``, the workspace's root. ``tell`` hears of each of ``scripts`` that is not there or
    fails, with which the activation goes on, as pixi's does.

    Raises InstallError where a script ends the shell or takes longer than ``patience`` seconds, and where
    the shell cannot read one of ``scripts``.
    """
    plan = Plan(prefix, tuple(scripts), variables, own)
    runs: list[Ran] = []

    async def run(before: Mapping[str, str]) -> Mapping[str, str]:
        runs.append(await activation_shell.run(plan, before, folder, patience))
        return runs[-1].variables

    found = await measure(run, surroundings(environ), prefix, watched=activation_shell.unset_by(plan))
    for script in plan.scripts:
        if not script.is_file():
            tell(f"`scripts` of `[activation]` names {script}, which is not there; it is passed over.")
        elif script in runs[0].failed:
            tell(f"{script}, of `scripts` in `[activation]`, failed; what it had set by then counts.")
    return found


def surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    """The few variables of ``environ`` that activation scripts may see."""
    kept = {name: value for name, value in environ.items() if name in _SURROUNDINGS or name.startswith("LC_")}
    return {**kept, "PATH": environ.get("PATH") or os.defpath}


async def measure(
    run: Run, base: Mapping[str, str], prefix: Path, *, watched: Iterable[str] = ()
) -> Activation:
    """What ``run`` does, told from two runs. ``watched`` are further variables that it may unset."""
    after = _heard(await run(base))
    # what is the same before and after may have been set all the same, but then it is there anyway
    changed = {name: value for name, value in after.items() if base.get(name) != value}
    marks = _marks(name for name in {*changed, *watched} - base.keys() if not name.startswith(_OWN))
    try:
        again = _heard(await run({**base, **marks}))
    except ApposeKernelError:
        again = after  # a script that cannot work with such values extends none
        marks = {}
    gone = {name for name in base if name not in after} | {name for name in marks if name not in again}
    path, extended = _path(base["PATH"], changed.pop("PATH", base["PATH"]))
    variables: dict[str, str | None] = {**changed, **dict.fromkeys(gone - changed.keys())}
    extended |= {name: kept for name in changed if (kept := _template(name, again, marks))}
    python = Prefix(prefix, prefix, conda=True).python
    return Activation(str(python) if python.exists() else "", path, variables, extended)


def _heard(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if not _NOISE.fullmatch(name)}


def _marks(names: Iterable[str]) -> dict[str, str]:
    """A value for each name that nobody else would have, and that none of the others contains."""
    return {name: f"/appose-kernel-before-{number:05}" for number, name in enumerate(sorted(names))}


def _template(name: str, again: Mapping[str, str], marks: Mapping[str, str]) -> str | None:
    """How ``name`` takes up its former value; None where it does not, or not only its own."""
    value = again.get(name, "")
    mark = marks.get(name)
    if not mark or mark not in value or BEFORE in value:
        return None
    template = value.replace(mark, BEFORE)
    return None if any(other in template for other in marks.values()) else template


def _path(before: str, after: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """The entries that come first on PATH, and a template for those that come last, if there are any."""
    front, middle, back = after.partition(before)
    if middle and (not front or front.endswith(os.pathsep)) and (not back or back.startswith(os.pathsep)):
        last = {"PATH": f"{BEFORE}{back}"} if back else {}
        return _entries(front), last
    known = set(before.split(os.pathsep))  # a script took PATH apart: what it added comes first
    return tuple(entry for entry in _entries(after) if entry not in known), {}


def _entries(path: str) -> tuple[str, ...]:
    # each once: the first is what counts
    return tuple(dict.fromkeys(filter(None, path.split(os.pathsep))))
