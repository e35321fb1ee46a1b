"""Fetching a pixi of our own, for who has none and agrees: a conda package like any other, put in its own
prefix among our data, where :mod:`appose_kernel.environments.choice` looks last."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from ....errors import InstallError, SolveError
from ....model import Step, Workspace
from ....workspaces import formats
from ....workspaces.pixi import config
from ... import folders
from ...rattler_worker.tasks import GROUP, Install, Section, Solve
from ..embedded.worker import Worker
from .binary import FLOOR

#: Where pixi comes from unless pixi's configuration has ``default-channels``.
CHANNEL = "conda-forge"


@dataclass(frozen=True, slots=True)
class Download:
    """A package that is to be fetched: from where, with which hash, how many bytes."""

    url: str
    sha256: str
    size: int

    @property
    def title(self) -> str:
        """``pixi 0.72.1``, as the file's name says it: name-version-build."""
        return " ".join(self.url.rpartition("/")[2].rsplit("-", 2)[:2])


@dataclass(frozen=True, slots=True)
class Offer:
    """What would be fetched, pixi itself first, and the folder that it would go to."""

    downloads: tuple[Download, ...]
    folder: Path

    @property
    def size(self) -> int:
        return sum(download.size for download in self.downloads)


class Fetching:
    """Two steps with a question between them; ``desk`` is a folder for the lock of what was offered."""

    def __init__(self, desk: Path, environ: Mapping[str, str]) -> None:
        self._lock = desk / "pixi.lock"
        self._environ = environ
        # no manifest says so: errors name the folder that is to be filled
        folder = folders.data_dir() / "pixi"
        self._workspace = Workspace("pixi", "conda", folder, desk, None, ())
        self._worker = Worker(self._workspace, environ)
        self._folder = folder
        self._channels = config.default_channels(environ) or (CHANNEL,)

    async def offer(self) -> Offer:
        """Look for the newest pixi; nothing is fetched yet but what the channel has. Raises SolveError where
        the channel has none that is new enough, InstallError…"""
        task = Solve(
            str(self._lock),
            formats.host_platform(),
            virtual=None,
            channels=self._channels,
            specs=[f"pixi >={FLOOR}"],
        )
        with self._explaining():
            await self._worker.ask(task)
        packages = yaml.safe_load(self._lock.read_text(encoding="utf-8"))["packages"]
        downloads = [Download(one["conda"], one.get("sha256", ""), one.get("size", 0)) for one in packages]
        downloads.sort(key=lambda one: not one.url.rpartition("/")[2].startswith("pixi-"))
        for download in downloads:
            if not download.sha256:
                raise InstallError(
                    f"The channel states no sha256 for {download.url}.",
                    remedy=self._elsewhere(),
                )
        return Offer(tuple(downloads), self._folder)

    async def fetch(self) -> AsyncGenerator[Step, None]:
        """Fetch what was offered, each file checked against the hash that was shown."""
        section = Section(str(self._lock), GROUP, formats.host_platform())
        with self._explaining():
            async with aclosing(self._worker.steps(Install(section, str(self._folder)))) as steps:
                async for step in steps:
                    yield step

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """The worker speaks of manifests, locks and builds; here there are none."""
        channels = ", ".join(self._channels)
        try:
            yield
        except SolveError as error:
            raise SolveError(
                f"{channels} has no pixi >={FLOOR} for {formats.host_platform()}.",
                remedy=self._elsewhere(),
                detail=error.detail,
            ) from error
        except InstallError as error:
            reason = error.message.removeprefix(f"{self._workspace.manifest}: ")
            raise InstallError(
                f"No pixi could be fetched from {channels}: {reason}",
                remedy=f"Check the network, the proxy and that channel, then try again. {self._elsewhere()}",
                detail=error.detail,
            ) from error

    def _elsewhere(self) -> str:
        home = Path(self._environ.get("PIXI_HOME") or Path.home() / ".pixi")
        *_, last = [home / "config.toml", *(file.path for file in config.files(None, self._environ))]
        return f"`default-channels` in {last} can name another channel."
