"""What the system refused, in words a user can act on."""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
from collections.abc import Iterable
from pathlib import Path

from ..errors import ApposeKernelError, InstallError, ManifestError
from ..workspaces import formats

#: How tools that we run say that a disk is full.
FULL_DISK = (
    "No space left on device",
    "os error 28",
    "Disk quota exceeded",
    "os error 122",
    "not enough space",
)
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def readable(error: Exception, folders: Iterable[Path]) -> ApposeKernelError:
    """``error`` as one of ours. ``folders`` are those that a build writes to: one of them may be full."""
    if _disk_is_full(error):
        return InstallError(
            f"disk full: {_fullest(folders)}",
            remedy="Free some space there, then try again.",
            detail=getattr(error, "detail", "") or str(error),
        )
    if isinstance(error, ApposeKernelError):
        return error
    if isinstance(error, OSError) and error.filename:
        return InstallError(
            f"{error.filename} cannot be used: {error.strerror}.",
            remedy="Check its permissions, or work on a copy of the workspace.",
        )
    return ApposeKernelError(
        f"The build failed for an unexpected reason: {type(error).__name__}: {error}",
        remedy="This is a defect of appose-kernel: please report it with the log of this build.",
    )


def addressed(error: ApposeKernelError, manifest: Path, environment: str) -> ApposeKernelError:
    """``error`` of a build with commands in its remedy that can be typed in any folder.

    Engines write `jupyter appose lock` and `build`, which mean the workspace of the folder that one is in.
    """
    try:
        place = shlex.quote(str(formats.address(formats.open_workspace(manifest))))
    except ManifestError:
        place = shlex.quote(str(manifest))
    name = shlex.quote(environment)
    remedy = re.sub(r"(?<=`jupyter appose lock)(?=(?: --own)?`)", lambda _: f" {place}", error.remedy)
    error.remedy = re.sub(r"(?<=`jupyter appose build)(?=`)", lambda _: f" {place} -e {name}", remedy)
    return error


def _disk_is_full(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in _FULL
    said = f"{error} {getattr(error, 'detail', '')}"
    return any(words in said for words in FULL_DISK)


def _fullest(folders: Iterable[Path]) -> str:
    """``<mount> has n MB left``, of the disk with the least space left among those of ``folders``."""
    mounts = {_mount(folder) for folder in folders}
    free, mount = min((shutil.disk_usage(mount).free, mount) for mount in mounts)
    return f"{mount} has {free // 10**6} MB left."


def _mount(folder: Path) -> Path:
    folder = folder.resolve()
    # Path.is_mount is not there on Windows before Python 3.12
    while not folder.exists() or (not os.path.ismount(folder) and folder != folder.parent):
        folder = folder.parent
    return folder
