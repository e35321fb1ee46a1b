"""The checks of ``jupyter appose doctor``: what a kernel start needs, and what to do if it is missing."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path, jupyter_data_dir, jupyter_path
from jupyter_server.extension.config import ExtensionConfigManager

from ..environments import engines, folders, settings
from ..environments.engines.uv import binary as uv_binary
from ..environments.engines.uv import errors as uv_errors
from ..environments.engines.uv import interpreters
from ..errors import ApposeKernelError, ToolFailed
from ..kernels import documents, kernelspecs
from ..process import output
from . import doctor_pixi
from .checking import Check, failed

PROVISIONERS = "jupyter_client.kernel_provisioners"

#: What is written where; our own folders move with APPOSE_KERNEL_<NAME>_DIR.
FOLDERS: dict[str, Callable[[], Path]] = {
    "data": folders.data_dir,
    "state": folders.state_dir,
    "cache": folders.cache_dir,
    "runtime": folders.runtime_dir,
}


def checks() -> list[Check]:
    """All of them, in the order in which one builds on another."""
    found = [_installation(), *asyncio.run(_tools())]
    found += [
        _folder(f"{kind} folder", place, f", or name another in APPOSE_KERNEL_{kind.upper()}_DIR")
        for kind, place in FOLDERS.items()
    ]
    jupyters = _folder("Jupyter's folder", lambda: Path(jupyter_data_dir()), ", or set JUPYTER_DATA_DIR")
    return [*found, jupyters, _provisioner(), _server_extension(), *_kernelspecs(), _jupyter_path()]


def _installation() -> Check:
    python = ".".join(map(str, sys.version_info[:3]))
    return Check(
        "installation", True, f"appose-kernel {version('appose-kernel')}, Python {python}, {sys.prefix}"
    )


async def _tools() -> list[Check]:
    """The configuration, and the tools that it leads to."""
    try:
        configured = settings.load()
    except ApposeKernelError as error:
        return [failed("settings", error)]
    environ = engines.surroundings(configured)
    conda = await doctor_pixi.checks(environ)
    return [*await _uv(configured.uv, {**environ, "PATH": interpreters.search_path(environ)}), *conda]


async def _uv(configured: str, environ: dict[str, str]) -> list[Check]:
    """uv, and the interpreters that it sees."""
    try:
        binary = await uv_binary.find(configured, environ)
    except ApposeKernelError as error:
        return [failed("uv", error)]
    said = f"{binary.version} (at least {uv_binary.FLOOR} is needed), {binary.path}, {binary.source}"
    return [Check("uv", True, said), await _interpreters(binary.path, environ)]


async def _interpreters(uv: str, environ: dict[str, str]) -> Check:
    """The Pythons that environments can be made with."""
    name = "interpreters"
    listing = ("python", "list", "--only-installed", "--no-config", "--output-format", "json")
    argv = [uv, "--color", "never", *listing]
    try:
        listed = json.loads(await output(argv, env=environ))
    except ToolFailed as error:
        told = uv_errors.classify(Path("uv"), argv, error.exit_code, error.detail.splitlines())
        remedy = told.remedy or f"See what this says: {uv} python list --only-installed"
        return Check(name, False, told.message.removeprefix("uv: "), remedy)
    except (ApposeKernelError, ValueError) as error:
        return Check(name, False, f"{error}", f"See what this says: {uv} python list --only-installed")
    versions = ", ".join(dict.fromkeys(entry["version"] for entry in listed))
    if not versions:
        return Check(name, False, "uv sees no Python on this machine.", f"Install one: {uv} python install")
    return Check(name, True, versions)


def _folder(name: str, place: Callable[[], Path], otherwise: str) -> Check:
    """Whether files can be made in a folder, tried by making one."""
    try:
        folder = place()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
    except ApposeKernelError as error:
        return failed(name, error)
    except OSError as error:
        return Check(name, False, f"{error}", f"Make the folder writable, its disk not full{otherwise}.")
    return Check(name, True, f"{folder}")


def _provisioner() -> Check:
    """Whether Jupyter sees our provisioner, and can load it."""
    name = "kernel provisioner"
    entries = entry_points(group=PROVISIONERS, name=documents.PROVISIONER)
    command = f"{sys.executable} -m pip install --force-reinstall --no-deps appose-kernel"
    reinstall = f"Install appose-kernel again, where Jupyter is: {command}"
    if not entries:
        return Check(name, False, f"{documents.PROVISIONER} is not among {PROVISIONERS}.", reinstall)
    entry = next(iter(entries))
    try:
        entry.load()
    except Exception as error:  # whatever an import raises is the finding
        return Check(name, False, f"{entry.value} cannot be imported: {error}", reinstall)
    return Check(name, True, f"{entry.name} = {entry.value}")


def _server_extension() -> Check:
    """Whether a Jupyter Server with this configuration loads our extension."""
    name = "server extension"
    folders = jupyter_config_path()
    manager: Any = ExtensionConfigManager(read_config_path=folders)
    enabled = manager.get_jpserver_extensions()
    if enabled.get("appose_kernel"):
        return Check(name, True, "appose_kernel is enabled")
    said = "is disabled" if "appose_kernel" in enabled else "is not enabled"
    return Check(
        name,
        False,
        f"appose_kernel {said} in {os.pathsep.join(folders)}.",
        "Enable it: jupyter server extension enable appose_kernel",
    )


def _kernelspecs() -> Iterator[Check]:
    """One check for all registered kernelspecs, or one for each that leads nowhere."""
    registered = kernelspecs.registered()
    broken = False
    for kernelspec in registered:
        missing = _missing(kernelspec)
        if missing is not None:
            broken = True
            yield Check(
                f"kernelspec {kernelspec.name}",
                False,
                f"{kernelspec.folder} names {missing}, which is not there.",
                f"Remove it: jupyter kernelspec remove {kernelspec.name}",
            )
    if not broken:
        yield Check("kernelspecs", True, f"{len(registered)} registered, each leads to its manifest")


def _missing(kernelspec: kernelspecs.Registered) -> Path | None:
    """The first file that a kernelspec needs and that is gone: its manifest, its Python."""
    document = json.loads((kernelspec.folder / "kernel.json").read_text(encoding="utf-8"))
    needed = (kernelspec.manifest, Path(document["argv"][0]))
    return next((path for path in needed if not path.exists()), None)


def _jupyter_path() -> Check:
    return Check("Jupyter's path", True, os.pathsep.join(jupyter_path("kernels")))
