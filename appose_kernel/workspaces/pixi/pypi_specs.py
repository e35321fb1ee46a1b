"""A Python requirement of a pixi manifest, as PEP 508 text.

https://pixi.prefix.dev/latest/reference/pixi_manifest/#pypi-dependencies
"""

from __future__ import annotations

from pathlib import Path

from ..pep508 import is_name, normalized, problem
from ..tables import Table
from .model import Dependency
from .places import GIT, git, one_word, only, path

_KEYS = {"version", "extras", "index", "url", "path", "editable", "env-markers", *GIT}
#: What says where a package comes from; at most one of them.
_ORIGINS = ("version", "git", "path", "url")


def read(table: Table, key: str) -> Dependency:
    """The entry ``key`` of ``pypi-dependencies``: a version, or a table."""
    if not is_name(key):
        raise table.invalid(
            f"`{key}` is not the name of a Python package.", key, remedy="Correct or remove it."
        )
    keys = (*table.keys, key)
    if not isinstance(table.data[key], dict):
        return Dependency("pypi", normalized(key), _released(table, key, key, ""), keys)
    entry = table.table(key)
    only(entry, _KEYS)
    _one_origin(entry)
    one_word(entry, "url", *GIT - {"lfs"})
    extras = ",".join(_extras(entry))
    head = f"{key}[{extras}]" if extras else key
    local = path(entry)
    marker = _marker(entry)
    return Dependency(
        kind="pypi",
        name=normalized(key),
        requirement=_placed(entry, head, local, f" ; {marker}" if marker else ""),
        keys=keys,
        index=entry.text("index"),
        editable=bool(entry.flag("editable")),
        local=local,
    )


def _placed(entry: Table, head: str, local: Path | None, marker: str) -> str:
    inside = entry.text("subdirectory")
    fragment = f"#subdirectory={inside}" if inside else ""
    if "git" in entry:
        return f"{head} @ {git(entry)}{marker}"
    if local is not None:
        return f"{head} @ {local.as_uri()}{fragment}{marker}"
    if url := entry.text("url"):
        return f"{head} @ {url}{fragment}{marker}"
    return _released(entry, "version", head, marker) if "version" in entry else f"{head}{marker}"


def _released(table: Table, key: str, head: str, marker: str) -> str:
    version = (table.text(key) or "").strip()
    requirement = f"{head}{'' if version == '*' else version}"
    if not version or (version[0].isalnum() and version != "*") or problem(requirement):
        example = f"=={version}" if version[:1].isalnum() else ">=1.2"
        raise table.invalid(
            f"`{version}` is no set of versions.", key, remedy=f'Write it like "{example}" (PEP 440), or "*".'
        )
    return requirement + marker


def _extras(entry: Table) -> tuple[str, ...]:
    names = entry.texts("extras")
    for number, name in enumerate(names):
        if not is_name(name):
            raise entry.invalid(
                f"`{name}` is not the name of an extra.", "extras", number, remedy="Correct or remove it."
            )
    return names


def _marker(entry: Table) -> str | None:
    marker = entry.text("env-markers")
    if marker and (reason := problem(f"name ; {marker}")):
        raise entry.invalid(
            f"`{marker}` is no marker: {reason}.",
            "env-markers",
            remedy="""Write it like "sys_platform == 'linux'" (PEP 508).""",
        )
    return marker


def _one_origin(entry: Table) -> None:
    origins = [key for key in _ORIGINS if key in entry]
    if len(origins) > 1:
        raise entry.invalid(
            f"this has both `{origins[0]}` and `{origins[1]}`.", origins[1], remedy="Remove one of them."
        )
