"""Whatever the manifest, and whatever the edit: only what is asked for changes, or nothing does."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pixi_texts import additions, changes, manifests

from appose_kernel.errors import EditRefused, ManifestInvalid
from appose_kernel.workspaces import edits, toml
from appose_kernel.workspaces.editors import EDITORS, apply
from appose_kernel.workspaces.pixi import composing, manifest
from appose_kernel.workspaces.pixi.intending import gist, intended

EDITOR = EDITORS["pixi"]
FOLDER = Path("/workspace")
often = settings(
    max_examples=int(os.environ.get("EDIT_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went, and those that came."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    gone: list[str] = []
    come: list[str] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            gone += old[i:j]
            come += new[k:m]
    return gone, come


@often
@given(st.data())
def test_what_is_added_and_removed_again_leaves_the_same_bytes(data: st.DataObject) -> None:
    name, text = data.draw(manifests())
    outline = EDITOR.outline(FOLDER / name, text)
    add, remove = data.draw(additions(outline))
    try:
        added = apply(EDITOR, FOLDER / name, text, [add]).text
    except EditRefused:
        return
    assert added != text
    removed = apply(EDITOR, FOLDER / name, added, [remove]).text
    assert removed == text or is_an_empty_table_gone(text, removed)
    assert apply(EDITOR, FOLDER / name, text, [add, remove]).text == text


def is_an_empty_table_gone(before: str, after: str) -> bool:
    """Whether all that differs is a table that stood empty and was filled and emptied."""
    assert filled(tomli.loads(before.removeprefix("\ufeff"))) == filled(
        tomli.loads(after.removeprefix("\ufeff"))
    )
    gone, come = changed_lines(before, after)
    return len(gone) <= 3 and len(come) <= 1  # its header, a blank line, the end of the line above


def filled(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    found = {key: filled(inner) for key, inner in value.items()}
    return {key: inner for key, inner in found.items() if inner != {}}


@often
@given(st.data())
def test_what_is_added_changes_no_other_line(data: st.DataObject) -> None:
    name, text = data.draw(manifests())
    outline = EDITOR.outline(FOLDER / name, text)
    add, _ = data.draw(additions(outline))
    try:
        gone, come = changed_lines(text, apply(EDITOR, FOLDER / name, text, [add]).text)
    except EditRefused:
        return
    assert len(come) - len(gone) <= 3
    assert len(gone) <= 1
    for line in gone:  # it got a comma, or the value inside it grew, or it was the last one without an end
        assert any(is_grown(line.rstrip("\r\n"), other.rstrip("\r\n")) for other in come)


def is_grown(line: str, other: str) -> bool:
    """Whether ``other`` is ``line`` with one piece put in."""
    same = next((at for at, (a, b) in enumerate(zip(line, other, strict=False)) if a != b), len(line))
    return other.endswith(line[same:]) and len(other) >= len(line)


@often
@given(st.data())
def test_an_edit_does_what_was_asked_or_is_refused(data: st.DataObject) -> None:
    name, text = data.draw(manifests())
    file = FOLDER / name
    before = EDITOR.outline(file, text)
    change = data.draw(changes(before))
    try:
        edited = apply(EDITOR, file, text, [change]).text
    except EditRefused:
        return
    assert gist(EDITOR.outline(file, edited)) == gist(intended(before, change))
    untouched = untouched_parts(text, change)
    assert untouched == untouched_parts(edited, change)
    for environment, platform in compositions(file, text).keys() & compositions(file, edited).keys():
        if not concerns(before, environment, change):
            key = environment, platform
            assert compositions(file, text)[key] == compositions(file, edited)[key]


def untouched_parts(text: str, change: edits.Edit) -> Any:
    """What no edit is about: tasks, other tools' tables, the rest of the workspace's."""
    data = tomli.loads(text.removeprefix("\ufeff"))
    tool = data.get("tool", {})
    pixi = tool.get("pixi", data)
    workspace = dict(pixi.get("workspace") or pixi["project"])
    workspace.pop("channels")
    return workspace, tool.get("ruff"), data.get("dependency-groups", {}).keys(), pixi.get("constraints")


def compositions(file: Path, text: str) -> dict[tuple[str, str], Any]:
    with toml.draft(file, text):
        read = manifest.parse(file)
    return {
        (one.name, platform.name): composing.compose(read, one, platform.name)
        for one in read.environments.values()
        for platform in composing.platforms(read, one)
    }


def concerns(outline: Any, environment: str, change: edits.Edit) -> bool:
    """Whether an environment may become another one by an edit."""
    if isinstance(change, edits.AddFeature | edits.RenameFeature):
        return isinstance(change, edits.RenameFeature)
    if not hasattr(change, "feature"):
        return environment in (getattr(change, "name", ""), getattr(change, "to", ""))
    one = next(one for one in outline.environments if one.name == environment)
    is_base = change.feature == edits.BASE
    return change.feature in one.features or (
        is_base and (one.with_base or isinstance(change, edits.SetChannels))
    )


@often
@given(st.data())
def test_a_damaged_manifest_is_told_or_edited_all_the_same(data: st.DataObject) -> None:
    name, text = data.draw(manifests())
    change = data.draw(changes(EDITOR.outline(FOLDER / name, text)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        pieces = st.sampled_from(
            ["", "\n", "=", "[", "]", "{", "}", '"', "'", ",", "#", ".", "a", "1", "\r", "\ufeff"]
        )
        text = text[:at] + data.draw(pieces) + text[at + data.draw(st.integers(0, 3)) :]
    try:
        edited = apply(EDITOR, FOLDER / name, text, [change]).text
    except (ManifestInvalid, EditRefused):
        return
    EDITOR.outline(FOLDER / name, edited)


@pytest.mark.parametrize("depth", [20, 100, 200, 400, 900, 5000])
def test_deep_lists_are_left_alone_or_told(depth: int) -> None:
    text = f"[workspace]\nchannels = []\n[tasks]\nx = {'[' * depth}{']' * depth}\n"
    try:
        edited = apply(EDITOR, FOLDER / "pixi.toml", text, [edits.AddEnvironment("x", ())]).text
    except (ManifestInvalid, EditRefused) as error:
        assert "nested too deeply" in str(error)  # noqa: PT017  (it may go well, too)
    else:
        assert edited == f"{text}\n[environments]\nx = []\n"


@pytest.mark.parametrize("text", ["", "x", "[workspace]", "\ufeff", "[workspace]\nchannels = []\r"])
def test_what_is_no_manifest_is_told(text: str) -> None:
    with pytest.raises(ManifestInvalid):
        apply(EDITOR, FOLDER / "pixi.toml", text, [edits.AddEnvironment("x", ())])
