"""The starter: becomes the environment's kernel if the environment is ready, else the front.

Every kernel start of every client passes through here, so the way to a ready environment imports
no zmq, no asyncio and no traitlets. Whatever goes wrong is the front's to tell, in the cell: a
starter that ends is started again and again by Jupyter's restarter.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ..environments import stamp as stamps
from ..errors import ApposeKernelError, LaunchError
from ..model import WINDOWS, Environment, OwnKernel, Stamp
from ..workspaces import finding
from . import launch
from .report import say, unexpected


@dataclass(frozen=True, slots=True)
class Request:
    """What a kernelspec asks for. ``kernel`` is one that the prefix brings itself.

    ``extra`` are arguments of a client, for the kernel itself.
    """

    connection_file: Path
    manifest: Path | None
    environment: str | None
    workspace: str | None
    kernel: str | None
    extra: tuple[str, ...]


def main() -> NoReturn:
    """Called by Jupyter through ``python -m appose_kernel.start``; does not return to it."""
    # ipykernel ignores interrupts outside of a cell, too. One that comes while Python is still
    # importing would end this process with a traceback; ignored ones stay so across exec.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    request = parse(sys.argv[1:])
    environment: Environment | None = None
    try:
        environment = _resolve(request)
        stamp = stamps.ready(environment)
        if stamp is not None:
            own = launch.own_kernel(stamp, request.kernel)
            if own is None or _understands(own, request):
                _become(stamp, own, request)
        _become_front(request, environment, None)
    except ApposeKernelError as error:
        _become_front(request, environment, error)
    except Exception as error:
        _become_front(request, environment, unexpected(error))


def parse(arguments: Sequence[str]) -> Request:
    parser = argparse.ArgumentParser(prog="appose_kernel.start", description=__doc__, allow_abbrev=False)
    parser.add_argument("-f", dest="connection_file", type=Path, required=True, help="the connection file")
    parser.add_argument("--manifest", help="where the manifest was when the kernelspec was written")
    parser.add_argument("--environment", help="the environment's name; without it, the first")
    parser.add_argument("--workspace", help="the workspace's portable name; without it, any")
    parser.add_argument("--kernel", help="one of the kernels that the environment's prefix brings itself")
    known, extra = parser.parse_known_args(arguments)
    return Request(
        connection_file=known.connection_file,
        manifest=_path(known.manifest) if known.manifest else None,
        environment=known.environment,
        workspace=known.workspace,
        kernel=known.kernel,
        extra=tuple(extra),
    )


def _path(text: str) -> Path:
    """``text`` as a path; a kernelspec has a ``file:`` URI where a client would misread the path."""
    if not text.startswith("file:"):
        return Path(text)
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415  (3 ms, for the few that need it)

    parts = urlsplit(text)
    path = unquote(parts.path)
    return Path(path.lstrip("/") if WINDOWS and not parts.netloc else path)


def _resolve(request: Request) -> Environment:
    resolution = finding.resolve(
        request.workspace,
        request.environment,
        cwd=Path.cwd(),
        session_name=os.environ.get("JPY_SESSION_NAME"),
        recorded=request.manifest,
    )
    environment = resolution.environment
    if request.manifest is None and request.workspace is None and "JPY_SESSION_NAME" not in os.environ:
        say("this client does not tell which notebook it runs; a block that the notebook has is not seen")
    say(f"{environment.title}: {environment.workspace.manifest} ({resolution.source})")
    return environment


def _understands(own: OwnKernel, request: Request) -> bool:
    """Whether the client speaks to an own kernel as the kernel can; else the front stands between for good.

    Sockets are not for kernels of other languages, for the reasons in :mod:`.child`. And who picked the
    environment without a word of the kernel sends signals, which some kernels die of.
    """
    connection = json.loads(request.connection_file.read_text(encoding="utf-8"))
    heard = own.interrupt_mode == "signal" or request.kernel is not None
    return heard and connection["transport"] == "tcp"


def _become(stamp: Stamp, own: OwnKernel | None, request: Request) -> None:
    """Turn this process into the kernel (Windows has no exec: run it, and end as it does)."""
    argv, environ = launch.command(stamp, os.environ, str(request.connection_file), own)
    argv += request.extra
    if own is not None:
        # not every kernel takes up what it was started with as ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        if sys.platform == "win32":
            from .windows import run  # noqa: PLC0415

            sys.exit(run(argv, environ))
        os.execve(argv[0], argv, environ)
    except OSError as error:
        raise LaunchError(
            f"{argv[0]} cannot be run: {error.strerror}.",
            remedy="Build the environment again with `jupyter appose build`.",
        ) from error


def _become_front(
    request: Request, environment: Environment | None, failure: ApposeKernelError | None
) -> NoReturn:
    # zmq, asyncio and traitlets: 0.2 s that the start of a ready environment does not pay
    from . import front  # noqa: PLC0415

    start = front.Start(request.connection_file, request.extra, environment, request.kernel, failure)
    sys.exit(front.run(start))
