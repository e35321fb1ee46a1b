"""On which line each key of a TOML text stands, which no parser of the standard kind tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import tomli

Key = str | int

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


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def positions(text: str) -> dict[tuple[Key, ...], int]:
    """The line, counted from 1, of every table, key and list element of a valid TOML text."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "skip":
            yield _Token(kind, match[0], line)
        line += match[0].count("\n")
    yield _Token("end", "", line)


class _Scanner:
    """Walks the tokens of a text that a parser has accepted, so it need not look for errors."""

    def __init__(self, text: str) -> None:
        self.lines: dict[tuple[Key, ...], int] = {}
        self._tokens = list(_tokens(text))
        self._at = 0
        self._lengths: dict[tuple[Key, ...], int] = {}

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, *texts: str) -> bool:
        if self._next.text not in texts:
            return False
        self._at += 1
        return True

    def _note(self, path: tuple[Key, ...], line: int) -> None:
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

    def document(self) -> None:
        table: tuple[Key, ...] = ()
        while self._next.kind != "end":
            if self._take("\n"):
                continue
            line = self._next.line
            if self._take("["):
                table = self._header(line)
            else:
                self._pair(table)

    def _header(self, line: int) -> tuple[Key, ...]:
        is_list = self._take("[")
        *parents, last = self._keys()
        path: tuple[Key, ...] = ()
        for key in parents:
            path = self._newest((*path, key))
        path = (*path, last)
        if is_list:
            self._note(path, line)
            self._lengths[path] = self._lengths.get(path, 0) + 1
            path = self._newest(path)
        self._note(path, line)
        while self._take("]"):
            pass
        return path

    def _newest(self, path: tuple[Key, ...]) -> tuple[Key, ...]:
        """The last table of a list of tables, which is what a header below it means."""
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _keys(self) -> list[str]:
        keys = []
        while self._next.kind in ("bare", "string") or self._next.text == ".":
            token = self._next
            self._at += 1
            if token.text != ".":
                keys.append(_unquote(token))
        return keys

    def _pair(self, table: tuple[Key, ...]) -> None:
        line = self._next.line
        path = (*table, *self._keys())
        self._note(path, line)
        self._take("=")
        self._value(path)

    def _value(self, path: tuple[Key, ...]) -> None:
        if self._take("["):
            count = 0
            while not self._take("]"):
                if not self._take("\n", ","):
                    self._note((*path, count), self._next.line)
                    self._value((*path, count))
                    count += 1
        elif self._take("{"):
            while not self._take("}"):
                if not self._take("\n", ","):
                    self._pair(path)
        else:
            while self._next.kind in ("string", "bare") or self._next.text == ".":
                self._at += 1


def _unquote(token: _Token) -> str:
    if token.kind == "bare":
        return token.text
    return str(tomli.loads(f"key = {token.text}")["key"])
