"""How a TOML text is laid out: its lines, and the sections that its headers open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .positions import Header, Item, Path, statements

#: Put the text in place of what stands between two offsets.
Splice = tuple[int, int, str]


def spliced(text: str, splices: Sequence[Splice]) -> str:
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    return text


@dataclass(frozen=True, slots=True)
class Section:
    """A header (none at the top of the file) and the pairs below it.

    Its lines run from ``start``, with the comments right above the header, to ``end``, behind the comments
    right below its last pair; blank lines around it are nobody's.
    """

    header: Header | None
    items: tuple[Item, ...]
    start: int
    end: int

    @property
    def path(self) -> Path:
        return self.header.path if self.header else ()


class Layout:
    """The sections of a valid TOML text without a byte order mark; ``items`` has every key and element."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sections = tuple(self._sections())
        self.items = {
            item.path: item for section in self.sections for top in section.items for item in top.walk()
        }

    def _sections(self) -> Iterator[Section]:
        found = statements(self.text)
        heads = [number for number, statement in enumerate(found) if isinstance(statement, Header)]
        bounds = sorted({0, *heads, len(found)}) if found else [0, 0]
        content = 0
        for first, last in pairwise(bounds):
            inside = found[first:last]
            header = inside[0] if inside and isinstance(inside[0], Header) else None
            start = self._above(header.start, content) if header else 0
            content = end = self.line_end(inside[-1].end) if inside else 0
            bound = self._above(found[last].start, content) if last < len(found) else len(self.text)
            while end < bound and self._is_comment(end):
                end = self.line_end(end)
            yield Section(header, tuple(part for part in inside if isinstance(part, Item)), start, end)

    def _above(self, at: int, bound: int) -> int:
        """Where the comments right above the line of ``at`` begin."""
        start = self.line_start(at)
        while start > bound and self._is_comment(self.line_start(start - 1)):
            start = self.line_start(start - 1)
        return start

    def _is_comment(self, start: int) -> bool:
        return self.text[start : self.line_end(start)].lstrip().startswith("#")

    def line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """Behind the newline of the line of ``at``."""
        return (self.text.find("\n", at) + 1) or len(self.text)

    def indent(self, at: int) -> str:
        """The blanks at the beginning of the line of ``at``."""
        match = re.compile(r"[ \t]*").match(self.text, self.line_start(at))
        return match[0] if match else ""

    def newline(self, at: int) -> str:
        """How the line before ``at`` ends, or else the first one."""
        for end in (self.line_start(at), self.line_end(0)):
            if self.text[:end].endswith("\n"):
                return "\r\n" if self.text[:end].endswith("\r\n") else "\n"
        return "\n"

    def insertion(self, at: int, *lines: str) -> Splice:
        """Put lines where one begins, or at the end of the text."""
        newline = self.newline(at)
        if at == len(self.text) and at and not self.text.endswith("\n"):
            return at, at, "".join(newline + line for line in lines)
        return at, at, "".join(line + newline for line in lines)

    def deletion(self, *spans: tuple[int, int]) -> list[Splice]:
        """Take whole lines away; the one that becomes the last has no newline if the last one had none."""
        merged: list[tuple[int, int]] = []
        for span in sorted(spans):
            before = merged.pop() if merged and span[0] <= merged[-1][1] else span
            merged.append((before[0], max(before[1], span[1])))
        start, end = merged[-1]
        if end == len(self.text) and not self.text.endswith("\n"):
            merged[-1] = len(self.text[:start].removesuffix("\n").removesuffix("\r")), end
        return [(*span, "") for span in merged]

    def span(self, section: Section) -> tuple[int, int]:
        """The lines of a section, with a blank one that sets it off."""
        start, end = section.start, section.end
        above = self.line_start(start - 1) if start else 0
        if start and not self.text[above:start].strip():
            return above, end
        if not start and not self.text[end : self.line_end(end)].strip():
            return start, self.line_end(end)
        return start, end

    def rearranged(self, parts: Sequence[Sequence[Section]]) -> list[Splice]:
        """Write parts of the text, of some sections each, in this order at the places that they have."""
        spans = []
        for own in parts:
            start, end = own[0].start, own[-1].end
            spans.append((start, start + len(self.text[start:end].rstrip("\r\n"))))
        return [(*span, self.text[slice(*new)]) for span, new in zip(sorted(spans), spans, strict=True)]

    def is_plain(self, section: Section) -> bool:
        """Whether nobody wrote anything to a section but its header."""
        header = section.header
        lines = self.text[section.start : section.end]
        return header is not None and lines.strip() == self.text[header.start : header.end]

    def below(self, path: Path) -> list[Section]:
        """The sections of a table and of those in it."""
        return [section for section in self.sections if section.header and section.path[: len(path)] == path]
