"""Take away what is written of a key of a TOML text, wherever that is."""

from __future__ import annotations

from . import items
from .layout import Layout, Splice, spliced
from .positions import Item, Path


def without(layout: Layout, path: Path) -> str:
    """The text without the sections, pairs and elements that make up ``path``."""
    own = layout.below(path)
    if own:
        layout = Layout(spliced(layout.text, layout.deletion(*map(layout.span, own))))
    if isinstance(path[-1], int):  # the next element has the number now
        item = None if own else _written(layout, path)
        return spliced(layout.text, _removal(layout, item)) if item else layout.text
    while item := _written(layout, path):
        layout = Layout(spliced(layout.text, _removal(layout, item)))
    return layout.text


def emptied(layout: Layout, path: Path) -> list[Splice]:
    """Leave of a dotted key the table that it leads to, as an empty one."""
    item = None if layout.below(path) else _written(layout, path)
    if item is None:
        return []
    count = len(path) - 1 - (len(item.path) - len(item.names))
    return [(item.names[count - 1].end, item.end, " = {}")] if count > 0 else []


def _written(layout: Layout, path: Path) -> Item | None:
    """What is written of a path, and stands in no other part of it."""
    found = (item for key, item in layout.items.items() if key[: len(path)] == path)
    return min(found, key=lambda item: len(item.path), default=None)


def _removal(layout: Layout, item: Item) -> list[Splice]:
    outer = layout.items.get(item.path[: -len(item.names)] if item.names else item.path[:-1])
    if outer:
        return items.removal(layout, outer, outer.items.index(item))
    return layout.deletion((layout.line_start(item.start), layout.line_end(item.end)))
