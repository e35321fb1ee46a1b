"""Dry runs through the server: what edits would change, stopped, replaced, failed; nothing is written."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from browsing import PATIENCE, Call, until

from appose_kernel.server.plans import Plans


@pytest.fixture
def locked(project: Path, wheel: Any, wheel_folder: Path) -> Path:
    """The uv project over a local index that has alpha 1.0 and 2.0."""
    for version in ("1.0", "2.0"):
        wheel("alpha", version)
    with (project / "pyproject.toml").open("a") as file:
        file.write(f'[[tool.uv.index]]\nurl = "{wheel_folder.as_uri()}"\nformat = "flat"\ndefault = true\n')
    return project


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "pyproject.toml").read_bytes()).hexdigest()


def request(folder: Path, *edits: Any, environments: list[str] | None = None) -> dict[str, Any]:
    return {
        "workspace": "work/proj",
        "digest": digest(folder),
        "edits": list(edits),
        "environments": environments,
    }


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


async def ended(call: Call, plan: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"state": "running"}
    end = time.monotonic() + PATIENCE
    while answer["state"] == "running" and time.monotonic() < end:
        await asyncio.sleep(0.05)
        _, answer = await call("GET", "plans", plan)
    return answer


async def test_a_plan_says_what_would_change_and_writes_nothing(locked: Path, call: Call) -> None:
    text = (locked / "pyproject.toml").read_text()
    (locked / "pyproject.toml").write_text(text.replace("cuda = []", 'cuda = ["alpha<2"]'))
    before = content(locked)
    status, answer = await call("POST", "plans", body=request(locked))
    assert (status, answer["state"]) == (202, "running")
    done = await ended(call, answer["id"])
    assert (done["state"], done["error"]) == ("done", None)
    alpha = {"name": "alpha", "kind": "pypi", "before": None, "after": "1.0", "size": None}
    assert done["environments"] == [
        {"environment": "default", "changes": []},
        {"environment": "cuda", "changes": [alpha]},
    ]
    assert content(locked) == before


async def test_a_plan_that_cannot_be_is_told_with_its_cause(locked: Path, call: Call) -> None:
    text = (locked / "pyproject.toml").read_text()
    (locked / "pyproject.toml").write_text(text.replace("cuda = []", 'cuda = ["alpha>2"]'))
    _, answer = await call("POST", "plans", body=request(locked))
    done = await ended(call, answer["id"])
    assert (done["state"], done["error"]["code"], done["environments"]) == ("failed", "solve", [])
    assert done["error"]["message"].startswith("work/proj/pyproject.toml: ")
    assert "alpha" in done["error"]["detail"]


BACKEND = """
from pathlib import Path

def get_requires_for_build_wheel(settings=None):
    return []

def prepare_metadata_for_build_wheel(folder, settings=None):
    made = Path(folder, "proj-1.0.dist-info")
    made.mkdir()
    needs = "".join(f"Requires-Dist: {line}\\n" for line in Path("needs.txt").read_text().split())
    made.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\\nName: proj\\nVersion: 1.0\\n{needs}")
    made.joinpath("WHEEL").write_text("Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    Path("written.txt").write_text("")
    return made.name

get_requires_for_build_editable = get_requires_for_build_wheel
prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel
"""


async def test_a_plan_knows_what_a_build_backend_computes(locked: Path, call: Call) -> None:
    text = (locked / "pyproject.toml").read_text()
    system = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    dynamic = '[project]\ndynamic = ["dependencies"]\n'
    (locked / "pyproject.toml").write_text(system + text.replace("[project]\n", dynamic, 1))
    (locked / "backend.py").write_text(BACKEND)
    (locked / "needs.txt").write_text("alpha<2\n")
    before = content(locked)
    _, answer = await call("POST", "plans", body=request(locked, environments=["default"]))
    done = await ended(call, answer["id"])
    assert (done["error"], [change["name"] for change in done["environments"][0]["changes"]]) == (
        None,
        ["alpha"],
    )
    assert content(locked) == before


async def test_a_plan_may_have_much_to_say(locked: Path, call: Call, wheel: Any) -> None:
    names = [f"package-{'x' * 80}-{number}" for number in range(500)]
    for name in names:
        wheel(name, "1.0")
    text = (locked / "pyproject.toml").read_text()
    (locked / "pyproject.toml").write_text(text.replace("cuda = []", f"cuda = {json.dumps(names)}"))
    _, answer = await call("POST", "plans", body=request(locked, environments=["cuda"]))
    done = await ended(call, answer["id"])
    assert (done["state"], done["error"]) == ("done", None)
    assert {change["name"] for change in done["environments"][0]["changes"]} == set(names)


async def test_an_unknown_environment_names_those_that_exist(locked: Path, call: Call) -> None:
    _, answer = await call("POST", "plans", body=request(locked, environments=["rocm"]))
    done = await ended(call, answer["id"])
    assert (done["state"], done["error"]["code"]) == ("failed", "environment-not-found")
    assert "default, cuda" in done["error"]["remedy"]


@pytest.fixture
def endless(project: Path, monkeypatch: pytest.MonkeyPatch, jp_config_dir: Path, tmp_path: Path) -> Path:
    """uv never ends, and notes its process; returns the folder of the notes."""
    notes = tmp_path / "notes"
    notes.mkdir()
    tool = tmp_path / "uv"
    script = f'[ "$1" = --version ] && echo "uv 0.13.8" && exit\ntouch {notes}/$$\nsleep 1000\n'
    tool.write_text(f"#!/bin/sh\n{script}")
    tool.chmod(0o755)
    jp_config_dir.mkdir(parents=True, exist_ok=True)
    (jp_config_dir / "jupyter_appose_config.json").write_text(f'{{"Settings": {{"uv": "{tool}"}}}}')
    return notes


def alive(notes: Path) -> list[int]:
    """The processes that were noted, and still run."""
    return [int(note.name) for note in notes.iterdir() if psutil.pid_exists(int(note.name))]


@pytest.mark.skipif(os.name == "nt", reason="the endless uv is a POSIX script")
async def test_a_plan_can_be_stopped_and_its_tools_with_it(project: Path, endless: Path, call: Call) -> None:
    _, answer = await call("POST", "plans", body=request(project))
    await until(lambda: len(alive(endless)) == 1)
    assert await call("DELETE", "plans", answer["id"]) == (204, None)
    done = await ended(call, answer["id"])
    assert (done["state"], done["error"]) == ("cancelled", None)
    assert alive(endless) == []
    assert await call("DELETE", "plans", answer["id"]) == (204, None)


@pytest.mark.skipif(os.name == "nt", reason="the endless uv is a POSIX script")
async def test_the_next_plan_takes_the_place_of_the_last_and_few_run_at_once(
    project: Path, endless: Path, jp_serverapp: Any
) -> None:
    known, manifest = Plans(), project / "pyproject.toml"
    text = manifest.read_text()
    first = known.start("me", manifest, text, None)
    await until(lambda: len(alive(endless)) == 1)
    second = known.start("me", manifest, text, None)
    await until(lambda: first.state == "cancelled" and len(alive(endless)) == 1)
    other = known.start("you", manifest, text, None)
    await until(lambda: len(alive(endless)) == 2)
    third = known.start("her", manifest, text, None)
    await until(lambda: third.message == "Waiting for another dry run")
    assert {plan.state for plan in (second, other, third)} == {"running"}
    known.cancel(second.id)
    await until(lambda: len(list(endless.iterdir())) == 4)
    await known.stop()
    assert {plan.state for plan in (other, third)} == {"cancelled"}
    assert alive(endless) == []


async def test_a_plan_that_is_stopped_before_it_begins_has_ended(project: Path) -> None:
    known = Plans()
    plan = known.start("me", project / "pyproject.toml", "", None)
    await known.stop()
    assert (plan.state, bool(plan.ended)) == ("cancelled", True)


async def test_a_plan_without_room_for_its_files_fails(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(project / "missing"))
    known = Plans()
    plan = known.start("me", project / "pyproject.toml", "", None)
    await until(lambda: plan.state != "running")
    assert (plan.state, plan.error is not None) == ("failed", True)
    assert "missing" in plan.message


@pytest.mark.parametrize("plan", ["x", "0" * 32])
async def test_an_unknown_plan_is_not_found(jp_serverapp: Any, call: Call, plan: str) -> None:
    for method in ("GET", "DELETE"):
        status, answer = await call(method, "plans", plan)
        assert (status, answer["code"]) == (404, "plan-not-found")


async def test_a_format_without_a_lock_has_no_plan(jp_root_dir: Path, call: Call) -> None:
    (jp_root_dir / "requirements.txt").write_text("six\n")
    body = {"workspace": "requirements.txt", "digest": "", "edits": [], "environments": None}
    status, answer = await call("POST", "plans", body=body)
    assert (status, answer["code"]) == (422, "engine-unsupported")
