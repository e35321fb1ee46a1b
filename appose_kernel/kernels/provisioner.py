"""The provisioner: it looks at the environment at each start, and leaves the process to a launcher.

Ready → the environment's own kernel, as the server's child. Not ready → the starter, which
becomes the front. Everything else is the launcher's (Jupyter's local provisioner, or another).
"""

from __future__ import annotations

import asyncio
import copy
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Unicode

from ..environments import stamp as stamps
from ..errors import ApposeKernelError, LaunchError
from ..model import Environment, OwnKernel
from ..workspaces import finding, names
from . import documents, launch, transport

LOCAL = "local-provisioner"
#: What Jupyter would replace inside an ``argv``; a path may look like it.
_PLACEHOLDER = re.compile(r"\{[A-Za-z0-9_]+\}")


def _passes_through(argv: Sequence[str]) -> bool:
    """Whether Jupyter leaves an ``argv`` as it is, apart from the connection file."""
    return not any(_PLACEHOLDER.search(word.replace("{connection_file}", "")) for word in argv)


class ApposeProvisioner(KernelProvisionerBase):
    """Runs an environment's kernel through the provisioner that ``launcher`` names."""

    launcher = Unicode(
        LOCAL,
        config=True,
        help="The provisioner that places and runs the kernel's process: the name of an entry point "
        "in `jupyter_client.kernel_provisioners`.",
    )
    workspace = Unicode(help="From the kernelspec: the workspace's portable name; empty means any.")
    environment = Unicode("default", help="From the kernelspec: the environment's name.")
    manifest = Unicode(help="From the kernelspec: where the manifest was when it was written.")
    kernel = Unicode(help="From the kernelspec: one of the kernels that the prefix brings itself, if any.")

    #: The environment of the last start; None where its workspace was not found.
    chosen: Environment | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # at a restart the kernelspec holds what the last start has written into it
        self._starter = tuple(self.kernel_spec.argv)
        self._inner = self._make_inner()

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose what to run. The kernel manager calls this before each start and restart."""
        manager: Any = self.parent
        environ = kwargs.pop("env", None) or os.environ
        argv, environ, own = await asyncio.to_thread(self._command, environ, kwargs.get("cwd"))
        # Some launchers take their argv from the manager's kernelspec and some from their own, and some
        # put words of theirs before it: so it stands in both before they look.
        manager.kernel_spec.argv = argv
        self._inner.kernel_spec.argv = list(argv)
        if own is not None:
            manager.kernel_spec.interrupt_mode = own.interrupt_mode
        elif self.launcher == LOCAL and not self.kernel:  # kernels of other languages know no sockets
            transport.use_sockets(manager)
        return await self._inner.pre_launch(env=environ, **kwargs)

    def _command(
        self, environ: Mapping[str, str], cwd: str | os.PathLike[str] | None
    ) -> tuple[list[str], dict[str, str], OwnKernel | None]:
        """The ``argv`` and the variables of what is to run now, and the prefix's own kernel if it is one.

        Reads files only.
        """
        try:
            resolution = finding.resolve(
                self.workspace or None,
                self.environment,
                cwd=Path(cwd or "."),
                session_name=environ.get("JPY_SESSION_NAME"),
                recorded=Path(self.manifest) if self.manifest else None,
            )
            stamp = stamps.ready(resolution.environment)
            own = launch.own_kernel(stamp, self.kernel or None) if stamp else None
            command = launch.command(stamp, environ, own=own) if stamp else None
        except ApposeKernelError as error:
            self.chosen = None
            # The starter meets the same error, and its front shows it in the notebook.
            self.log.warning("Kernel %s: %s", self.kernel_id, error)
            return list(self._starter), dict(environ), None
        self.chosen = chosen = resolution.environment
        self.log.info(
            "Kernel %s: environment “%s” of %s (%s), %s",
            self.kernel_id,
            chosen.name,
            chosen.workspace.manifest,
            resolution.source,
            "ready" if stamp else "not ready: the front stands in",
        )
        manager: Any = self.parent
        if command and _passes_through(command[0]) and (own is None or manager.transport == "tcp"):
            return *command, own
        workspace = self.workspace or names.workspace_slug(chosen.workspace)
        return documents.starter(chosen, workspace, self.kernel), dict(environ), None

    def _make_inner(self) -> KernelProvisionerBase:
        spec = copy.deepcopy(self.kernel_spec)
        spec.metadata = {
            **spec.metadata,
            "kernel_provisioner": {"provisioner_name": self.launcher, "config": {}},
        }
        factory = KernelProvisionerFactory.instance()
        factory.is_provisioner_available(spec)  # takes notice of one that was installed a moment ago
        # an endless chain of ourselves would end in a recursion error, far from its cause
        itself = f"{ApposeProvisioner.__module__}:{ApposeProvisioner.__qualname__}"
        launchers = {name for name, value in factory.get_provisioner_entries().items() if value != itself}
        if self.launcher not in launchers:
            raise LaunchError(
                f"“{self.launcher}” is no provisioner that could launch kernels for appose-kernel.",
                remedy=f"Set ApposeProvisioner.launcher to one of: {', '.join(sorted(launchers))}.",
            )
        # The manager is the parent: the local provisioner takes address, ports and command from it.
        return factory.create_provisioner_instance(self.kernel_id, spec, parent=self.parent)

    @property
    def has_process(self) -> bool:
        return self._inner.has_process

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        self.connection_info = await self._inner.launch_kernel(cmd, **kwargs)
        return self.connection_info

    async def post_launch(self, **kwargs: Any) -> None:
        await self._inner.post_launch(**kwargs)

    async def poll(self) -> int | None:
        return await self._inner.poll()

    async def wait(self) -> int | None:
        return await self._inner.wait()

    async def send_signal(self, signum: int) -> None:
        await self._inner.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        await self._inner.kill(restart=restart)

    async def terminate(self, restart: bool = False) -> None:
        await self._inner.terminate(restart=restart)

    async def shutdown_requested(self, restart: bool = False) -> None:
        await self._inner.shutdown_requested(restart=restart)

    async def cleanup(self, restart: bool = False) -> None:
        await self._inner.cleanup(restart=restart)

    def get_shutdown_wait_time(self, recommended: float = 5.0) -> float:
        return self._inner.get_shutdown_wait_time(recommended)

    def get_stable_start_time(self, recommended: float = 10.0) -> float:
        return self._inner.get_stable_start_time(recommended)

    def resolve_path(self, path: str) -> str | None:
        return self._inner.resolve_path(path)

    async def get_provisioner_info(self) -> dict[str, Any]:
        """What another process needs to take over this kernel; it is its business to keep it."""
        return {
            **await super().get_provisioner_info(),
            "launcher": self.launcher,
            "workspace": self.workspace,
            "environment": self.environment,
            "manifest": self.manifest,
            "kernel": self.kernel,
            "inner": await self._inner.get_provisioner_info(),
        }

    async def load_provisioner_info(self, provisioner_info: dict[str, Any]) -> None:
        """The inverse of :meth:`get_provisioner_info`."""
        await super().load_provisioner_info(provisioner_info)
        for trait in ("launcher", "workspace", "environment", "manifest", "kernel"):
            setattr(self, trait, provisioner_info[trait])
        self._inner = self._make_inner()
        await self._inner.load_provisioner_info(provisioner_info["inner"])
