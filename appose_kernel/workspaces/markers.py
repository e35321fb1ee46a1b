"""Requirements judged for platforms other than this one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

#: uv reads `>=3.8.*` as `>=3.8`, with a warning; `packaging` refuses it.
_STARRED_BOUND = re.compile(r"([<>]=?\s*[0-9.]*[0-9])\.\*")

_SYSTEMS = {
    "linux": {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"},
    "osx": {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"},
    "win": {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"},
}
_MACHINES = {"64": "x86_64", "win-64": "AMD64", "win-arm64": "ARM64"}
#: The Pythons that a marker is tried for.
_PYTHONS = tuple(f"3.{minor}" for minor in range(8, 16))


def problem(requirement: str) -> str | None:
    """Why ``requirement`` is none, or None if it is one."""
    try:
        parsed(requirement)
    except InvalidRequirement as error:
        return str(error).partition("\n")[0].strip()
    return None


def python_problem(specifier: str) -> str | None:
    """Why ``specifier`` is no set of versions, or None if it is one."""
    try:
        SpecifierSet(_lenient(specifier))
    except InvalidSpecifier as error:
        return str(error)
    return None


class Target:
    """A platform (``linux-64``, ``osx-arm64``…) and the Pythons that a manifest allows on it."""

    def __init__(self, platform: str, requires_python: str) -> None:
        system, _, machine = platform.partition("-")
        allowed = SpecifierSet(_lenient(requires_python))
        self._base = {
            **_SYSTEMS.get(system, {}),
            "platform_machine": _MACHINES.get(platform) or _MACHINES.get(machine, machine),
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
            "platform_release": "",
            "platform_version": "",
        }
        # A bound on the patch level (>=3.11.4) must not rule out the minor version.
        self._pythons = [
            version
            for version in _PYTHONS
            if any(allowed.contains(f"{version}.{patch}") for patch in (0, 99))
        ] or list(_PYTHONS)

    def applies(self, requirement: str) -> bool:
        """Whether a valid requirement counts here, for at least one of the Pythons."""
        marker = parsed(requirement).marker
        return marker is None or self.holds(str(marker))

    def holds(self, marker: str) -> bool:
        """Whether a marker is true here for one of the Pythons at least; nonsense counts as true."""
        try:
            parsed = Marker(marker)
            return any(parsed.evaluate(environment) for environment in self._environments())
        except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
            return True

    def _environments(self) -> Iterator[dict[str, str]]:
        for version in self._pythons:
            yield {
                **self._base,
                "python_version": version,
                "python_full_version": f"{version}.0",
                "implementation_version": f"{version}.0",
            }


def parsed(requirement: str) -> Requirement:
    """A valid requirement, as uv reads it."""
    return Requirement(_lenient(requirement))


def _lenient(text: str) -> str:
    return _STARRED_BOUND.sub(r"\1", text)
