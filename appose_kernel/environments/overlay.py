"""ipykernel for environments that have none: a folder appended to ``sys.path`` when their kernel starts.

An overlay is made once for each kind of interpreter, shared by all environments whose own packages go
together with it, and never changed. Where an environment's packages are too old for the overlays that
there are, one more is resolved under that environment's versions.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from .. import process
from ..errors import ApposeKernelError, InstallError, KernelMissing, SolveError, ToolFailed
from . import bytecode, folders, overlay_fit
from .engines.uv import binary as uv_binary
from .engines.uv.command import Uv
from .engines.uv.interpreters import search_path
from .overlay_fit import Dist
from .settings import Settings

#: The oldest that speaks the protocol's version 5.3.
REQUIREMENT = "ipykernel>=5.2"

_QUESTION = """
import json, os, platform, sys, sysconfig
try:
    import ipykernel_launcher, ipykernel.kernelapp
    problem = None
except ModuleNotFoundError as error:
    problem = None if (error.name or "").startswith("ipykernel") else str(error)
    kernel = False
except Exception as error:
    kernel, problem = False, type(error).__name__ + ": " + str(error)
else:
    kernel = True
version = "{0.major}.{0.minor}.{0.micro}".format(sys.implementation.version)
print(json.dumps({
    "kernel": kernel,
    "problem": problem,
    "path": sys.path,
    "kind": sysconfig.get_config_var("EXT_SUFFIX").split(".")[1] + "-" + platform.machine(),
    "markers": {
        "implementation_name": sys.implementation.name,
        "implementation_version": version,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "platform_python_implementation": platform.python_implementation(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    },
}))
"""
_TRIAL = "import sys; sys.path.append(sys.argv[1]); import ipykernel_launcher, ipykernel.kernelapp"


@dataclass(frozen=True, slots=True)
class _Interpreter:
    python: str
    kind: str
    markers: Mapping[str, str]
    own: Mapping[str, Dist]
    environ: Mapping[str, str]


async def ensure(
    python: str,
    folders: Sequence[Path],
    settings: Settings,
    environ: Mapping[str, str],
    root: Path | None = None,
) -> str | None:
    """The overlay for the kernel of the environment whose interpreter is ``python``; None if it needs none.

    The builder calls it when everything is installed. ``folders`` hold the environment's packages;
    ``root`` is the workspace's folder, whose indexes are asked first. Raises :class:`KernelMissing`.
    """
    answer = json.loads(await process.output([python, "-I", "-c", _QUESTION], env=environ))
    if answer["kernel"]:
        return None
    own = await asyncio.to_thread(overlay_fit.installed, [*folders, *filter(None, answer["path"])])
    if "ipykernel" in own:
        raise _broken(python, own["ipykernel"].version, answer["problem"] or "")
    interpreter = _Interpreter(python, answer["kind"], answer["markers"], own, environ)
    folder = await asyncio.to_thread(_existing, interpreter)
    if folder is None:
        folder = await _make(interpreter, settings, root)
    await _try(interpreter, folder)
    return str(folder)


def _home(interpreter: _Interpreter) -> Path:
    return folders.data_dir() / "overlays" / interpreter.kind


def _existing(interpreter: _Interpreter) -> Path | None:
    """An overlay that is there already and goes together with the environment's own packages."""
    for folder in sorted(_home(interpreter).glob("[!.]*"), reverse=True):
        if overlay_fit.fits(interpreter.own, interpreter.markers, folder):
            return folder
    return None


async def _make(interpreter: _Interpreter, settings: Settings, root: Path | None) -> Path:
    """Resolve under the environment's versions, install aside, compile, and put in place in one step."""
    home = _home(interpreter)
    home.mkdir(parents=True, exist_ok=True)
    aside = home / f".{uuid.uuid4().hex[:8]}"
    aside.mkdir()
    try:
        uv = await _uv(interpreter, settings, aside)
        dists, uv = await _resolve(uv, interpreter, root)
        version = next(dist.partition("==")[2] for dist in dists if dist.startswith("ipykernel=="))
        digest = hashlib.sha256("\n".join(dists).encode()).hexdigest()[:12]
        folder = home / f"ipykernel-{version}-{digest}"
        if not folder.exists():
            content = aside / "content"
            await _install(uv, interpreter, dists, content)
            await bytecode.compile_all(interpreter.python, [content], interpreter.environ, later=folder)
            with contextlib.suppress(OSError):  # somebody else was faster: theirs is the same
                content.rename(folder)
        return folder
    finally:
        shutil.rmtree(aside, ignore_errors=True)


async def _uv(interpreter: _Interpreter, settings: Settings, folder: Path) -> Uv:
    binary = await uv_binary.find(settings.uv, interpreter.environ)
    environ = {**interpreter.environ, "PATH": search_path(interpreter.environ)}
    return Uv(binary, Path(interpreter.python), folder, environ)


async def _resolve(uv: Uv, interpreter: _Interpreter, root: Path | None) -> tuple[list[str], Uv]:
    """What is missing for ipykernel, as ``name==version``, and the uv that found it.

    The workspace's indexes come first (there may be no other on a company's network); an index that
    has only the project's own packages does not have ipykernel, so then the user's configuration counts.
    """
    constraints = uv.folder / "constraints.txt"
    constraints.write_text("\n".join(_pins(interpreter.own)), encoding="utf-8")
    arguments = ["pip", "install", "--python", interpreter.python, "--dry-run", "--no-build"]
    arguments += ["--constraints", str(constraints), REQUIREMENT]
    if root is not None:
        with contextlib.suppress(ApposeKernelError):
            return await _missing(uv.in_folder(root), arguments, interpreter), uv.in_folder(root)
    try:
        return await _missing(uv, arguments, interpreter), uv
    except SolveError as error:
        raise _too_old(interpreter, error) from error
    except ApposeKernelError as error:
        raise InstallError(
            f"{interpreter.python}: the environment has no ipykernel, and it could not be fetched.",
            remedy=f"{error.remedy} Or add ipykernel to the environment.",
            detail=error.detail or error.message,
        ) from error


def _pins(own: Mapping[str, Dist]) -> Iterator[str]:
    for name, dist in own.items():
        with contextlib.suppress(InvalidVersion):  # such a version was possible once; uv cannot read it
            yield f"{name}=={Version(dist.version)}"


async def _missing(uv: Uv, arguments: Sequence[str], interpreter: _Interpreter) -> list[str]:
    """What uv would install; what the environment has in another way (from a URL) stays as it is."""
    async with contextlib.aclosing(uv.lines(*arguments)) as lines:
        plan = [match async for line in lines if (match := re.match(r" \+ (([^=\s]+)==\S+)", line))]
    return sorted(match[1] for match in plan if match[2] not in interpreter.own)


async def _install(uv: Uv, interpreter: _Interpreter, dists: list[str], content: Path) -> None:
    arguments = ["pip", "install", "--python", interpreter.python, "--target", str(content)]
    await uv.output(*arguments, "--no-deps", "--no-build", "--link-mode", "copy", *dists, timeout=600)


async def _try(interpreter: _Interpreter, folder: Path) -> None:
    """Import it as the kernel will: metadata may promise what the code does not keep."""
    try:
        argv = [interpreter.python, "-I", "-c", _TRIAL, str(folder)]
        await process.output(argv, env=interpreter.environ)
    except ToolFailed as error:
        reached = overlay_fit.reached(interpreter.own, interpreter.markers, folder)
        raise KernelMissing(
            f"{interpreter.python}: the ipykernel that goes together with {_listed(interpreter, reached)} "
            "of this environment does not start.",
            remedy=f"Raise the version of {' or '.join(reached) or 'Python'} in the manifest.",
            detail=error.detail,
        ) from error


def _broken(python: str, version: str, problem: str) -> KernelMissing:
    return KernelMissing(
        f"{python}: the environment's own ipykernel {version} cannot be imported.",
        remedy="Raise its version in the manifest, or remove it: then one that fits is added.",
        detail=problem,
    )


def _too_old(interpreter: _Interpreter, error: SolveError) -> KernelMissing:
    """Name the packages that the solver found in the way."""
    named = set(re.findall(r"\b([a-z0-9-]+)==([^\s,]+)", error.detail))
    names = [name for name, dist in interpreter.own.items() if (name, dist.version) in named]
    return KernelMissing(
        f"{interpreter.python}: no ipykernel goes together with {_listed(interpreter, names)} "
        "of this environment.",
        remedy=f"Raise the version of {' or '.join(names) or 'what uv names below'} in the manifest.",
        detail=error.detail,
    )


def _listed(interpreter: _Interpreter, names: Sequence[str]) -> str:
    return ", ".join(f"{name} {interpreter.own[name].version}" for name in names) or "the packages"
