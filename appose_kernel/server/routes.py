"""The routes below ``/appose-kernel/api/``; docs/server.md is their reference."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from http.client import responses
from typing import Any, TypeVar

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from ..environments import builds
from ..errors import ApposeKernelError
from ..model import BuildOptions
from . import answers
from .overview import Overview, running_kernels
from .watching import Watcher

Found = TypeVar("Found")
Method = TypeVar("Method", bound=Callable[..., Any])

#: How many of the last builds a listing has.
RECENT = 50


def _building(method: Method) -> Method:
    """Who may run code here may build: a build runs what its packages bring."""
    decorate: Callable[[Method], Method] = authorized("execute")
    return decorate(method)


class Handler(APIHandler):
    """What the routes share: their subject, JSON both ways, and errors as every client knows them."""

    auth_resource = "appose-kernel"

    def initialize(self, overview: Overview, watcher: Watcher) -> None:
        self.overview = overview
        self.watcher = watcher

    async def off_loop(self, work: Callable[..., Found], *arguments: Any) -> Found:
        """Files may be on a slow disk: they are not read on the server's loop."""
        return await asyncio.get_running_loop().run_in_executor(None, work, *arguments)

    def answer(self, body: dict[str, Any], status: int = 200) -> None:
        self.set_status(status)
        self.finish(json.dumps({"version": answers.VERSION, **body}))

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, ApposeKernelError):
            self.log.info("%s %s: %s", self.request.method, self.request.path, error)
        else:
            super().log_exception(kind, error, trace)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, ApposeKernelError):
            self.answer(error.to_dict(), answers.status(error))
            return
        reason = responses.get(status_code, "Unknown")
        said = isinstance(error, web.HTTPError) and error.log_message
        code = reason.lower().replace(" ", "-")
        self.answer({"code": code, "message": said or reason, "remedy": "", "detail": ""}, status_code)


class WorkspacesHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.off_loop(self.overview.workspaces))


class EnvironmentsHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        running = running_kernels(self.kernel_manager)
        workspace = self.get_query_argument("workspace", None)
        self.answer(await self.off_loop(self.overview.environments, workspace, running))


class BuildsHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.off_loop(self.overview.builds, RECENT))

    @web.authenticated
    @_building
    async def post(self) -> None:
        workspace, environment, options = self._wanted(self.get_json_body())
        found = await self.off_loop(self.overview.places.environment, workspace, environment)
        # with a loop of its own: to come to a build is to wait for locks, and to start a process
        build = await self.off_loop(asyncio.run, builds.start(found, options))
        self.watcher.follow(build)
        self.answer({"id": build}, 202)

    @staticmethod
    def _wanted(body: Any) -> tuple[str, str, BuildOptions]:
        try:
            workspace, environment = body["workspace"], body["environment"]
            options = dict(body.get("options", {}))
            chosen = BuildOptions(**{**options, "kept": True})
        except (TypeError, KeyError, ValueError) as error:
            raise web.HTTPError(400, "Wanted: workspace, environment, and options if any.") from error
        if not all(isinstance(text, str) for text in (workspace, environment)) or not all(
            isinstance(value, bool) for value in options.values()
        ):
            raise web.HTTPError(
                400, "workspace and environment are texts, each of the options true or false."
            )
        return workspace, environment, chosen


class BuildHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self, build: str) -> None:
        self.answer(await self.off_loop(self.overview.build, build))

    @web.authenticated
    @_building
    async def delete(self, build: str) -> None:
        await self.off_loop(builds.cancel, build)
        self.set_status(204)
        self.finish()


class BuildLogHandler(Handler):
    @web.authenticated
    @authorized
    async def get(self, build: str) -> None:
        before = self.get_query_argument("before", None)
        if before is None:
            offset = self._place(self.get_query_argument("offset", "0"))
            self.answer(await self.off_loop(self.overview.log, build, offset))
        else:
            end = self._place(before) if before else None
            self.answer(await self.off_loop(self.overview.log_before, build, end))

    @staticmethod
    def _place(text: str) -> int:
        try:
            return max(0, int(text))
        except ValueError as error:
            raise web.HTTPError(400, "offset and before are numbers that an answer gave.") from error


def routes(overview: Overview, watcher: Watcher) -> list[tuple[str, type[Handler], dict[str, Any]]]:
    """For ``ExtensionApp.handlers``."""
    build = r"(?P<build>[^/]+)"
    table: dict[str, type[Handler]] = {
        "workspaces": WorkspacesHandler,
        "environments": EnvironmentsHandler,
        "builds": BuildsHandler,
        f"builds/{build}": BuildHandler,
        f"builds/{build}/log": BuildLogHandler,
    }
    given = {"overview": overview, "watcher": watcher}
    return [(f"/appose-kernel/api/{path}", handler, given) for path, handler in table.items()]
