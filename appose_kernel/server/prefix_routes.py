"""The routes about what has been built: how much it holds, deleting it, a terminal in it."""

from __future__ import annotations

from jupyter_server.utils import ensure_async
from tornado import web

from . import terminals
from .handler import Handler, executing, reading
from .overview import Running, running_kernels


class PrefixHandler(Handler):
    @reading
    async def get(self) -> None:
        await self.answer(await self.off_loop(self.parts.prefixes.contents, *self._meant()))

    @executing
    async def delete(self) -> None:
        await self.answer(await self.off_loop(self.parts.prefixes.remove, *self._meant()))

    def _meant(self) -> tuple[str, str, Running]:
        workspace, environment = map(self.get_query_argument, ("workspace", "environment"))
        return workspace, environment, running_kernels(self.kernel_manager)


class TerminalsHandler(Handler):
    @executing
    async def post(self) -> None:
        manager = self.settings.get("terminal_manager")
        if manager is None:
            raise web.HTTPError(501, "This server has no terminals.")
        # who may not make a terminal by the server's own route may not by this one
        user = self.current_user
        if not await ensure_async(self.authorizer.is_authorized(self, user, "write", "terminals")):
            raise web.HTTPError(403, "You may not open terminals on this server.")
        wanted = await self.body("TerminalRequest")
        env = await self.off_loop(
            self.parts.overview.places.environment, wanted["workspace"], wanted["environment"]
        )
        argv = await self.off_loop(terminals.command, env, manager.shell_command)
        name = terminals.name(env, manager.terminals)
        terminal = manager.create(name=name, shell_command=argv, cwd=str(env.workspace.root))
        await self.answer({"name": terminal["name"]}, 201)
