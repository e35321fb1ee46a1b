"""A bench on which the embedded engine does its work, without the builder around it, over a channel of tiny
packages."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import conda_channel
from conda_channel import Channel, ChannelServer

from appose_kernel.environments import store
from appose_kernel.environments.engines import Job
from appose_kernel.environments.engines.embedded import EmbeddedEngine
from appose_kernel.environments.settings import Settings
from appose_kernel.model import Activation, BuildOptions, Environment, Prefix, Step
from appose_kernel.workspaces import formats

ENGINE = EmbeddedEngine()
HOST = conda_channel.host()


@dataclass
class CondaBench:
    """Runs the engine on the workspace in ``root``, whose packages come from ``server``."""

    root: Path
    server: ChannelServer
    channel: Channel
    environ: dict[str, str]
    settings: Settings = field(default_factory=lambda: Settings(engine="embedded"))

    def manifest(
        self,
        dependencies: str = "",
        more: str = "",
        workspace: str = "",
        *,
        channels: Sequence[str] = (),
        platforms: str = f'"{HOST}"',
    ) -> None:
        """Write a pixi.toml, by default over the channel; each part is lines of TOML."""
        listed = json.dumps(channels or [self.server.url])
        text = (
            f'[workspace]\nname = "demo"\nchannels = {listed}\nplatforms = [{platforms}]\n'
            f"{workspace}\n[dependencies]\n{dependencies}\n{more}\n"
        )
        (self.root / "pixi.toml").write_text(text, encoding="utf-8")

    def environment(self, name: str = "default") -> Environment:
        return formats.environment(formats.open_workspace(self.root), name)

    def prefix(self, name: str = "default") -> Prefix:
        return store.place(self.environment(name))

    def job(self, name: str = "default", **options: bool) -> Job:
        chosen = BuildOptions(**options)
        return Job(self.environment(name), self.prefix(name), chosen, self.settings, self.environ)

    def lock(self, name: str = "default", **options: bool) -> list[Step]:
        return told(ENGINE.lock(self.job(name, **options)))

    def install(self, name: str = "default", **options: bool) -> list[Step]:
        return told(ENGINE.install(self.job(name, **options)))

    def build(self, name: str = "default", **options: bool) -> list[Step]:
        return self.lock(name, **options) + self.install(name, **options)

    def activation(self, name: str = "default") -> Activation:
        return asyncio.run(ENGINE.activation(self.job(name)))

    def drift(self, name: str = "default") -> list[str]:
        return asyncio.run(ENGINE.drift(self.environment(name), self.environ))

    def run(self, *command: str, name: str = "default") -> str:
        """What a command says that runs in the activated environment."""
        environ = self.activation(name).apply(self.environ)
        return subprocess.check_output(command, env=environ, cwd=self.root, text=True).strip()

    def records(self, name: str = "default") -> dict[str, dict[str, Any]]:
        """conda's records of what is installed, by name."""
        files = (self.prefix(name).path / "conda-meta").glob("*.json")
        found = [json.loads(file.read_text()) for file in files]
        return {record["name"]: record for record in found}

    def conda(self, name: str = "default") -> dict[str, str]:
        """The installed conda packages: name, version and build."""
        return {key: f"{one['version']} {one['build']}" for key, one in self.records(name).items()}

    def pypi(self, name: str = "default") -> dict[str, str]:
        """The Python distributions that uv has installed, and their versions."""
        found = self.prefix(name).path.glob("lib/python*/site-packages/*.dist-info")
        uvs = [path for path in found if (path / "INSTALLER").read_text().strip() == "uv"]
        return dict(path.name.removesuffix(".dist-info").split("-") for path in uvs)

    def write_lock(
        self,
        environments: Mapping[str, Sequence[str]],
        *,
        version: int = 6,
        pypi: Sequence[Mapping[str, str]] = (),
        platform: str = HOST,
        more: str = "",
    ) -> None:
        """Write a pixi.lock by hand: by environment, the channel's packages as ``name-version-build``."""
        files = {stem for stems in environments.values() for stem in stems}
        records = {stem: self.record(stem) for stem in sorted(files)}
        lines = [f"version: {version}"]
        if version == 7:
            lines += ["platforms:", f"- name: {platform}"]
        lines.append("environments:")
        for name, stems in environments.items():
            lines += [f"  {name}:", "    channels:", f"    - url: {self.server.url}/", "    packages:"]
            lines.append(f"      {platform}:")
            lines += [f"      - conda: {records[stem]['url']}" for stem in stems]
            lines += [f"      - pypi: {package['url']}" for package in pypi]
        lines.append("packages:")
        for record in records.values():
            lines += _entry("conda", record, version)
        for package in pypi:
            lines += _entry("pypi", package, version)
        (self.root / "pixi.lock").write_text("\n".join([*lines, more]) + "\n", encoding="utf-8")

    def record(self, stem: str) -> dict[str, Any]:
        [path] = self.channel.folder.glob(f"*/{stem}.tar.bz2")
        index = json.loads((path.parent / "repodata.json").read_text())["packages"][path.name]
        url = f"{self.server.url}/{path.parent.name}/{path.name}"
        return {**index, "url": url}


def _entry(kind: str, package: Mapping[str, Any], version: int) -> list[str]:
    """A package's entry. Versions 4 and 5 name its kind, 6 and 7 begin with its place."""
    named = [f"  name: {package['name']}", f"  version: '{package['version']}'"]
    built = [f"  build: '{package['build']}'", f"  subdir: {package['subdir']}"] if kind == "conda" else []
    if version < 6:
        head = [f"- kind: {kind}", *named, f"  url: {package['url']}", *built]
    else:
        head = [f"- {kind}: {package['url']}", *(named if kind == "pypi" else [])]
    keys = ("sha256", "md5", "size", "timestamp", "noarch", "build_number", "python_site_packages_path")
    head += [f"  {key}: {package[key]}" for key in keys if package.get(key)]
    return head + [f"  {key}: {json.dumps(package[key])}" for key in _LISTS if package.get(key)]


_LISTS = ("depends", "constrains", "purls", "requires_dist")


def told(steps: AsyncGenerator[Step, None]) -> list[Step]:
    async def run() -> list[Step]:
        return [step async for step in steps]

    return asyncio.run(run())


def said(steps: Sequence[Step]) -> str:
    return "\n".join(step.message for step in steps)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rattler(code: str, *arguments: str, environ: Mapping[str, str] = os.environ) -> Any:
    """What ``code`` prints as JSON in a process of its own, which py-rattler may crash when it ends."""
    ending = "\nimport os, sys\nsys.stdout.flush()\nos._exit(0)\n"
    argv = [sys.executable, "-c", code + ending, *arguments]
    return json.loads(subprocess.check_output(argv, env=dict(environ), text=True))
