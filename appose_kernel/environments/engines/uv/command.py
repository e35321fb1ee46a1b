"""One uv and the surroundings it runs in: its arguments, its variables, and its failures as our errors."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from .... import process
from ....errors import ApposeKernelError, ToolFailed
from . import errors
from .binary import Binary

_GLOBAL = ("--color", "never", "--no-progress")

#: Log messages of uv's, which we ask for to count packages and which are no business of the reader's.
_LOG = re.compile(r"(TRACE|DEBUG) ")


@dataclass(frozen=True, slots=True)
class Uv:
    """Runs uv in ``folder`` for ``manifest``, which errors name; ``relock`` is how its lock is made anew."""

    binary: Binary
    manifest: Path
    folder: Path
    environ: Mapping[str, str]
    relock: str = "jupyter appose lock"

    def with_variables(self, variables: Mapping[str, str]) -> Uv:
        return replace(self, environ={**self.environ, **variables})

    def in_folder(self, folder: Path) -> Uv:
        return replace(self, folder=folder)

    async def lines(self, *arguments: str) -> AsyncGenerator[str, None]:
        """uv's lines, log messages too. Closing the generator stops uv.

        Raises what :mod:`.errors` makes of a failure.
        """
        said: list[str] = []
        argv = [self.binary.path, *_GLOBAL, *arguments]
        try:
            async with aclosing(process.lines(argv, env=self.environ, cwd=self.folder)) as lines:
                async for line in lines:
                    if not is_log(line):
                        said.append(line)
                    yield line
        except ToolFailed as error:
            raise self._told(arguments, error.exit_code, said) from error

    async def output(self, *arguments: str, timeout: float = 120.0) -> str:
        """The stdout of a short uv command. Raises as :meth:`lines` does."""
        argv = [self.binary.path, *_GLOBAL, *arguments]
        try:
            return await process.output(argv, env=self.environ, cwd=self.folder, timeout=timeout)
        except ToolFailed as error:
            said = error.detail.splitlines()
            raise self._told(arguments, error.exit_code, said) from error

    def _told(self, arguments: Sequence[str], code: int | None, said: Sequence[str]) -> ApposeKernelError:
        return errors.classify(self.manifest, ["uv", *arguments], code, said, self.relock)


def is_log(line: str) -> bool:
    return _LOG.match(line) is not None
