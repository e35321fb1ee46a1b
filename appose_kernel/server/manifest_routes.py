"""The routes that show, edit and make manifests."""

from __future__ import annotations

from tornado import web

from .handler import Handler, reading, writing


class ManifestHandler(Handler):
    @reading
    async def get(self) -> None:
        request = {"workspace": self.get_query_argument("workspace")}
        self.give(await self.parts.manifests.do("show", request))

    @writing
    async def put(self) -> None:
        request = await self.body("EditRequest")
        self.give(await self.parts.manifests.do("save", request))


class PreviewHandler(Handler):
    @reading
    async def post(self) -> None:
        request = await self.body("EditRequest")
        self.give(await self.parts.manifests.do("preview", request))


class RestoreHandler(Handler):
    @writing
    async def post(self) -> None:
        request = await self.body("RestoreRequest")
        self.give(await self.parts.manifests.do("restore", request))


class SuggestionHandler(Handler):
    @reading
    async def get(self) -> None:
        source = self.get_query_argument("source")
        await self.answer(await self.off_loop(self.parts.manifests.suggest, source))


class SpecsHandler(Handler):
    @reading
    async def get(self) -> None:
        kind = self.get_query_argument("kind")
        if kind not in ("conda", "pypi"):
            raise web.HTTPError(400, "kind is conda or pypi.")
        text = self.get_query_argument("text", strip=False)
        await self.answer(await self.off_loop(self.parts.manifests.check, kind, text))
