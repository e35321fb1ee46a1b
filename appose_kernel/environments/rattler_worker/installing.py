"""Put a lock's conda packages into a prefix, and tell of it."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.request import url2pathname

from rattler import MatchSpec, RepoDataRecord, Subdir
from rattler import install as rattler_install
from rattler.install import InstallerReporter

from ...errors import InstallError
from ...model import Phase, Step
from . import locks
from .distributions import installed
from .errors import GONE, REPLACED
from .network import Network
from .tasks import Install, Surroundings

#: Seconds between two reports of downloaded bytes.
INTERVAL = 0.2
#: What virtual packages stand for.
_NAMES = {
    "__cuda": "an NVIDIA driver for CUDA",
    "__glibc": "glibc",
    "__linux": "Linux",
    "__osx": "macOS",
    "__win": "Windows",
}


async def install(task: Install, surroundings: Surroundings, say: Callable[[Step], None]) -> dict[str, Any]:
    """Returns what the lock has (see :func:`locks.described`); ``brought``: the names of the Python
    distributions in the installed packages; and ``lacking``: for each package that needs more than this
    machine has, what and why."""
    locked = locks.read(task.section)
    manifest = Path(surroundings.manifest)
    _check(manifest, [record for record in locked.conda if record.url.startswith("file:")])
    network = Network(surroundings)
    sizes = {record.name.normalized: record.size or 0 for record in locked.conda}
    await rattler_install(
        locked.conda,
        Path(task.prefix).absolute(),
        platform=Subdir(task.section.platform),
        client=network.client,
        config=network.config,
        package_cache=network.packages,
        # rattler calls what is there; its protocol, for mypy, asks for every method
        reporter=cast("InstallerReporter", Reporter(say, sizes)),
    )
    brought = sorted({name for name, _ in installed(Path(task.prefix))})
    return {**locks.described(locked), "brought": brought, "lacking": lacking(locked.conda)}


def _check(manifest: Path, records: Iterable[RepoDataRecord]) -> None:
    """Compare hashes where rattler does not: it trusts the files of a channel on a disk."""
    for record in records:
        file = Path(url2pathname(record.url.removeprefix("file://")))
        try:
            found = _sha256(file)
        except FileNotFoundError as error:
            raise InstallError(
                f"{manifest}: {file.name} is no longer in its channel: there is no {file}.",
                remedy=GONE,
            ) from error
        if record.sha256 and found != record.sha256:
            raise InstallError(
                f"{manifest}: {file} has another hash than the lock says.",
                remedy=REPLACED,
                detail=f"expected {record.sha256.hex()}, found {found.hex()}",
            )


def _sha256(file: Path) -> bytes:
    digest = hashlib.sha256()
    with file.open("rb") as archive:
        while block := archive.read(2**20):
            digest.update(block)
    return digest.digest()


def lacking(records: Sequence[RepoDataRecord]) -> list[str]:
    """Where packages need something that this machine does not have, in words for people."""
    here = locks.detected()
    needing: dict[str, list[str]] = {}
    for record in records:
        for text in record.depends:
            if MatchSpec(text).name.normalized.startswith("__") and not locks.fits(text, here):
                needing.setdefault(text, []).append(f"{record.name.normalized} {record.version}")
    return [_sentence(names, text, here) for text, names in needing.items()]


def _sentence(names: Sequence[str], text: str, here: Mapping[str, str]) -> str:
    """``gpu 1.0 needs an NVIDIA driver for CUDA 12 or newer, and this machine has none.``"""
    wanted = MatchSpec(text)
    name = wanted.name.normalized
    what = _NAMES.get(name, name)
    version = re.sub(r"^>=([^,|]+)$", r"\1 or newer", str(wanted.version or ""))
    has = "none" if name not in here else f"one for CUDA {here[name]}" if name == "__cuda" else here[name]
    more = f" and {len(names) - 1} more packages need" if len(names) > 1 else " needs"
    return f"{names[0]}{more} {' '.join(filter(None, (what, version)))}, and this machine has {has}."


class Reporter:
    """Turns rattler's callbacks, which come from its threads, into steps with counts and bytes.

    A package counts as something to download until it turns out that the cache has it.
    """

    def __init__(self, say: Callable[[Step], None], sizes: dict[str, int]) -> None:
        self._say = say
        self._sizes = sizes
        self._lock = threading.Lock()
        self._names: dict[int, str] = {}
        self._bytes: dict[int, int] = {}
        self._cached: set[int] = set()
        self._here: set[int] = set()
        self._operations = self._linked = 0
        self._said = 0.0

    def on_transaction_start(self, total_operations: int) -> None:
        self._operations = total_operations

    def on_populate_cache_start(self, operation: int, package_name: str) -> int:
        with self._lock:
            self._names[operation] = package_name
            self._cached.add(operation)
        return operation

    def on_download_start(self, cache_entry: int) -> int:
        with self._lock:
            self._cached.discard(cache_entry)
            self._bytes[cache_entry] = 0
            self._downloading_still()
        return cache_entry

    def on_download_progress(self, download_idx: int, progress: int, total: int | None) -> None:
        with self._lock:
            self._bytes[download_idx] = progress
            self._downloading_still()

    def on_populate_cache_complete(self, cache_entry: int) -> None:
        with self._lock:
            self._here.add(cache_entry)
            if cache_entry not in self._cached:
                self._downloading(f"Downloaded {self._names[cache_entry]}")

    def _downloading_still(self) -> None:
        if time.monotonic() - self._said > INTERVAL:
            self._downloading("Downloading")

    def _downloading(self, message: str) -> None:
        self._said = time.monotonic()
        wanted = [entry for entry in self._names if not (entry in self._here and entry in self._cached)]
        step = Step(
            Phase.DOWNLOADING,
            message,
            done=len(self._here - self._cached),
            total=len(wanted),
            bytes_done=sum(self._bytes.values()),
            bytes_total=sum(self._sizes[self._names[entry]] for entry in wanted),
        )
        self._say(step)

    def on_link_start(self, operation: int, package_name: str) -> int:
        return operation

    def on_link_complete(self, index: int) -> None:
        with self._lock:
            self._linked += 1
            if self._here >= self._names.keys():
                self._installing()

    def on_transaction_complete(self) -> None:
        with self._lock:
            self._installing()

    def _installing(self) -> None:
        self._say(Step(Phase.INSTALLING, "Installing", done=self._linked, total=self._operations))
