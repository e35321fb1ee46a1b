"""Change a TOML text and leave the rest of it as it is, to the byte.

Each change is a splice at a place that the scanner knows, so that what is not asked for cannot change:
comments, order, blank lines, line endings, a byte order mark. What a splice leads to is parsed again: where
it does not say exactly what was asked for, it is refused.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path as File
from typing import Any

import tomli

from ...errors import EditRefused
from . import data as tables
from . import items, parse, places, removals, writing
from .layout import Layout, Splice, spliced
from .places import Order, Place
from .positions import Header, Item, Name, Path
from .writing import Value

_MARK = "\ufeff"
#: The same text gives the same object, so that ``nan`` equals itself in tables that are compared.
_number = lru_cache(1024)(float)


class TomlText:
    """A TOML text that changes; paths are keys and, for elements of lists, numbers from 0.

    ``order`` tells for the path of a table in which order people write the tables in it. Raises
    ManifestInvalid where the text is not valid; its methods raise EditRefused.
    """

    def __init__(self, file: File, text: str, order: Order = lambda _: ()) -> None:
        self.file = file
        self._order = order
        body = text.removeprefix(_MARK)
        self._mark = text[: len(text) - len(body)]
        parse(file, body)
        self._layout = Layout(body)
        self.data = tomli.loads(body, parse_float=_number)

    @property
    def text(self) -> str:
        return self._mark + self._layout.text

    def get(self, path: Path) -> Any:
        """What stands at ``path``, None where nothing does."""
        return tables.get(self.data, path)

    def item(self, path: Path) -> Item | None:
        """The pair or element at ``path``, where it is written as one."""
        return self._layout.items.get(path)

    def raw(self, path: Path) -> str:
        """The value at ``path`` as it is written; nothing where it is none, or a table under a header."""
        item = self._layout.items.get(path)
        return self._layout.text[item.value : item.end] if item else ""

    def line(self, path: Path) -> int | None:
        """The line, counted from 1, on which ``path`` is first written."""
        found = [part.start for part in self._parts() if part.path[: len(path)] == path]
        return self._layout.text.count("\n", 0, min(found)) + 1 if found else None

    def set(self, path: Path, content: Value, *, place: Place = "sorted") -> None:
        """Change a value or element, or add a key, at the first or last ``place`` of its table, or where it
        belongs if that is sorted; a table that is not there is made."""
        try:
            expected = tables.changed(self.data, path, content)
        except (TypeError, IndexError):  # what is to hold it is neither a table nor a list so long
            raise self._refused(path) from None
        item = self._layout.items.get(path)
        if item and self.get(path) == content:
            return
        if item is None:
            if self.get(path) is not None:
                raise self._refused(path)
            ways = places.additions(self._layout, path, content, self._order, place)
            self._first(ways, expected, path)
        else:
            quote = self._layout.text[item.value]
            self._first([[(item.value, item.end, writing.value(content, quote))]], expected, path)

    def replace(self, paths: Sequence[Path], content: Value) -> None:
        """Change several values that are there, all into the same, at once: one by one takes long."""
        expected = copy.deepcopy(self.data)
        splices = []
        for path in paths:
            tables.get(expected, path[:-1])[path[-1]] = content
            item = self._layout.items[path]
            written = writing.value(content, self._layout.text[item.value])
            splices.append((item.value, item.end, written))
        if paths:
            self._first([splices], expected, paths[0])

    def add_table(self, path: Path) -> None:
        """Make an empty table, under a header of its own where that can be."""
        ways = [[places.header(self._layout, path, [], self._order)]]
        others = places.additions(self._layout, path, {}, self._order, "last")
        inline = any(self._layout.items.get(path[:length]) for length in range(1, len(path)))
        self._first(
            [*others, *ways] if inline else [*ways, *others], tables.changed(self.data, path, {}), path
        )

    def insert(self, path: Path, index: int, content: Value) -> None:
        """Make ``content`` the element number ``index`` of an array."""
        expected = copy.deepcopy(self.data)
        tables.get(expected, path).insert(index, content)
        outer = self._layout.items.get(path)
        if outer is None:
            raise self._refused(path)
        written = writing.value(content, self.raw((*path, 0))[:1])
        self._first([items.insertion(self._layout, outer, index, written)], expected, path)

    def unfold(self, path: Path) -> None:
        """Put each element of an array on a line of its own, as it is written."""
        item = self._layout.items[path]
        newline, indent = self._layout.newline(item.value), self._layout.indent(item.value)
        elements = (self.raw((*path, number)) for number in range(len(item.items)))
        lines = "".join(f"{newline}{indent}    {element}," for element in elements)
        self._first([[(item.value, item.end, f"[{lines}{newline}{indent}]")]], self.data, path)

    def wrap(self, path: Path, key: str, more: Mapping[str, Value]) -> None:
        """Make a value, as it is written, the one at ``key`` of an inline table, with ``more`` keys."""
        item = self._layout.items[path]
        pairs = [f"{writing.key(name)} = {writing.value(content)}" for name, content in more.items()]
        written = ", ".join([f"{writing.key(key)} = {self.raw(path)}", *pairs])
        expected = tables.changed(self.data, path, {key: self.get(path), **more})
        self._first([[(item.value, item.end, f"{{ {written} }}")]], expected, path)

    def append_table(self, path: Path, content: Mapping[str, Value]) -> None:
        """Add a ``[[path]]`` to a list of tables, or an element to the array where it is one."""
        present = self.get(path) or []
        if path in self._layout.items:
            self.insert(path, len(present), content)
            return
        lines = [f"{writing.key(name)} = {writing.value(value)}" for name, value in content.items()]
        last = self._layout.below((*path, len(present) - 1)) if present else []
        if last:
            names = writing.dotted([part for part in path if isinstance(part, str)])
            way = self._layout.insertion(last[-1].end, "", f"[[{names}]]", *lines)
        else:
            way = places.header(self._layout, path, lines, self._order, is_item=True)
        self._first([[way]], tables.changed(self.data, path, [*present, content]), path)

    def remove(self, path: Path, keep: Path = ()) -> None:
        """Take a key or element away, and the tables that this leaves empty, unless they have comments or
        make up the table at ``keep``, which stays, be it empty."""
        self._remove(path, keep)
        for length in range(len(path) - 1, max(len(keep), 1) - 1, -1):
            headed = any(section.path == path[:length] for section in self._layout.below(path[:length]))
            if length == len(path) - 1 or not headed:
                self._prune(path[:length], keep)
            if headed or self.get(path[:length]) is not None:
                return

    def remove_elements(self, paths: Sequence[Path]) -> None:
        """Take elements of lists away; at once where no two are of one array, for one by one takes long."""
        outers = [self._layout.items.get(path[:-1]) for path in paths]
        known = [outer for outer in outers if outer is not None]
        if len({outer.path for outer in known}) < len(paths):
            for path in reversed(paths):
                self._remove(path, ())
            return
        expected = copy.deepcopy(self.data)
        splices: list[Splice] = []
        for path, outer in zip(paths, known, strict=True):
            number = int(path[-1])
            del tables.get(expected, path[:-1])[number]
            splices += items.removal(self._layout, outer, number)
        if paths:
            self._first([splices], expected, paths[0])

    def _prune(self, path: Path, keep: Path) -> None:
        """Take away an empty table, or a header that says nothing."""
        own = [section for section in self._layout.below(path) if section.path == path]
        with suppress(EditRefused):
            if own and not own[0].items and self._layout.is_plain(own[0]):
                way = self._layout.deletion(self._layout.span(own[0]))
                self._first([way], self.data, (*path, ""), keep)
            elif not own and self.get(path) == {} and "#" not in self.raw(path):
                self._remove(path, keep)

    def rename(self, path: Path, name: str) -> None:
        """Give a key another name, wherever it is written."""
        splices: list[Splice] = []
        for part in self._parts():
            if part.path[: len(path)] == path:
                places = [number for number, key in enumerate(part.path) if isinstance(key, str)]
                found = dict(zip(reversed(places), reversed(part.names), strict=False))
                if written := found.get(len(path) - 1):
                    splices.append(self._renamed(written, name))
        expected = copy.deepcopy(self.data)
        parent = tables.get(expected, path[:-1])
        parent[name] = parent.pop(path[-1])
        self._first([splices], expected, path)

    def _renamed(self, written: Name, name: str) -> Splice:
        """Another name in place of one; an ``=`` that stands in a column with others stays there."""
        text = self._layout.text
        quote = text[written.start]
        new = writing.value(name, quote) if quote in "\"'" else writing.key(name)
        equals = re.compile(r" {2,}(?==)").match(text, written.end)
        if equals is None:
            return written.start, written.end, new
        width = equals.end() - written.start
        return written.start, equals.end(), new.ljust(max(width, len(new) + 1))

    def arrange(self, path: Path, order: Sequence[int]) -> None:
        """Put a list's elements into another order; ``order`` has their present numbers."""
        expected = copy.deepcopy(self.data)
        elements = tables.get(expected, path)
        elements[:] = [elements[number] for number in order]
        outer = self._layout.items.get(path)
        if outer:
            way = items.arrangement(self._layout, outer, order)
        else:
            way = self._layout.rearranged([self._layout.below((*path, number)) for number in order])
        self._first([way], expected, path)

    def _remove(self, path: Path, keep: Path) -> None:
        expected = tables.without(self.data, path)
        everything = (0, len(self._layout.text), removals.without(self._layout, path))
        ways = [[everything], removals.emptied(self._layout, path)]
        self._first(ways, expected, path, keep)

    def _parts(self) -> Iterable[Header | Item]:
        headers = [section.header for section in self._layout.sections if section.header]
        return [*headers, *self._layout.items.values()]

    def _first(
        self, ways: Iterable[list[Splice]], expected: Any, path: Path, keep: Path | None = None
    ) -> None:
        """Go the first way that leads to what is expected."""
        for splices in ways:
            text = spliced(self._layout.text, splices)
            try:
                data = tomli.loads(text, parse_float=_number)
            except tomli.TOMLDecodeError:
                continue
            if keep is None:
                same = data == expected
            else:  # empty tables around it may go
                same = tables.pruned(data, path) == tables.pruned(expected, path)
            if same and (not keep or tables.get(data, keep) is not None):
                self._layout, self.data = Layout(text), data
                return
        raise self._refused(path)

    def _refused(self, path: Path) -> EditRefused:
        line = next(filter(None, (self.line(path[:length]) for length in range(len(path), 0, -1))), None)
        where = f"{self.file} line {line}" if line else str(self.file)
        key = ".".join(map(str, path))
        return EditRefused(
            f"{where}: `{key}` is written in a way that cannot be changed without touching more of the file.",
            remedy="Make this change in the file itself.",
        )
