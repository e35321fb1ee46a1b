"""A bench on which the uv engine does its work, without the builder around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

from index_server import Index

from appose_kernel.environments import store
from appose_kernel.environments.engines import ENGINES, Job
from appose_kernel.environments.settings import Settings
from appose_kernel.model import Activation, BuildOptions, Environment, Prefix, Step
from appose_kernel.workspaces import formats


@dataclass
class Bench:
    """Runs the uv engine on the project in ``root``; ``environ`` is what the builder would have cleaned."""

    root: Path
    environ: dict[str, str]
    settings: Settings = field(default_factory=Settings)
    store: Path | None = None

    def write(self, **files: str) -> None:
        for name, text in files.items():
            stem, _, ending = name.rpartition("_")
            (self.root / f"{stem}.{ending}").write_text(text)

    def environment(self, name: str = "default") -> Environment:
        return formats.environment(formats.open_workspace(self.root), name)

    def prefix(self, name: str = "default") -> Prefix:
        if self.store:
            return Prefix(self.store / name, self.store / ".records" / name)
        return store.place(self.environment(name))

    def job(self, name: str = "default", options: BuildOptions | None = None) -> Job:
        chosen = options or BuildOptions()
        return Job(self.environment(name), self.prefix(name), chosen, self.settings, self.environ)

    def lock(self, name: str = "default", **options: bool) -> list[Step]:
        return collect(ENGINES["uv"].lock(self.job(name, BuildOptions(**options))))

    def install(self, name: str = "default", **options: bool) -> list[Step]:
        return collect(ENGINES["uv"].install(self.job(name, BuildOptions(**options))))

    def build(self, name: str = "default", **options: bool) -> list[Step]:
        return self.lock(name, **options) + self.install(name, **options)

    def activation(self, name: str = "default") -> Activation:
        return asyncio.run(ENGINES["uv"].activation(self.job(name)))

    def installed(self, name: str = "default") -> dict[str, str]:
        """The installed packages and their versions."""
        found = self.prefix(name).path.glob("[Ll]ib/**/*.dist-info")
        return dict(path.name.removesuffix(".dist-info").split("-") for path in found)


def collect(steps: AsyncGenerator[Step, None]) -> list[Step]:
    async def run() -> list[Step]:
        return [step async for step in steps]

    return asyncio.run(run())


def manifest(index: Index, dependencies: str = "", more: str = "", python: str = ">=3.9") -> str:
    return (
        f'[project]\nname = "demo"\nversion = "1"\nrequires-python = "{python}"\n'
        f"dependencies = [{dependencies}]\n{more}\n"
        f'[[tool.uv.index]]\nurl = "{index.url}"\ndefault = true\n'
    )
