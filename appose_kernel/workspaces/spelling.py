"""Which word somebody meant who has written another."""

from __future__ import annotations

from collections.abc import Set

#: How alike a word must be to one that we know to count as that one misspelt (0 to 1).
_ALIKE = 0.8


def nearest(word: str, known: Set[str]) -> str | None:
    """The known word that ``word`` looks like."""
    from difflib import get_close_matches  # noqa: PLC0415  (only a manifest with an error needs it)

    written = word.lower().replace("_", "-")
    return next(iter(get_close_matches(written, sorted(known), n=1, cutoff=_ALIKE)), None)
