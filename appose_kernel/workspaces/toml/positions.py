"""Where in a TOML text each key and value stands, to the character, which no parser tells."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import tomli

Key = str | int
Path = tuple[Key, ...]

_TOKEN = re.compile(
    r"""
    (?P<skip> [ \t\r]+ | \#[^\n]* )
  | (?P<newline> \n )
  | (?P<string>
        \"{3} (?: \\. | [^\\] )*? \"{3,5}
      | '{3} .*? '{3,5}
      | " (?: \\. | [^"\\\n] )* "
      | ' [^'\n]* ' )
  | (?P<mark> [\[\]{}=,.] )
  | (?P<bare> [^\s\[\]{}=,."'\#]+ )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Name:
    """One part of a dotted key; ``start`` and ``end`` are offsets in the text, quotes included."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Header:
    """``[a.b]``, or ``[[a.b]]`` for one table of a list; ``path`` has the numbers of such tables."""

    path: Path
    names: tuple[Name, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Item:
    """A value with the key before it, if any: of a table, an inline table or an array.

    ``bracket`` is ``[`` or ``{`` where the value holds ``items`` of its own, ``comma`` the offset of the one
    behind it, if there is one.
    """

    path: Path
    names: tuple[Name, ...]
    start: int
    value: int
    end: int
    bracket: str = ""
    items: tuple[Item, ...] = ()
    comma: int | None = None

    def walk(self) -> Iterator[Item]:
        """It, and all that stands in it."""
        yield self
        for item in self.items:
            yield from item.walk()


def statements(text: str) -> list[Header | Item]:
    """The headers and the ``key = value`` pairs of a valid TOML text, in their order."""
    return list(_Scanner(text).document())


def positions(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every table, key and list element of a valid TOML text."""
    newlines = [match.start() for match in re.finditer("\n", text)]
    found: dict[Path, int] = {}
    for statement in statements(text):
        for part in statement.walk() if isinstance(statement, Item) else (statement,):
            line = bisect_right(newlines, part.start) + 1
            for length in range(1, len(part.path) + 1):
                found.setdefault(part.path[:length], line)
    return found


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "skip":
            yield _Token(kind, match[0], *match.span())
    yield _Token("end", "", len(text), len(text))


class _Scanner:
    """Walks the tokens of a text that a parser has accepted, so it need not look for errors."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._lengths: dict[Path, int] = {}

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, *texts: str) -> _Token | None:
        token = self._next
        if token.text not in texts:
            return None
        self._at += 1
        return token

    def document(self) -> Iterator[Header | Item]:
        table: Path = ()
        while self._next.kind != "end":
            if self._take("\n"):
                continue
            if token := self._take("["):
                header = self._header(token.start)
                table = header.path
                yield header
            else:
                yield self._pair(table)

    def _header(self, start: int) -> Header:
        is_list = self._take("[")
        names = self._names()
        *parents, last = (name.text for name in names)
        path: Path = ()
        for key in parents:
            path = self._newest((*path, key))
        path = (*path, last)
        if is_list:
            self._lengths[path] = self._lengths.get(path, 0) + 1
            path = self._newest(path)
        end = start
        while token := self._take("]"):
            end = token.end
        return Header(path, names, start, end)

    def _newest(self, path: Path) -> Path:
        """The last table of a list of tables, which is what a header below it means."""
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _names(self) -> tuple[Name, ...]:
        names = []
        while self._next.kind in ("bare", "string") or self._next.text == ".":
            token = self._next
            self._at += 1
            if token.text != ".":
                names.append(Name(_unquote(token), token.start, token.end))
        return tuple(names)

    def _pair(self, table: Path) -> Item:
        start = self._next.start
        names = self._names()
        self._take("=")
        return self._value((*table, *(name.text for name in names)), names, start)

    def _value(self, path: Path, names: tuple[Name, ...], start: int) -> Item:
        value = end = self._next.start
        bracket = ""
        items: list[Item] = []
        if self._take("["):
            bracket = "["
            while not (token := self._take("]")):
                if not self._take("\n"):
                    items.append(self._followed(self._value((*path, len(items)), (), self._next.start)))
            end = token.end
        elif self._take("{"):
            bracket = "{"
            while not (token := self._take("}")):
                if not self._take("\n"):
                    items.append(self._followed(self._pair(path)))
            end = token.end
        else:
            while self._next.kind in ("string", "bare") or self._next.text == ".":
                end = self._next.end
                self._at += 1
        return Item(path, names, start, value, end, bracket, tuple(items))

    def _followed(self, item: Item) -> Item:
        """With the comma behind it."""
        while self._take("\n"):
            pass
        comma = self._take(",")
        return replace(item, comma=comma.start) if comma else item


def _unquote(token: _Token) -> str:
    if token.kind == "bare":
        return token.text
    return str(tomli.loads(f"key = {token.text}")["key"])
