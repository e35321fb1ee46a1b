"""Where the requirements of a pixi manifest come from, and what their tables may say."""

from __future__ import annotations

import os
import re
from collections.abc import Set
from pathlib import Path

from ..spelling import nearest
from ..tables import Table

GIT = frozenset({"git", "rev", "tag", "branch", "subdirectory", "lfs"})

_SCP = re.compile(r"(?:[\w.-]+@)?[\w.-]+:(?!//)")


def git(entry: Table) -> str:
    """A repository as pip writes it: ``git+https://…@rev#subdirectory=…``."""
    url = entry.text("git") or ""
    references = [key for key in ("rev", "tag", "branch") if key in entry]
    if len(references) > 1:
        raise entry.invalid(
            f"this has both `{references[0]}` and `{references[1]}`.",
            references[1],
            remedy="Remove one of them.",
        )
    if _SCP.match(url):
        url = f"ssh://{url.replace(':', '/', 1)}"
    url = url if url.startswith("git+") else f"git+{url}"
    at = f"@{entry.text(references[0])}" if references else ""
    inside = entry.text("subdirectory")
    return f"{url}{at}{f'#subdirectory={inside}' if inside else ''}"


def path(entry: Table) -> Path | None:
    text = entry.text("path")
    if text is None:
        return None
    return Path(os.path.normpath(entry.file.parent / os.path.expanduser(text)))  # noqa: PTH111  (any user's)


def one_word(entry: Table, *keys: str) -> None:
    """Refuse blanks in a place, which would end it, and emptiness."""
    for key in keys:
        if key in entry and not re.fullmatch(r"\S+", entry.text(key) or ""):
            raise entry.invalid(f"`{key}` is empty or has blanks in it.", key, remedy="Correct or remove it.")


def only(entry: Table, known: Set[str]) -> None:
    """Refuse every other key: each one decides what is installed."""
    for key in entry.data:
        if key not in known:
            meant = nearest(key, known)
            choice = f"It may have: {', '.join(f'`{name}`' for name in sorted(known))}."
            raise entry.invalid(
                f"`{key}` is not a key of a requirement.",
                key,
                remedy=f"Did you mean `{meant}`?" if meant else choice,
            )
