"""The Python of a conda environment that is not there yet, for whoever resolves or picks wheels for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging import tags
from packaging.tags import Tag
from packaging.version import Version

_MACHINES = {"64": "x86_64", "arm64": "aarch64"}
#: What uv knows: https://docs.astral.sh/uv/reference/cli/#uv-pip-compile--python-platform
_MANYLINUX = (17, 28, *range(31, 41))
#: Names that some versions of manylinux had before PEP 600.
_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


@dataclass(frozen=True, slots=True)
class Target:
    """A Python (version, and conda's build string) on one of conda's platforms with ``virtual`` packages."""

    version: str
    build: str
    platform: str
    virtual: Mapping[str, str]

    def uv_platform(self) -> str | None:
        """The platform in uv's words; None for one that it does not know."""
        system, _, machine = self.platform.partition("-")
        machine = _MACHINES.get(machine, machine)
        if machine not in ("x86_64", "aarch64"):
            return None
        if system == "linux":
            fitting = [minor for minor in _MANYLINUX if minor <= self._glibc()]
            return f"{machine}-manylinux_2_{max(fitting, default=17)}"
        return f"{machine}-{'apple-darwin' if system == 'osx' else 'pc-windows-msvc'}"

    def tags(self) -> list[Tag]:
        """The tags of wheels that fit, the best first."""
        major, minor = (int(part) for part in self.version.split(".")[:2])
        # conda's free-threaded builds are called so: `h…_1_cp313t`
        interpreter = f"cp{major}{minor}"
        abis = [f"{interpreter}t"] if re.search(r"_cp\d+t$", self.build) else [interpreter]
        platforms = list(self._platforms())
        return [
            *tags.cpython_tags((major, minor), abis, platforms),
            *tags.compatible_tags((major, minor), interpreter, platforms),
        ]

    def _platforms(self) -> Iterator[str]:
        system, _, machine = self.platform.partition("-")
        if system == "osx":
            version = Version(self.virtual.get("__osx", "13.0"))
            machine = "arm64" if machine == "arm64" else "x86_64"
            yield from tags.mac_platforms((version.major, version.minor), machine)
        elif system == "win":
            yield {"64": "win_amd64", "32": "win32"}.get(machine, f"win_{machine}")
        else:
            machine = _MACHINES.get(machine, machine)
            for minor in range(self._glibc(), 4 if machine == "x86_64" else 16, -1):
                yield f"manylinux_2_{minor}_{machine}"
                if minor in _LEGACY:
                    yield f"{_LEGACY[minor]}_{machine}"
            yield f"linux_{machine}"

    def _glibc(self) -> int:
        """The minor version of the C library, which is 2.x."""
        return Version(self.virtual.get("__glibc", "2.28")).minor
