"""One pixi and the surroundings it runs in: its arguments, its variables, and its failures as our errors."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .... import process
from ....errors import ApposeKernelError, ToolFailed
from . import errors
from .binary import Binary

#: They stand before the command, where every version takes them.
_GLOBAL = ("--color", "never", "--no-progress")
#: pixi heeds these more than its arguments, and else wraps its errors at 80 columns
#: (https://github.com/prefix-dev/pixi/blob/main/crates/pixi_cli/src/lib.rs).
_PLAIN = {"NO_COLOR": "1", "PIXI_NO_WRAP": "1"}

#: What an activation is given although it is no surrounding: where pixi's files are, and what it pretends.
_CONFIGURE = ("PIXI_", "RATTLER_", "XDG_", "CONDA_OVERRIDE_")


@dataclass(frozen=True, slots=True)
class Pixi:
    """Runs pixi on ``manifest``, in the folder of it."""

    binary: Binary
    manifest: Path
    environ: Mapping[str, str]

    def among(self, environ: Mapping[str, str]) -> Pixi:
        """The same, started with ``environ`` and what configures pixi."""
        kept = {name: value for name, value in self.environ.items() if name.startswith(_CONFIGURE)}
        return replace(self, environ={**environ, **kept})

    async def lines(self, command: str, *arguments: str) -> AsyncGenerator[str, None]:
        """pixi's lines. Closing the generator stops pixi.

        Raises what :mod:`.errors` makes of a failure.
        """
        said: list[str] = []
        try:
            async with aclosing(
                process.lines(self._argv(command, arguments), env=self._variables(), cwd=self.manifest.parent)
            ) as lines:
                async for line in lines:
                    said.append(line)
                    yield line
        except ToolFailed as error:
            raise self._error(command, arguments, error, said) from error

    async def output(self, command: str, *arguments: str, timeout: float) -> str:
        """The stdout of a short pixi command. Raises as :meth:`lines` does."""
        argv, folder = self._argv(command, arguments), self.manifest.parent
        try:
            return await process.output(argv, env=self._variables(), cwd=folder, timeout=timeout)
        except ToolFailed as error:
            raise self._error(command, arguments, error, error.detail.splitlines()) from error

    async def answer(self, command: str, *arguments: str, timeout: float) -> Any:
        """What a pixi command says with ``--json``. Raises as :meth:`lines` does."""
        said = await self.output(command, *arguments, "--json", timeout=timeout)
        try:
            return json.loads(said)
        except ValueError:
            argv = ["pixi", command, *arguments, "--json"]
            raise ToolFailed(
                argv, 0, remedy="It did not answer in JSON: another pixi may be needed.", detail=said
            ) from None

    def _argv(self, command: str, arguments: tuple[str, ...]) -> list[str]:
        return [str(self.binary.path), *_GLOBAL, command, "--manifest-path", str(self.manifest), *arguments]

    def _variables(self) -> dict[str, str]:
        plain = {name: value for name, value in self.environ.items() if name != "FORCE_COLOR"}
        return {**plain, **_PLAIN}

    def _error(
        self, command: str, arguments: tuple[str, ...], error: ToolFailed, said: list[str]
    ) -> ApposeKernelError:
        argv = ["pixi", command, *arguments]
        return errors.classify(self.manifest, self.binary.path, argv, error.exit_code, said)
