from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appose_kernel.model import Environment, Workspace
from appose_kernel.workspaces import names

PORTABLE = re.compile(r"[a-z0-9_][a-z0-9_-]*")


def environment(workspace: str, name: str, folder: str = "/data/one") -> Environment:
    root = Path(folder)
    return Environment(Workspace(workspace, "uv", root / "pyproject.toml", root, None, ()), name)


@pytest.mark.parametrize("text", ["cuda", "my-worker", "py_311", "a", "2024-data", "x" * 60, "_private"])
def test_an_ordinary_name_is_its_own_slug(text: str) -> None:
    assert names.slug(text) == text


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("my thesis", "my-thesis--"),
        ("it's $HOME", "it-s-home--"),
        ("Café", "cafe--"),
        ("🚀", "x--"),
        ("-rf", "rf--"),
        ("..", "x--"),
        ("a/b", "a-b--"),
        ("CUDA", "cuda--"),
        ("nul", "nul--"),
        ("", "x--"),
        ("word " * 40, "word-word-"),
        ("\udcff", "x--"),
    ],
)
def test_a_name_that_must_change_keeps_its_words_and_gets_a_hash(text: str, start: str) -> None:
    assert names.slug(text).startswith(start)
    assert re.search(r"--[0-9a-f]{8}$", names.slug(text))


@given(st.text(st.characters(exclude_categories=[]), max_size=200))
def test_every_slug_is_portable(text: str) -> None:
    slug = names.slug(text)
    assert PORTABLE.fullmatch(slug)
    assert len(slug) <= names.LENGTH


alike = st.text("aAbB.-_ é\U0001f680", max_size=8) | st.text("a", min_size=50, max_size=70)


@given(st.lists(alike, unique=True, max_size=30))
def test_different_names_have_different_slugs(texts: list[str]) -> None:
    assert len({names.slug(text) for text in texts}) == len(texts)


@given(st.text(max_size=80))
def test_no_name_can_pass_for_the_slug_of_another(text: str) -> None:
    slug = names.slug(text)
    assert slug == text or names.slug(slug) != slug


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_a_kernel_name_tells_its_parts_again(workspace: str, name: str, kernel: str) -> None:
    env = environment(workspace, name)
    parts = (names.workspace_slug(env.workspace), names.slug(name))
    assert names.parse_kernel_name(names.kernel_name(env)) == (*parts, None)
    own = names.parse_kernel_name(names.own_kernel_name(names.kernel_name(env), kernel))
    assert own is not None
    assert own[:2] == parts
    assert names.is_own_kernel(kernel, own.kernel or "")


@pytest.mark.parametrize(
    ("kernel", "part"),
    [("ir", "ir"), ("julia-1.9", "julia-1.9"), ("xcpp17", "xcpp17"), ("IR", "ir--ab0b46b3")],
)
def test_a_prefixs_own_kernel_keeps_the_name_that_jupyter_knows_it_by(kernel: str, part: str) -> None:
    assert names.own_kernel_name("appose.lab.default", kernel) == f"appose.lab.default.{part}"


@pytest.mark.parametrize(
    "name", ["python3", "appose", "appose.one", "appose.a.b.", "appose.a.b.C", "appose.A.b", "appose.."]
)
def test_other_kernels_are_not_ours(name: str) -> None:
    assert names.parse_kernel_name(name) is None


def test_case_and_dots_of_a_workspace_do_not_spoil_its_kernels_names() -> None:
    assert names.kernel_name(environment("My.Worker", "cuda")) == "appose.my-worker.cuda"


def test_of_two_workspaces_with_one_name_the_later_gets_its_paths_hash() -> None:
    first = [environment("lab", name, "/data/one") for name in ("default", "cuda")]
    second = [environment("Lab", name, "/data/two") for name in ("default", "cpu")]

    named = names.kernel_names([*first, *second])

    assert list(named.values()) == [*first, *second]
    assert list(named)[:2] == ["appose.lab.default", "appose.lab.cuda"]
    assert re.fullmatch(r"appose\.lab--[0-9a-f]{8}\.default", list(named)[2])
    assert re.fullmatch(r"appose\.lab--[0-9a-f]{8}\.cpu", list(named)[3])


def test_a_workspace_goes_by_its_plain_slug_and_by_the_one_with_its_path() -> None:
    one, two = environment("lab", "default", "/data/one"), environment("lab", "default", "/data/two")
    *_, name = names.kernel_names([one, two])
    part, *_ = names.parse_kernel_name(name) or ("", "")

    assert names.is_called(two.workspace, part)
    assert names.is_called(two.workspace, "lab")
    assert not names.is_called(one.workspace, part)
