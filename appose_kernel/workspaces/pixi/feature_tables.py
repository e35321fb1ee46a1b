"""The tables of a feature: what it adds to an environment, everywhere and on some platforms.

https://pixi.prefix.dev/latest/reference/pixi_manifest/#the-feature-table
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from ..tables import Table
from ..toml.positions import Key
from . import conda_specs, known_keys, options, pypi_specs, rich_platforms
from .model import Channel, Dependency, PixiFeature, Platform, Target

#: The later of these wins where they name the same package.
_CONDA = ("dependencies", "host-dependencies", "build-dependencies")


def read(
    name: str,
    table: Table,
    platforms: Sequence[Platform],
    *,
    known: Set[str] = known_keys.FEATURE,
    settings: Table | None = None,
    pypi: Mapping[str, tuple[Dependency, ...]] | None = None,
) -> PixiFeature:
    """The feature of a ``[feature.NAME]``, of an environment's table or of the manifest's top.

    ``settings`` is the table with the keys about solving (``[workspace]``, for the default feature), and
    ``pypi`` are requirements from elsewhere in the file.
    """
    known_keys.check(table, known)
    settings = settings or table
    is_default = settings is not table
    return PixiFeature(
        name=name,
        keys=table.keys,
        channels=None if is_default else channels(table),
        platforms=None if is_default else _platforms(table, platforms),
        channel_priority=_one_of(settings, "channel-priority", "strict", "disabled"),
        strategy=_one_of(settings, "solve-strategy", "highest", "lowest", "lowest-direct"),
        requirements=rich_platforms.system_requirements(table),
        pypi_options=options.read(table),
        targets=tuple(_targets(table, platforms, pypi or {})),
    )


def channels(table: Table) -> tuple[Channel, ...] | None:
    """The channels as they stand in the manifest; None where it does not name any."""
    if "channels" not in table:
        return None
    return tuple(_channel(table, number, entry) for number, entry in enumerate(table.elements("channels")))


def _channel(table: Table, number: int, entry: object) -> Channel:
    if isinstance(entry, str):
        return Channel(entry)
    if not isinstance(entry, dict):
        raise table.invalid(
            "a channel is a name, a URL or a table.",
            "channels",
            number,
            remedy='Write it like "bioconda".',
        )
    inner = Table(table.file, entry, (*table.keys, "channels", number))
    inner.only("channel", "priority", "exclude-newer")
    name, priority = inner.text("channel"), entry.get("priority", 0)
    if not name or not isinstance(priority, int):
        raise inner.invalid(
            "a channel's table needs a `channel` and may have a number as `priority`.",
            remedy='Write it like { channel = "nvidia", priority = 1 }.',
        )
    return Channel(name, priority, "exclude-newer" in entry)


def _platforms(table: Table, platforms: Sequence[Platform]) -> tuple[str, ...] | None:
    if "platforms" not in table:
        return None
    names = table.texts("platforms")
    for number, name in enumerate(names):
        rich_platforms.check_name(table, number, name, platforms)
    return names


def _one_of(table: Table, key: str, *known: str) -> str | None:
    value = table.text(key)
    if value is not None and value not in known:
        raise table.invalid(f"`{value}` is no `{key}`.", key, remedy=f"It may be one of: {', '.join(known)}.")
    return value


def _targets(
    table: Table, platforms: Sequence[Platform], pypi: Mapping[str, tuple[Dependency, ...]]
) -> Iterator[Target]:
    yield _target("", table, pypi)
    targets = table.table("target")
    for selector in targets.data:
        rich_platforms.check_selector(targets, selector, platforms)
        inner = targets.table(selector)
        known_keys.check(inner, known_keys.TARGET)
        yield _target(selector, inner, {})


def _target(selector: str, table: Table, pypi: Mapping[str, tuple[Dependency, ...]]) -> Target:
    conda: dict[str, Dependency] = {}
    for kind in _CONDA:
        conda |= _all(table.table(kind))
    activation = table.table("activation")
    activation.only("scripts", "env")
    return Target(
        selector=selector,
        conda=conda,
        constraints=_all(table.table("constraints"), constraint=True),
        pypi=_pypi(table.table("pypi-dependencies"), pypi),
        scripts=activation.texts("scripts") if "scripts" in activation else None,
        variables=_variables(activation.table("env")),
        dev=tuple(_dev(table)),
    )


def _all(table: Table, *, constraint: bool = False) -> dict[str, Dependency]:
    found = (conda_specs.read(table, key, constraint=constraint) for key in table.data)
    return {dependency.name: dependency for dependency in found}


def _pypi(table: Table, others: Mapping[str, tuple[Dependency, ...]]) -> dict[str, tuple[Dependency, ...]]:
    """The table's requirements beside those of a ``pyproject.toml``: both count."""
    found = dict(others)
    for key in table.data:
        dependency = pypi_specs.read(table, key)
        found[dependency.name] = (*found.get(dependency.name, ()), dependency)
    return found


def _variables(env: Table) -> dict[str, str]:
    return {key: env.text(key) or "" for key in env.data}


def _dev(table: Table) -> Iterator[tuple[Key, ...]]:
    entries = table.table("dev")
    yield from ((*entries.keys, key) for key in entries.data)
