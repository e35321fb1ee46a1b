"""PyPI packages between three files: what uv resolves (a ``pylock.toml``), what pixi's lock keeps, and what
uv installs (a ``pylock.toml`` again).

https://packaging.python.org/en/latest/specifications/pylock-toml/; a location in pixi's lock is a URL with
the hash as fragment, ``git+URL?rev=…#COMMIT``, or a path from the lock's folder.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlencode, urlsplit
from urllib.request import url2pathname

import tomli
from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from ....errors import InstallError

#: What a folder's version is called until somebody builds it.
UNKNOWN = "0.0.0"
_ARCHIVE = re.compile(r"\.(?:whl|zip|tar(?:\.\w+)?|tgz)$")


class Package(NamedTuple):
    """A PyPI package as pixi's lock has it; ``sha256`` where it does not stand in the location."""

    name: str
    version: str
    location: str
    sha256: str | None = None


def resolved(written: str, tags: Sequence[Tag]) -> list[Package]:
    """The packages of a ``pylock.toml`` that uv wrote, each with the one file that ``tags`` prefer.

    ``tags`` are those of the target's Python, the best first. Raises InstallError where no file fits.
    """
    ranks = {tag: rank for rank, tag in enumerate(tags)}
    packages = []
    for entry in tomli.loads(written).get("packages", ()):
        version = entry.get("version", UNKNOWN)
        packages.append(Package(str(canonicalize_name(entry["name"])), version, _location(entry, ranks)))
    return packages


def _location(entry: Mapping[str, Any], ranks: Mapping[Tag, int]) -> str:
    if vcs := entry.get("vcs"):
        query = {"rev": vcs["requested-revision"]} if "requested-revision" in vcs else {}
        query |= {"subdirectory": vcs["subdirectory"]} if "subdirectory" in vcs else {}
        return f"git+{vcs['url']}{'?' if query else ''}{urlencode(query)}#{vcs['commit-id']}"
    if directory := entry.get("directory"):
        return str(directory["path"])
    file = entry.get("archive") or _best(entry.get("wheels", ()), ranks) or entry.get("sdist")
    if file is None:
        raise InstallError(
            f"{entry['name']} {entry.get('version', '')} has neither a wheel for this platform nor a source.",
            remedy="Choose a version that supports this platform, or limit the requirement by a marker.",
        )
    return f"{file.get('url') or Path(file['path']).as_uri()}#sha256={file['hashes']['sha256']}"


def _best(wheels: Iterable[Mapping[str, Any]], ranks: Mapping[Tag, int]) -> Mapping[str, Any] | None:
    fitting = [(rank, wheel) for wheel in wheels if (rank := _rank(wheel, ranks)) is not None]
    return min(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _rank(wheel: Mapping[str, Any], ranks: Mapping[Tag, int]) -> int | None:
    place = wheel.get("name") or wheel.get("url") or wheel["path"]
    try:
        _, _, _, tags = parse_wheel_filename(unquote(place.rsplit("/", 1)[-1]))
    except InvalidWheelFilename:
        return None
    return min((ranks[tag] for tag in tags if tag in ranks), default=None)


def installable(packages: Iterable[Package], lock: Path, root: Path, editable: Collection[str]) -> str:
    """A ``pylock.toml`` of the packages of ``lock``, whose relative paths start at ``root``.

    ``editable`` are the names of folders that are installed as such. Raises InstallError for an archive
    from a server without a hash.
    """
    lines = ['lock-version = "1.0"', 'created-by = "appose-kernel"']
    for package in packages:
        lines += _entry(package, lock, root, package.name in editable)
    return "\n".join(lines) + "\n"


def _entry(package: Package, lock: Path, root: Path, editable: bool) -> Iterator[str]:
    yield "[[packages]]"
    yield f"name = {text(package.name)}"
    # `direct+`: a URL of the manifest's own, in version 6 of the format
    location = package.location.removeprefix("direct+")
    if location.startswith("git+"):
        yield f"vcs = {_inline(_git(location))}"
        return
    place, _, fragment = location.partition("#")
    sha256 = package.sha256 or next(iter(re.findall(r"sha256[=:]([0-9a-f]{64})", fragment)), None)
    if "://" in place and not place.startswith("file:"):
        if sha256 is None:
            raise InstallError(
                f"{lock}: there is no hash for {package.name} ({place}).",
                remedy="Lock again with a newer tool.",
            )
        source = {"url": place, "hashes": {"sha256": sha256}}
        if package.location.startswith("direct+"):
            yield f"archive = {_inline(source)}"
            return
        yield f"version = {text(package.version)}"
        yield f"wheels = [{_inline(source)}]" if place.endswith(".whl") else f"sdist = {_inline(source)}"
        return
    yield from _local(_path(place, root), sha256, editable)


def _local(path: Path, sha256: str | None, editable: bool) -> Iterator[str]:
    if not _ARCHIVE.search(path.name):
        yield f"directory = {_inline({'path': str(path), 'editable': editable})}"
        return
    if sha256 is None:
        try:
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        except FileNotFoundError as error:
            raise InstallError(
                f"{path} does not exist, and is locked.", remedy="Bring it there, or lock again."
            ) from error
    yield f"archive = {_inline({'path': str(path), 'hashes': {'sha256': sha256}})}"


def local_folder(package: Package, root: Path) -> Path | None:
    """The folder that a package is built from; None where it comes from elsewhere, or is built already."""
    place = package.location.partition("#")[0]
    if "://" in place and not place.startswith("file:"):
        return None
    path = _path(place, root)
    return None if _ARCHIVE.search(path.name) else path


def _path(place: str, root: Path) -> Path:
    if place.startswith("file:"):
        return Path(url2pathname(urlsplit(place).path))
    return (root / place).resolve()


def _git(location: str) -> dict[str, str]:
    url = urlsplit(location.removeprefix("git+"))
    query = {name: unquote(values[0]) for name, values in parse_qs(url.query).items()}
    vcs = {"type": "git", "url": f"{url.scheme}://{url.netloc}{url.path}", "commit-id": url.fragment}
    for key in ("rev", "tag", "branch"):
        if key in query:
            vcs["requested-revision"] = query[key]
    if "subdirectory" in query:
        vcs["subdirectory"] = query["subdirectory"]
    return vcs


def _inline(table: Mapping[str, Any]) -> str:
    pairs = (
        f"{key} = {_inline(value) if isinstance(value, Mapping) else text(value)}"
        for key, value in table.items()
    )
    return f"{{ {', '.join(pairs)} }}"


def text(value: object) -> str:
    """A value in TOML; JSON's texts and truth values are TOML's, too."""
    return json.dumps(value, ensure_ascii=False)
