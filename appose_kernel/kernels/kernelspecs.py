"""The kernelspecs kept on disk.

Clients other than Jupyter Server (nbclient, papermill, the console, VS Code) see only what is on
disk, so :func:`register` writes there what the server's list holds in memory.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from ..environments import own_kernels, settings
from ..errors import ApposeKernelError, KernelspecError
from ..model import Environment
from ..workspaces import formats, names
from .documents import Offer, document, offers


@dataclass(frozen=True, slots=True)
class Registered:
    """A kernelspec of ours in the user's Jupyter folder; ``kernel`` is one that a prefix brings itself."""

    name: str
    folder: Path
    workspace: str
    environment: str
    manifest: Path
    kernel: str = ""


def register(environment: Environment) -> Path:
    """Write the environment's kernelspec into the user's Jupyter folder, and return its folder.

    With it come those of the kernels that the prefix brings itself, as it was last built. Raises
    :class:`KernelspecError` where a kernelspec of another making has one of these names.
    """
    name = _name(environment)
    found = dict(offers(environment, name, own_kernels.built(environment)))
    for each in found:
        _refuse_foreign(_kernels() / each)
    for each, offered in found.items():
        _write(offered, each)
    return _kernels() / name


def _write(offer: Offer, name: str) -> None:
    folder = _kernels() / name
    text = json.dumps(document(offer, name), indent=2, ensure_ascii=False)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # beside the folder of kernelspecs: nobody may list a half-written one
    with tempfile.TemporaryDirectory(prefix=".appose-kernel-", dir=folder.parent.parent) as staging:
        staged = Path(staging) / folder.name
        staged.mkdir()
        for logo in offer.resources.glob("logo-*"):
            shutil.copyfile(logo, staged / logo.name)
        (staged / "kernel.json").write_text(text, encoding="utf-8")
        if folder.exists():
            (staged / "kernel.json").replace(folder / "kernel.json")
        else:
            staged.rename(folder)


def offer(environment: Environment, warn: Callable[[str], object]) -> None:
    """Register what has been built, unless that is configured otherwise; what the build took away, goes.

    A notebook's own environment is for that notebook: it stays out of everybody's launcher until somebody
    registers it. Nothing depends on it where this is called, so ``warn`` is told if it fails.
    """
    try:
        wanted = not formats.is_found_by_name(environment.workspace.manifest) or of(environment)
        if wanted and settings.load().register:
            register(environment)
            kept = own_kernels.built(environment).kernels
            for known in of(environment):
                if known.kernel and known.kernel not in kept:
                    unregister(known.name)
    except (ApposeKernelError, OSError) as error:
        warn(f"No kernelspec for {environment.title} on disk: {error}")


def unregister(name: str) -> Path:
    """Remove the kernelspec that :func:`register` wrote. Raises :class:`KernelspecError` if there is none."""
    folder = _kernels() / name
    if name not in {kernelspec.name for kernelspec in registered()}:
        raise KernelspecError(
            f"{folder} is not a kernelspec that appose-kernel wrote.",
            remedy="`jupyter kernelspec list` shows what there is.",
        )
    shutil.rmtree(folder)
    return folder


def registered() -> tuple[Registered, ...]:
    """The kernelspecs that :func:`register` wrote, by name."""
    found = []
    for folder in sorted(_kernels().glob("*/")):
        ours = _ours(folder)
        if ours is not None:
            found.append(
                Registered(
                    name=folder.name,
                    folder=folder,
                    workspace=ours["workspace"],
                    environment=ours["environment"],
                    manifest=Path(ours["manifest"]),
                    kernel=ours.get("kernel", ""),
                )
            )
    return tuple(found)


def of(environment: Environment) -> tuple[Registered, ...]:
    """The registered kernelspecs of an environment, its own one first."""
    wanted = (environment.workspace.manifest, environment.name)
    found = [known for known in registered() if (known.manifest, known.environment) == wanted]
    return tuple(sorted(found, key=lambda known: (known.kernel != "", known.name)))


def _kernels() -> Path:
    return Path(jupyter_data_dir()) / "kernels"


def _name(environment: Environment) -> str:
    """The name to register under: of two workspaces with one name, the first to come has it plain."""
    holder = _ours(_kernels() / names.kernel_name(environment))
    manifest = environment.workspace.manifest if holder is None else Path(holder["manifest"])
    first = dataclasses.replace(environment.workspace, manifest=manifest)
    *_, name = names.kernel_names([dataclasses.replace(environment, workspace=first), environment])
    return name


def _refuse_foreign(folder: Path) -> None:
    if folder.exists() and _ours(folder) is None:
        raise KernelspecError(
            f"{folder} is a kernelspec that appose-kernel did not write.",
            remedy=f"Remove it (`jupyter kernelspec remove {folder.name}`), then register again.",
        )


def _ours(folder: Path) -> dict[str, str] | None:
    """Our part of a kernelspec's metadata; None where it is not ours, or unreadable."""
    try:
        ours = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))["metadata"]["appose"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    complete = isinstance(ours, dict) and all(
        isinstance(ours.get(key), str) for key in ("workspace", "environment", "manifest")
    )
    return ours if complete else None
