"""Which engine makes an environment's prefix, from files alone. Every kernel start imports this."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..model import WINDOWS, Environment
from . import folders, glance

#: The engine of each format that has but one; a pixi workspace has two, and plug-ins name their own.
_OF_FORMAT = {
    "uv": "uv",
    "requirements": "uv",
    "script": "uv",
    "conda": "embedded",
    "appose": "appose",
}
#: Seconds for which a found pixi is remembered: a list of a thousand environments asks as often.
_MEMORY = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine's name, and what led to it."""

    engine: str
    source: str


@dataclass(frozen=True, slots=True)
class Pixi:
    """A pixi binary that is there, whatever its version, and how it was found."""

    path: Path
    source: str


def of(env: Environment) -> Choice | None:
    """The engine for ``env``; None where only a plug-in can know."""
    form = env.workspace.format
    if form == "pixi":
        return _for_pixi(env.workspace.root)
    return Choice(_OF_FORMAT[form], f"format {form}") if form in _OF_FORMAT else None


def _for_pixi(root: Path) -> Choice:
    wanted, configured = _configured()
    if wanted != "auto":
        return Choice(wanted, "Settings.engine")
    found = _found(configured)
    if found is None:
        return Choice("embedded", "there is no pixi on this machine")
    if not folders.writable(root):
        return Choice("embedded", f"{root} cannot be written")
    return Choice("pixi", f"{found.path}, {found.source}")


def pixi() -> Pixi | None:
    """The pixi to use: the configured one, or the first on ``PATH``, or where an installer put it."""
    _, configured = _configured()
    return _found(configured)


def _found(configured: str) -> Pixi | None:
    second = int(time.monotonic()) // _MEMORY
    return _pixi(second, configured, os.environ.get("PATH", ""), os.environ.get("PIXI_HOME", ""))


@lru_cache(maxsize=1)
def _pixi(_: int, configured: str, path: str, home: str) -> Pixi | None:
    if configured:
        return Pixi(Path(configured).expanduser(), "Settings.pixi")
    # https://pixi.prefix.dev/latest/installation/: the installer's own folder, which PATH may lack
    installed = Path(home or Path.home() / ".pixi") / "bin"
    for places, source in ((path, "on PATH"), (str(installed), "pixi's own folder"), (_ours(), "ours")):
        if found := shutil.which("pixi", path=places):
            return Pixi(Path(found), source)
    return None


def _ours() -> str:
    """Where ``jupyter appose doctor --install-pixi`` puts it."""
    return str(folders.data_dir() / "pixi" / ("Library/bin" if WINDOWS else "bin"))


@glance.shared
def _configured() -> tuple[str, str]:
    """``Settings.engine`` and ``Settings.pixi``; traitlets, 40 ms, is spared where nothing is configured."""
    from jupyter_core.paths import jupyter_config_path  # noqa: PLC0415  (6 ms, for conda workspaces only)

    files = [Path(folder, f"jupyter_appose_config{end}") for folder in jupyter_config_path() for end in _ENDS]
    marks = tuple((file, file.stat().st_mtime_ns) for file in files if file.exists())
    return _read(marks) if marks else ("auto", "")


_ENDS = (".py", ".json")


@lru_cache(maxsize=1)
def _read(_: tuple[tuple[Path, int], ...]) -> tuple[str, str]:
    from . import settings  # noqa: PLC0415

    loaded = settings.load()
    return loaded.engine, loaded.pixi
