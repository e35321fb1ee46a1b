"""A YAML file as values that know their lines, whose types are checked as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from ..errors import ManifestInvalid
from . import files

#: libyaml's binding is fifty times as fast, but it is not everywhere.
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: The binding composes by recursion in C, and some ten thousand levels end the whole process.
_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Value:
    """A value of ``file``; ``what`` is what errors call it. One of the wrong type is a ManifestInvalid."""

    file: Path
    node: yaml.Node
    what: str

    @property
    def line(self) -> int:
        return self.node.start_mark.line + 1

    @property
    def is_null(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode) and self.node.tag.endswith(":null")

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, yaml.MappingNode)

    def invalid(self, reason: str, *, remedy: str) -> ManifestInvalid:
        return ManifestInvalid(self.file, self.line, reason, remedy=remedy)

    def text(self) -> str:
        """A scalar as written: ``3.10`` stays ``3.10``."""
        if not isinstance(self.node, yaml.ScalarNode) or self.is_null:
            raise self.invalid(
                f"{self.what} must be text, not {self._found()}.",
                remedy="Write its text; in quotes if it has a colon.",
            )
        return str(self.node.value).strip()

    def elements(self, what: str) -> list[Value]:
        """The elements of a list, each called ``what``; none where nothing is written."""
        if self.is_null:
            return []
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.invalid(
                f"{self.what} must be a list, not {self._found()}.",
                remedy="Write each element on a line of its own, after `- `.",
            )
        return [Value(self.file, node, what) for node in self.node.value]

    def mapping(self) -> dict[str, Value]:
        """The values of a mapping, each called after its key; a key may stand in it once."""
        if self.is_null:
            return {}
        if not isinstance(self.node, yaml.MappingNode):
            raise self.invalid(
                f"{self.what} must be a mapping, not {self._found()}.", remedy="Write it as `key: value`."
            )
        return dict(self._pairs(self.node))

    def _pairs(self, mapping: yaml.MappingNode) -> Iterator[tuple[str, Value]]:
        seen: dict[str, int] = {}
        for node, value in mapping.value:
            key = Value(self.file, node, "a key").text()
            if key in seen:
                raise ManifestInvalid(
                    self.file,
                    node.start_mark.line + 1,
                    f"`{key}` stands here a second time; the first is in line {seen[key]}.",
                    remedy="Join the two, or remove one.",
                )
            seen[key] = node.start_mark.line + 1
            yield key, Value(self.file, value, f"`{key}`")

    def _found(self) -> str:
        if isinstance(self.node, yaml.MappingNode):
            return "a mapping"
        if isinstance(self.node, yaml.SequenceNode):
            return "a list"
        return "empty" if self.is_null else "text"


def read(file: Path) -> Value:
    """The content of a YAML file, an empty one as null. Raises ManifestNotFound or ManifestInvalid.

    Aliases stay references to one node, so a text of a few lines cannot unfold into gigabytes.
    """
    text = files.read_text(file)
    try:
        _check_depth(file, text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise _invalid(file, text, error) from None
    except yaml.YAMLError as error:  # a character that YAML does not have
        raise ManifestInvalid(
            file, None, f"this is not valid YAML: {error}", remedy="Remove that character."
        ) from None
    return Value(file, node or yaml.ScalarNode("tag:yaml.org,2002:null", "", _start(file)), "the file")


def _start(file: Path) -> yaml.Mark:
    return yaml.Mark(str(file), 0, 0, 0, "", 0)


def _check_depth(file: Path, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEPTH:
            raise ManifestInvalid(
                file,
                event.start_mark.line + 1 if event.start_mark else None,
                "its lists or mappings are nested too deeply.",
                remedy="Nest them less deeply.",
            )


def _invalid(file: Path, text: str, error: yaml.MarkedYAMLError) -> ManifestInvalid:
    mark = error.problem_mark or error.context_mark
    problem = " ".join(filter(None, (error.context, error.problem)))
    remedy = "Correct this line."
    lines = text.splitlines()
    # at the end of the text, the mark may be of a line that is not there
    line = min(mark.line, len(lines) - 1) if mark else 0
    if mark and lines[line][mark.column :].startswith("\t"):
        remedy = "YAML takes no tabs for indentation: use spaces."
    elif "single document" in problem:
        remedy = "Keep one document in this file: remove what follows `---`."
    return ManifestInvalid(
        file, line + 1 if mark else None, f"this is not valid YAML: {problem}.", remedy=remedy
    )
