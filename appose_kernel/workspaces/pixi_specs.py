"""Requirements of a pixi manifest as conda and Python write them: a MatchSpec, and PEP 508 text.

https://pixi.prefix.dev/latest/concepts/package_specifications/
"""

from __future__ import annotations

import os
import re
from collections.abc import Set
from pathlib import Path
from typing import Any

from .pep508 import is_name, normalized, problem
from .pixi_keys import nearest
from .pixi_model import Dependency
from .tables import Table

#: Keys of a conda requirement, and what a MatchSpec calls them.
_BRACKET = {
    "build-number": "build_number",
    "file-name": "fn",
    "subdir": "subdir",
    "license": "license",
    "license-family": "license_family",
    "track-features": "track_features",
    "extras": "extras",
    "flags": "flags",
    "when": "when",
    "md5": "md5",
    "sha256": "sha256",
}
_LISTS = {"extras", "flags", "track-features"}
_GIT = {"git", "rev", "tag", "branch", "subdirectory", "lfs"}
#: ``package`` and ``workspace`` go with packages that pixi builds from sources.
_CONDA = {"version", "build", "channel", "url", "path", "package", "workspace", *_BRACKET, *_GIT}
_PYPI = {"version", "extras", "index", "url", "path", "editable", "env-markers", *_GIT}
#: What says where a Python package comes from; at most one of them.
_ORIGINS = ("version", "git", "path", "url")

_CONDA_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_BINARIES = (".conda", ".tar.bz2")
_CLAUSE = re.compile(r"(?:[<>]=?|[=!~]=|=)?[A-Za-z0-9_.*+!-]+(?: [A-Za-z0-9_.*+^$-]+)?|\^\S*\$")
_BARE = re.compile(r"[A-Za-z0-9_.+!-]+")
_SCP = re.compile(r"(?:[\w.-]+@)?[\w.-]+:(?!//)")


def conda(table: Table, key: str, *, constraint: bool = False) -> Dependency:
    """The entry ``key`` of ``dependencies`` or ``constraints``: a version, or a table."""
    if not _CONDA_NAME.fullmatch(key):
        raise table.invalid(f"`{key}` is not the name of a package.", key, remedy="Correct or remove it.")
    name, keys = key.lower(), (*table.keys, key)
    kind = "constraint" if constraint else "conda"
    if not isinstance(table.data[key], dict):
        return Dependency(kind, name, f"{name} {_version(table, key)}", keys)
    entry = table.table(key)
    _only(entry, _CONDA)
    if "workspace" in entry:
        return Dependency("source", name, name, keys)
    if source := _source(entry, name):
        return Dependency("source", name, *source)
    return Dependency(kind, name, *_binary(entry, name))


def _binary(entry: Table, name: str) -> tuple[Any, ...]:
    local, url = _path(entry), entry.text("url")
    if local is not None:
        url = local.as_uri()
    channel = entry.text("channel")
    words = [f"{channel}::{name}" if channel else name]
    if "version" in entry or not url:
        words.append(_version(entry, "version") if "version" in entry else "*")
    if build := entry.text("build"):
        words.append(build)
    brackets = {"url": f'"{url}"'} if url else {}
    brackets |= {_BRACKET[key]: _bracket(entry, key) for key in entry.data if key in _BRACKET}
    inside = ", ".join(f"{key}={value}" for key, value in brackets.items())
    requirement = " ".join(words) + (f"[{inside}]" if inside else "")
    return requirement, entry.keys, None, False, local


def _bracket(entry: Table, key: str) -> str:
    if key in _LISTS:
        return f"[{', '.join(entry.texts(key))}]"
    if key == "when" and isinstance(entry.data[key], dict):
        return f'"{_condition(entry.table(key))}"'
    value = entry.data[key]
    return f'"{value}"' if isinstance(value, int) else f'"{entry.text(key)}"'


def _condition(table: Table) -> str:
    """``when`` as a MatchSpec has it: a package, or ``all`` or ``any`` of several."""
    _only(table, {"all", "any", "package", "version", "build"})
    if "package" in table:
        words = [table.text(key) or "" for key in ("package", "version", "build") if key in table]
        return " ".join(words)
    for key, word in (("all", "and"), ("any", "or")):
        if key in table:
            parts = [
                _condition(Table(table.file, part, (*table.keys, key, number)))
                if isinstance(part, dict)
                else str(part)
                for number, part in enumerate(table.elements(key))
            ]
            return f"({f' {word} '.join(parts)})"
    raise table.invalid("this condition names no package.", remedy='Write it like when = "python >=3.12".')


def _source(entry: Table, name: str) -> tuple[Any, ...] | None:
    """What pixi builds the package from, unless it is a package already."""
    url, local = entry.text("url"), _path(entry)
    if "git" in entry:
        return f"{name} @ {_git(entry)}", entry.keys
    if url is not None and not _is_binary(url):
        return f"{name} @ {url}", entry.keys
    if local is not None and not _is_binary(local.name):
        return f"{name} @ {local.as_uri()}", entry.keys, None, False, local
    return None


def _is_binary(text: str) -> bool:
    return text.partition("#")[0].partition("?")[0].endswith(_BINARIES)


def _version(table: Table, key: str) -> str:
    """A version of conda's kind, without the blanks around its parts, which would end it."""
    text = re.sub(r"\s*([,|()])\s*", r"\1", (table.text(key) or "").strip())
    text = re.sub(r"([<>=!~])\s+", r"\1", text)
    if not all(_CLAUSE.fullmatch(clause) for clause in re.split(r"[,|()]+", text.strip("()"))):
        raise table.invalid(
            f"`{table.text(key)}` is no set of versions.", key, remedy='Write it like ">=1.2,<2" or "*".'
        )
    exact = _BARE.fullmatch(text) is not None
    return f"=={text}" if exact else text


def pypi(table: Table, key: str) -> Dependency:
    """The entry ``key`` of ``pypi-dependencies``: a version, or a table."""
    if not is_name(key):
        raise table.invalid(
            f"`{key}` is not the name of a Python package.", key, remedy="Correct or remove it."
        )
    keys = (*table.keys, key)
    if not isinstance(table.data[key], dict):
        return Dependency("pypi", normalized(key), _released(table, key, key, ""), keys)
    entry = table.table(key)
    _only(entry, _PYPI)
    _one_origin(entry)
    extras = ",".join(entry.texts("extras"))
    head = f"{key}[{extras}]" if extras else key
    local = _path(entry)
    marker = entry.text("env-markers")
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
        return f"{head} @ {_git(entry)}{marker}"
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


def _one_origin(entry: Table) -> None:
    origins = [key for key in _ORIGINS if key in entry]
    if len(origins) > 1:
        raise entry.invalid(
            f"this has both `{origins[0]}` and `{origins[1]}`.", origins[1], remedy="Remove one of them."
        )


def _git(entry: Table) -> str:
    """A repository as pip writes it: ``git+https://…@rev#subdirectory=…``."""
    url = entry.text("git") or ""
    references = [key for key in ("rev", "tag", "branch") if key in entry]
    if len(references) > 1:
        raise entry.invalid(
            f"this has both `{references[0]}` and `{references[1]}`.",
            references[1],
            remedy="Remove one of them.",
        )
    if _SCP.match(url):
        url = f"ssh://{url.replace(':', '/', 1)}"
    url = url if url.startswith("git+") else f"git+{url}"
    at = f"@{entry.text(references[0])}" if references else ""
    inside = entry.text("subdirectory")
    return f"{url}{at}{f'#subdirectory={inside}' if inside else ''}"


def _path(entry: Table) -> Path | None:
    text = entry.text("path")
    if text is None:
        return None
    return Path(os.path.normpath(entry.file.parent / os.path.expanduser(text)))  # noqa: PTH111  (any user's)


def _only(entry: Table, known: Set[str]) -> None:
    """Refuse every other key: each one decides what is installed."""
    for key in entry.data:
        if key not in known:
            meant = nearest(key, known)
            choice = f"It may have: {', '.join(f'`{name}`' for name in sorted(known))}."
            raise entry.invalid(
                f"`{key}` is not a key of a requirement.",
                key,
                remedy=f"Did you mean `{meant}`?" if meant else choice,
            )
