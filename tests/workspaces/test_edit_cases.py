"""A folder is a test: a manifest before, an edit as the browser sends it, the manifest after, to the byte.

``before.toml`` is a ``pixi.toml``, ``before.pyproject.toml`` a ``pyproject.toml``, and ``edit.json`` one edit
or several. ``refused.txt`` in place of ``after`` is what people are told; ``back.json``, where there is one,
leads from after back to before.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from appose_kernel.errors import EditRefused
from appose_kernel.workspaces import edits
from appose_kernel.workspaces.editors import EDITORS, apply

CASES = sorted(path for path in (Path(__file__).parents[1] / "data/edits").iterdir() if path.is_dir())
FOLDER = Path("/workspace")


def text(case: Path, stem: str) -> tuple[Path, str]:
    """The path of a manifest as if it were in a workspace, and its text with its own line endings."""
    (found,) = case.glob(f"{stem}.*toml")
    name = "pixi.toml" if found.name == f"{stem}.toml" else found.name.removeprefix(f"{stem}.")
    return FOLDER / name, found.read_bytes().decode("utf-8")


def asked(path: Path) -> list[edits.Edit]:
    found: Any = json.loads(path.read_text(encoding="utf-8"))
    return [edits.from_dict(edit) for edit in (found if isinstance(found, list) else [found])]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_an_edit_changes_just_what_is_asked_for(case: Path) -> None:
    editor = EDITORS[case.name.partition("-")[0]]
    file, before = text(case, "before")
    if (refused := case / "refused.txt").exists():
        with pytest.raises(EditRefused) as caught:
            apply(editor, file, before, asked(case / "edit.json"))
        assert str(caught.value).replace(f"{FOLDER}/", "") == refused.read_text(encoding="utf-8").rstrip("\n")
        return
    after = apply(editor, file, before, asked(case / "edit.json")).text
    assert after == text(case, "after")[1]
    if (back := case / "back.json").exists():
        assert apply(editor, file, after, asked(back)).text == before
