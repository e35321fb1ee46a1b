"""pixi's own configuration: where its files are, and where they have pixi put environments.

https://pixi.prefix.dev/latest/reference/pixi_configuration/
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ...model import WINDOWS
from .. import files as disk
from .. import toml
from ..tables import Table

MACOS = sys.platform == "darwin"
_FILE = "config.toml"


class File(NamedTuple):
    """A configuration file; ``shared`` ones are read by all tools that use rattler.

    A list of these is what ``rattler.config.Config.load_from_locations`` takes.
    """

    path: Path
    shared: bool


def files(root: Path | None, environ: Mapping[str, str]) -> list[File]:
    """The files that are there, the one that wins last. ``root`` is the workspace's, None outside of one."""
    found = [] if _yes(environ.get("PIXI_NO_CONFIG")) else list(_everywhere(environ))
    if only := environ.get("PIXI_CONFIG_FILE"):
        found = [File(Path(only), shared=False)]
    if root is not None:
        found.append(File(root / ".pixi" / _FILE, shared=False))
    # a variable may lead to the same folder as the default does
    return [file for file in dict.fromkeys(found) if disk.is_file(file.path)]


def default_channels(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The channels for what belongs to no workspace; none where no file names any."""
    found: tuple[str, ...] = ()
    for file in files(None, environ):
        table = Table(file.path, toml.read(file.path))
        for key in ("default_channels", "default-channels"):  # as pixi wrote it before 0.21, and since
            found = table.texts(key) or found
    return found


def envs(root: Path, name: str, environ: Mapping[str, str]) -> Path:
    """The folder of the environments of the workspace ``name`` in ``root``.

    With detached environments that is far from the workspace, and ``.pixi/envs`` a link to it (nothing on
    Windows). Raises ManifestInvalid where a configuration file cannot be understood.
    """
    usual = root / ".pixi" / "envs"
    if usual.is_symlink():
        return usual.parent / usual.readlink()
    away = _detached(root, environ)
    if away is None:
        return usual
    from xxhash import xxh3_64_intdigest  # noqa: PLC0415  (an extension, for the few that need it)

    # crates/pixi_core/src/workspace/mod.rs, `detached_environments_path`
    return away / f"{name}-{xxh3_64_intdigest(os.fsencode(root))}" / "envs"


def cache(root: Path, environ: Mapping[str, str]) -> Path | None:
    """The folder of pixi's caches, where a variable or the configuration names one; else None."""
    return _root(_tables(root, environ), environ)


def _everywhere(environ: Mapping[str, str]) -> Iterator[File]:
    """Where pixi looks, the least important place first."""
    home = _home(environ)
    system = Path(environ.get("PROGRAMDATA", "C:/ProgramData")) if WINDOWS else Path("/etc")
    for tool in ("rattler", "pixi"):
        yield File(system / tool / _FILE, shared=tool == "rattler")
    for tool in ("rattler", "pixi"):
        for folder in _configurations(home, environ):
            yield File(folder / tool / _FILE, shared=tool == "rattler")
        if tool == "rattler" and (own := environ.get("RATTLER_HOME")):
            yield File(Path(own) / _FILE, shared=True)
    yield File(home / ".pixi" / _FILE, shared=False)
    if own := environ.get("PIXI_HOME"):
        yield File(Path(own) / _FILE, shared=False)


def _configurations(home: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """The folders of a user's configuration."""
    if WINDOWS:
        yield Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
        return
    if not MACOS:
        yield home / ".config"
    if xdg := environ.get("XDG_CONFIG_HOME"):
        yield Path(xdg)
    if MACOS:
        yield home / "Library" / "Application Support"


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("USERPROFILE" if WINDOWS else "HOME") or Path.home())


def _yes(value: str | None) -> bool:
    return (value or "").lower() in ("1", "true", "yes", "on")


def _tables(root: Path, environ: Mapping[str, str]) -> list[Table]:
    return [Table(file.path, toml.read(file.path)) for file in files(root, environ) if not file.shared]


def _detached(root: Path, environ: Mapping[str, str]) -> Path | None:
    """The folder for all workspaces' environments, where they do not stay with their workspaces."""
    tables = _tables(root, environ)
    detached: bool | Path = False
    for table in tables:
        value = table.data.get("detached-environments", detached)
        if isinstance(value, str):
            detached = _absolute(table, value, "detached-environments", environ)
        elif isinstance(value, (bool, Path)):
            detached = value
        else:
            raise table.invalid(
                "`detached-environments` must be true, false or a path.",
                "detached-environments",
                remedy="Write true, false or a path.",
            )
    return _cached(tables, environ) if detached is True else detached or None


def _cached(tables: list[Table], environ: Mapping[str, str]) -> Path:
    """Where detached environments go without a path of their own.

    https://pixi.prefix.dev/latest/reference/pixi_configuration/#resolution-order; that pixi avoids network
    file systems, too, is not told in advance.
    """
    if own := environ.get("PIXI_CACHE_DETACHED_ENVIRONMENTS_DIR"):
        return Path(own)
    if configured := _configured(tables, "detached-environments", environ):
        return configured
    if root := _root(tables, environ):
        return root / "envs"
    caches = _caches(environ)
    pixis = caches / "pixi"
    return (pixis if pixis.is_dir() else caches / "rattler" / "cache") / "envs"


def _root(tables: list[Table], environ: Mapping[str, str]) -> Path | None:
    """The folder that somebody has chosen for all caches."""
    for variable in ("PIXI_CACHE_DIR", "RATTLER_CACHE_DIR"):
        if root := environ.get(variable):
            return Path(root)
    return _configured(tables, "root", environ)


def _configured(tables: list[Table], key: str, environ: Mapping[str, str]) -> Path | None:
    """A path of the table ``[cache]``."""
    for table in reversed(tables):
        cache = table.table("cache")
        if value := cache.text(key):
            return _absolute(cache, value, key, environ)
    return None


def _absolute(table: Table, value: str, key: str, environ: Mapping[str, str]) -> Path:
    path = Path(value)
    if value == "~" or value.startswith("~/"):
        path = _home(environ) / value[2:]
    if path.is_absolute():
        return path
    raise table.invalid(f"`{key}` must be an absolute path.", key, remedy="Begin it with `/` or `~/`.")


def _caches(environ: Mapping[str, str]) -> Path:
    home = _home(environ)
    if WINDOWS:
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    if MACOS:
        return home / "Library" / "Caches"
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache")
