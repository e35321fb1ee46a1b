"""Notebooks for tests, as Jupyter writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def cell(source: str, kind: str = "code") -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    more = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "id": f"id-{len(source)}", "metadata": {}, "source": lines, **more}


def notebook(*cells: str | dict[str, Any], metadata: Mapping[str, Any] | None = None) -> str:
    """A notebook of version 4; a text is a code cell."""
    every = [cell(each) if isinstance(each, str) else each for each in cells]
    return write(every, metadata or {})


def write(cells: Sequence[dict[str, Any]], metadata: Mapping[str, Any]) -> str:
    document = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def block(*lines: str) -> str:
    """A PEP 723 block with these lines of TOML."""
    return "\n".join(["# /// script", *(f"# {line}".rstrip() for line in lines), "# ///"])
