"""What an environment of a pixi workspace contains on a platform.

The features of an environment all count, the earlier one first and the default one last; within a feature,
of the targets that match the later one wins, package by package and variable by variable. pixi's own rules:
https://pixi.prefix.dev/latest/reference/pixi_manifest/#the-environments-table
https://pixi.prefix.dev/latest/workspace/multi_platform_configuration/#wildcard-platform-selectors
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...errors import PlatformUnsupported
from ...model import Composition, SolveOptions, Spec
from ..pep508 import python_problem
from . import options, rich_platforms
from .model import DEFAULT, Dependency, PixiEnvironment, PixiFeature, PixiManifest, Platform, Target

#: Platforms whose programs another one runs, where a workspace does not know that one.
_EMULATED = {"osx-arm64": "osx-64", "win-arm64": "win-64"}


def platforms(manifest: PixiManifest, environment: PixiEnvironment) -> tuple[Platform, ...]:
    """The platforms that all features of the environment are for, in the manifest's order.

    pixi takes the first that the machine can run. A feature names platforms, or conda's for all of its
    kind, which leaves out those that another feature names.
    """
    features = manifest.features_of(environment)
    listed = [name for feature in features for name in feature.platforms or ()]
    bare = [Platform(name, name) for name in listed if name in rich_platforms.SUBDIRS]
    known = {platform.name: platform for platform in (*manifest.platforms, *bare)}
    exact = {known[name].subdir for name in listed if name in known}
    return tuple(
        platform
        for platform in known.values()
        if all(_supports(manifest, feature, platform) for feature in features)
        and (platform.name in listed or platform.subdir not in exact)
    )


def _supports(manifest: PixiManifest, feature: PixiFeature, platform: Platform) -> bool:
    if not feature.platforms:
        return platform in manifest.platforms
    return platform.name in feature.platforms or platform.subdir in feature.platforms


def platform_for(manifest: PixiManifest, environment: PixiEnvironment, wanted: str) -> Platform:
    """The environment's platform of that name, or the first of that kind. Raises PlatformUnsupported."""
    known = platforms(manifest, environment)
    if not manifest.platforms and not known:
        return Platform(wanted, wanted)
    for name in filter(None, (wanted, _EMULATED.get(wanted))):
        for platform in sorted(known, key=lambda platform: platform.name != name):
            if name in (platform.name, platform.subdir):
                return platform
    raise _unsupported(manifest, environment, wanted, known)


def running(manifest: PixiManifest, environment: PixiEnvironment) -> tuple[str, ...]:
    """conda's names of the platforms that run the environment; none where the manifest does not say."""
    known = [platform.subdir for platform in platforms(manifest, environment)]
    emulating = [name for name, emulated in _EMULATED.items() if emulated in known]
    return tuple(dict.fromkeys([*known, *emulating]))


def _unsupported(
    manifest: PixiManifest, environment: PixiEnvironment, wanted: str, known: Iterable[Platform]
) -> PlatformUnsupported:
    names = ", ".join(platform.name for platform in known) or "no platform at all"
    narrow = next((f for f in manifest.features_of(environment) if f.platforms is not None), None)
    keys = (*(narrow.keys if narrow else manifest.workspace_keys), "platforms")
    return PlatformUnsupported(
        manifest.file,
        manifest.line(*keys),
        f"environment `{environment.name}` is not for {wanted}; it is for {names}.",
        [platform.name for platform in known],
        remedy="Pick another environment, or add the platform here.",
    )


def targets(feature: PixiFeature, platform: Platform) -> tuple[Target, ...]:
    """What a feature says for a platform, the least specific first."""
    return tuple(t for t in feature.targets if rich_platforms.matches(t.selector, platform))


def compose(manifest: PixiManifest, environment: PixiEnvironment, wanted: str) -> Composition:
    platform = platform_for(manifest, environment, wanted)
    features = manifest.features_of(environment)
    specs = list(_specs(features, platform))
    python = ",".join(_pythons(specs))
    return Composition(
        platform=platform.subdir,
        python=python,
        specs=tuple(dict.fromkeys(_applying(specs, platform, manifest.python or python))),
        channels=_channels(manifest, features),
        variables=_variables(features, platform),
        scripts=tuple(_scripts(features, platform)),
        requirements=rich_platforms.declared(platform, [feature.requirements for feature in features]),
        options=_options(manifest, features),
    )


def dependencies(feature: PixiFeature, platform: Platform) -> Iterator[Dependency]:
    """The feature's requirements on a platform: conda's, constraints, then Python's."""
    conda: dict[str, Dependency] = {}
    constraints: dict[str, Dependency] = {}
    pypi: dict[str, tuple[Dependency, ...]] = {}
    for target in targets(feature, platform):
        conda |= target.conda
        constraints |= target.constraints
        pypi |= target.pypi
    yield from conda.values()
    yield from constraints.values()
    for alike in pypi.values():
        yield from alike


def _specs(features: Iterable[PixiFeature], platform: Platform) -> Iterator[Spec]:
    for feature in features:
        origin = "" if feature.name == DEFAULT else feature.name
        for found in dependencies(feature, platform):
            yield Spec(found.kind, found.name, found.requirement, origin, found.index, found.editable)


def _pythons(specs: Iterable[Spec]) -> Iterator[str]:
    """The versions of Python that conda's requirements allow."""
    for spec in specs:
        if spec.kind == "conda" and spec.name == "python":
            version = spec.requirement.partition("[")[0].split(" ")[1:2]
            yield from (text for text in version if text != "*")


def _applying(specs: Iterable[Spec], platform: Platform, python: str) -> Iterator[Spec]:
    """Without the Python packages whose marker is not for the platform."""
    specs = list(specs)
    if not any(spec.kind == "pypi" and ";" in spec.requirement for spec in specs):
        yield from specs
        return
    from ..markers import Target as Judge  # noqa: PLC0415  (slow to import, and rarely needed)

    judge = Judge(platform.subdir, "" if python_problem(python) else python)
    yield from (spec for spec in specs if spec.kind != "pypi" or judge.applies(spec.requirement))


def _channels(manifest: PixiManifest, features: Iterable[PixiFeature]) -> tuple[str, ...]:
    """A feature without channels has the workspace's; a higher priority comes first."""
    listed = [
        channel
        for feature in features
        for channel in (manifest.channels if feature.channels is None else feature.channels)
    ]
    listed.sort(key=lambda channel: -channel.priority)
    return tuple(dict.fromkeys(channel.name for channel in listed))


def _variables(features: Iterable[PixiFeature], platform: Platform) -> dict[str, str]:
    """In the order in which pixi sets them: the default feature's first, which any other overrides."""
    found: dict[str, str] = {}
    for feature in reversed(list(features)):
        own: dict[str, str] = {}
        for target in reversed(targets(feature, platform)):
            own = {**own, **{key: value for key, value in target.variables.items() if key not in own}}
        found |= own
    return found


def _scripts(features: Iterable[PixiFeature], platform: Platform) -> Iterator[str]:
    """Each feature's, of its most specific target only."""
    for feature in features:
        said = [target.scripts for target in targets(feature, platform) if target.scripts is not None]
        yield from said[-1] if said else ()


def _options(manifest: PixiManifest, features: tuple[PixiFeature, ...]) -> SolveOptions:
    priorities = (feature.channel_priority for feature in features)
    strategies = (feature.strategy for feature in features)
    return SolveOptions(
        channel_priority=next(filter(None, priorities), "strict"),
        strategy=next(filter(None, strategies), "highest"),
        exclude_newer=manifest.exclude_newer,
        pypi=options.merged(manifest.pypi_options, [feature.pypi_options for feature in features]),
    )
