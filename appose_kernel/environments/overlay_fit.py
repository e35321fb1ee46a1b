"""Whether the packages of an overlay go together with those of an environment: their metadata, no process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version


@dataclass(frozen=True, slots=True)
class Dist:
    version: str
    requires: tuple[str, ...]


def installed(folders: Iterable[str | Path]) -> dict[str, Dist]:
    """The distributions in ``folders`` by normalized name; the first one of a name counts, as on import."""
    found: dict[str, Dist] = {}
    for name, dist in _named(distributions(path=[str(folder) for folder in folders])):
        found.setdefault(name, Dist(dist.version, tuple(dist.requires or ())))
    return found


def _named(dists: Iterable[Distribution]) -> Iterator[tuple[str, Distribution]]:
    for dist in dists:
        name = dist.metadata["Name"]  # None where an uninstall was cut short
        if name:
            yield canonicalize_name(name), dist


def fits(name: str, own: Mapping[str, Dist], added: Mapping[str, Dist], markers: Mapping[str, str]) -> bool:
    """Whether ``name`` of the overlay finds what it needs: the environment's own, else the overlay's.

    What the environment's own packages need is not asked: it is as it was before.
    """
    waiting, seen = [name], {name}
    while waiting:
        dist = added.get(waiting.pop())
        if dist is None:
            return False
        for text in dist.requires:
            requirement = _needed(text, markers)
            if requirement is None:
                continue
            needed = canonicalize_name(requirement.name)
            chosen = own.get(needed) or added.get(needed)
            if chosen is None or not _satisfies(chosen.version, requirement):
                return False
            if needed not in own and needed not in seen:
                seen.add(needed)
                waiting.append(needed)
    return True


def _needed(text: str, markers: Mapping[str, str]) -> Requirement | None:
    """The requirement, unless its marker is about another platform, Python or extra."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return None
    if requirement.marker and not requirement.marker.evaluate({**markers, "extra": ""}):
        return None
    return requirement


def _satisfies(version: str, requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False
