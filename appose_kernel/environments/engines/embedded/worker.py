"""The engine's side of the rattler worker: start it, pass on its steps, raise its errors."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .... import errors, process
from ....errors import InstallError, ToolFailed, ToolNotFound
from ....model import Phase, Step, Workspace
from ....process import StopLadder
from ....workspaces.pixi import config
from ... import rattler_worker
from ...rattler_worker.tasks import Surroundings, Task

_MODULE = rattler_worker.__name__
#: A worker has nothing to tidy up.
_LADDER = StopLadder(interrupt=0.5, terminate=0.5)


@dataclass
class Worker:
    """Has tasks done for a workspace, one process each; ``answer`` is that of the last task."""

    workspace: Workspace
    environ: Mapping[str, str]
    answer: Any = field(default=None, init=False)

    async def ask(self, task: Task) -> Any:
        """The answer of a task without steps worth telling."""
        async with aclosing(self.steps(task)) as steps:
            async for _ in steps:
                pass
        return self.answer

    async def steps(self, task: Task) -> AsyncGenerator[Step, None]:
        """Do a task. Closing the generator kills the worker. Raises what the worker says."""
        if importlib.util.find_spec("rattler") is None:
            raise ToolNotFound(
                "py-rattler, which makes conda environments, is not installed beside appose-kernel.",
                remedy="Install it with `pip install py-rattler`, or install pixi, then build again.",
            )
        # of its own, so that `-m` finds no notebook's folder on sys.path
        with TemporaryDirectory(prefix="appose-kernel-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            job = {
                "task": type(task).__name__,
                "values": asdict(task),
                "surroundings": asdict(self._surroundings()),
            }
            (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
            async with aclosing(self._run(folder)) as steps:
                async for step in steps:
                    yield step
            answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
        if "error" in answer:
            raise errors.from_dict(answer["error"])
        self.answer = answer["result"]

    def _surroundings(self) -> Surroundings:
        files = config.files(self.workspace.root, self.environ)
        cache = config.cache(self.workspace.root, self.environ)
        return Surroundings(
            manifest=str(self.workspace.manifest),
            root=str(self.workspace.root),
            files=[(str(file.path), file.shared) for file in files],
            cache=None if cache is None else str(cache),
        )

    async def _run(self, folder: Path) -> AsyncGenerator[Step, None]:
        # the interpreter is the server's own, and so is what tells it where its modules are
        python = {name: value for name, value in os.environ.items() if name.startswith("PYTHON")}
        environ = {**self.environ, **python, "RUST_BACKTRACE": "0"}
        argv = [sys.executable, "-m", _MODULE, str(folder)]
        try:
            async with aclosing(process.lines(argv, env=environ, cwd=folder, ladder=_LADDER)) as lines:
                async for line in lines:
                    yield _step(line)
        except ToolFailed as error:
            if (folder / "answer.json").exists():
                return  # it crashed when all was done
            raise InstallError(
                f"{self.workspace.manifest}: the process in which py-rattler works died.",
                remedy="Build again. If that happens every time, the machine may lack memory.",
                detail=error.detail or error.message,
            ) from error


def _step(line: str) -> Step:
    """What the worker reports, or a line that something in it has printed."""
    try:
        values = json.loads(line)
        return Step(**{**values, "phase": Phase(values["phase"])})
    except (ValueError, TypeError, KeyError):
        return Step(Phase.INSTALLING, line, output=True)
