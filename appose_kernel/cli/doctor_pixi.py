"""The checks of ``doctor`` about pixi and conda environments, and the fetching of a pixi."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory

from ..environments import choice, engines, settings
from ..environments.engines.pixi import binary
from ..environments.engines.pixi.fetch import Fetching, Offer
from ..errors import ApposeKernelError
from ..workspaces.pixi import config
from . import answers
from .checking import Check, failed

_FETCH = "`jupyter appose doctor --install-pixi`"


async def checks(environ: Mapping[str, str]) -> list[Check]:
    """pixi, what does its work where there is none, and what configures both."""
    pixi = await _pixi(environ)
    return [pixi, _rattler(choice.pixi() is not None and pixi.ok), _configuration(environ)]


async def _pixi(environ: Mapping[str, str]) -> Check:
    if choice.pixi() is None:
        return Check("pixi", True, f"none, so pixi workspaces are built without it; {_FETCH} fetches one")
    try:
        found = await binary.find(environ)
    except ApposeKernelError as error:
        return failed("pixi", error)
    said = f"{found.version} (at least {binary.FLOOR} is needed), {found.path}, {found.source}"
    return Check("pixi", True, said)


def _rattler(there_is_pixi: bool) -> Check:
    try:
        return Check("py-rattler", True, version("py-rattler"))
    except PackageNotFoundError:
        if there_is_pixi:
            return Check("py-rattler", True, "not installed; pixi workspaces need none where there is a pixi")
        return Check(
            "py-rattler",
            False,
            "py-rattler is not installed, so no conda environment can be made.",
            "Install it with `pip install py-rattler`, or install pixi.",
        )


def _configuration(environ: Mapping[str, str]) -> Check:
    """Whether the files that count everywhere can be read; a workspace's own are its build's business."""
    name = "pixi's configuration"
    try:
        found = config.files(None, environ)
        config.default_channels(environ)
    except ApposeKernelError as error:
        return failed(name, error)
    return Check(name, True, ", ".join(str(file.path) for file in found) or "none")


def install(*, yes: bool, as_json: bool) -> None:
    """Show which pixi would be fetched from where, ask, and fetch it."""
    with TemporaryDirectory(prefix="appose-kernel-", ignore_cleanup_errors=True) as name:
        fetching = Fetching(Path(name), engines.surroundings(settings.load()))
        offer = asyncio.run(fetching.offer())
        if not as_json:
            answers.note(_described(offer))
        answers.confirm("Fetch that?", yes=yes, as_json=as_json)
        asyncio.run(_fetch(fetching, quiet=as_json))


def _described(offer: Offer) -> str:
    """What would be fetched, what follows from it, and how to undo it."""
    lines = [f"{offer.downloads[0].title} can be fetched ({answers.size(offer.size)} in all):"]
    for download in offer.downloads:
        lines.append(f"  {download.title}, {answers.size(download.size)}, from {download.url}")
        lines.append(f"    sha256 {download.sha256}")
    lines.append(
        f"It goes to {offer.folder}, for appose-kernel alone. From then on pixi builds every pixi workspace"
        " that can be written to, in the workspace's own .pixi folder: what was built without pixi is built"
        f" once more. To undo that, delete {offer.folder}."
    )
    return "\n".join(lines)


async def _fetch(fetching: Fetching, *, quiet: bool) -> None:
    said = None
    async with aclosing(fetching.fetch()) as steps:
        async for step in steps:
            if not quiet and step.message != said:
                said = step.message
                answers.note(said)
