"""Format ``appose``: environments that applications have built with Appose (Fiji, napari, scripts…).

They lie in one folder, each in a folder of its own that holds the manifest it was built from and
``appose.json``, what the application asked for. Appose's builders lay them out in three ways:
https://github.com/apposed/appose-python/tree/main/src/appose/builder
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import ManifestError
from ..model import Composition, Environment, Spec, Workspace
from . import conda, files, pixi, requirements, uv
from .pep508 import PYPI, name_and_extras, problem

NAME = "appose"
STATE = "appose.json"
manifests: tuple[str, ...] = (
    STATE,
    "pixi.toml",
    "pyproject.toml",
    "environment.yml",
    "requirements.txt",
)
#: The formats of the manifests that Appose puts beside a prefix, in its own order.
_WRITTEN_IN: tuple[ModuleType, ...] = (pixi, uv, conda, requirements)


def home(environ: Mapping[str, str]) -> Path:
    """The folder of all environments, the same on every platform.

    https://github.com/apposed/appose-python/blob/main/src/appose/util/environment.py
    """
    if configured := environ.get("APPOSE_ENVS_DIR"):
        return files.absolute(Path(configured))
    return Path.home() / ".local" / "share" / "appose"


def folders(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The folders that may each hold a workspace of an application, for listings."""
    top = home(environ)
    return tuple(top / name for name in files.folders(top))


def detect(path: Path) -> Workspace | None:
    """The workspace that ``path`` is a manifest of; None outside of Appose's folder."""
    root = path.parent
    if root.name.startswith(".") or not _is_home(root.parent) or not files.exists(path):
        return None
    every = tuple(root / name for name in manifests)
    return Workspace(
        name=files.display_name(root),
        format=NAME,
        manifest=next(filter(files.exists, every)),
        root=root,
        lock=None,
        inputs=(*every, root / "pixi.lock", root / "uv.lock"),
    )


def _is_home(folder: Path) -> bool:
    top = home(os.environ)
    return folder == top or (folder.name == top.name and os.path.realpath(folder) == os.path.realpath(top))


def environments(workspace: Workspace) -> tuple[Environment, ...]:
    """Those whose prefixes are there; if none is, the one that the application will build."""
    found = dict(_prefixes(workspace.root))
    return tuple(Environment(workspace, name, prefix=prefix) for name, prefix in found.items())


def _prefixes(root: Path) -> Iterator[tuple[str, Path]]:
    if files.exists(root / ".pixi") or files.exists(root / "pixi.toml"):
        pixis = root / ".pixi" / "envs"
        # `default` first: it is what Appose activates unless it is told otherwise
        for name in sorted(files.folders(pixis), key=lambda name: name != "default") or ["default"]:
            yield name, pixis / name
    elif files.exists(root / ".venv") or files.exists(root / "pyproject.toml"):
        yield "default", root / ".venv"
    else:  # mamba's, and uv's without a project
        yield "default", root


def compose(environment: Environment, platform: str) -> Composition:
    """What the application asked for: its manifest's, or the packages that it named to Appose."""
    root, name = environment.workspace.root, environment.name
    state = _state(root)
    for kind in _WRITTEN_IN:
        for manifest in kind.manifests:
            inner = kind.detect(root / manifest) if files.exists(root / manifest) else None
            for candidate in kind.environments(inner) if inner else ():
                if candidate.name == name:
                    found: Composition = kind.compose(candidate, platform)
                    return found
    python = state.get("pythonVersion")
    return Composition(
        platform=platform,
        python=f"=={python}.*" if isinstance(python, str) else "",
        specs=tuple(_packages(state)),
        channels=(PYPI,),
    )


def variables(workspace: Workspace) -> dict[str, str]:
    """The variables that the application gives its own workers, taken literally."""
    found = _state(workspace.root).get("envVars")
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: value for name, value in pairs if isinstance(value, str)}


def _packages(state: Mapping[str, Any]) -> Iterator[Spec]:
    packages = state.get("packages")
    for text in packages if isinstance(packages, list) else ():
        if isinstance(text, str) and not problem(text):
            yield Spec("pypi", name_and_extras(text)[0], text)


def _state(root: Path) -> dict[str, Any]:
    """What ``appose.json`` says; empty where it is absent or damaged, for Appose writes it anew."""
    try:
        data = json.loads(files.read_text(root / STATE))
    except (ManifestError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
