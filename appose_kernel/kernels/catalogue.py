"""The environments that a server offers: those of every workspace in its reach, by kernel name."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from logging import Logger
from pathlib import Path

from ..errors import ApposeKernelError
from ..model import Environment, Workspace
from ..workspaces import finding, formats, names


class Catalogue:
    """What the kernelspec list and the server's routes share. Files only; any thread may ask.

    A manifest that cannot be read is logged when it is first seen so, and stands in ``problems``.
    """

    def __init__(self, root: Path, depth: int, extra_folders: Sequence[Path], log: Logger) -> None:
        self.problems: dict[Path, ApposeKernelError] = {}
        self._finder = finding.Finder([root], depth, extra_folders)
        self._log = log
        self._guard = threading.Lock()
        self._known: dict[Path, tuple[Workspace, tuple[Environment, ...]]] = {}
        self._by_name: dict[str, Environment] = {}

    def workspaces(self) -> list[Workspace]:
        with self._guard:
            self._refresh()
            return [workspace for workspace, _ in self._known.values()]

    def environments(self) -> dict[str, Environment]:
        """By kernel name: of two workspaces with one name, both are there."""
        with self._guard:
            self._refresh()
            return self._by_name

    def _refresh(self) -> None:
        workspaces = self._finder.workspaces()
        problems = dict(self._finder.problems)
        known = {}
        for workspace in workspaces:
            entry = self._known.get(workspace.manifest)
            if entry is None or entry[0] is not workspace:
                try:
                    entry = (workspace, formats.environments(workspace))
                except ApposeKernelError as error:
                    problems[workspace.manifest] = error
                    continue
            known[workspace.manifest] = entry
        self._report(problems)
        if known != self._known:
            self._known = known
            self._by_name = names.kernel_names([env for _, found in known.values() for env in found])

    def _report(self, problems: dict[Path, ApposeKernelError]) -> None:
        for manifest, problem in problems.items():
            if str(problem) != str(self.problems.get(manifest, "")):
                self._log.warning("No kernels for the environments of this manifest: %s", problem)
        self.problems = problems
