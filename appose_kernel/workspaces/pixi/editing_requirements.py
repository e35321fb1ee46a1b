"""Edits of what a pixi feature requires."""

from __future__ import annotations

import re
from dataclasses import replace

from ...errors import EditRefused
from .. import specs
from ..edits import RemoveDependency, SetDependency
from ..outline import BASE, Outline
from ..toml.editing import TomlText
from ..toml.positions import Path
from ..toml.writing import Value
from .editing_features import kept, known
from .entries import PYPI, Entry, at, canonical, entries, lists, scope
from .workspace import PYPROJECT

#: Extras, versions and marker of a Python requirement, without its name.
_SPEC = re.compile(r"\s*(?:\[([^\]]*)\])?\s*([^;]*?)\s*(?:;\s*(.*?)\s*)?", re.DOTALL)


def put(document: TomlText, before: Outline, edit: SetDependency) -> None:
    known(document, before, edit.feature)
    name, spec = edit.name.strip(), edit.spec.strip()
    typed = specs.check(edit.kind, f"{name} {'' if spec == '*' else spec}")
    if not typed.ok:
        raise EditRefused(typed.message, remedy="Correct what you typed.")
    edit = replace(edit, name=name if edit.kind == "pypi" else name.lower(), spec=spec)
    entry = _entry(document, edit)
    if entry is None:
        _add(document, edit)
    elif not entry.shown.editable:
        raise EditRefused(
            f"{_where(document, entry)}: `{edit.name}` is more than a version: {entry.shown.spec}.",
            remedy="Change it in the file itself.",
        )
    elif isinstance(entry.path[-1], int):
        document.set(entry.path, _text(document.get(entry.path), edit.spec))
    else:
        _change(document, entry.path, edit)


def remove(document: TomlText, before: Outline, edit: RemoveDependency) -> None:
    known(document, before, edit.feature)
    entry = _entry(document, edit)
    if entry is None:
        where = f" for `{edit.target}`" if edit.target else ""
        raise EditRefused(
            f"{document.file}: there is no `{edit.name}`{where} to remove.", remedy="Read the manifest again."
        )
    document.remove(entry.path, kept(document, edit.feature))


def _entry(document: TomlText, edit: SetDependency | RemoveDependency) -> Entry | None:
    """What the edit names. Refused where that stands in several places."""
    key = edit.kind, canonical(edit.kind, edit.name), edit.target
    found = [one for one in entries(document.file, document.data, edit.feature) if one.key == key]
    if len(found) > 1:
        lines = " and ".join(str(document.line(one.path)) for one in found)
        raise EditRefused(
            f"{document.file}: `{edit.name}` stands on lines {lines}.",
            remedy="Leave one of them, in the file itself.",
        )
    return found[0] if found else None


def _where(document: TomlText, entry: Entry) -> str:
    return f"{document.file} line {document.line(entry.path)}"


def _add(document: TomlText, edit: SetDependency) -> None:
    if listed := _list(document, edit):
        document.insert(listed, len(at(document.data, listed)), _text(edit.name, edit.spec))
    else:
        table = "dependencies" if edit.kind == "conda" else PYPI
        path = (*scope(document.file, edit.feature, edit.target), table, edit.name)
        document.set(path, _written(edit))


def _list(document: TomlText, edit: SetDependency) -> Path | None:
    """The list of a ``pyproject.toml`` that new Python requirements of a feature go to: a group, an extra or
    the project's, as pixi does."""
    if edit.kind != "pypi" or document.file.name != PYPROJECT or edit.target:
        return None
    if edit.feature == BASE and "project" not in document.data:
        return None
    return next((path for path in reversed(lists(edit.feature)) if document.item(path)), None)


def _text(before: str, spec: str) -> str:
    """A PEP 508 text with another specification, blanks before it as they were."""
    match = re.match(r"(\s*[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(\s*)", before)
    head, blanks = match.groups() if match else (before, "")
    spec = spec.strip().removeprefix("*")
    if spec[:1] in ("[", ";", ""):
        blanks = ""
    return head + (" " if spec.startswith("@") else blanks) + spec


def _parts(edit: SetDependency) -> dict[str, Value]:
    """What the specification of a Python requirement says, as keys of its table."""
    match = _SPEC.fullmatch(edit.spec)
    assert match is not None
    extras = [extra.strip() for extra in (match[1] or "").split(",") if extra.strip()]
    found: dict[str, Value] = {"version": match[2] or "*"}
    return found | ({"extras": extras} if extras else {}) | ({"env-markers": match[3]} if match[3] else {})


def _written(edit: SetDependency) -> Value:
    if edit.kind == "conda":
        return edit.spec or "*"
    parts = _parts(edit)
    return parts if len(parts) > 1 else parts["version"]


def _change(document: TomlText, path: Path, edit: SetDependency) -> None:
    """Change what a table or a text says of versions, extras and the marker; the rest of a table stays."""
    present = document.get(path)
    if not isinstance(present, dict):
        document.set(path, _written(edit))
        return
    parts: dict[str, Value] = {"version": edit.spec or "*"}
    if edit.kind == "pypi":
        parts = _parts(edit)
        for key in ("extras", "env-markers"):
            if key in present and key not in parts:
                document.remove((*path, key), path)
    if parts["version"] == "*" and "version" not in present:
        del parts["version"]
    for key, value in parts.items():
        document.set((*path, key), value, place="last")
