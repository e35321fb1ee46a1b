"""What requests say: JSON as wire.json defines it, or a plain message that names the field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from tornado import web

from ..workspaces import files

WIRE = Path(__file__).parent / "wire.json"
#: Bytes of a body: no manifest is larger, and what is asked for is about one.
MAX_BYTES = files.MAX_BYTES


def read(raw: bytes, definition: str) -> dict[str, Any]:
    """The body of a request. Raises HTTPError 400, or 413 for one that is too large."""
    if len(raw) > MAX_BYTES:
        raise web.HTTPError(413, f"The body is larger than {MAX_BYTES // 2**20} MiB.")
    try:
        body: dict[str, Any] = json.loads(raw)
        json.dumps(body, ensure_ascii=False).encode()  # half a character, as `"\ud800"` is one, is no text
    except (ValueError, RecursionError) as error:
        raise web.HTTPError(400, "The body is not JSON.") from error
    if problem := next(_validator(definition).iter_errors(body), None):
        raise web.HTTPError(400, _said(problem))
    return body


@cache
def _validator(definition: str) -> Draft202012Validator:
    wire = json.loads(WIRE.read_text(encoding="utf-8"))
    return Draft202012Validator({"$defs": wire["$defs"], "$ref": f"#/$defs/{definition}"})


def _said(problem: ValidationError) -> str:
    if problem.validator == "oneOf":
        problem = _meant(problem)
    field = _field(problem.absolute_path)
    if problem.validator == "required":
        [missing, *_] = [name for name in problem.validator_value if name not in problem.instance]
        return f"{field} has no field “{missing}”."
    if problem.validator == "additionalProperties":
        [extra, *_] = [name for name in problem.instance if name not in problem.schema["properties"]]
        return f"{field} has a field “{extra[:60]}”, which is not known."
    return f"{field} is not {_wanted(problem.schema)}."


def _meant(problem: ValidationError) -> ValidationError:
    """Of several definitions the one that ``op`` names, and what is wrong by that."""
    op = problem.instance.get("op") if isinstance(problem.instance, dict) else None
    for number, branch in enumerate(problem.validator_value):
        if branch["properties"]["op"]["const"] == op:
            return next(error for error in problem.context if error.relative_schema_path[0] == number)
    return problem


def _field(path: Sequence[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"“{text.removeprefix('.')}”" if text else "The body"


def _wanted(schema: Any) -> str:
    """A definition in words: what may stand there."""
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return f"one of {', '.join(map(json.dumps, schema['enum']))}"
    if "oneOf" in schema:
        return "an edit that this version knows"
    if "$ref" in schema:
        return "an object"
    if "anyOf" in schema:
        return " or ".join(map(_wanted, schema["anyOf"]))
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " or ".join(_WORDS[kind] for kind in kinds)


_WORDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}
