"""The worker's process: ``python -m appose_kernel.environments.rattler_worker FOLDER``.

It reads ``job.json`` in FOLDER, writes steps to stdout, one JSON object a line, and at the end
``answer.json``: ``{"result": …}`` or ``{"error": …}``. A process of its own, because py-rattler crashed in 7
of 100 ordinary exits of the interpreter, and because to kill it is the only way to stop it at once; its
caches and prefixes survive that.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...model import Step
from . import drift, errors, installing, locks, solving
from .tasks import TASKS, Detect, Drift, Install, Part, Read, Section, Solve, Surroundings, Task, Write

_printing = threading.Lock()


def main(argv: Sequence[str]) -> None:
    # Who stops us does not want to hear why.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    folder = Path(argv[0])
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    surroundings = Surroundings(**job["surroundings"])
    answer: dict[str, Any]
    try:
        answer = {"result": asyncio.run(_work(_task(job), surroundings))}
    except BaseException as error:  # a panic in Rust is no Exception
        answer = {"error": errors.told(error, Path(surroundings.manifest)).to_dict()}
    draft = folder / "answer.draft"
    draft.write_text(json.dumps(answer), encoding="utf-8")
    draft.replace(folder / "answer.json")
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(0)


def _task(job: Mapping[str, Any]) -> Task:
    kind = TASKS[job["task"]]
    values = dict(job["values"])
    if "section" in values:
        values["section"] = Section(**values["section"])
    if kind is Write:
        return _write(values)
    if values.get("then"):
        values["then"] = _write(values["then"])
    return kind(**values)


def _write(values: Mapping[str, Any]) -> Write:
    parts = {name: Part(**part) for name, part in values["environments"].items()}
    return Write(**{**values, "environments": parts})


async def _work(task: Task, surroundings: Surroundings) -> Any:
    match task:
        case Detect():
            return locks.detected()
        case Read():
            return locks.described(locks.read(task.section))
        case Drift():
            return drift.reasons(task, surroundings)
        case Solve():
            return await solving.solve(task, surroundings)
        case Write():
            return solving.write(task, surroundings)
        case Install():
            return await installing.install(task, surroundings, say)


def say(step: Step) -> None:
    """Print a step for the engine; called from rattler's threads, too."""
    values = {name: value for name, value in asdict(step).items() if value is not None}
    with _printing:
        sys.stdout.write(json.dumps({**values, "phase": step.phase.value}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
