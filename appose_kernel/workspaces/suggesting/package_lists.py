"""Drafts from a requirements.txt (for uv), and from an environment.yml (for pixi)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .. import files, specs
from ..conda import environment_file
from ..conda.match_specs import CondaSpec
from ..creating import CHANNEL
from ..formats import host_platform
from ..requirements.lines import Entry, entries
from .found import Found, Suggestion

#: Options that say how, and not what, to install.
_HARMLESS = frozenset({"requirement", "constraint", "prefer-binary", "use-feature", "require-hashes"})


def from_requirements(file: Path) -> Suggestion:
    found = Found()
    _take(entries(file), file.parent, found)
    return found.suggestion("uv", files.display_name(file.parent))


def _take(lines: Iterable[Entry], folder: Path, found: Found) -> None:
    """Of an included file outside of ``folder`` only packages are shown, as in errors about it."""
    for entry in lines:
        if entry.kind in _HARMLESS:
            continue
        is_package = entry.kind == "package" and specs.check("pypi", entry.value).ok
        if not is_package and not files.is_below(entry.file, folder):
            found.note(f"Line {entry.line} of {entry.file} is left out.")
        elif entry.constrains:
            found.note("Constraints are left out: a lock holds the versions that were found to fit.")
        elif entry.kind == "package":
            found.add("pypi", entry.value)
        elif entry.kind in ("link", "editable"):
            found.leave_out(entry.value)
        else:
            found.leave_out(f"--{entry.kind} {entry.value}".strip(), "it can be set in the new file")


def from_conda(file: Path) -> Suggestion:
    written = environment_file.parse(file)
    found, python = Found(), ""
    for channel in written.channels or (CHANNEL,):
        found.add_channel(_channel(channel, found))
    for spec, system in written.specs:
        if system and not environment_file.applies(system, host_platform()):
            found.leave_out(spec.text, f"it is for {system}")
        elif spec.name == "python":
            python = spec.version.removesuffix(".*")
        elif spec.name != "pip" or not written.pip:
            _take_conda(spec, found)
    _take(written.pip, file.parent, found)
    if written.variables:
        names = ", ".join(f"`{name}`" for name in written.variables)
        found.note(f"The variables are left out: {names}. They can be set in the new manifest.")
    return found.suggestion("pixi", written.name or files.display_name(file.parent), python)


def _channel(channel: str, found: Found) -> str:
    """pixi knows no `defaults`: https://pixi.prefix.dev/latest/reference/pixi_manifest/#channels"""
    if channel != "defaults":
        return channel
    found.note(f"The channel `defaults` has become `{CHANNEL}`.")
    return CHANNEL


def _take_conda(spec: CondaSpec, found: Found) -> None:
    if spec.channel is not None:
        found.add_channel(_channel(spec.channel, found))
        found.note(f"`{spec.text}` may come from any of the channels now.")
    plain = f"{spec.name} {spec.version}".strip()
    if spec.text.rpartition("::")[2] != plain and specs.check("conda", plain).ok:
        found.note(f"Of `{spec.text}` the name and version are taken over alone.")
    found.add("conda", plain)
