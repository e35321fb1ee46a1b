"""A table of a manifest whose values are checked as they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from ..errors import ManifestInvalid
from . import toml
from .toml.positions import Key

T = TypeVar("T")

_NOUNS: dict[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


@dataclass(frozen=True, slots=True)
class Table:
    """``data`` is what stands at ``keys`` of ``file``. A value of the wrong type is a ManifestInvalid."""

    file: Path
    data: Mapping[str, Any]
    keys: tuple[Key, ...] = ()

    def invalid(self, reason: str, *keys: Key, remedy: str = "") -> ManifestInvalid:
        """The error to raise about the value at ``keys`` of this table."""
        line = toml.line_of(self.file, *self.keys, *keys)
        return ManifestInvalid(self.file, line, reason, remedy=remedy)

    def _at(self, data: Mapping[str, Any], *keys: Key) -> Table:
        return replace(self, data=data, keys=(*self.keys, *keys))

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def text(self, key: str) -> str | None:
        return self._typed(self.data.get(key), str, key)

    def flag(self, key: str) -> bool | None:
        return self._typed(self.data.get(key), bool, key)

    def table(self, key: str) -> Table:
        """The table at ``key``, empty where it is absent."""
        return self._at(self._typed(self.data.get(key), dict, key) or {}, key)

    def elements(self, *keys: Key) -> list[Any]:
        """The list at ``keys``, a path that may lead through lists; empty where it is absent."""
        value: Any = self.data
        for key in keys:
            value = value.get(key) if isinstance(key, str) else value[key]
        return self._typed(value, list, *keys) or []

    def texts(self, *keys: Key) -> tuple[str, ...]:
        """The strings of the list at ``keys``."""
        return tuple(
            self._element(value, str, *keys, number) for number, value in enumerate(self.elements(*keys))
        )

    def tables(self, *keys: Key) -> tuple[Table, ...]:
        """The tables of the list at ``keys``."""
        return tuple(
            self._at(self._element(value, dict, *keys, number), *keys, number)
            for number, value in enumerate(self.elements(*keys))
        )

    def one_or_more(self, key: str) -> tuple[Table, ...]:
        """The tables at ``key``, where a single one may stand without its list."""
        return (self.table(key),) if isinstance(self.data.get(key), dict) else self.tables(key)

    def only(self, *known: str) -> None:
        """Refuse keys that nobody reads: they are misspelt."""
        for key in self.data:
            if key not in known:
                raise self.invalid(
                    f"`{key}` is not a key of `[{self._dotted()}]`.",
                    key,
                    remedy=f"It may have: {', '.join(f'`{name}`' for name in known)}.",
                )

    def _typed(self, value: Any, kind: type[T], *keys: Key) -> T | None:
        return None if value is None else self._element(value, kind, *keys)

    def _element(self, value: Any, kind: type[T], *keys: Key) -> T:
        if isinstance(value, kind):
            return value
        found = _NOUNS.get(type(value), "a date or time")
        raise self.invalid(
            f"`{self._dotted(*keys)}` must be {_NOUNS[kind]}, not {found}.",
            *keys,
            remedy=f"Write {_NOUNS[kind]}.",
        )

    def _dotted(self, *keys: Key) -> str:
        return ".".join(str(key) for key in (*self.keys, *keys) if isinstance(key, str))
