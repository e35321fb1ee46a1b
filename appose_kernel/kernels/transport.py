"""Unix sockets instead of TCP ports, for kernels on this machine.

A port is chosen by the server and bound by the kernel a moment later; among many kernels that
start at once, some find theirs taken, and a retry takes the same ones again. A socket's path is
the kernel's own.
"""

from __future__ import annotations

import contextlib
import os
import re
import uuid
from pathlib import Path
from typing import Any

import psutil

from ..environments.folders import runtime_dir
from ..errors import ApposeKernelError

#: A socket's path must fit into ``sun_path``: 104 bytes on macOS, 108 on Linux, the final NUL included.
LONGEST = 103
_SOCKET = re.compile(r"k(\d+)-[0-9a-f]{8}-\d+")


def use_sockets(manager: Any) -> bool:
    """Give the kernel of ``manager`` sockets in our runtime folder, if nothing speaks against it.

    The provisioner calls this before the launcher writes the connection file. A transport or an
    address that the user configured stays, and so does what an earlier start has chosen. The manager
    itself removes the sockets when the kernel ends.
    """
    if os.name != "posix" or manager.transport != "tcp" or _configured(manager) or any(manager.ports):
        return False
    try:
        folder = _swept(runtime_dir())
    except (ApposeKernelError, OSError) as error:
        manager.log.warning("The kernel gets TCP ports: %s", error)
        return False
    address = folder / f"k{os.getpid()}-{uuid.uuid4().hex[:8]}"
    if len(os.fsencode(f"{address}-10")) > LONGEST:
        manager.log.info("%s is too long a path for sockets: the kernel gets TCP ports.", folder)
        return False
    manager.transport = "ipc"
    manager.ip = str(address)
    # the local provisioner would look for free ports at this "address"
    manager.cache_ports = False
    return True


def _configured(manager: Any) -> bool:
    return any(
        f"{cls.__name__}.{trait}" in manager.config
        for cls in type(manager).mro()
        for trait in ("transport", "ip")
    )


def _swept(folder: Path) -> Path:
    """``folder``, rid of the sockets that servers which are gone have left there."""
    for path in folder.iterdir():
        left = _SOCKET.fullmatch(path.name)
        if left and not psutil.pid_exists(int(left[1])):
            with contextlib.suppress(OSError):
                path.unlink()
    return folder
