"""Dry runs of locks for browsers: started, looked at, stopped; each is a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import uuid
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from .. import environments, process
from ..environments import failures
from ..errors import PlanNotFound, ToolFailed

#: How many run at once; the others wait.
RUNNING = 2
#: Seconds for which a plan is known after its end, and how many of those at most.
MEMORY = 600.0
KEPT = 50


@dataclass
class Plan:
    """What is known of one dry run; ``owner`` tells whose next one takes its place."""

    owner: tuple[str, Path]
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: str = "running"
    message: str = ""
    environments: list[dict[str, Any]] = field(default_factory=list)
    error: dict[str, str] | None = None
    ended: float = 0.0
    task: asyncio.Task[None] | None = None

    def to_dict(self) -> dict[str, Any]:
        """As wire.json has it."""
        return {
            "id": self.id,
            "state": self.state,
            "message": self.message,
            "environments": self.environments,
            "error": self.error,
        }


class Plans:
    """On the server's loop, which is only held to read a line now and then."""

    def __init__(self) -> None:
        self._plans: dict[str, Plan] = {}
        self._places = asyncio.Semaphore(RUNNING)

    def start(self, user: str, manifest: Path, text: str, environments: Sequence[str] | None) -> Plan:
        """Plan what changes if ``manifest`` says ``text``. The same user's last one of it is stopped."""
        self._forget()
        plan = Plan((user, manifest))
        for other in self._plans.values():
            if other.owner == plan.owner:
                self._stop(other)
        self._plans[plan.id] = plan
        job = {"manifest": str(manifest), "text": text, "environments": environments}
        plan.task = asyncio.create_task(self._run(plan, job))
        plan.task.add_done_callback(partial(_end, plan))
        return plan

    def find(self, plan: str) -> Plan:
        """Raises PlanNotFound."""
        self._forget()
        found = self._plans.get(plan)
        if found is None:
            raise PlanNotFound(
                f"There is no dry run “{plan[:60]}”.", remedy="Old ones are forgotten; start a new one."
            )
        return found

    def cancel(self, plan: str) -> None:
        """Stop a dry run, and the tools that it runs; one that has ended stays as it is."""
        self._stop(self.find(plan))

    async def stop(self) -> None:
        """Called when the server ends; returns when no tool runs any more."""
        tasks = [plan.task for plan in self._plans.values() if plan.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @staticmethod
    def _stop(plan: Plan) -> None:
        if plan.task is not None and plan.state == "running":
            plan.task.cancel()

    def _forget(self) -> None:
        ended = [plan for plan in self._plans.values() if plan.ended]
        for number, plan in enumerate(reversed(ended)):
            if number >= KEPT or time.monotonic() - plan.ended > MEMORY:
                del self._plans[plan.id]

    async def _run(self, plan: Plan, job: dict[str, Any]) -> None:
        try:
            plan.message = "Waiting for another dry run" if self._places.locked() else "Starting"
            async with self._places:
                answer = await _follow(plan, job)
        except Exception as error:
            answer = {"error": failures.readable(error, [Path(gettempdir())]).to_dict()}
        if "error" in answer:
            plan.state, plan.error, plan.message = "failed", answer["error"], answer["error"]["message"]
        else:
            plan.state, plan.environments, plan.message = "done", answer["environments"], ""


async def _follow(plan: Plan, job: dict[str, Any]) -> dict[str, Any]:
    """Run the planner, and return its answer."""
    with TemporaryDirectory(prefix="appose-kernel-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        await asyncio.to_thread((folder / "job.json").write_text, json.dumps(job), "utf-8")
        argv = [sys.executable, "-m", f"{environments.__name__}.planner", name]
        async with aclosing(process.lines(argv, env=os.environ, cwd=folder)) as lines:
            async for line in lines:
                with suppress(ValueError, KeyError, TypeError):  # what something else prints is not ours
                    plan.message = str(json.loads(line)["message"])
        try:
            answer: dict[str, Any] = await asyncio.to_thread(_read, folder / "answer.json")
        except (OSError, ValueError) as error:
            detail = f"It ended without an answer: {error}"
            raise ToolFailed(argv, 0, remedy="Try again.", detail=detail) from error
    return answer


def _read(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8")))


def _end(plan: Plan, task: asyncio.Task[None]) -> None:
    """A task that is cancelled before it begins runs nothing of its own."""
    plan.ended = time.monotonic()
    if task.cancelled():
        plan.state, plan.message = "cancelled", "The dry run was cancelled."
