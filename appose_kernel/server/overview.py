"""What the routes answer: workspaces, environments and builds, as this server's users see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from jupyter_client.multikernelmanager import MultiKernelManager

from ..environments import buildlog, builds, own_kernels
from ..environments.glance import glance
from ..kernels.catalogue import Catalogue, Key, kernelspec_names, key
from ..model import BuildEvent, Environment
from ..workspaces import formats
from . import answers
from .places import Places

#: Ids of kernels, by their environment.
Running: TypeAlias = dict[Key, list[str]]


class Overview:
    """Reads files, so the handlers call it off the server's loop; any thread may."""

    def __init__(self, catalogue: Catalogue, places: Places) -> None:
        self.catalogue = catalogue
        self.places = places

    def workspaces(self) -> dict[str, Any]:
        with glance():
            found = [answers.workspace(workspace, self.places) for workspace in self.catalogue.workspaces()]
        problems = [
            {"manifest": self.places.name(manifest), **self.places.problem(error.to_dict())}
            for manifest, error in self.catalogue.problems.items()
        ]
        return {"workspaces": found, "problems": problems}

    def environments(self, workspace: str | None, running: Running) -> dict[str, Any]:
        """The environments of one workspace, or of all that are listed."""
        listed = self.catalogue.environments()
        named = kernelspec_names(listed)
        found = formats.environments(self.places.workspace(workspace)) if workspace else listed.values()
        with glance():
            return {"environments": [self._environment(env, named, running) for env in found]}

    def _environment(self, env: Environment, named: Mapping[Key, str], running: Running) -> dict[str, Any]:
        state = builds.status(env)
        return answers.environment(
            env,
            state,
            self.places,
            listed=named.get(key(env)) if formats.is_for_this_machine(env) else None,
            kernels=running.get(key(env), []),
            own=own_kernels.built_in(state.prefix).kernels,
        )

    def builds(self, limit: int) -> dict[str, Any]:
        """The newest builds, newest first."""
        return {"builds": [self._build(record) for record in buildlog.recent(limit)]}

    def build(self, build: str) -> dict[str, Any]:
        return self._build(buildlog.find(build))

    def log(self, build: str, offset: int) -> dict[str, Any]:
        """The events from ``offset`` on, as many as one read brings, and the offset of the rest."""
        events, following = buildlog.read(build, offset)
        return self._log(events, offset, following)

    def log_before(self, build: str, end: int | None) -> dict[str, Any]:
        """As :meth:`log`, the events before ``end``; None: the newest."""
        return self._log(*buildlog.read_before(build, end))

    def _build(self, record: buildlog.BuildRecord) -> dict[str, Any]:
        return answers.build(record, buildlog.last(record), self.places)

    def _log(self, events: list[BuildEvent], start: int, end: int) -> dict[str, Any]:
        return {
            "events": [answers.event(event, self.places) for event in events],
            "start": start,
            "offset": end,
            "ended": any(event.phase.ends for event in events),
        }


def running_kernels(manager: MultiKernelManager) -> Running:
    """The ids of the kernels of each environment. Called on the loop, where kernels come and go."""
    found: Running = {}
    for kernel_id in manager.list_kernel_ids():
        chosen = getattr(manager.get_kernel(kernel_id).provisioner, "chosen", None)
        if chosen is not None:
            found.setdefault(key(chosen), []).append(kernel_id)
    return found
