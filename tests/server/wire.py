"""The wire contract, for tests: which definition of wire.json each route answers with."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

import appose_kernel.server

WIRE = Path(appose_kernel.server.__file__).parent / "wire.json"

#: What each route answers with when all is well; None is nothing at all.
ANSWERS: dict[tuple[str, str], str | None] = {
    ("GET", r"workspaces"): "Workspaces",
    ("POST", r"workspaces"): "Drafted",
    ("GET", r"environments"): "Environments",
    ("GET", r"builds"): "Builds",
    ("POST", r"builds"): "BuildStarted",
    ("GET", r"builds/[^/]+"): "Build",
    ("DELETE", r"builds/[^/]+"): None,
    ("GET", r"builds/[^/]+/log"): "BuildLog",
    ("GET", r"manifest"): "Manifest",
    ("PUT", r"manifest"): "Written",
    ("POST", r"manifest/preview"): "Edited",
    ("POST", r"manifest/restore"): "Written",
    ("POST", r"plans"): "Plan",
    ("GET", r"plans/[^/]+"): "Plan",
    ("DELETE", r"plans/[^/]+"): None,
    ("GET", r"suggestion"): "Suggestion",
    ("GET", r"specs"): "SpecCheck",
    ("GET", r"prefix"): "PrefixContents",
    ("DELETE", r"prefix"): "Removed",
    ("POST", r"terminals"): "TerminalStarted",
}
#: What is a part of other answers too, and has no version there.
PARTS = ("Build", "Problem")


@cache
def definition(name: str) -> Draft202012Validator:
    wire = json.loads(WIRE.read_text(encoding="utf-8"))
    return Draft202012Validator({"$defs": wire["$defs"], "$ref": f"#/$defs/{name}"})


def answers_with(method: str, path: str) -> str | None:
    """The name of the definition."""
    routes = {route: name for (verb, route), name in ANSWERS.items() if verb == method}
    [name] = [name for route, name in routes.items() if re.fullmatch(route, path)]
    return name


def validate(method: str, path: Sequence[str], status: int, answer: Any) -> None:
    """Raise jsonschema's ValidationError unless the answer is what wire.json says."""
    name = answers_with(method, "/".join(path))
    if status >= 400:
        name = "Problem"
    if name is None:
        assert (status, answer) == (204, None)
        return
    assert answer["version"] == 1
    if name in PARTS:
        answer = {key: value for key, value in answer.items() if key != "version"}
    definition(name).validate(answer)
