"""py-rattler's client, gateway and configuration, as pixi would set them up.

Mirrors, proxies, TLS, credentials (``RATTLER_AUTH_FILE``, ``authentication-override-file``, rattler's own
store) are rattler's own business, given the files of pixi's configuration.
https://pixi.prefix.dev/latest/reference/pixi_configuration/
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rattler import Channel, ChannelConfig, Gateway
from rattler.config import Config
from rattler.exceptions import ConfigError
from rattler.networking import Client
from rattler.package_cache import PackageCache

from ...errors import ManifestInvalid
from .tasks import Surroundings

_LINKS = ("allow-hard-links", "allow-symbolic-links")


@dataclass(frozen=True)
class Network:
    surroundings: Surroundings

    @cached_property
    def config(self) -> Config:
        """The configuration, and copies instead of links where it does not say otherwise.

        Who changes a linked file in a prefix, as a notebook may, changes it in the cache and so in
        every other prefix. Reflinks cost as little and do not: rattler makes them where it can.
        """
        config = Config()
        for path, shared in self.surroundings.files:
            config = config.merge(_load(Path(path), shared))
        for key, value in zip(_LINKS, (config.allow_hard_links, config.allow_symbolic_links), strict=True):
            if value is None:
                config.set(key, "false")
        return config

    @cached_property
    def client(self) -> Client:
        return Client.from_config(self.config, user_agent="appose-kernel")

    @cached_property
    def gateway(self) -> Gateway:
        folder = Path(self.surroundings.cache, "repodata") if self.surroundings.cache else None
        return Gateway.from_config(self.config, cache_dir=folder, client=self.client)

    @cached_property
    def packages(self) -> PackageCache | None:
        """The cache of packages; None for rattler's own."""
        return PackageCache(Path(self.surroundings.cache, "pkgs")) if self.surroundings.cache else None

    def channels(self, written: Sequence[str]) -> list[Channel]:
        """Channels as a manifest writes them: names, URLs, paths from the workspace's root."""
        config = ChannelConfig(root_dir=self.surroundings.root)
        return [Channel(name, config) for name in written]


def _load(file: Path, shared: bool) -> Config:
    try:
        return Config.load_from_locations([(file, shared)])
    except ConfigError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise ManifestInvalid(
            file,
            int(line[1]) if line else None,
            "this is no configuration that pixi could use.",
            remedy="Correct what is named below.",
            detail=str(error),
        ) from error
