"""The wire contract itself; that each answer keeps it, the fixture ``call`` makes sure in every test."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from wire import ANSWERS, PARTS, WIRE, answers_with

from appose_kernel.server.routes import routes

EXTENSION = Path(__file__).parents[2] / "labextension"


def test_it_is_a_schema_in_which_nothing_goes_by_unnoticed() -> None:
    wire = json.loads(WIRE.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(wire)
    for name, definition in wire["$defs"].items():
        if name == "BuildEvent":
            continue  # the event bus adds to it what it likes
        for part in definition.get("oneOf", [definition]):
            assert part["additionalProperties"] is False, name


def test_every_answer_is_defined_there() -> None:
    defined = json.loads(WIRE.read_text(encoding="utf-8"))["$defs"]
    for name in filter(None, [*ANSWERS.values(), *PARTS]):
        assert ("version" in defined[name]["properties"]) == (name not in PARTS), name


def test_every_method_of_every_route_has_its_answer_there() -> None:
    for path, handler, _ in routes(cast("Any", None)):
        route = path.removeprefix("/appose-kernel/api/")
        example = re.sub(r"\(\?P<.*?\)", "x", route)
        for method in ("get", "post", "put", "patch", "delete"):
            if method in vars(handler):
                answers_with(method.upper(), example)


@pytest.mark.skipif(not (EXTENSION / "node_modules/.bin/json2ts").exists(), reason="node_modules is missing")
def test_the_types_of_the_extension_are_made_of_it(tmp_path: Path) -> None:
    """``jlpm build:wire``, to another file."""
    scripts = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))["scripts"]
    made = tmp_path / "wire.ts"
    argv = scripts["build:wire"].replace("src/wire.ts", str(made)).split()
    argv[0] = shutil.which(argv[0], path=str(EXTENSION / "node_modules/.bin")) or argv[0]
    subprocess.run(argv, cwd=EXTENSION, check=True)
    assert made.read_text(encoding="utf-8") == (EXTENSION / "src/wire.ts").read_text(encoding="utf-8")
