"""The routes below ``/appose-kernel/api/``; docs/server.md is their reference."""

from __future__ import annotations

import asyncio
from typing import Any

from tornado import web

from ..environments import builds
from ..model import BuildOptions
from .handler import Handler, Parts, executing, reading, writing
from .manifest_routes import ManifestHandler, PreviewHandler, RestoreHandler, SpecsHandler, SuggestionHandler
from .overview import running_kernels
from .plan_routes import PlanHandler, PlansHandler
from .prefix_routes import PrefixHandler, TerminalsHandler

#: How many of the last builds a listing has.
RECENT = 50


class WorkspacesHandler(Handler):
    @reading
    async def get(self) -> None:
        await self.answer(await self.off_loop(self.parts.overview.workspaces))

    @writing
    async def post(self) -> None:
        draft = await self.body("Draft")
        status = 201 if draft["write"] else 200
        await self.answer(await self.off_loop(self.parts.manifests.draft, draft), status)


class EnvironmentsHandler(Handler):
    @reading
    async def get(self) -> None:
        running = running_kernels(self.kernel_manager)
        workspace = self.get_query_argument("workspace", None)
        await self.answer(await self.off_loop(self.parts.overview.environments, workspace, running))


class BuildsHandler(Handler):
    @reading
    async def get(self) -> None:
        await self.answer(await self.off_loop(self.parts.overview.builds, RECENT))

    @executing
    async def post(self) -> None:
        wanted = await self.body("BuildRequest")
        env = await self.off_loop(
            self.parts.overview.places.environment, wanted["workspace"], wanted["environment"]
        )
        options = BuildOptions(**wanted.get("options", {}), kept=True)
        # with a loop of its own: to come to a build is to wait for locks, and to start a process
        build = await self.off_loop(asyncio.run, builds.start(env, options))
        self.parts.watcher.follow(build)
        await self.answer({"id": build}, 202)


class BuildHandler(Handler):
    @reading
    async def get(self, build: str) -> None:
        await self.answer(await self.off_loop(self.parts.overview.build, build))

    @executing
    async def delete(self, build: str) -> None:
        await self.off_loop(builds.cancel, build)
        self.done()


class BuildLogHandler(Handler):
    @reading
    async def get(self, build: str) -> None:
        before = self.get_query_argument("before", None)
        if before is None:
            offset = self._place(self.get_query_argument("offset", "0"))
            await self.answer(await self.off_loop(self.parts.overview.log, build, offset))
        else:
            end = self._place(before) if before else None
            await self.answer(await self.off_loop(self.parts.overview.log_before, build, end))

    @staticmethod
    def _place(text: str) -> int:
        try:
            return max(0, int(text))
        except ValueError as error:
            raise web.HTTPError(400, "offset and before are numbers that an answer gave.") from error


def routes(parts: Parts) -> list[tuple[str, type[Handler], dict[str, Any]]]:
    """For ``ExtensionApp.handlers``."""
    build, plan = r"(?P<build>[^/]+)", r"(?P<plan>[^/]+)"
    table: dict[str, type[Handler]] = {
        "workspaces": WorkspacesHandler,
        "environments": EnvironmentsHandler,
        "manifest": ManifestHandler,
        "manifest/preview": PreviewHandler,
        "manifest/restore": RestoreHandler,
        "suggestion": SuggestionHandler,
        "specs": SpecsHandler,
        "plans": PlansHandler,
        f"plans/{plan}": PlanHandler,
        "builds": BuildsHandler,
        f"builds/{build}": BuildHandler,
        f"builds/{build}/log": BuildLogHandler,
        "prefix": PrefixHandler,
        "terminals": TerminalsHandler,
    }
    return [(f"/appose-kernel/api/{path}", handler, {"parts": parts}) for path, handler in table.items()]
