"""What a check of ``doctor`` comes to."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import ApposeKernelError


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``remedy`` says what to do where it is not ``ok``."""

    name: str
    ok: bool
    message: str
    remedy: str = ""


def failed(name: str, error: ApposeKernelError) -> Check:
    return Check(name, False, error.message, error.remedy)
