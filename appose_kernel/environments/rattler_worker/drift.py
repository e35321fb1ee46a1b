"""Where a lock no longer satisfies its manifest, in words.

Both halves are walked from what the manifest names, as pixi does before it trusts a lock: each requirement,
also of a package that was reached, must be met by what is locked, and what is locked must have been reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from rattler import MatchSpec, PypiLockedPackage, RepoDataRecord

from ...errors import redact
from . import locks
from .network import Network
from .solving import spec
from .tasks import Drift, Surroundings

_Records = Mapping[str, RepoDataRecord]


def reasons(task: Drift, surroundings: Surroundings) -> list[str]:
    """Empty if the lock does what the manifest says. Raises LockOutdated for one that cannot be read."""
    lock = locks.load(Path(task.section.lock))
    if missing := locks.missing(lock, task.section):
        return [f"the environment {missing} is not locked"]
    locked = locks.read_from(lock, task.section)
    manifest = Path(surroundings.manifest)
    found = list(_channels(task, surroundings, locked.channels))
    conda = {record.name.normalized: record for record in locked.conda}
    walk = _Conda(conda)
    found += walk.from_specs(spec(manifest, text) for text in task.conda)
    found += walk.constraints(spec(manifest, text) for text in task.constraints)
    packages = {str(canonicalize_name(package.name)): package for package in locked.pypi}
    pypi = _PyPI(packages, conda)
    found += pypi.from_requirements(task.pypi)
    found += _spare("conda", conda.keys() - walk.seen - pypi.from_conda)
    found += _spare("PyPI", packages.keys() - pypi.seen)
    return found


def _channels(task: Drift, surroundings: Surroundings, locked: list[str]) -> Iterator[str]:
    wanted = [_bare(channel.base_url) for channel in Network(surroundings).channels(task.channels)]
    there = [_bare(url) for url in locked]
    if wanted != there:
        told = f"channels: {', '.join(there) or 'none'} are locked, {', '.join(wanted) or 'none'} are wanted"
        yield redact(told)


def _bare(url: str) -> str:
    return url.rstrip("/")


def _spare(kind: str, names: Iterable[str]) -> Iterator[str]:
    for name in sorted(names):
        yield f"{name}: it is locked ({kind}), and nothing wants it any more"


class _Conda:
    def __init__(self, records: _Records) -> None:
        self._records = records
        self.seen: set[str] = set()

    def from_specs(self, specs: Iterable[MatchSpec]) -> Iterator[str]:
        ahead = [(wanted, "") for wanted in specs]
        while ahead:
            wanted, by = ahead.pop(0)
            name = wanted.name.normalized
            if name.startswith("__"):
                continue
            record = self._records.get(name)
            if record is None:
                yield f"{name}: it is not locked, {_text(wanted)} is wanted{by}"
                continue
            if not wanted.matches(record):
                build = f" {record.build}" if wanted.build else ""
                yield f"{name}: {record.version}{build} is locked, {_text(wanted)} is wanted{by}"
            if name not in self.seen:
                self.seen.add(name)
                ahead += [(MatchSpec(text), f" by {name}") for text in record.depends]

    def constraints(self, specs: Iterable[MatchSpec]) -> Iterator[str]:
        for wanted in specs:
            record = self._records.get(wanted.name.normalized)
            if record is not None and not wanted.matches(record):
                yield f"{record.name.normalized}: {record.version} is locked, {_text(wanted)} is allowed"


def _text(wanted: MatchSpec) -> str:
    """The requirement without its name: ``>=2.16``."""
    text = str(wanted).partition(wanted.name.normalized)[2].strip()
    return "any version" if text in ("", "*") else text


class _PyPI:
    def __init__(self, packages: Mapping[str, PypiLockedPackage], conda: _Records) -> None:
        self._packages = packages
        self._conda = _python_names(conda)
        self._markers = _markers(conda.get("python"))
        self.seen: set[str] = set()
        #: conda packages that PyPI packages want; these need nobody else to be wanted
        self.from_conda: set[str] = set()

    def from_requirements(self, texts: Iterable[str]) -> Iterator[str]:
        ahead = [(Requirement(text), "", "") for text in texts]
        done: set[tuple[str, str]] = set()
        while ahead:
            wanted, by, extra = ahead.pop(0)
            if wanted.marker and not wanted.marker.evaluate({**self._markers, "extra": extra}):
                continue
            name = canonicalize_name(wanted.name)
            package = self._packages.get(name)
            if package is None:
                yield from self._by_conda(wanted, name, by)
                continue
            if not _meets(package.version, wanted):
                yield f"{name}: {package.version} is locked, {wanted.specifier} is wanted{by}"
            self.seen.add(name)
            for more in {"", *wanted.extras}:
                if (name, more) not in done:
                    done.add((name, more))
                    ahead += [(needed, f" by {name}", more) for needed in _needed(package)]

    def _by_conda(self, wanted: Requirement, name: str, by: str) -> Iterator[str]:
        record = self._conda.get(name)
        if record is None:
            yield f"{name}: it is not locked, {wanted.specifier or 'any version'} is wanted{by}"
            return
        self.from_conda.add(record.name.normalized)
        if not _meets(str(record.version), wanted):
            yield f"{name}: {record.version} is locked, {wanted.specifier} is wanted{by}"


def _needed(package: PypiLockedPackage) -> Iterator[Requirement]:
    for text in package.requires_dist:
        with suppress(InvalidRequirement):  # old packages have such, and uv mends them
            yield Requirement(text)


def _meets(version: str, wanted: Requirement) -> bool:
    try:
        return wanted.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True  # a folder whose version is only known when it is built


def _python_names(conda: Mapping[str, RepoDataRecord]) -> dict[str, RepoDataRecord]:
    """conda's records by PyPI's names, where the lock tells them, else by their own."""
    found: dict[str, RepoDataRecord] = {}
    for name, record in conda.items():
        for other in locks.purls(record) or [name]:
            found[canonicalize_name(other)] = record
    return found


def _markers(python: RepoDataRecord | None) -> dict[str, str]:
    markers = {name: str(value) for name, value in default_environment().items()}
    if python is not None:
        version = str(python.version)
        markers |= {
            "python_full_version": version,
            "implementation_version": version,
            "python_version": ".".join(version.split(".")[:2]),
        }
    return markers
