"""New workspaces through the server: shown, made, and what stands in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import Call

DRAFT = {
    "folder": "neu/größe",
    "format": "pixi",
    "name": "worker",
    "python": "3.12",
    "packages": ["numpy >=2"],
    "pypi": [],
    "channels": [],
    "cuda": False,
    "write": True,
}


async def test_a_draft_is_shown_and_then_made(jp_root_dir: Path, call: Call) -> None:
    status, shown = await call("POST", "workspaces", body={**DRAFT, "write": False})
    assert (status, shown["workspace"], shown["manifest"]) == (200, None, "neu/größe/pixi.toml")
    assert not (jp_root_dir / "neu").exists()
    status, made = await call("POST", "workspaces", body=DRAFT)
    assert (status, made["workspace"]) == (201, "neu/größe")
    assert (jp_root_dir / "neu/größe/pixi.toml").read_text() == made["text"] == shown["text"]
    _, environments = await call("GET", "environments", params={"workspace": made["workspace"]})
    assert [env["title"] for env in environments["environments"]] == ["worker · default"]


@pytest.mark.parametrize("kind", ["uv", "conda"])
async def test_each_format_can_be_made_and_listed(jp_root_dir: Path, call: Call, kind: str) -> None:
    status, made = await call("POST", "workspaces", body={**DRAFT, "folder": "", "format": kind})
    assert (status, made["workspace"]) == (201, ".")
    _, listed = await call("GET", "workspaces")
    assert [(found["format"], found["manifest"]) for found in listed["workspaces"]] == [
        (kind, made["manifest"])
    ]


async def test_nothing_is_written_over_what_is_there(jp_root_dir: Path, call: Call) -> None:
    (jp_root_dir / "pixi.toml").write_text("# mine\n")
    for write in (False, True):
        status, answer = await call("POST", "workspaces", body={**DRAFT, "folder": "", "write": write})
        assert (status, answer["code"]) == (422, "edit-refused")
    assert (jp_root_dir / "pixi.toml").read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("change", "told", "field"),
    [
        ({"packages": ["numpy >>2"]}, "numpy >>2", "packages"),
        ({"pypi": ["six", "six>=1"]}, "twice", "pypi"),
        ({"format": "uv", "pypi": ["six >>1"]}, "six >>1", "packages"),
        ({"channels": ["a b"]}, "a b", "channels"),
        ({"name": "a b"}, "a b", "name"),
        ({"python": "three"}, "three", "python"),
        ({"folder": "../other"}, "../other", "folder"),
    ],
)
async def test_what_is_wrong_is_named(
    jp_root_dir: Path, call: Call, change: dict[str, Any], told: str, field: str
) -> None:
    status, answer = await call("POST", "workspaces", body={**DRAFT, **change})
    assert (status, answer["code"], answer["field"]) == (422, "edit-refused", field)
    assert told in answer["message"]
    assert list(jp_root_dir.iterdir()) == []


async def test_nothing_is_made_outside_of_the_root(jp_root_dir: Path, tmp_path: Path, call: Call) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (jp_root_dir / "link").symlink_to(outside)
    for folder in ("../outside", "link", "link/new", "a\0b", "/../outside"):
        status, answer = await call("POST", "workspaces", body={**DRAFT, "folder": folder})
        assert (status, answer["code"]) == (422, "edit-refused"), folder
    assert list(outside.iterdir()) == []


async def test_a_draft_that_lacks_a_field_is_refused(jp_serverapp: Any, call: Call) -> None:
    for name in DRAFT:
        body = {key: value for key, value in DRAFT.items() if key != name}
        status, answer = await call("POST", "workspaces", body=body)
        assert (status, answer["message"]) == (400, f"The body has no field “{name}”.")
    status, answer = await call("POST", "workspaces", body={**DRAFT, "format": "npm"})
    assert (status, answer["message"]) == (400, '“format” is not one of "pixi", "uv", "conda".')


async def test_a_suggestion_is_a_draft_to_begin_with(jp_root_dir: Path, call: Call) -> None:
    (jp_root_dir / "old").mkdir()
    (jp_root_dir / "old" / "requirements.txt").write_text("six>=1.16\n")
    status, found = await call("GET", "suggestion", params={"source": "old/requirements.txt"})
    assert (status, found["draft"]["folder"], found["draft"]["write"]) == (200, "old", False)
    assert "six>=1.16" in [*found["draft"]["packages"], *found["draft"]["pypi"]]
    status, made = await call("POST", "workspaces", body={**found["draft"], "folder": "new", "write": True})
    assert (status, made["workspace"]) == (201, "new")


@pytest.mark.parametrize("source", ["nonesuch.txt", "../outside/requirements.txt", "link.txt", "a\0b", ""])
async def test_what_cannot_be_read_suggests_nothing(
    jp_root_dir: Path, tmp_path: Path, call: Call, source: str
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "requirements.txt").write_text("secret\n")
    (jp_root_dir / "link.txt").symlink_to(tmp_path / "outside" / "requirements.txt")
    status, answer = await call("GET", "suggestion", params={"source": source})
    assert status in (404, 422)
    assert "secret" not in str(answer)
