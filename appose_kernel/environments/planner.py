"""A dry run in a process of its own: ``python -m appose_kernel.environments.planner FOLDER``.

It reads ``job.json`` in FOLDER, prints a line ``{"message": …}`` for each thing that it does, and leaves
``answer.json`` there: ``{"environments": …}`` or ``{"error": …}``. It is a process because locks are large:
to read them would hold up whatever else runs in the same interpreter. An interrupt stops it, and its tools.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import failures, planning


def main(argv: Sequence[str]) -> None:
    folder = Path(argv[0])
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    with suppress(asyncio.CancelledError):
        answer = asyncio.run(_run(job))
        (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


async def _run(job: dict[str, Any]) -> dict[str, Any]:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    with suppress(NotImplementedError):  # Windows: who stops us ends the whole tree of processes
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
    manifest = Path(job["manifest"])
    try:
        found = await planning.plan(manifest, job["text"], job["environments"], _tell)
    except Exception as error:
        return {"error": failures.readable(error, [manifest.parent]).to_dict()}
    return {
        "environments": [
            {"environment": name, "changes": [asdict(change) for change in changes]}
            for name, changes in found.items()
        ]
    }


def _tell(message: str) -> None:
    if message:
        print(json.dumps({"message": message}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
