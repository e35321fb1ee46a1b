"""Provisioners as others write them, installed by the ``.dist-info`` beside this file."""

from __future__ import annotations

import os
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import KernelProvisionerBase, LocalProvisioner


class WrappingLauncher(LocalProvisioner):
    """Puts words of its own before the command, as one that runs kernels through ``srun`` does."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        prepared = await super().pre_launch(**kwargs)
        prepared["cmd"] = ["/usr/bin/env", "WRAPPED=yes", *prepared["cmd"]]
        return prepared


class OwnSpecLauncher(LocalProvisioner):
    """Takes the command from its own kernelspec, as gateway_provisioners does."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        prepared = await super().pre_launch(**kwargs)
        file = os.path.realpath(self.parent.connection_file)
        prepared["cmd"] = [file if word == "{connection_file}" else word for word in self.kernel_spec.argv]
        return prepared


class RecordingLauncher(KernelProvisionerBase):
    """Starts nothing, writes down what it is asked, and answers like no other."""

    calls: list[tuple[str, Any]]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.calls = []

    @property
    def has_process(self) -> bool:
        return ("launch_kernel", ["cmd"]) in self.calls

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        self.calls.append(("pre_launch", kwargs))
        return {"cmd": self.kernel_spec.argv, **kwargs}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        self.calls.append(("launch_kernel", cmd))
        return {"ip": "1.2.3.4"}

    async def post_launch(self, **kwargs: Any) -> None:
        self.calls.append(("post_launch", kwargs))

    async def poll(self) -> int | None:
        return 41

    async def wait(self) -> int | None:
        return 42

    async def send_signal(self, signum: int) -> None:
        self.calls.append(("send_signal", signum))

    async def kill(self, restart: bool = False) -> None:
        self.calls.append(("kill", restart))

    async def terminate(self, restart: bool = False) -> None:
        self.calls.append(("terminate", restart))

    async def shutdown_requested(self, restart: bool = False) -> None:
        self.calls.append(("shutdown_requested", restart))

    async def cleanup(self, restart: bool = False) -> None:
        self.calls.append(("cleanup", restart))

    def get_shutdown_wait_time(self, recommended: float = 5.0) -> float:
        return recommended + 100

    def get_stable_start_time(self, recommended: float = 10.0) -> float:
        return recommended + 1000

    def resolve_path(self, path: str) -> str | None:
        return f"/resolved/{path}"

    async def get_provisioner_info(self) -> dict[str, Any]:
        return {**await super().get_provisioner_info(), "job": 7}

    async def load_provisioner_info(self, provisioner_info: dict[str, Any]) -> None:
        await super().load_provisioner_info(provisioner_info)
        self.calls.append(("load_provisioner_info", provisioner_info["job"]))
