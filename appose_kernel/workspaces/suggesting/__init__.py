"""What a file that is there asks for, as a draft of a new workspace to begin with.

Nothing is run, and nothing is fetched.
"""

from __future__ import annotations

from pathlib import Path

from ...errors import EditRefused
from . import notebooks, package_lists
from .found import Suggestion

__all__ = ["Suggestion", "suggest"]


def suggest(source: Path) -> Suggestion:
    """A draft from a ``requirements.txt``, an ``environment.yml`` or a notebook.

    Raises ManifestNotFound, ManifestInvalid for what cannot be read, and EditRefused for another kind of
    file.
    """
    if source.suffix == ".ipynb":
        return notebooks.suggest(source)
    if source.suffix in (".yml", ".yaml"):
        return package_lists.from_conda(source)
    if source.suffix in (".txt", ".in"):
        return package_lists.from_requirements(source)
    raise EditRefused(
        f"{source} says nothing that a new workspace could begin with.",
        remedy="Choose a requirements.txt, an environment.yml or a notebook.",
    )
