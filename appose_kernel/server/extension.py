"""The server extension: kernelspecs of environments, routes, and builds on the event bus."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.serverapp import ServerApp
from traitlets.config import Config

from ..kernels import kernelspecs
from ..kernels.listing import ApposeKernelSpecManager, extend
from .handler import Parts
from .manifests import Manifests
from .overview import Overview
from .places import Places
from .plans import Plans
from .prefixes import Prefixes
from .routes import routes
from .watching import SCHEMA, Watcher


class ApposeKernelExtension(ExtensionApp):
    """Loaded by Jupyter Server, as ``jupyter_server_config.d/appose-kernel.json`` tells it.

    Where a gateway runs the server's kernels, the gateway's kernelspecs are listed, and we do nothing.
    """

    name = "appose_kernel"

    _watcher: Watcher | None = None
    _plans: Plans | None = None

    def _link_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Called before the server makes its managers: their classes can still be changed."""
        super()._link_jupyter_server_extension(serverapp)
        # the server sets this later, and its own default for the class below needs it
        serverapp.gateway_config = GatewayClient.instance(parent=serverapp)
        if not serverapp.gateway_config.gateway_enabled:
            # through the configuration: a plain assignment is undone when the next extension is linked
            cls = extend(serverapp.kernel_spec_manager_class)
            serverapp.update_config(Config({"ServerApp": {"kernel_spec_manager_class": cls}}))

    def initialize_handlers(self) -> None:
        """Called when the server's managers are there."""
        server: Any = self.serverapp
        manager = server.kernel_spec_manager
        if not isinstance(manager, ApposeKernelSpecManager):
            return
        places = Places(Path(server.root_dir), manager.catalogue)
        server.event_logger.register_event_schema(SCHEMA)
        # for the clients that list kernelspecs on disk only
        offer = partial(kernelspecs.offer, warn=self.log.warning)
        self._watcher = Watcher(manager.catalogue, places, server.event_logger, self.log, offer)
        self._plans = Plans()
        parts = Parts(
            overview=Overview(manager.catalogue, places),
            watcher=self._watcher,
            manifests=Manifests(places),
            prefixes=Prefixes(places),
            plans=self._plans,
        )
        self.handlers.extend(routes(parts))

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Called when the server's loop runs."""
        if self._watcher is not None:
            await self._watcher.start()

    async def stop_extension(self) -> None:
        if self._plans is not None:
            await self._plans.stop()
        if self._watcher is not None:
            await self._watcher.stop()
