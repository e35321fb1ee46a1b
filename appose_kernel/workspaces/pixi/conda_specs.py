"""A conda requirement of a pixi manifest, as a MatchSpec that strict solvers take.

https://pixi.prefix.dev/latest/concepts/package_specifications/
"""

from __future__ import annotations

import re
from typing import Any

from ..tables import Table
from ..toml.positions import Key
from .model import Dependency
from .places import GIT, git, one_word, only, path

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
#: ``package`` and ``workspace`` go with packages that pixi builds from sources.
_KEYS = {"version", "build", "channel", "url", "path", "package", "workspace", *_BRACKET, *GIT}

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_BINARIES = (".conda", ".tar.bz2")
_CLAUSE = re.compile(r"(?:[<>]=?|[=!~]=|=)?[A-Za-z0-9_.*+!-]+(?: [A-Za-z0-9_.*+^$-]+)?|\^\S*\$")
_CONDITION = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(?: [^\"\[\]]+)?")
_BARE = re.compile(r"[A-Za-z0-9_.+!-]+")


def read(table: Table, key: str, *, constraint: bool = False) -> Dependency:
    """The entry ``key`` of ``dependencies`` or ``constraints``: a version, or a table."""
    if not _NAME.fullmatch(key):
        raise table.invalid(f"`{key}` is not the name of a package.", key, remedy="Correct or remove it.")
    name, keys = key.lower(), (*table.keys, key)
    kind = "constraint" if constraint else "conda"
    if not isinstance(table.data[key], dict):
        return Dependency(kind, name, f"{name} {_version(table, key)}", keys)
    entry = table.table(key)
    only(entry, _KEYS)
    one_word(entry, "url", "channel", "build", "subdir", "file-name", "md5", "sha256", *GIT - {"lfs"})
    if "workspace" in entry:
        return Dependency("source", name, name, keys)
    if source := _source(entry, name):
        return Dependency("source", name, *source)
    return Dependency(kind, name, *_binary(entry, name))


def _binary(entry: Table, name: str) -> tuple[Any, ...]:
    local, url = path(entry), entry.text("url")
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
    inside = ", ".join(f"{key}={value}" for key, value in brackets.items() if value)
    requirement = " ".join(words) + (f"[{inside}]" if inside else "")
    return requirement, entry.keys, None, False, local


def _bracket(entry: Table, key: str) -> str:
    """The value of a key as it stands in brackets; nothing for an empty list."""
    if key in _LISTS:
        names = entry.texts(key)
        return f"[{', '.join(names)}]" if names else ""
    if key == "when":
        return f'"{_condition(entry)}"'
    value = entry.data[key]
    if key == "build-number" and isinstance(value, int) and not isinstance(value, bool):
        return f'"{value}"'
    return f'"{entry.text(key)}"'


def _condition(entry: Table) -> str:
    """``when`` as a MatchSpec has it: a package, or ``all`` or ``any`` of several."""
    value = entry.data["when"]
    return _either(entry.table("when")) if isinstance(value, dict) else _package(entry, value, "when")


def _either(table: Table) -> str:
    only(table, {"all", "any", "package", "version", "build"})
    for key, word in (("all", "and"), ("any", "or")):
        if key in table:
            parts = (
                _either(Table(table.file, part, (*table.keys, key, number)))
                if isinstance(part, dict)
                else _package(table, part, key, number)
                for number, part in enumerate(table.elements(key))
            )
            return f"({f' {word} '.join(parts)})"
    words = [table.text(key) or "" for key in ("package", "version", "build") if key in table]
    return _package(table, " ".join(words))


def _package(table: Table, text: object, *keys: Key) -> str:
    if not isinstance(text, str) or not _CONDITION.fullmatch(text):
        raise table.invalid(
            "this condition names no package.", *keys, remedy='Write it like when = "python >=3.12".'
        )
    return text


def _source(entry: Table, name: str) -> tuple[Any, ...] | None:
    """What pixi builds the package from, unless it is a package already."""
    url, local = entry.text("url"), path(entry)
    if "git" in entry:
        return f"{name} @ {git(entry)}", entry.keys
    if url is not None and not _is_binary(url):
        return f"{name} @ {url}", entry.keys
    if local is not None and not _is_binary(local.name):
        return f"{name} @ {local.as_uri()}", entry.keys, None, False, local
    return None


def _is_binary(text: str) -> bool:
    return text.partition("#")[0].partition("?")[0].endswith(_BINARIES)


def _demand_quotes(table: Table, key: str) -> None:
    """Refuse ``python = 3.11`` with what to write; TOML has made 3.1 of a version 3.10 by now."""
    value = table.data[key]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        digits = ", with all its digits" if isinstance(value, float) else ""
        raise table.invalid(
            f"`{'.'.join(map(str, (*table.keys, key)))}` must be a string, not a number.",
            key,
            remedy=f'Write the version in quotes{digits}, as in `{key} = "{value}.*"`.',
        )


def _version(table: Table, key: str) -> str:
    """A version of conda's kind, without the blanks around its parts, which would end it."""
    _demand_quotes(table, key)
    text = re.sub(r"\s*([,|()])\s*", r"\1", (table.text(key) or "").strip())
    text = re.sub(r"([<>=!~])\s+", r"\1", text)
    if not all(_CLAUSE.fullmatch(clause) for clause in re.split(r"[,|()]+", text.strip("()"))):
        raise table.invalid(
            f"`{table.text(key)}` is no set of versions.", key, remedy='Write it like ">=1.2,<2" or "*".'
        )
    exact = _BARE.fullmatch(text) is not None
    return f"=={text}" if exact else text
