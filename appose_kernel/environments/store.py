"""The place of each environment's prefix. Every kernel start imports this."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ..model import Environment, Prefix
from ..workspaces.names import slug
from . import choice, folders, glance, inputs

#: The folder of records, among the prefixes that they are about.
RECORDS = ".records"
PIXIS_FOLDER = ".pixi"


def place(env: Environment, digest: str = "") -> Prefix:
    """Where the environment's prefix is, or will be: files only, and nothing is made.

    In place where the workspace can be written, for a terminal's ``uv run`` or ``pixi run`` and the notebook
    to share it; else in the store, under a name that changes with what the environment is made from; or
    where another application has put it. ``digest`` is the environment's, from who has it already.
    """
    chosen = choice.of(env)
    engine = chosen.engine if chosen else ""
    if env.prefix is not None:
        return Prefix(env.prefix, _kept(env, digest).records, conda=(env.prefix / "conda-meta").is_dir())
    if engine == "pixi":
        return _pixis_own(env)
    if engine == "embedded" or env.workspace.format == "script" or not folders.writable(env.workspace.root):
        return replace(_kept(env, digest), conda=engine == "embedded")
    folder, name = env.workspace.root / ".venvs", slug(env.name)
    path = env.workspace.root / ".venv" if _is_uvs_own(env) else folder / name
    return Prefix(path, folder.joinpath(RECORDS, name))


def is_kept(prefix: Prefix) -> bool:
    """Whether the prefix is in the store, and not in place."""
    return prefix.path.parent == _folder()


@glance.shared
def _folder() -> Path:
    return folders.data_dir() / "store"


def _kept(env: Environment, digest: str) -> Prefix:
    folder = _folder()
    name = f"{slug(f'{env.workspace.name}-{env.name}')}-{(digest or inputs.digest(env))[:12]}"
    return Prefix(folder / name, folder.joinpath(RECORDS, name))


def _pixis_own(env: Environment) -> Prefix:
    root = env.workspace.root
    path = _pixis_folder(root, env.workspace.name) / env.name
    return Prefix(path, root.joinpath(PIXIS_FOLDER, RECORDS, slug(env.name)), conda=True)


@glance.shared
def _pixis_folder(root: Path, name: str) -> Path:
    from ..workspaces.pixi import config  # noqa: PLC0415  (reads TOML, for pixi's environments only)

    return config.envs(root, name, os.environ)


def _is_uvs_own(env: Environment) -> bool:
    """Whether uv itself would put this environment into ``.venv``; a workspace's member has none."""
    workspace = env.workspace
    member = workspace.lock is not None and workspace.lock.parent != workspace.root
    return env.name == "default" and not member


def prepare(prefix: Prefix) -> None:
    """Make the folder of records, shared with whoever shares the workspace, and hide it from git."""
    top = prefix.records.parents[1]
    top.parent.mkdir(parents=True, exist_ok=True)
    for folder in (top, top / RECORDS, prefix.records, prefix.records / "waiting"):
        folders.share(folder)
    ignore = top / ".gitignore"
    if not ignore.exists():
        # pixi writes the same, but leaves alone what is there; its configuration may well be committed
        kept = "!config.toml\n" if top.name == PIXIS_FOLDER else ""
        ignore.write_text(f"*\n{kept}", encoding="utf-8")
