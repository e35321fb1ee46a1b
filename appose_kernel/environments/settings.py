"""What an administrator or a user may configure, read from ``jupyter_appose_config.py`` or ``.json``."""

from __future__ import annotations

from pathlib import Path

from jupyter_core.paths import jupyter_config_path
from traitlets import Bool, Enum, Int, List, TraitError, Unicode
from traitlets.config import Configurable
from traitlets.config.loader import (
    Config,
    ConfigFileNotFound,
    FileConfigLoader,
    JSONFileConfigLoader,
    PyFileConfigLoader,
)

from ..errors import ApposeKernelError
from ..workspaces import finding

NAME = "jupyter_appose_config"


class Settings(Configurable):
    """``c.Settings.<name>`` in the configuration file."""

    frozen = Bool(
        False, help="Install what the lock says without looking at the manifest, as `uv sync --frozen` does."
    ).tag(config=True)
    uv = Unicode(
        "", help="The uv to use. Empty: the one installed with appose-kernel, else the first on PATH."
    ).tag(config=True)
    engine = Enum(
        ("auto", "pixi", "embedded"),
        "auto",
        help="What builds pixi workspaces: the `pixi` binary, or appose-kernel itself (`embedded`). With "
        "`auto`, the binary where there is one.",
    ).tag(config=True)
    pixi = Unicode(
        "", help="The pixi to use. Empty: the first on PATH, or the one where pixi's installer puts it."
    ).tag(config=True)
    pass_variables = List(
        Unicode(),
        help="Environment variables of the server that builds and kernels may see although they belong to "
        "another environment or tool, such as `UV_CACHE_DIR` or `UV_INDEX_URL`.",
    ).tag(config=True)
    register = Bool(
        True, help="Whether the first successful build of an environment writes a kernelspec for it."
    ).tag(config=True)
    folders = List(
        Unicode(), help="Further folders in which to look for workspaces, such as `/opt/course`."
    ).tag(config=True)
    depth = Int(
        finding.DEPTH, min=0, help="How many folders below the server's root workspaces are looked for."
    ).tag(config=True)


def load() -> Settings:
    """The settings of this machine and user; a file nearer to the user wins."""
    config = Config()
    for folder in reversed(jupyter_config_path()):
        for loader in (
            JSONFileConfigLoader(f"{NAME}.json", folder),
            PyFileConfigLoader(f"{NAME}.py", folder),
        ):
            config.merge(_load(loader))
    try:
        return Settings(config=config)
    except TraitError as error:
        raise ApposeKernelError(
            f"{NAME}: {error}", remedy=f"Correct that value; the file is in one of {jupyter_config_path()}."
        ) from error


def _load(loader: FileConfigLoader) -> Config:
    try:
        return loader.load_config()
    except ConfigFileNotFound:
        return Config()
    except Exception as error:  # the file is Python code of the user's: anything can come out of it
        file = Path(loader.full_filename)
        raise ApposeKernelError(
            f"{file} cannot be read: {error}", remedy=f"Correct {file.name}, or remove it."
        ) from error
