"""What the routes share: who may call them, JSON both ways, and errors as every client knows them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http.client import responses
from typing import Any, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from ..errors import ApposeKernelError
from . import answers, bodies
from .manifests import Manifests
from .overview import Overview
from .plans import Plans
from .prefixes import Prefixes
from .watching import Watcher

Found = TypeVar("Found")
Method = TypeVar("Method", bound=Callable[..., Any])

#: Of every route.
RESOURCE = "appose-kernel"


def reading(method: Method) -> Method:
    """For users who may read; also where a POST only asks."""
    return _for("read", method)


def writing(method: Method) -> Method:
    """For users who may write files here."""
    return _for("write", method)


def executing(method: Method) -> Method:
    """For users who may run code here: a build runs what its packages bring."""
    return _for("execute", method)


def _for(action: str, method: Method) -> Method:
    decorated: Any = web.authenticated(authorized(action)(method))
    return cast("Method", decorated)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the handlers are given to do their work with."""

    overview: Overview
    watcher: Watcher
    manifests: Manifests
    prefixes: Prefixes
    plans: Plans


class Handler(APIHandler):
    auth_resource = RESOURCE

    def initialize(self, parts: Parts) -> None:
        self.parts = parts

    async def off_loop(self, work: Callable[..., Found], *arguments: Any) -> Found:
        """Files may be on a slow disk: they are not read on the server's loop."""
        return await asyncio.get_running_loop().run_in_executor(None, work, *arguments)

    async def body(self, definition: str) -> dict[str, Any]:
        """The body of the request, which is what wire.json defines by that name."""
        return await self.off_loop(bodies.read, self.request.body, definition)

    async def answer(self, body: dict[str, Any], status: int = 200) -> None:
        self.give(await self.off_loop(answers.text, body), status)

    def give(self, text: str, status: int = 200) -> None:
        """Answer with JSON that is text already."""
        self.set_status(status)
        self.finish(text)

    def done(self) -> None:
        """Answer that there is nothing to say."""
        self.set_status(204)
        self.finish()

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, ApposeKernelError):
            self.log.info("%s %s: %s", self.request.method, self.request.path, error)
        else:
            super().log_exception(kind, error, trace)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, ApposeKernelError):
            problem = self.parts.overview.places.problem(error.to_dict())
            self.give(answers.text(problem), answers.status(error))
            return
        reason = responses.get(status_code, "Unknown")
        said = isinstance(error, web.HTTPError) and error.log_message
        code = reason.lower().replace(" ", "-")
        problem = {"code": code, "message": said or reason, "remedy": "", "detail": ""}
        self.give(answers.text(problem), status_code)
