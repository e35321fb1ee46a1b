"""Keys and values as TOML writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "str | bool | int | Sequence[Value] | Mapping[str, Value]"

_BARE = re.compile(r"[A-Za-z0-9_-]+")
#: What may stand between single quotes, where nothing can be escaped.
_LITERAL = re.compile(r"[^'\x00-\x1f\x7f]*")


def key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _string(name)


def dotted(names: Sequence[str]) -> str:
    return ".".join(map(key, names))


def value(content: Value, quote: str = '"') -> str:
    """``content`` on one line, its strings between ``quote`` where they can be."""
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, str):
        return f"'{content}'" if quote == "'" and _LITERAL.fullmatch(content) else _string(content)
    if isinstance(content, int):
        return str(content)
    if isinstance(content, Mapping):
        pairs = ", ".join(f"{key(name)} = {value(inner, quote)}" for name, inner in content.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return f"[{', '.join(value(inner, quote) for inner in content)}]"


def _string(text: str) -> str:
    # JSON's escapes are TOML's, which wants one more.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
