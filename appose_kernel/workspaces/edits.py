"""The changes that can be asked of a manifest, one dataclass each; :mod:`.editors` carries them out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, get_args

from ..errors import EditRefused
from .outline import BASE, FeatureName


@dataclass(frozen=True, slots=True)
class SetDependency:
    """Add a requirement, or change its version. ``kind`` is ``conda`` or ``pypi``; an empty ``spec`` takes
    any version. ``target`` is a platform selector, empty for all platforms."""

    feature: FeatureName
    kind: str
    name: str
    spec: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class RemoveDependency:
    feature: FeatureName
    kind: str
    name: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class AddFeature:
    feature: FeatureName


@dataclass(frozen=True, slots=True)
class RenameFeature:
    """Rename a feature, and wherever the manifest names it."""

    feature: FeatureName
    to: str


@dataclass(frozen=True, slots=True)
class RemoveFeature:
    """Remove a feature, also from the environments that list it."""

    feature: FeatureName


@dataclass(frozen=True, slots=True)
class AddEnvironment:
    name: str
    features: tuple[FeatureName, ...]
    solve_group: str | None = None
    with_base: bool = True


@dataclass(frozen=True, slots=True)
class SetEnvironment:
    name: str
    features: tuple[FeatureName, ...]
    solve_group: str | None = None
    with_base: bool = True


@dataclass(frozen=True, slots=True)
class RenameEnvironment:
    name: str
    to: str


@dataclass(frozen=True, slots=True)
class RemoveEnvironment:
    name: str


@dataclass(frozen=True, slots=True)
class SetChannels:
    """The channels of a feature, or of the workspace for the base, in their order; None takes a feature's
    own away, so that the workspace's count."""

    feature: FeatureName
    channels: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class SetVariable:
    feature: FeatureName
    name: str
    value: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class RemoveVariable:
    feature: FeatureName
    name: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class SetSource:
    """Take a package from the index of that name, for one extra or group or for all of them; None takes that
    away."""

    package: str
    feature: FeatureName | None
    index: str | None


@dataclass(frozen=True, slots=True)
class SetIndex:
    name: str
    url: str
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class RemoveIndex:
    name: str


@dataclass(frozen=True, slots=True)
class SetConflicts:
    """The sets of extras and groups that exclude each other (``[tool.uv] conflicts``)."""

    conflicts: tuple[tuple[FeatureName, ...], ...]


Edit: TypeAlias = (
    SetDependency
    | RemoveDependency
    | AddFeature
    | RenameFeature
    | RemoveFeature
    | AddEnvironment
    | SetEnvironment
    | RenameEnvironment
    | RemoveEnvironment
    | SetChannels
    | SetVariable
    | RemoveVariable
    | SetSource
    | SetIndex
    | RemoveIndex
    | SetConflicts
)

_BY_OP: dict[str, type[Edit]] = {
    re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower(): kind for kind in get_args(Edit)
}


def from_dict(data: Mapping[str, Any]) -> Edit:
    """The edit that a client sends as ``{"op": "set-dependency", …}``: ``op`` is the name of its class, the
    rest are its fields. Raises EditRefused where they are not."""
    names = [name for name in data if name != "op"]
    try:
        return _BY_OP[data["op"]](**{name: _value(data[name]) for name in names})
    except (KeyError, TypeError):
        raise EditRefused(
            f"`{data.get('op')}` with {', '.join(names) or 'nothing'} is no edit.",
            remedy="Reload the page: it may be older than the server.",
        ) from None


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return FeatureName(**value)
    return tuple(map(_value, value)) if isinstance(value, list) else value


__all__ = ["BASE", "Edit", "FeatureName", "from_dict"]
