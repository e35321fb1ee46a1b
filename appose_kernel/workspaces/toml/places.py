"""Where a new key of a TOML text goes, and how it is written there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Literal

from . import items
from .layout import Layout, Section, Splice
from .positions import Header, Item, Path
from .writing import Value, dotted, key, value

#: For the path of a table, the order in which people write the tables in it.
Order = Callable[[Path], Sequence[str]]
#: Where in a table a new key goes; in one whose keys are not sorted, ``sorted`` means ``last``.
Place = Literal["first", "sorted", "last"]


def additions(
    layout: Layout, path: Path, content: Value, order: Order, place: Place
) -> Iterator[list[Splice]]:
    """The ways to add a key that is not there, the best one first; not every way fits every text."""
    parent, name = path[:-1], str(path[-1])
    for section in layout.sections:
        if section.path == parent:
            yield [_line(layout, section, path, content, place)]
    if found := _dotted(layout, parent):
        yield _beside(layout, *found, key(name), content)
    for length in range(len(parent), 0, -1):
        if (outer := layout.items.get(parent[:length])) and outer.bracket == "{":
            inner = _nested(parent[length:], name, content)
            (first, written), *_ = inner.items()
            yield _inside(layout, outer, first, written, place)
    if parent:
        style = _style(layout, layout.sections[-1].items)
        yield [header(layout, parent, [f"{key(name)} = {value(content, style)}"], order)]
    for length in range(len(path) - 2, 0, -1):
        if found := _dotted(layout, path[:length]):
            yield _beside(layout, *found, dotted([str(part) for part in path[length:]]), content)


def _dotted(layout: Layout, table: Path) -> tuple[Item, str] | None:
    """The last pair whose dotted key leads through a table, and the part of the key that does."""
    for item in reversed(layout.items.values()):
        context = len(item.path) - len(item.names)
        if item.path[: len(table)] == table and context < len(table) < len(item.path):
            return item, layout.text[item.start : item.names[len(table) - context].start]
    return None


def _nested(parents: Path, name: str, content: Value) -> dict[str, Value]:
    inner: dict[str, Value] = {name: content}
    for parent in reversed(parents):
        inner = {str(parent): inner}
    return inner


def _beside(layout: Layout, item: Item, prefix: str, name: str, content: Value) -> list[Splice]:
    """Behind a pair, of a section or of an inline table."""
    written = f"{prefix}{name} = {value(content, _style(layout, [item]))}"
    outer = layout.items.get(item.path[: len(item.path) - len(item.names)])
    if outer and outer.bracket == "{":
        return items.insertion(layout, outer, len(outer.items), written)
    return [layout.insertion(layout.line_end(item.end), layout.indent(item.start) + written)]


def _inside(layout: Layout, outer: Item, name: str, content: Value, place: Place) -> list[Splice]:
    last = outer.items[-1:]
    equals = _equals(layout, last, key(name))
    written = f"{key(name)}{equals}{value(content, _style(layout, last))}"
    return items.insertion(layout, outer, 0 if place == "first" else len(outer.items), written)


def _line(layout: Layout, section: Section, path: Path, content: Value, place: Place) -> Splice:
    """A pair at its place among those of a section."""
    name = str(path[-1])
    siblings = [item for item in section.items if len(item.path) == len(path)]
    before: Header | Item | None = section.items[-1] if section.items else section.header
    index = {"first": 0, "sorted": _sorted(siblings, name), "last": None}[place]
    if index is not None:
        before = siblings[index - 1] if index else section.header
    equals = _equals(layout, siblings, key(name))
    indent = layout.indent(section.items[-1].start if section.items else before.start if before else 0)
    line = f"{indent}{key(name)}{equals}{value(content, _style(layout, siblings))}"
    return layout.insertion(layout.line_end(before.end) if before else 0, line)


def _sorted(siblings: Sequence[Item], name: str) -> int | None:
    """Before which of at least three sorted keys a name belongs."""
    names = [str(item.path[-1]).casefold() for item in siblings]
    if len(names) < 3 or any(one > other for one, other in pairwise(names)):
        return None
    return next((index for index, other in enumerate(names) if other > name.casefold()), None)


def _equals(layout: Layout, siblings: Sequence[Item], written: str) -> str:
    """What stands between a key and its value, as it does beside it: ``=`` in one column, or not."""
    if not siblings:
        return " = "
    last = siblings[-1]
    before, after = layout.text[last.names[-1].end : last.value].split("=")
    columns = {layout.text.index("=", item.names[-1].end) - item.start for item in siblings}
    if len(before) > 1 or len({item.names[-1].end - item.start for item in siblings}) > 1:
        before = before[:1]
        if len(columns) == 1 and siblings[1:]:
            before = " " * max(1, columns.pop() - len(written))
    return f"{before}={after[:1]}"


def _style(layout: Layout, siblings: Sequence[Item]) -> str:
    """The quotes that strings beside it have."""
    return "'" if siblings and layout.text[siblings[-1].value] == "'" else '"'


def header(
    layout: Layout, path: Path, lines: Sequence[str], order: Order, *, is_item: bool = False
) -> Splice:
    """A new section: above those of its own tables, else behind those that people write before it."""
    names = dotted([part for part in path if isinstance(part, str)])
    written = [f"[[{names}]]" if is_item else f"[{names}]", *lines]
    if not is_item and (own := layout.below(path)):
        return layout.insertion(own[0].start, *written, "")
    before = _before(layout, path, order)
    if before is None:
        return layout.insertion(layout.sections[0].start, *written, "")
    return layout.insertion(before.end, "", *written)


def _before(layout: Layout, path: Path, order: Order) -> Section | None:
    """The section behind which a new one goes; None for before all."""
    for length in range(len(path) - 1, -1, -1):
        near = layout.below(path[:length]) if length else list(layout.sections)
        if not near:
            continue
        ranks = {name: rank for rank, name in enumerate(order(path[:length]))}
        own = ranks.get(str(path[length]), len(ranks))
        earlier = [s for s in near if len(s.path) <= length or ranks.get(str(s.path[length]), -1) <= own]
        if earlier:
            return earlier[-1]
    return None
