"""Platforms of a pixi workspace, the virtual packages they declare, and which of them a selector means.

https://pixi.prefix.dev/latest/workspace/multi_platform_configuration/
https://pixi.prefix.dev/latest/workspace/system_requirements/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from fnmatch import fnmatchcase

from ...errors import ManifestInvalid
from ..spelling import nearest
from ..tables import Table
from ..toml.positions import Key
from .known_keys import check
from .model import Platform

#: conda's platforms.
SUBDIRS = frozenset(
    {
        *("linux-32", "linux-64", "linux-aarch64", "linux-armv6l", "linux-armv7l", "linux-ppc64"),
        *("linux-ppc64le", "linux-riscv32", "linux-riscv64", "linux-s390x", "osx-64", "osx-arm64"),
        *("win-32", "win-64", "win-arm64", "emscripten-wasm32", "wasi-wasm32", "zos-z", "freebsd-64"),
    }
)
FAMILIES = ("linux", "osx", "macos", "win", "unix")
#: https://docs.rs/rattler_conda_types/latest/rattler_conda_types/enum.Platform.html#method.is_unix
_UNIX = ("linux", "osx", "emscripten", "freebsd")

#: The words of a platform's table for virtual packages, in the order in which they make up its name.
_WORDS = {
    "cuda": "__cuda",
    "archspec": "__archspec",
    "glibc": "__glibc",
    "linux": "__linux",
    "macos": "__osx",
    "windows": "__win",
}
_TABLE = frozenset({"name", "platform", "osx", *_WORDS})
_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
#: Virtual packages that only one family of platforms has.
_HOMES = {"__osx": "osx", "__linux": "linux", "__glibc": "linux", "__musl": "linux", "__eglibc": "linux"}
_LIBC = ("__glibc", "__musl", "__eglibc")
_ARCHSPEC = {
    "linux-32": "x86",
    "linux-64": "x86_64",
    "linux-aarch64": "aarch64",
    "linux-ppc64le": "ppc64le",
    "linux-riscv64": "riscv64",
    "osx-64": "x86_64",
    "osx-arm64": "m1",
    "win-32": "x86",
    "win-64": "x86_64",
    "win-arm64": "aarch64",
}


def family(subdir: str) -> str:
    return subdir.partition("-")[0]


def matches(selector: str, platform: Platform) -> bool:
    """Whether a ``target`` of that name counts on ``platform``; the empty one counts everywhere."""
    if selector in ("", platform.name, platform.subdir):
        return True
    if "*" in selector:
        return fnmatchcase(platform.name, selector)
    system = family(platform.subdir)
    if selector == "unix":
        return system in _UNIX
    return system == ("osx" if selector == "macos" else selector)


def check_selector(table: Table, selector: str, platforms: Iterable[Platform]) -> None:
    """Refuse a ``target`` that can never count."""
    known = {*FAMILIES, *(platform.name for platform in platforms)}
    if selector not in SUBDIRS | known and "*" not in selector:
        raise _unknown(table, selector, known, selector)


def check_name(table: Table, number: int, name: str, platforms: Iterable[Platform]) -> None:
    """Refuse a name in a feature's ``platforms`` that is neither conda's nor the workspace's."""
    known = {platform.name for platform in platforms}
    if name not in SUBDIRS | known:
        raise _unknown(table, name, known, "platforms", number)


def _unknown(table: Table, name: str, known: Set[str], *keys: Key) -> ManifestInvalid:
    meant = nearest(name, SUBDIRS | known)
    choice = f"Write one of: {', '.join(sorted(known or SUBDIRS))}."
    return table.invalid(
        f"there is no platform `{name}`.", *keys, remedy=f"Did you mean `{meant}`?" if meant else choice
    )


def read(workspace: Table) -> tuple[Platform, ...]:
    """The workspace's ``platforms``: names of conda's, or tables that declare virtual packages."""
    found: dict[str, Platform] = {}
    for number, entry in enumerate(workspace.elements("platforms")):
        if isinstance(entry, dict):
            keys = (*workspace.keys, "platforms", number)
            platform = _from_table(Table(workspace.file, entry, keys))
        elif isinstance(entry, str) and entry in SUBDIRS:
            platform = Platform(entry, entry)
        else:
            raise _unknown(workspace, str(entry), frozenset(), "platforms", number)
        found.setdefault(platform.name, platform)
    return tuple(found.values())


def _from_table(entry: Table) -> Platform:
    check(entry, _TABLE)
    name, subdir = entry.text("name"), entry.text("platform") or entry.text("name")
    if subdir is None:
        raise entry.invalid("this platform has no `platform`.", remedy='Add one, such as "linux-64".')
    if subdir not in SUBDIRS:
        raise _unknown(entry, subdir, frozenset(), "platform")
    if name is not None and (not _NAME.fullmatch(name) or name in FAMILIES):
        raise entry.invalid(
            f"`{name}` cannot be the name of a platform.",
            "name",
            remedy="Use letters, digits and `-`, beginning with a letter; the names of families are taken.",
        )
    packages = _declared(entry)
    if name == subdir and packages:
        raise entry.invalid(
            f"`{name}` is conda's own platform, which declares nothing.",
            "name",
            remedy=f'Give it a name of its own, such as "{_derived(subdir, packages)}", or none.',
        )
    return Platform(name or _derived(subdir, packages), subdir, packages)


def _declared(entry: Table) -> dict[str, str]:
    """The virtual packages of a platform's table: pixi's words for them, and any other's own name."""
    found: dict[str, str] = {}
    words = {**_WORDS, "osx": "__osx"}
    for key, value in entry.data.items():
        if key in ("name", "platform"):
            continue
        package = words.get(key) or f"__{key.lstrip('_')}"
        if package == "__cuda" and isinstance(value, dict):
            found |= _cuda(entry.table(key))
        else:
            found[package] = entry.text(key) or ""
    return found


def _cuda(table: Table) -> dict[str, str]:
    driver, arch = table.text("driver"), table.text("arch")
    if driver is None:
        raise table.invalid("this `cuda` has no `driver`.", remedy='Add one, such as driver = "12.0".')
    return {"__cuda": driver, **({"__cuda_arch": arch} if arch else {})}


def _derived(subdir: str, packages: Mapping[str, str]) -> str:
    """The name that pixi gives to a platform without one: ``linux-64-cuda-12-0``."""
    usual = defaults(subdir)
    words = {package: word for word, package in _WORDS.items()}
    order = [*words, *sorted(packages.keys() - words.keys())]
    parts = [subdir]
    for package in order:
        if package in packages and packages[package] != usual.get(package):
            word = words.get(package, package.strip("_"))
            parts.append(f"{word}-{packages[package]}")
    return re.sub(r"[^A-Za-z0-9]+", "-", "-".join(parts)).strip("-")


def system_requirements(feature: Table) -> dict[str, str]:
    """The virtual packages that ``[system-requirements]`` names, whatever the platform."""
    table = feature.table("system-requirements")
    table.only("linux", "libc", "cuda", "macos", "archspec", "unix")
    found = {}
    for key in table.data:
        if key == "libc" and isinstance(table.data[key], dict):
            libc = table.table(key)
            libc.only("family", "version")
            found[f"__{libc.text('family') or 'glibc'}"] = _version(libc, "version")
        elif key != "unix":
            found["__glibc" if key == "libc" else _WORDS[key]] = _version(table, key)
    return found


def _version(table: Table, key: str) -> str:
    value = table.data.get(key)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    text = table.text(key)
    if not text:
        raise table.invalid(f"`{key}` needs a version.", key, remedy=f'Write it like {key} = "12.0".')
    return text


def declared(platform: Platform, requirements: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What an environment declares on ``platform``: the highest of each virtual package that counts there."""
    found: dict[str, str] = {}
    for group in (platform.packages, *requirements):
        for package, version in group.items():
            if _HOMES.get(package, family(platform.subdir)) == family(platform.subdir):
                found[package] = _higher(found.get(package), version)
    return found


def _higher(one: str | None, other: str) -> str:
    return other if one is None or _parts(other) > _parts(one) else one


def _parts(version: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|[a-z]+", version)]


def defaults(subdir: str) -> dict[str, str]:
    """What pixi takes for granted on a platform: an old Linux, macOS or Windows, and no GPU."""
    system = family(subdir)
    found = {"__unix": "0"} if system in ("linux", "osx") else {}
    if system == "linux":
        found |= {"__linux": "4.18", "__glibc": "2.39" if subdir == "linux-riscv64" else "2.28"}
    elif system in ("osx", "win"):
        found |= {"__osx": "13.0"} if system == "osx" else {"__win": "10.0"}
    return found | ({"__archspec": _ARCHSPEC[subdir]} if subdir in _ARCHSPEC else {})


def completed(subdir: str, declared: Mapping[str, str]) -> dict[str, str]:
    """What to solve with: the declared virtual packages, and the defaults of all others."""
    usual = defaults(subdir)
    if any(package in declared for package in _LIBC):
        usual.pop("__glibc", None)
    return {**usual, **declared}
