"""Locks in pixi's format, versions 4 to 7, read with py-rattler."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rattler import (
    LockFile,
    MatchSpec,
    PypiLockedPackage,
    RepoDataRecord,
    VersionSpec,
    VirtualPackage,
    VirtualPackageOverrides,
)
from rattler.exceptions import ParseCondaLockError
from rattler.lock import CondaLockedBinaryPackage, CondaLockedSourcePackage, LockPlatform
from rattler.lock import Environment as LockedEnvironment
from rattler.version import Version

from ...errors import EngineUnsupported, LockOutdated
from .errors import PIXI
from .tasks import Section


@dataclass(frozen=True, slots=True)
class Locked:
    """What a lock holds for one environment on one platform."""

    platform: LockPlatform
    channels: list[str]
    conda: list[RepoDataRecord]
    pypi: list[PypiLockedPackage]


def load(path: Path) -> LockFile:
    """Raises EngineUnsupported for a version that is too new, LockOutdated for a file that is no lock."""
    try:
        return LockFile.from_path(path)
    except ParseCondaLockError as error:
        if match := re.search(r"format version (\d+), but only up to including version (\d+)", str(error)):
            raise EngineUnsupported(
                f"{path}: its format has version {match[1]}, and this py-rattler reads up to {match[2]}.",
                remedy=f"Run `pip install --upgrade py-rattler` and start the server again. Or: {PIXI}",
            ) from error
        raise LockOutdated(
            f"{path} cannot be read: it is damaged, or no lock.",
            remedy="Restore it (a merge may have left its marks), or run `jupyter appose lock`, for a lock"
            " that only appose-kernel uses.",
            detail=str(error),
        ) from error


def read(section: Section) -> Locked:
    """Raises LockOutdated where the environment or the platform is not there, EngineUnsupported where a
    package has to be built."""
    return read_from(load(Path(section.lock)), section)


def missing(lock: LockFile, section: Section) -> str:
    """What of the environment a lock does not have (``“cuda” on linux-64``); empty where it has it."""
    found = lock.environment(section.environment)
    if found is None:
        return f"“{section.environment}”"
    return "" if _platform(found, section) else f"“{section.environment}” on {section.platform}"


def read_from(lock: LockFile, section: Section) -> Locked:
    """As :func:`read`, of a lock that has been loaded from ``section.lock``."""
    path = Path(section.lock)
    found = lock.environment(section.environment)
    platform = None if found is None else _platform(found, section)
    if found is None or platform is None:
        raise LockOutdated(
            f"{path} does not have the environment {missing(lock, section)}.",
            remedy="Run `jupyter appose lock`, or lock with pixi where it is installed.",
        )
    # not `conda_repodata_records_for_platform`: it leaves out source packages, and says nothing
    packages = found.packages(platform) or []
    for package in packages:
        if isinstance(package, CondaLockedSourcePackage):
            raise EngineUnsupported(
                f"{path}: the environment “{section.environment}” has `{package.name}`, a conda package that"
                f" is built from its sources ({package.location}).",
                remedy=f"Only pixi can build it. {PIXI}",
            )
    return Locked(
        platform,
        [str(channel) for channel in found.channels()],
        [package.repo_data_record() for package in packages if isinstance(package, CondaLockedBinaryPackage)],
        [package for package in packages if isinstance(package, PypiLockedPackage)],
    )


def _platform(found: LockedEnvironment, section: Section) -> LockPlatform | None:
    """The platform of that name, or the first of that kind: an older lock has names of its own for them.

    One of the environment's own objects: for another that says the same, py-rattler panics.
    """
    known = sorted(found.platforms(), key=lambda one: (one.name != section.name, one.name))
    return next((one for one in known if section.platform == str(one.subdir)), None)


def fits(spec: str, here: Mapping[str, str]) -> bool:
    """Whether the virtual packages of ``here`` satisfy a requirement of theirs (``__cuda >=12``)."""
    wanted = MatchSpec(spec)
    name = wanted.name.normalized
    if name == "__archspec":
        return True  # which processor runs which code, is not ours to know
    return name in here and (not wanted.version or VersionSpec(wanted.version).matches(Version(here[name])))


def detected() -> dict[str, str]:
    """The virtual packages of this machine, with ``CONDA_OVERRIDE_*``, which `detect()` by itself ignores: by
    name, the version; of ``__archspec``, the microarchitecture."""
    packages = [one.into_generic() for one in VirtualPackage.detect(VirtualPackageOverrides.from_env())]
    return {
        one.name.normalized: str(one.build_string if one.name.normalized == "__archspec" else one.version)
        for one in packages
    }


def described(locked: Locked) -> dict[str, Any]:
    """As JSON: ``channels``, ``conda`` and ``pypi`` packages."""
    return {
        "channels": locked.channels,
        "conda": [_conda(record) for record in locked.conda],
        "pypi": [_pypi(package) for package in locked.pypi],
    }


def _conda(record: RepoDataRecord) -> dict[str, Any]:
    return {
        "name": record.name.normalized,
        "version": str(record.version),
        "build": str(record.build),
        "url": record.url,
        "size": record.size,
    }


def _pypi(package: PypiLockedPackage) -> dict[str, Any]:
    hashes = package.hashes
    # without any hash it is an object around None
    sha256 = hashes.sha256 if hashes is not None and hashes._hashes is not None else None
    return {
        "name": package.name,
        "version": package.version,
        "location": package.location,
        "sha256": sha256.hex() if sha256 else None,
    }


def purls(record: RepoDataRecord) -> list[str] | None:
    """The PyPI names that a record claims; None where it says nothing about that."""
    found: list[str] | None = json.loads(record.to_json()).get("purls")
    if found is None:
        return None
    return [match[1] for purl in found if (match := re.match(r"pkg:pypi/([^@?#]+)", purl))]
