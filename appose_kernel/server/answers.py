"""The JSON that the server answers with, and the status of each error. docs/server.md describes both."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from ..environments import lock_state, waiters
from ..environments.buildlog import BuildRecord
from ..environments.builds import Status
from ..errors import (
    ApposeKernelError,
    BuildNotFound,
    EngineUnsupported,
    EnvironmentInUse,
    EnvironmentNotBuilt,
    EnvironmentNotFound,
    KernelspecError,
    LockOutdated,
    ManifestConflict,
    ManifestError,
    ManifestNotFound,
    PlanNotFound,
)
from ..kernels import documents
from ..model import BuildEvent, Environment, OwnKernel, Workspace
from ..workspaces import declared, formats, names
from ..workspaces.editors import EDITORS
from .places import Places
from .plans import Plan

#: Of every answer; a client that does not know it should not read on.
VERSION = 1
#: How many items of a list become JSON at once.
PIECE = 20

#: A class stands for those below it.
STATUS: dict[type[ApposeKernelError], int] = {
    ApposeKernelError: 500,
    ManifestError: 422,
    ManifestNotFound: 404,
    EnvironmentNotFound: 404,
    EnvironmentNotBuilt: 409,
    EnvironmentInUse: 409,
    BuildNotFound: 404,
    PlanNotFound: 404,
    ManifestConflict: 412,
    LockOutdated: 409,
    KernelspecError: 409,
    EngineUnsupported: 422,
}


def status(error: ApposeKernelError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def text(body: Mapping[str, Any]) -> str:
    """An answer as JSON."""
    fields = {"version": VERSION, **body}.items()
    return f"{{{', '.join(f'{json.dumps(name)}: {_json(value)}' for name, value in fields)}}}"


def _json(value: Any) -> str:
    """As ``json.dumps``, but that is one call of C, in which no other thread may run: for the megabytes of a
    long list it would hold up the server's loop."""
    if not isinstance(value, list):
        return json.dumps(value)
    pieces = (json.dumps(value[start : start + PIECE]) for start in range(0, len(value), PIECE))
    return f"[{', '.join(piece[1:-1] for piece in pieces)}]"


def workspace(found: Workspace, places: Places) -> dict[str, Any]:
    lock = lock_state.of(found)
    return {
        "name": found.name,
        "format": found.format,
        "path": places.name(found.root),
        "manifest": places.name(found.manifest),
        "root": str(found.root),
        "lock": lock.state.value,
        "lock_file": lock.file and places.name(lock.file),
        "editable": found.format in EDITORS and places.owns(found) and os.access(found.manifest, os.W_OK),
    }


def environment(
    found: Environment,
    state: Status,
    places: Places,
    *,
    listed: str | None,
    kernels: list[str],
    own: Mapping[str, OwnKernel],
) -> dict[str, Any]:
    """``listed`` is the name of its kernelspec in the server's list."""
    asked = declared.of(found)
    return {
        "name": found.name,
        "title": found.title,
        "manifest": places.name(found.workspace.manifest),
        "features": [{"name": feature.name, "kind": feature.kind} for feature in found.features],
        "kernelspec": listed or _by_itself(found),
        "own_kernels": [
            {
                "kernelspec": listed and names.own_kernel_name(listed, name),
                "display_name": kernel.display_name,
                "language": kernel.language,
            }
            for name, kernel in own.items()
        ],
        "kernels": kernels,
        "state": state.state.value,
        "reason": places.short(state.reason),
        "build": state.build,
        "fraction": state.fraction,
        "error": state.error and places.problem(state.error),
        "prefix": str(state.prefix.path),
        "size": state.size,
        "removable": state.built,
        "packages": list(asked.packages),
        "gpu": asked.gpu,
        "here": formats.is_for_this_machine(found),
        "platforms": list(found.platforms),
        "verdict": None,
    }


def _by_itself(env: Environment) -> str | None:
    """A notebook is in no list; the generic kernel means its own environment."""
    return documents.GENERIC if formats.is_found_by_name(env.workspace.manifest) else None


def build(record: BuildRecord, last: BuildEvent | None, places: Places) -> dict[str, Any]:
    """``last`` is the build's newest event; None while its builder starts."""
    ended = last is not None and last.phase.ends
    return {
        "id": record.id,
        "environment": record.environment,
        "title": record.title,
        "manifest": places.name(record.manifest),
        "time": record.time,
        "ended": ended,
        "rebuild": record.options.rebuild,
        "waiting": 0 if ended else waiters.count(record.prefix),
        "last": None if last is None else event(last, places),
    }


def event(found: BuildEvent, places: Places) -> dict[str, Any]:
    return _told(found.to_dict(), places)


def plan(found: Plan, places: Places) -> dict[str, Any]:
    return _told(found.to_dict(), places)


def _told(body: dict[str, Any], places: Places) -> dict[str, Any]:
    if not body.get("error"):
        return body
    return {**body, "message": places.short(body["message"]), "error": places.problem(body["error"])}
