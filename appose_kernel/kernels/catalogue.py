"""The kernels that a server offers: those of the environments of every workspace in its reach, by name."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from logging import Logger
from pathlib import Path
from typing import TypeAlias

from ..environments import own_kernels
from ..environments.glance import glance
from ..errors import ApposeKernelError
from ..model import Environment, Workspace
from ..workspaces import finding, formats, names
from .documents import Offer, offers

#: Seconds that a server's loop may be held. Ten thousand folders take as long to look at, or a few hundred
#: on a slow disk.
HOLD = 0.2
#: An environment, whatever else has changed about it: its manifest and its name.
Key: TypeAlias = tuple[Path, str]


class Catalogue:
    """What the kernelspec list and the server's routes share. Reads files only; any thread may ask.

    A manifest that cannot be read is logged when it is first seen so, and stands in ``problems``.
    """

    def __init__(self, root: Path, depth: int, extra_folders: Sequence[Path], log: Logger) -> None:
        self.problems: dict[Path, ApposeKernelError] = {}
        self._finder = finding.Finder([root], depth, extra_folders)
        self._log = log
        self._guard = threading.Lock()
        self._known: dict[Path, tuple[Workspace, tuple[Environment, ...]]] | None = None
        self._by_name: dict[str, Environment] = {}
        self._offered: dict[str, Offer] = {}
        self._own = own_kernels.Listing()
        self._took = 0.0

    def workspaces(self) -> list[Workspace]:
        """As they are now."""
        with self._guard:
            return [workspace for workspace, _ in self._refresh().values()]

    def environments(self) -> dict[str, Environment]:
        """As they are now, by kernel name: of two workspaces with one name, both are there."""
        with self._guard:
            self._refresh()
            return self._by_name

    def offers_soon(self) -> dict[str, Offer]:
        """For the server's loop: where looking takes long, as they were, with a new look under way."""
        if self._took <= HOLD:
            return self._offers()
        known = self._offered
        if not self._guard.locked():
            threading.Thread(target=self._offers, name="appose-kernel-listing", daemon=True).start()
        return known

    def _offers(self) -> dict[str, Offer]:
        with self._guard:
            start = time.monotonic()
            first = self._known is None
            self._refresh()
            self._own.begin()
            with glance():
                self._offered = {
                    name: offer
                    for each, env in self._by_name.items()
                    if formats.is_for_this_machine(env)
                    for name, offer in offers(env, each, self._own.built(env))
                }
            if not first:  # the first look reads every manifest, the next ones don't
                self._took = time.monotonic() - start
            return self._offered

    def _refresh(self) -> dict[Path, tuple[Workspace, tuple[Environment, ...]]]:
        before = self._known
        workspaces = self._finder.workspaces()
        problems = dict(self._finder.problems)
        known = {}
        for workspace in workspaces:
            entry = before.get(workspace.manifest) if before else None
            if entry is None or entry[0] is not workspace:
                try:
                    entry = (workspace, formats.environments(workspace))
                except ApposeKernelError as error:
                    problems[workspace.manifest] = error
                    continue
            known[workspace.manifest] = entry
        self._report(problems)
        if known != before:
            self._by_name = names.kernel_names([env for _, found in known.values() for env in found])
        self._known = known
        return known

    def _report(self, problems: dict[Path, ApposeKernelError]) -> None:
        for manifest, problem in problems.items():
            if str(problem) != str(self.problems.get(manifest, "")):
                self._log.warning("No kernels for the environments of this manifest: %s", problem)
        self.problems = problems


def key(environment: Environment) -> Key:
    return environment.workspace.manifest, environment.name


def kernelspec_names(listed: Mapping[str, Environment]) -> dict[Key, str]:
    """The name under which each environment of a listing stands."""
    return {key(environment): name for name, environment in listed.items()}
