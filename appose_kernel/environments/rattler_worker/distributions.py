"""Which Python distributions conda packages bring, under PyPI's names.

pixi knows them from a mapping of names that it downloads (pytorch is torch). The packages themselves say
it, too: in the paths of their ``*.dist-info`` folders, which can be had without the package.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.request import url2pathname

from rattler import MatchSpec, PathsJson, RepoDataRecord
from rattler.networking import Client
from rattler.package_streaming import fetch_raw_package_file_from_url

from . import locks

#: Packages whose list of files is fetched at the same time.
AT_ONCE = 16
_FOLDER = re.compile(
    r"(?:^|.*/)site-packages/(?P<name>[^/-]+)-(?P<version>[^/-]+)(?:-[^/]+)?\.(?:dist|egg)-info(?:/|$)"
)


async def distributions(records: Iterable[RepoDataRecord], client: Client) -> dict[str, list[list[str]]]:
    """By the package's name, ``[PyPI's name, version]`` of each distribution in it."""
    gate = asyncio.Semaphore(AT_ONCE)
    packages = [record for record in records if _is_for_python(record)]

    async def ask(record: RepoDataRecord) -> list[list[str]]:
        async with gate:
            return await _of(record, client)

    found = await asyncio.gather(*(ask(record) for record in packages))
    return {record.name.normalized: names for record, names in zip(packages, found, strict=True) if names}


def _is_for_python(record: RepoDataRecord) -> bool:
    return record.noarch.python or any(
        MatchSpec(text).name.normalized in ("python", "python_abi") for text in record.depends
    )


async def _of(record: RepoDataRecord, client: Client) -> list[list[str]]:
    if (named := locks.purls(record)) is not None:
        return [[name, str(record.version)] for name in named]
    if record.url.startswith("file:"):
        archive = Path(url2pathname(record.url.removeprefix("file://")))
        return in_paths(
            entry.relative_path.as_posix() for entry in PathsJson.from_package_archive(archive).paths
        )
    raw = await fetch_raw_package_file_from_url(client, record.url, "info/paths.json")
    return in_paths(entry["_path"] for entry in json.loads(raw)["paths"])


def installed(prefix: Path) -> list[list[str]]:
    """The distributions in the conda packages of a prefix; what others have put there is in none of them."""
    records = (json.loads(file.read_bytes()) for file in prefix.glob("conda-meta/*.json"))
    return in_paths(path for record in records for path in record["files"])


def in_paths(paths: Iterable[str]) -> list[list[str]]:
    """The distributions whose metadata is among ``paths``."""
    matches: Sequence[re.Match[str] | None] = [_FOLDER.match(path) for path in paths]
    found = {match["name"]: match["version"] for match in matches if match}
    return [[name, version] for name, version in found.items()]
