"""Put items into arrays and inline tables and take them away, in the style in which they are written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .layout import Layout, Splice
from .positions import Item


def insertion(layout: Layout, into: Item, index: int, new: str) -> list[Splice]:
    """Make ``new`` the item number ``index`` of an array or inline table."""
    if not into.items:
        return _first(layout, into, new)
    if index < len(into.items):
        return _before(layout, into.items[index], new)
    return _behind(layout, into, new)


def _first(layout: Layout, into: Item, new: str) -> list[Splice]:
    inside = layout.text[into.value + 1 : into.end - 1]
    if "\n" in inside:
        close = layout.line_start(into.end - 1)
        return [layout.insertion(close, f"{layout.indent(into.value)}{_unit(layout, into)}{new},")]
    blank = " " if into.bracket == "{" and not inside else ""
    return [(into.end - 1, into.end - 1, f"{blank}{new}{blank}")]


def _unit(layout: Layout, into: Item) -> str:
    """By how much other arrays of the text are indented."""
    for item in layout.items.values():
        if item.bracket == into.bracket and item.items and _own_line(layout, item.items[0]):
            outer, inner = layout.indent(item.value), layout.indent(item.items[0].start)
            if inner.startswith(outer) and inner != outer:
                return inner[len(outer) :]
    return "  "


def _before(layout: Layout, item: Item, new: str) -> list[Splice]:
    if _own_line(layout, item):
        return [layout.insertion(layout.line_start(item.start), f"{layout.indent(item.start)}{new},")]
    return [(item.start, item.start, f"{new}, ")]


def _behind(layout: Layout, into: Item, new: str) -> list[Splice]:
    last = into.items[-1]
    close = into.end - 1
    if not _own_line(layout, last) or layout.line_start(close) <= last.end:
        if last.comma is not None and _own_line(layout, last):
            at = last.comma + 1
            return [(at, at, f"{layout.newline(at)}{layout.indent(last.start)}{new},")]
        if last.comma is not None:
            return [(last.comma + 1, last.comma + 1, f" {new},")]
        between = ", "
        if _own_line(layout, last):
            between = f",{layout.newline(last.start)}{layout.indent(last.start)}"
        return [(last.end, last.end, f"{between}{new}")]
    line = f"{layout.indent(last.start)}{new}"
    if last.comma is not None:
        return [layout.insertion(layout.line_end(last.comma), f"{line},")]
    return [(last.end, last.end, ","), layout.insertion(layout.line_end(last.end), line)]


def removal(layout: Layout, outer: Item, index: int) -> list[Splice]:
    """Take item number ``index`` away, with what was written to its line where nothing else stands there."""
    items, text = outer.items, layout.text
    item = items[index]
    behind = _behind_comma(item)
    if _has_lines(layout, item):
        lines = layout.line_start(item.start), layout.line_end(behind), ""
        return [*_comma_before(items, index), lines]
    if len(items) == 1:
        blanks = text[outer.value + 1 : outer.end - 1] == f" {text[item.start : behind]} "
        return [(item.start - 1, behind + 1, "") if blanks else (item.start, behind, "")]
    if index + 1 < len(items) and "\n" not in text[item.end : items[index + 1].start]:
        return [(item.start, items[index + 1].start, "")]
    if index and "#" not in text[items[index - 1].end : item.start]:
        return [(items[index - 1].end, item.end, "")]
    return [*_comma_before(items, index), (item.start, behind, "")]


def _behind_comma(item: Item) -> int:
    return item.end if item.comma is None else item.comma + 1


def _comma_before(items: Sequence[Item], index: int) -> list[Splice]:
    """What takes the comma before the last item away, where there was none behind it."""
    before = items[index - 1].comma if index else None
    is_last = index == len(items) - 1 and items[index].comma is None
    return [(before, before + 1, "")] if before is not None and is_last else []


def _own_line(layout: Layout, item: Item) -> bool:
    return not layout.text[layout.line_start(item.start) : item.start].strip()


def _has_lines(layout: Layout, item: Item) -> bool:
    """Whether an item has its lines for itself and its comment."""
    behind = _behind_comma(item)
    rest = layout.text[behind : layout.line_end(behind)].strip()
    alone = _own_line(layout, item) and (not rest or rest.startswith("#"))
    return alone and "\n" not in layout.text[item.end : behind]


def arrangement(layout: Layout, outer: Item, order: Sequence[int]) -> list[Splice]:
    """Put the items into another order; ``order`` has their present numbers. Comments go with their lines."""
    items, text = outer.items, layout.text
    if all(_has_lines(layout, item) for item in items):
        bounds = [layout.line_end(at) for at in (outer.value, *map(_behind_comma, items))]
        chunks = [
            (text[start : item.end], text[_behind_comma(item) : end])
            for item, (start, end) in zip(items, pairwise(bounds), strict=True)
        ]
        new = ""
        for place, number in enumerate(order):
            comma = "," if place + 1 < len(order) or items[-1].comma is not None else ""
            new += chunks[number][0] + comma + chunks[number][1]
        return [(bounds[0], bounds[-1], new)]
    return [
        (item.start, item.end, text[items[number].start : items[number].end])
        for item, number in zip(items, order, strict=True)
    ]
