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


def fits(own: Mapping[str, Dist], markers: Mapping[str, str], overlay: Path) -> bool:
    """Whether the ipykernel of the overlay, and all that it needs, is there in versions that go together.

    What the environment's own packages need is not asked: it is as it was before.
    """
    added = installed([overlay])
    return "ipykernel" in added and all(
        chosen is not None and _satisfies(chosen.version, requirement)
        for requirement, chosen in _needs(own, added, markers)
    )


def reached(own: Mapping[str, Dist], markers: Mapping[str, str], overlay: Path) -> list[str]:
    """The environment's own packages that the ipykernel of the overlay uses."""
    needs = _needs(own, installed([overlay]), markers)
    names = {canonicalize_name(needed.name) for needed, _ in needs}
    return sorted(name for name in names if name in own)


def _needs(
    own: Mapping[str, Dist], added: Mapping[str, Dist], markers: Mapping[str, str]
) -> Iterator[tuple[Requirement, Dist | None]]:
    """Each requirement of the overlay's packages from ipykernel on, and what answers it: own ones first."""
    waiting, seen = ["ipykernel"], {"ipykernel"}
    while waiting:
        for text in added[waiting.pop()].requires:
            if requirement := _needed(text, markers):
                name = canonicalize_name(requirement.name)
                yield requirement, own.get(name) or added.get(name)
                if name in added and name not in own and name not in seen:
                    seen.add(name)
                    waiting.append(name)


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
