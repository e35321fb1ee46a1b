"""The uv engine: ``uv sync`` for projects, ``uv pip install`` for a bare requirements.txt."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from ...model import Activation, Step
from .base import Job


class UvEngine:
    name = "uv"
    formats = frozenset({"uv", "requirements"})

    async def lock(self, job: Job) -> AsyncGenerator[Step, None]:
        raise NotImplementedError
        yield

    async def install(self, job: Job) -> AsyncGenerator[Step, None]:
        raise NotImplementedError
        yield

    async def activation(self, job: Job) -> Activation:
        """Interpreter and scripts of the venv, with what activating it sets."""
        return Activation(
            python=str(job.prefix.python),
            path=(str(job.prefix.scripts),),
            variables={"VIRTUAL_ENV": str(job.prefix.path), "PYTHONHOME": None, "CONDA_PREFIX": None},
        )
