"""Changes of TOML texts: to the byte, whatever the style; or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli

from appose_kernel.errors import EditRefused, ManifestInvalid
from appose_kernel.workspaces import edits, toml
from appose_kernel.workspaces.editors import EDITORS, apply
from appose_kernel.workspaces.toml.editing import TomlText

FILE = Path("/workspace/x.toml")


def edited(text: str, edit: Callable[[TomlText], None]) -> str:
    document = TomlText(FILE, text)
    edit(document)
    assert document.data == TomlText(FILE, document.text).data
    return document.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = []", 'a = ["n"]'),
        ("a = [ ]", 'a = [ "n"]'),
        ("a = [\n]", 'a = [\n  "n",\n]'),
        ("b = [\n    1,\n]\na = [\n]", 'b = [\n    1,\n]\na = [\n    "n",\n]'),
        ('a = ["x"]', 'a = ["x", "n"]'),
        ('a = ["x",]', 'a = ["x", "n",]'),
        ("a = ['x']", "a = ['x', 'n']"),
        ('a = [\n  "x"]', 'a = [\n  "x",\n  "n"]'),
        ('a = [\n  "x",]', 'a = [\n  "x",\n  "n",]'),
        ('a = [\n\t"x" # c\n\t# d\n]', 'a = [\n\t"x", # c\n\t"n"\n\t# d\n]'),
        ('a = [\r\n  "x",\r\n]\r\n', 'a = [\r\n  "x",\r\n  "n",\r\n]\r\n'),
        ('a = [\n  "x", "y",\n  "z"\n]', 'a = [\n  "x", "y",\n  "z",\n  "n"\n]'),
        ('a = [ "x"\n, "y"\n]', 'a = [ "x"\n, "y", "n"\n]'),
        ('a = [["x"], { b = "]" }]', 'a = [["x"], { b = "]" }, "n"]'),
        ('a = ["""\n]""", # c\n]', 'a = ["""\n]""", "n", # c\n]'),
    ],
)
def test_an_element_is_put_in_and_taken_out_in_the_array_s_own_style(before: str, after: str) -> None:
    count = len(TomlText(FILE, before).get(("a",)))
    assert edited(before, lambda document: document.insert(("a",), count, "n")) == after
    assert edited(after, lambda document: document.remove(("a", count))) == before


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        ('a = ["x", "y", "z"]', 0, 'a = ["y", "z"]'),
        ('a = ["x", "y", "z"]', 1, 'a = ["x", "z"]'),
        ('a = ["x", "y", "z"]', 2, 'a = ["x", "y"]'),
        ('a = [ "x" ]', 0, "a = []"),
        ('a = [\n  "x", # one\n  "y"  # two\n]', 1, 'a = [\n  "x" # one\n]'),
        ('a = [\n  "x", # one\n  "y"  # two\n]', 0, 'a = [\n  "y"  # two\n]'),
        ('a = ["x", # one\n  "y"]', 0, 'a = [ # one\n  "y"]'),
        ('a = ["x", # one\n  "y"]', 1, 'a = ["x" # one\n  ]'),
        ('a = ["x",\n  "y", "z"]', 1, 'a = ["x",\n  "z"]'),
    ],
)
def test_any_element_can_be_taken_out(before: str, index: int, after: str) -> None:
    assert edited(before, lambda document: document.remove(("a", index))) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[a]\nx = 1", "[a]\nx = 1\nn = 2"),
        ("  [a]\n  x = 1\n", "  [a]\n  x = 1\n  n = 2\n"),
        ("[a] # c\n# d\n\n[b]\n", "[a] # c\nn = 2\n# d\n\n[b]\n"),
        ("a.x = 1\n", "a.x = 1\na.n = 2\n"),
        ('"a" . x=1\n', '"a" . x=1\n"a" . n = 2\n'),
        ("a = {x=1}\n", "a = {x=1, n=2}\n"),
        ("a = { x = 1 } # c\n", "a = { x = 1, n = 2 } # c\n"),
        ("[a.b]\nx = 1\n", "[a]\nn = 2\n\n[a.b]\nx = 1\n"),
        ("[b]\nx = 1\n", "[b]\nx = 1\n\n[a]\nn = 2\n"),
        ("[b]\n# of b\n\n# at the end\n", "[b]\n# of b\n\n[a]\nn = 2\n\n# at the end\n"),
        ("x = 1\n", "x = 1\n\n[a]\nn = 2\n"),
    ],
)
def test_a_key_is_put_into_a_table_however_that_is_written(before: str, after: str) -> None:
    assert edited(before, lambda document: document.set(("a", "n"), 2)) == after
    assert edited(after, lambda document: document.remove(("a", "n"))) == before


def test_a_table_that_has_to_stay_stays_empty() -> None:
    def remove(document: TomlText) -> None:
        document.remove(("a", "b", "x"), ("a", "b"))

    assert edited("[a.b]\nx = 1\n", remove) == "[a.b]\n"
    assert edited("a.b.x = 1 # c\n", remove) == "a.b = {} # c\n"
    assert edited("a = { b.x = 1 }\n", remove) == "a = { b = {} }\n"
    assert edited("[a]\nb.x = 1\nb.y = 2\n", remove) == "[a]\nb.y = 2\n"


def test_all_that_is_written_of_a_table_goes() -> None:
    text = "[x]\n\n# of a\n[a]\nb = 1\n\n[y]\n\n[a.c]\n\n[[a.d]]\n\n[z]"
    assert edited(text, lambda document: document.remove(("a",))) == "[x]\n\n[y]\n\n[z]"
    assert edited("[a]\nx = 1\n\n[b]\n", lambda document: document.remove(("a",))) == "[b]\n"
    assert edited("[b]\n\n[a]\nx = 1", lambda document: document.remove(("a",))) == "[b]"


def test_a_key_is_renamed_wherever_it_is_written() -> None:
    text = '[a."b"]\n[a.b.c]\n[a]\nd = { b = 1 }\n[b]\na.b = 1\n'
    after = '[a."n"]\n[a.n.c]\n[a]\nd = { b = 1 }\n[b]\na.b = 1\n'
    assert edited(text, lambda document: document.rename(("a", "b"), "n")) == after


def test_tables_of_a_list_are_added_moved_and_removed() -> None:
    text = "[z]\n\n[[a.b]]\nx = 1\n[a.b.c]\n\n# two\n[[a.b]]\nx = 2"
    path = "a", "b"
    swapped = "[z]\n\n# two\n[[a.b]]\nx = 2\n\n[[a.b]]\nx = 1\n[a.b.c]"
    assert edited(text, lambda document: document.arrange(path, [1, 0])) == swapped
    assert edited(text, lambda document: document.append_table(path, {"x": 3})) == f"{text}\n\n[[a.b]]\nx = 3"
    assert edited(text, lambda document: document.remove((*path, 0))) == "[z]\n\n# two\n[[a.b]]\nx = 2"
    assert edited("a.b = []", lambda document: document.append_table(path, {"x": 3})) == "a.b = [{ x = 3 }]"


def test_numbers_that_are_none_do_not_hinder() -> None:
    assert edited("a = nan\n", lambda document: document.set(("b",), 1)) == "a = nan\nb = 1\n"


def test_what_would_touch_more_is_refused_with_the_line() -> None:
    document = TomlText(FILE, "x = 1\na = 2\n")
    with pytest.raises(EditRefused, match=r"x\.toml line 2: `a\.b`") as caught:
        document.set(("a", "b"), 1)
    assert caught.value.remedy
    assert document.text == "x = 1\na = 2\n"


@pytest.mark.parametrize("text", ["a = \n", "a = 1\ra = 2", "[a]\n[a]\n"])
def test_what_is_no_toml_is_told(text: str) -> None:
    with pytest.raises(ManifestInvalid):
        TomlText(FILE, text)


def test_a_draft_reads_as_the_file_that_is_not_there() -> None:
    with toml.draft(FILE, "\ufeffa = 1\n\nb = 2\n"):
        assert toml.read(FILE) == {"a": 1, "b": 2}
        assert toml.line_of(FILE, "b") == 3


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"op": "set-colour"},
        {"op": "add-feature"},
        {"op": "add-feature", "feature": {"kind": "feature", "name": "a", "colour": "red"}},
        {"op": ["add-feature"], "feature": None},
    ],
)
def test_what_is_no_edit_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(EditRefused, match="no edit"):
        edits.from_dict(data)


def test_values_in_many_places_change_at_once() -> None:
    before = "a = ['x', \"y\"] # c\nb = { c = 'x' }\n[d]\ne = \"x\"\n"
    places = [("a", 0), ("b", "c"), ("d", "e")]
    after = "a = ['n', \"y\"] # c\nb = { c = 'n' }\n[d]\ne = \"n\"\n"
    assert edited(before, lambda document: document.replace(places, "n")) == after
    assert edited(before, lambda document: document.replace([], "n")) == before


@pytest.mark.parametrize(
    ("before", "places", "after"),
    [
        (
            'a = ["x", "y"]\nb = [\n  "y", # c\n  "x", # d\n]\n',
            [("a", 0), ("b", 1)],
            'a = ["y"]\nb = [\n  "y", # c\n]\n',
        ),
        ('a = ["x", "y", "x"]\nb = ["x"]\n', [("a", 0), ("a", 2), ("b", 0)], 'a = ["y"]\nb = []\n'),
        ('a = ["x"]\n[[b]]\nc = 1\n\n[[b]]\nc = 2\n', [("a", 0), ("b", 0)], "a = []\n\n[[b]]\nc = 2\n"),
        ('a = ["x"]\n', [], 'a = ["x"]\n'),
    ],
)
def test_elements_of_many_lists_go_at_once(before: str, places: list[tuple[str, int]], after: str) -> None:
    assert edited(before, lambda document: document.remove_elements(places)) == after


@pytest.mark.parametrize(
    "change",
    [
        edits.RenameFeature(edits.FeatureName("feature", "test"), "other"),
        edits.RemoveFeature(edits.FeatureName("feature", "test")),
    ],
)
def test_what_many_environments_name_changes_in_a_few_steps(
    change: edits.Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = []
    loads = tomli.loads

    def counting(text: str, **options: Any) -> Any:
        parsed.append(text)
        return loads(text, **options)

    monkeypatch.setattr(tomli, "loads", counting)
    steps = []
    for count in (1, 30):
        lists = "".join(f'e{number} = ["test"]\n' for number in range(count))
        head = "[workspace]\nchannels = []\nplatforms = []\n[feature.test.dependencies]\n[environments]\n"
        apply(EDITORS["pixi"], FILE.with_name("pixi.toml"), head + lists, [change])
        steps.append(len(parsed))
        parsed.clear()
    assert steps[0] == steps[1]
