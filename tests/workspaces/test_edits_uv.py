"""Outlines and edits of uv projects: by example, whatever is there and asked, and as the real uv sees it."""

from __future__ import annotations

import difflib
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import tomli
import uv
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from manifests import STARTS, Write, audited
from uv_texts import PACKAGES, SPECS, edits, projects

from appose_kernel.errors import EditRefused, ManifestInvalid
from appose_kernel.workspaces import specs, toml
from appose_kernel.workspaces.editors import EDITORS, apply
from appose_kernel.workspaces.edits import (
    AddEnvironment,
    AddFeature,
    Edit,
    RemoveDependency,
    RemoveFeature,
    RenameFeature,
    SetConflicts,
    SetDependency,
    SetEnvironment,
    SetIndex,
    SetSource,
)
from appose_kernel.workspaces.outline import (
    BASE,
    FeatureName,
    Outline,
    OutlineDependency,
    OutlineEnvironment,
    OutlineIndex,
    OutlineSource,
)
from appose_kernel.workspaces.pep508 import normalized
from appose_kernel.workspaces.uv.project import Project

EDITOR = EDITORS["uv"]
FILE = Path("/workspace/pyproject.toml")
often = settings(
    max_examples=int(os.environ.get("EDIT_EXAMPLES", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def extra(name: str) -> FeatureName:
    return FeatureName("extra", name)


def group(name: str) -> FeatureName:
    return FeatureName("group", name)


PROJECT = """
[project]
name = "tides"
requires-python = ">=3.10"
dependencies = [
    "numpy>=2",
    "requests [socks] >=2 ; python_version < '3.12'",
    "tools @ https://example.org/tools.zip",
]

[project.optional-dependencies]
CPU = ["torch"]
cuda = ["torch>=2.6", "torch!=2.7; sys_platform == 'linux'"]
all = ["tides[cpu]"]

[dependency-groups]
dev = ["pytest", { include-group = "lint" }]
lint = ["ruff"]

[tool.uv]
dev-dependencies = ["black"]
conflicts = [[{ extra = "cpu" }, { extra = "cuda" }], [{ package = "other", extra = "a" }, { extra = "cpu" }]]

[tool.uv.sources]
Torch = [{ index = "cpu", extra = "CPU" }, { url = "https://example.org/t.whl", extra = "cuda" }]

[[tool.uv.index]]
name = "cpu"
url = "https://example.org/cpu"
explicit = true

[tool.appose-kernel.environments]
work = { groups = ["lint"] }
cuda = { extras = ["cuda"], groups = ["dev"] }
"""


def outline(text: str = PROJECT) -> Outline:
    return EDITOR.outline(FILE, text)


def rows(feature: FeatureName) -> list[OutlineDependency]:
    (found,) = (one for one in outline().features if one.feature == feature)
    return list(found.dependencies)


def test_an_outline_has_the_base_the_extras_and_the_groups() -> None:
    found = outline()
    assert (found.format, found.name, found.python) == ("uv", "tides", ">=3.10")
    assert [(one.feature, one.line) for one in found.features] == [
        (BASE, 5),
        (extra("cpu"), 12),
        (extra("cuda"), 13),
        (extra("all"), 14),
        (group("dev"), 17),
        (group("lint"), 18),
    ]
    assert all(one.channels is None and one.editable for one in found.features)


def test_a_dependency_is_shown_as_it_stands() -> None:
    assert rows(BASE) == [
        OutlineDependency("pypi", "numpy", ">=2", line=6),
        OutlineDependency("pypi", "requests", "[socks] >=2 ; python_version < '3.12'", line=7),
        OutlineDependency("pypi", "tools", "@ https://example.org/tools.zip", line=8, editable=False),
    ]


def test_what_is_more_than_a_package_is_shown_and_not_editable() -> None:
    assert rows(extra("all")) == [OutlineDependency("pypi", "tides", "[cpu]", line=14, editable=False)]
    assert rows(group("dev")) == [
        OutlineDependency("pypi", "pytest", "", line=17),
        OutlineDependency("pypi", "lint", "include-group", line=17, editable=False),
        OutlineDependency("pypi", "black", "", line=21, editable=False),
    ]
    assert [row.editable for row in rows(extra("cuda"))] == [False, False]


def test_sources_are_shown_where_they_count() -> None:
    assert rows(extra("cpu"))[0].sources == (OutlineSource(extra("cpu"), None, "cpu"),)
    text = '{ url = "https://example.org/t.whl", extra = "cuda" }'
    assert rows(extra("cuda"))[0].sources == (OutlineSource(extra("cuda"), None, None, text),)


def test_declared_environments_stand_beside_those_that_are_implied() -> None:
    assert outline().environments == (
        OutlineEnvironment("default", (), declared=False),
        OutlineEnvironment("cpu", (extra("cpu"),), declared=False),
        OutlineEnvironment("cuda", (extra("cuda"), group("dev")), line=34),
        OutlineEnvironment("all", (extra("all"),), declared=False),
        OutlineEnvironment("work", (group("lint"),), line=33),
    )


def test_indexes_and_the_projects_own_conflicts_are_shown() -> None:
    assert outline().indexes == (OutlineIndex("cpu", "https://example.org/cpu", explicit=True),)
    assert outline().conflicts == ((extra("cpu"), extra("cuda")),)


def test_a_workspaces_root_without_a_project_has_groups_alone() -> None:
    found = outline('[tool.uv.workspace]\nmembers = []\n[dependency-groups]\ndev = ["ruff"]\n')
    assert found.name == "workspace"
    assert [(one.feature, one.editable) for one in found.features] == [(BASE, False), (group("dev"), True)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[project]\nname = 1\n", "line 2: `project.name` must be a string"),
        ("[project\n", "line 1: this is not valid TOML"),
        ("[tool.ruff]\n", "no project of uv's"),
        ("a = " + "[" * 5_000, "nested too deeply"),
        ('[project]\nname = "a"\ndependencies = ["!"]\n', "line 3: `!` is not a valid requirement"),
    ],
)
def test_what_cannot_be_read_is_invalid_at_its_line(text: str, reason: str) -> None:
    with pytest.raises(ManifestInvalid, match=reason):
        outline(text)
    with pytest.raises(ManifestInvalid, match=reason):
        apply(EDITOR, FILE, text, [AddFeature(extra("cuda"))])


def test_a_project_that_uv_refuses_can_be_mended() -> None:
    text = '[project]\nname = "a"\ndependencies = ["torch"]\n[tool.uv.sources]\ntorch = { index = "b" }\n'
    mended = apply(EDITOR, FILE, text, [SetIndex("b", "https://example.org")]).text
    assert 'name = "b"' in mended
    assert "torch = { index" not in apply(EDITOR, FILE, text, [SetSource("torch", None, None)]).text
    two = f'{text}numpy = {{ index = "c" }}\n'.replace('["torch"]', '["torch", "numpy"]')
    assert 'name = "b"' in apply(EDITOR, FILE, two, [SetIndex("b", "https://example.org")]).text


def test_no_process_starts_and_nothing_is_written(write: Write) -> None:
    file = write("pyproject.toml", PROJECT)
    with audited() as seen:
        apply(EDITOR, file, PROJECT, [AddFeature(extra("x"))])
    assert not [name for name, _ in seen if name in STARTS]
    assert file.read_text() == PROJECT.lstrip("\n")


# ---- whatever the project, and whatever the edit


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went, and those that came."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    gone, come = list[str](), list[str]()
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            gone += old[i:j]
            come += new[k:m]
    return gone, come


def present(found: Outline, feature: FeatureName, name: str) -> bool:
    return any(
        normalized(row.name) == normalized(name)
        for one in found.features
        if one.feature == feature
        for row in one.dependencies
    )


@often
@given(projects(), st.data())
def test_what_is_added_and_removed_again_leaves_the_same_bytes(text: str, data: st.DataObject) -> None:
    found = outline(text)
    feature = data.draw(st.sampled_from([one.feature for one in found.features]))
    name, spec = data.draw(st.sampled_from(PACKAGES)), data.draw(st.sampled_from(SPECS))
    assume(not any(present(found, one.feature, name) for one in found.features))
    assume(name != "torch" or "torch = " not in text)  # an unused source goes with the last use
    added = apply(EDITOR, FILE, text, [SetDependency(feature, "pypi", name, spec)]).text
    assert present(outline(added), feature, name)
    gone, come = changed_lines(text, added)
    assert len(gone) <= 1
    assert len(come) <= 3 + len(gone)
    assert apply(EDITOR, FILE, added, [RemoveDependency(feature, "pypi", name)]).text == text


@often
@given(projects(), st.data())
def test_a_changed_version_changes_one_line(text: str, data: st.DataObject) -> None:
    found = outline(text)
    every = [(one.feature, row.name) for one in found.features for row in one.dependencies if row.editable]
    assume(every)
    feature, name = data.draw(st.sampled_from(every))
    spec = data.draw(st.sampled_from(SPECS))
    after = apply(EDITOR, FILE, text, [SetDependency(feature, "pypi", name, spec)]).text
    (row,) = (
        row
        for one in outline(after).features
        if one.feature == feature
        for row in one.dependencies
        if row.name == name
    )
    assert row.spec == specs.check("pypi", f"{name}{spec}").spec
    gone, come = changed_lines(text, after)
    assert len(gone) == len(come) <= 1


@often
@given(projects(), st.data())
def test_an_edit_does_what_is_intended_or_is_refused(text: str, data: st.DataObject) -> None:
    before = outline(text)
    edit = data.draw(edits(before))
    try:
        after = apply(EDITOR, FILE, text, [edit]).text
    except EditRefused:
        return
    assert after.startswith("\ufeff") == text.startswith("\ufeff")
    if "\r\n" in text:
        assert "\n" not in after.replace("\r\n", "")
    assert unrelated(text) == unrelated(after)
    holds(edit, before, outline(after))


def unrelated(text: str) -> Any:
    """What no edit is about."""
    data = tomli.loads(text.removeprefix("\ufeff"))
    data.get("project", {}).pop("dependencies", None)
    data.get("project", {}).pop("optional-dependencies", None)
    data.pop("dependency-groups", None)
    for tool in ("uv", "appose-kernel"):
        data.get("tool", {}).pop(tool, None)
    if not data.get("tool"):
        data.pop("tool", None)
    return data


def holds(edit: Edit, before: Outline, after: Outline) -> None:
    features = {one.feature for one in after.features}
    environments = {one.name: one for one in after.environments}
    match edit:
        case AddFeature(feature):
            assert FeatureName(feature.kind, normalized(feature.name)) in features
        case RemoveFeature(feature):
            assert feature not in features
            assert all(feature not in one.features for one in after.environments)
            assert all(feature not in members for members in after.conflicts)
        case RenameFeature(feature, to):
            assert FeatureName(feature.kind, normalized(to)) in features
            assert len(features) == len(before.features)
        case AddEnvironment(name, members) | SetEnvironment(name, members):
            assert set(environments[name].features) == set(members)
        case SetConflicts(conflicts):
            assert set(map(frozenset, after.conflicts)) == set(map(frozenset, conflicts))


@often
@given(projects(), st.data())
def test_a_renamed_feature_brings_what_it_brought(text: str, data: st.DataObject) -> None:
    """As the format's reader sees it, which knows nothing of edits."""
    features = [one.feature for one in outline(text).features if one.feature != BASE]
    assume(features)
    feature = data.draw(st.sampled_from(features))
    try:
        after = apply(EDITOR, FILE, text, [RenameFeature(feature, "renamed")]).text
    except EditRefused:
        return
    assert brought(text, feature) == brought(after, FeatureName(feature.kind, "renamed"))


def brought(text: str, feature: FeatureName) -> dict[str, set[str]]:
    """What each environment requires, that of the extra ``feature`` under one name for all."""
    with toml.draft(FILE, text):
        project = Project.open(FILE)
        return {
            "-" if extra(name) == feature else name: {
                spec.requirement for spec in project.specs(members) if spec.name != "tides"
            }
            for name, members in project.environments.items()
        }


# ---- as the real uv sees it

REAL = '[project]\nname = "tides"\nversion = "0.1.0"\nrequires-python = ">=3.10"\n'
REMOTE = "https://index.invalid/simple"


@pytest.mark.parametrize(
    "steps",
    [
        [AddFeature(extra("cpu")), AddFeature(extra("cuda")), SetConflicts(((extra("cpu"), extra("cuda")),))],
        [
            AddFeature(extra("cuda")),
            RenameFeature(extra("cuda"), "gpu"),
            AddEnvironment("a", (extra("gpu"),)),
        ],
        [AddFeature(group("dev")), RenameFeature(group("dev"), "work")],
        [SetIndex("mirror", REMOTE, explicit=True), AddFeature(group("dev")), RemoveFeature(group("dev"))],
        [SetEnvironment("default", ()), AddFeature(extra("cuda")), RemoveFeature(extra("cuda"))],
        [
            SetDependency(BASE, "pypi", "numpy", "; sys_platform == 'none'"),
            SetIndex("mirror", REMOTE, explicit=True),
            SetSource("numpy", None, "mirror"),
            RemoveDependency(BASE, "pypi", "numpy"),
        ],
    ],
)
def test_what_edits_make_is_what_uv_reads(write: Write, steps: list[Edit]) -> None:
    file = write("pyproject.toml", apply(EDITOR, FILE, REAL, steps).text)
    command = [uv.find_uv_bin(), "lock", "--offline", "--no-config", "--project", str(file.parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "warning" in done.stderr) == (0, False), done.stderr
