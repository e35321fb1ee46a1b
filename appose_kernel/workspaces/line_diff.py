"""The lines in which two texts differ, with what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: How many lines are shown before and after a change.
CONTEXT = 3


@dataclass(frozen=True, slots=True)
class DiffLine:
    """``kind`` is ``same``, ``add``, ``remove``, or ``gap`` for same lines left out between changes.

    ``before`` and ``after`` are its numbers, counted from 1, where it is in that text; ``text`` is without
    its line ending.
    """

    kind: str
    before: int | None
    after: int | None
    text: str


def diff(before: str, after: str) -> tuple[DiffLine, ...]:
    """What changes from ``before`` to ``after``; nothing where nothing does."""
    old, new = _lines(before), _lines(after)
    found: list[DiffLine] = []
    for number, group in enumerate(_groups(old, new)):
        if number:
            found.append(DiffLine("gap", None, None, ""))
        for kind, first, last, new_first, new_last in group:
            if kind == "equal":
                found += (
                    DiffLine("same", first + step + 1, new_first + step + 1, _shown(old[first + step]))
                    for step in range(last - first)
                )
                continue
            found += (DiffLine("remove", at + 1, None, _shown(old[at])) for at in range(first, last))
            found += (DiffLine("add", None, at + 1, _shown(new[at])) for at in range(new_first, new_last))
    return tuple(found)


def _lines(text: str) -> list[str]:
    """With their endings, for a file may change in nothing else."""
    return re.findall(r"[^\n]*\n|[^\n]+", text.removeprefix("\ufeff"))


def _shown(line: str) -> str:
    return line.rstrip("\r\n")


def _groups(old: Sequence[str], new: Sequence[str]) -> Iterator[Sequence[tuple[str, int, int, int, int]]]:
    """Changes with their context. What both begin and end with is not compared again, for that takes long."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    end = next((at for at in range(shorter - start) if old[-1 - at] != new[-1 - at]), shorter - start)
    start, end = max(start - CONTEXT, 0), max(end - CONTEXT, 0)
    matcher = SequenceMatcher(None, old[start : len(old) - end], new[start : len(new) - end])
    for group in matcher.get_grouped_opcodes(CONTEXT):
        yield [(kind, a + start, b + start, c + start, d + start) for kind, a, b, c, d in group]
