"""A package as a lock names it, whichever engine reads that."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """``kind`` is ``conda`` or ``pypi``; ``size`` the bytes of its download, where the lock says."""

    name: str
    kind: str
    version: str
    size: int | None = None
