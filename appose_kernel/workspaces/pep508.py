"""Names, requirements and versions as Python packages write them: the cheap part.

What needs ``packaging`` is in :mod:`.markers`, which is imported only when it is needed: that takes
26 ms, and a kernel start that reads an ordinary manifest can do without.
"""

from __future__ import annotations

import re

PYPI = "https://pypi.org/simple"

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_EXTRAS = r"\[[A-Za-z0-9\s,._-]*\]"
_CLAUSE = r"(?:[<>]=?|[=!~]=)\s*[0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc|\.post|\.dev)[0-9]+)?"
_CLAUSES = rf"{_CLAUSE}(?:\s*,\s*{_CLAUSE})*"
_ORDINARY = re.compile(rf"\s*{_NAME}\s*(?:{_EXTRAS})?\s*(?:{_CLAUSES})?\s*")
_ORDINARY_PYTHON = re.compile(rf"\s*{_CLAUSES}\s*")
_HEAD = re.compile(rf"\s*({_NAME})\s*(?:\[([^\]]*)\])?")


def normalized(name: str) -> str:
    """A package, extra or group name in the one form that stands for all its spellings (PEP 503, PEP 685)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_name(text: str) -> bool:
    return re.fullmatch(_NAME, text) is not None


def name_and_extras(requirement: str) -> tuple[str, tuple[str, ...]]:
    """The normalized package name of a valid requirement, and the normalized extras it asks for."""
    match = _HEAD.match(requirement)
    assert match is not None
    extras = (extra.strip() for extra in (match[2] or "").split(","))
    return normalized(match[1]), tuple(normalized(extra) for extra in extras if extra)


def problem(requirement: str) -> str | None:
    """Why ``requirement`` is none, or None if it is one."""
    if _ORDINARY.fullmatch(requirement):
        return None
    from . import markers  # noqa: PLC0415  (see above)

    return markers.problem(requirement)


def python_problem(specifier: str) -> str | None:
    """Why ``specifier`` is no set of Python versions, or None if it is one."""
    if _ORDINARY_PYTHON.fullmatch(specifier):
        return None
    from . import markers  # noqa: PLC0415  (see above)

    return markers.python_problem(specifier)
