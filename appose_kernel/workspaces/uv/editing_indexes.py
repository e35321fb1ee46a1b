"""Edits of where a uv project takes its packages from, and of what excludes each other in it."""

from __future__ import annotations

import re

from ..edits import RemoveIndex, SetConflicts, SetIndex, SetSource
from ..outline import FeatureName, Outline
from ..pep508 import normalized
from ..toml.editing import TomlText
from ..toml.positions import Path
from . import places
from .places import Row
from .refusals import described, missing, refusal

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_URL = re.compile(r"(?:https?|file)://\S+|\.{0,2}/\S*")


def put_source(document: TomlText, _: Outline, edit: SetSource) -> None:
    package = normalized(edit.package)
    own = [row for row in places.rows(document.data) if row.package == package]
    same = [row for row in own if row.feature == edit.feature]
    for row in same:
        if "index" not in row.data or "marker" in row.data:
            raise refusal(
                document, f"where `{edit.package}` comes from is more than the name of an index.", *row.path
            )
    if edit.index is None:
        _remove_source(document, edit, own, same)
        return
    _check_source(document, edit, own)
    if same:
        document.set((*same[0].path, "index"), edit.index)
    else:
        _add_source(document, edit, own)


def _check_source(document: TomlText, edit: SetSource, own: list[Row]) -> None:
    """Refuse what uv would refuse: https://docs.astral.sh/uv/concepts/projects/dependencies/#dependency-sources"""
    feature, package = edit.feature, normalized(edit.package)
    users = {entry.feature for entry in places.entries(document.data) if entry.name == package}
    if feature is not None and (feature.kind == "base" or feature not in users):
        raise refusal(
            document,
            f"`{edit.package}` is not in {described(feature)}.",
            remedy="Add the package there first; for all of the project, set its index for all.",
        )
    if not users:
        raise refusal(document, f"nothing requires `{edit.package}`.", remedy="Add the package first.")
    for row in own:
        if row.feature != feature and None in (row.feature, feature):
            where = "all of the project" if row.feature is None else described(row.feature)
            raise refusal(
                document,
                f"`{edit.package}` has an index for {where} already, and uv takes one or the other.",
                *row.path,
                remedy="Take that one away first.",
            )


def _add_source(document: TomlText, edit: SetSource, own: list[Row]) -> None:
    row = {"index": edit.index or ""}
    if edit.feature is not None:
        row[edit.feature.kind] = places.spelt(document.data, edit.feature)
    if not own:
        document.set((*places.SOURCES, edit.package), row)
        return
    path = (*places.SOURCES, own[0].path[len(places.SOURCES)])
    if own[0].path == path:
        document.set(path, [dict(own[0].data), row])
        document.unfold(path)
    else:
        document.append_table(path, row)


def _remove_source(document: TomlText, edit: SetSource, own: list[Row], same: list[Row]) -> None:
    if not same:
        raise refusal(
            document, f"`{edit.package}` has no such index to take away.", remedy="Read the manifest again."
        )
    path = same[0].path if len(own) > 1 else (*places.SOURCES, same[0].path[len(places.SOURCES)])
    document.remove(path)


def put_index(document: TomlText, _: Outline, edit: SetIndex) -> None:
    if not _NAME.fullmatch(edit.name):
        raise refusal(
            document,
            f"`{edit.name}` cannot be the name of an index.",
            remedy="Use letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.",
        )
    if not _URL.fullmatch(edit.url):
        raise refusal(
            document,
            f"`{edit.url}` is no address of an index.",
            remedy="Write it like `https://download.pytorch.org/whl/cpu`.",
        )
    path = _index(document, edit.name)
    if path is None:
        explicit = {"explicit": True} if edit.explicit else {}
        document.append_table(places.INDEXES, {"name": edit.name, "url": edit.url, **explicit})
        return
    document.set((*path, "url"), edit.url)
    if edit.explicit:
        document.set((*path, "explicit"), True, place="last")
    elif document.get((*path, "explicit")):
        document.remove((*path, "explicit"), path)


def remove_index(document: TomlText, _: Outline, edit: RemoveIndex) -> None:
    path = _index(document, edit.name)
    if path is None:
        raise refusal(document, f"there is no index `{edit.name}`.", remedy="Read the manifest again.")
    users = [row for row in places.rows(document.data) if row.data.get("index") == edit.name]
    if users:
        names = ", ".join(dict.fromkeys(f"`{row.package}`" for row in users))
        raise refusal(
            document,
            f"the index `{edit.name}` is in use: for {names}.",
            *users[0].path,
            remedy="Take that away first.",
        )
    document.remove(places.INDEXES if len(document.get(places.INDEXES)) == 1 else path)


def _index(document: TomlText, name: str) -> Path | None:
    for number, index in enumerate(document.get(places.INDEXES) or ()):
        if index.get("name") == name:
            return (*places.INDEXES, number)
    return None


def put_conflicts(document: TomlText, _: Outline, edit: SetConflicts) -> None:
    """Sets that stay are not touched, nor are those that name other packages."""
    known = places.lists(document.data)
    for members in edit.conflicts:
        if len(set(members)) < 2:
            raise refusal(
                document, "it takes two to exclude each other.", remedy="Name two extras or groups."
            )
        for feature in members:
            if feature.kind == "base" or feature not in known:
                raise missing(document, feature)
    wanted = list(dict.fromkeys(frozenset(members) for members in edit.conflicts))
    for path, features in reversed(list(places.conflicts(document.data))):
        if frozenset(features) in wanted:
            wanted.remove(frozenset(features))
        else:
            document.remove(path)
    for members in edit.conflicts:
        if frozenset(members) in wanted:
            wanted.remove(frozenset(members))
            _add_conflict(document, members)
    if document.get(places.CONFLICTS) == []:
        document.remove(places.CONFLICTS)


def _add_conflict(document: TomlText, members: tuple[FeatureName, ...]) -> None:
    rows = [{feature.kind: places.spelt(document.data, feature)} for feature in members]
    present = document.get(places.CONFLICTS)
    if present is None:
        document.set(places.CONFLICTS, [rows])
    else:
        document.insert(places.CONFLICTS, len(present), rows)
