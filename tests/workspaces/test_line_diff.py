from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appose_kernel.workspaces.line_diff import DiffLine, diff


def numbered(count: int) -> list[str]:
    return [f"line {number}" for number in range(1, count + 1)]


def shown(before: str, after: str) -> list[str]:
    marks = {"same": " ", "add": "+", "remove": "-", "gap": "…"}
    return [marks[line.kind] + line.text for line in diff(before, after)]


def test_a_change_is_shown_with_three_lines_around_it() -> None:
    lines = numbered(20)
    after = [*lines[:9], "new", *lines[10:]]
    assert shown("\n".join(lines), "\n".join(after)) == [
        " line 7",
        " line 8",
        " line 9",
        "-line 10",
        "+new",
        " line 11",
        " line 12",
        " line 13",
    ]


def test_a_gap_stands_between_changes_that_are_far_apart() -> None:
    lines = numbered(40)
    after = ["new", *lines[1:39], "newer"]
    found = shown("\n".join(lines), "\n".join(after))
    assert found[:3] == ["-line 1", "+new", " line 2"]
    assert found.count("…") == 1
    assert found[-2:] == ["-line 40", "+newer"]


def test_lines_have_their_numbers_in_both_texts() -> None:
    assert diff("a\nb\n", "a\nx\ny\nb\n") == (
        DiffLine("same", 1, 1, "a"),
        DiffLine("add", None, 2, "x"),
        DiffLine("add", None, 3, "y"),
        DiffLine("same", 2, 4, "b"),
    )


def test_no_line_shows_its_ending_or_a_byte_order_mark() -> None:
    assert shown("\ufeffa\r\nb\r\n", "\ufeffa\r\nc\r\n") == [" a", "-b", "+c"]


def test_a_change_of_line_endings_is_a_change() -> None:
    assert shown("a\n", "a\r\n") == ["-a", "+a"]


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_a_diff_turns_one_text_into_the_other(before: list[str], after: list[str]) -> None:
    old, new = [f"{line}\n" for line in before], [f"{line}\n" for line in after]
    found = diff("".join(old), "".join(new))
    removed = {line.before for line in found if line.kind == "remove"}
    added = {line.after: line.text for line in found if line.kind == "add"}
    kept = iter([line for number, line in enumerate(before, 1) if number not in removed])
    assert [added[number] if number in added else next(kept) for number in range(1, len(after) + 1)] == after
    for line in found:
        assert line.before is None or before[line.before - 1] == line.text
        assert line.after is None or after[line.after - 1] == line.text
