"""Edits of what a uv project's features require."""

from __future__ import annotations

from itertools import pairwise

from .. import specs
from ..edits import RemoveDependency, SetDependency
from ..outline import FeatureName, Outline
from ..pep508 import name_and_extras, normalized, problem
from ..toml.editing import TomlText
from ..toml.positions import Path
from . import places
from .places import Entry
from .refusals import described, missing, refusal

#: Lists of requirements that count for sources too, though they install nothing.
_LIMITS = (("tool", "uv", "constraint-dependencies"), ("tool", "uv", "override-dependencies"))


def put(document: TomlText, _: Outline, edit: SetDependency) -> None:
    path = _list(document, edit)
    typed = specs.check("pypi", f"{edit.name} {edit.spec}")
    if typed.ok and normalized(typed.name) != normalized(edit.name):
        typed = specs.Typed(message=f"`{edit.spec}` is no version.")
    if not typed.ok:
        raise refusal(document, typed.message, remedy="Correct the version, or the name.")
    entry = _only(document, edit.feature, edit.name)
    if entry is None:
        _add(document, path, edit.name + typed.spec)
        return
    if not places.is_editable(entry, document.data):
        raise refusal(document, f"`{entry.text}` is more than a package and its version.", *entry.path)
    name, rest = entry.written
    blank = rest[: len(rest) - len(rest.lstrip())] if rest.strip() and typed.spec else ""
    document.set(entry.path, name + blank + typed.spec)


def remove(document: TomlText, _: Outline, edit: RemoveDependency) -> None:
    path = _list(document, edit)
    entry = _only(document, edit.feature, edit.name)
    if entry is None:
        raise refusal(
            document,
            f"`{edit.name}` is not in {described(edit.feature)}.",
            *path,
            remedy="Read the manifest again.",
        )
    raw, outer = document.raw(path), entry.path[:-1]
    # what was a list on lines of its own, as we make one where there was none, goes with its last entry
    is_last = len(document.get(outer)) == 1 and "\n" in raw and "#" not in raw
    document.remove(path if is_last and path == places.BASE_LIST else entry.path)
    forget_sources(document, entry.name, edit.feature)


def forget_sources(document: TomlText, package: str, feature: FeatureName) -> None:
    """Take away where a package comes from for a feature that does not require it any more, and all about
    it once nobody does; uv refuses the first and ignores the second.

    A workspace's root speaks for its members too, so there the second stays.
    """
    used = any(entry.name == package for entry in places.entries(document.data)) or any(
        name_and_extras(text)[0] == package
        for path in _LIMITS
        for text in document.get(path) or ()
        if isinstance(text, str) and problem(text) is None
    )
    is_root = document.get(("tool", "uv", "workspace")) is not None
    own = [row for row in places.rows(document.data) if row.package == package]
    gone = [row for row in own if row.feature == feature or not (used or is_root)]
    if gone and len(gone) == len(own):
        document.remove((*places.SOURCES, own[0].path[len(places.SOURCES)]))
        return
    for row in reversed(gone):
        document.remove(row.path)


def _list(document: TomlText, edit: SetDependency | RemoveDependency) -> Path:
    """The list that an edit is about, be it there or not."""
    feature = edit.feature
    if edit.kind != "pypi":
        raise refusal(
            document,
            "a uv project takes its packages from PyPI and other indexes of Python packages.",
            remedy="Add it as a package of PyPI; conda's packages need a pixi workspace.",
        )
    if edit.target:
        raise refusal(
            document,
            "a uv project has no tables for platforms.",
            remedy="Add a marker to the package, such as `; sys_platform == 'linux'`.",
        )
    path = places.lists(document.data).get(feature)
    if path is None:
        raise missing(document, feature)
    if document.get(places.NAME) is None and feature.kind != "group":
        raise refusal(
            document,
            "this is the root of a workspace without a project of its own.",
            remedy="Add it to a group, or to one of the members.",
        )
    dynamic = document.get(("project", "dynamic")) or ()
    if feature.kind != "group" and path[1] in dynamic:
        what = described(feature)
        raise refusal(document, f"the build backend makes up {what} (`dynamic`).", "project", "dynamic")
    return (*places.GROUPS, "dev") if path == places.LEGACY else path


def _only(document: TomlText, feature: FeatureName, name: str) -> Entry | None:
    """The one entry of a package in a feature; None where there is none."""
    found = [
        entry
        for entry in places.entries(document.data)
        if entry.feature == feature and entry.name == normalized(name)
    ]
    if len(found) > 1:
        texts = " and ".join(f"`{entry.text}` (line {document.line(entry.path)})" for entry in found)
        raise refusal(
            document,
            f"`{name}` is in {described(feature)} more than once: {texts}.",
            *found[0].path,
            remedy="Change the one that is meant in the file itself.",
        )
    return found[0] if found else None


def _add(document: TomlText, path: Path, text: str) -> None:
    present = document.get(path)
    if present is None:
        document.set(path, [text])
        document.unfold(path)
        return
    names = [entry.casefold() if isinstance(entry, str) else "" for entry in present]
    index = len(present)
    if len(names) >= 3 and all(one < other for one, other in pairwise(names)):
        index = next((number for number, name in enumerate(names) if name > text.casefold()), index)
    document.insert(path, index, text)
