"""A pixi workspace, and the pixi engine run on it with one of the tools that pretend to be pixi."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bench import collect

from appose_kernel.environ import clean
from appose_kernel.environments.engines import Job
from appose_kernel.environments.engines.pixi import PixiEngine
from appose_kernel.environments.settings import Settings
from appose_kernel.model import Activation, BuildOptions, Environment, Prefix, Step
from appose_kernel.workspaces import formats

FAKES = Path(__file__).parents[2] / "fake_tools"

MANIFEST = """[workspace]
name = "demo"
channels = ["https://channel.invalid/main"]
platforms = ["linux-64", "linux-aarch64", "osx-64", "osx-arm64"]
[dependencies]
alpha = "*"
[feature.cuda]
[environments]
cuda = ["cuda"]
"""


@dataclass
class PixiBench:
    """The engine's three steps on the workspace in ``root``; ``folder`` is first on PATH, and has a pixi."""

    root: Path
    folder: Path
    patch: pytest.MonkeyPatch
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        self.root.mkdir()
        self.folder.mkdir()
        (self.root / "pixi.toml").write_text(MANIFEST)
        self.patch.setenv("PATH", os.pathsep.join([str(self.folder), os.environ["PATH"]]))

    def use(self, tool: str) -> Path:
        """Have the pixi on PATH be one of ``fake_tools``."""
        pixi = self.folder / "pixi"
        pixi.unlink(missing_ok=True)
        if tool.endswith(".py"):
            calls = f'TEST_CALLS="{self.folder / "calls"}"'
            pixi.write_text(f'#!/bin/sh\n{calls} exec "{sys.executable}" "{FAKES / tool}" "$@"\n')
            pixi.chmod(0o755)
        else:
            pixi.symlink_to(FAKES / tool)
        return pixi

    @property
    def calls(self) -> list[list[str]]:
        """What the pretending pixi was asked, without what it is always asked."""
        lines = (self.folder / "calls").read_text().splitlines()
        found = [json.loads(line)[3:] for line in lines]
        assert all(call[1:3] == ["--manifest-path", str(self.root / "pixi.toml")] for call in found)
        return [[call[0], *call[3:]] for call in found]

    def environment(self, name: str = "default") -> Environment:
        return formats.environment(formats.open_workspace(self.root), name)

    def prefix(self, name: str = "default") -> Prefix:
        return Prefix(self.root / ".pixi/envs" / name, self.root / ".pixi/.records" / name, conda=True)

    def job(self, name: str = "default", **options: bool) -> Job:
        chosen = BuildOptions(**options)
        return Job(self.environment(name), self.prefix(name), chosen, self.settings, clean(os.environ))

    def lock(self, **options: bool) -> list[Step]:
        return collect(PixiEngine().lock(self.job(**options)))

    def install(self, name: str = "default", **options: bool) -> list[Step]:
        return collect(PixiEngine().install(self.job(name, **options)))

    def activation(self, name: str = "default") -> Activation:
        return asyncio.run(PixiEngine().activation(self.job(name)))

    def removals(self, **options: bool) -> list[str]:
        return asyncio.run(PixiEngine().removals(self.job(**options)))
