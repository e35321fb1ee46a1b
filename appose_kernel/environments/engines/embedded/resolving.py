"""The Python packages of a conda environment: resolved by uv under what conda brings, and installed by it.

What conda brings is told to uv as constraints on wheels that are empty but for their metadata. So it counts
with its version, its own requirements (conda's business) do not, and no index has to have it.
"""

from __future__ import annotations

import asyncio
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ....errors import EngineUnsupported
from ....model import Composition, SolveOptions, Spec
from ..uv.command import Uv
from . import pylock
from .conda_python import Target
from .pylock import Package

#: Seconds that a resolution may take: it may have to build sources to know what they need.
PATIENCE = 1800.0
_WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_PROJECT = "appose-kernel-environment"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to resolve. ``brought`` is by PyPI's name the version that conda brings, ``kept`` by name the
    version to keep if possible, ``pinned`` likewise to keep in any case."""

    specs: Sequence[Spec]
    options: SolveOptions
    target: Target
    brought: Mapping[str, str]
    kept: Mapping[str, str] = field(default_factory=dict)
    pinned: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The packages to install, and the names among those that conda brings that they want."""

    packages: list[Package]
    from_conda: set[str]


async def resolve(uv: Uv, folder: Path, wanted: Wanted) -> Resolution:
    """Resolve in ``folder``, which is ours to fill. Raises what :class:`Uv` does, and EngineUnsupported."""
    arguments = await asyncio.to_thread(_prepare, uv, folder, wanted)
    await uv.in_folder(folder).output("pip", "compile", *arguments, timeout=PATIENCE)
    text = (folder / "pylock.toml").read_text(encoding="utf-8")
    found = pylock.resolved(text, wanted.target.tags())
    ours = [package for package in found if package.name not in wanted.brought]
    return Resolution(ours, {package.name for package in found} & wanted.brought.keys())


def _prepare(uv: Uv, folder: Path, wanted: Wanted) -> list[str]:
    """Write what uv reads, and return its arguments."""
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(_project(wanted), encoding="utf-8")
    constraints = [*_empty_wheels(folder, wanted.brought), *wanted.options.pypi.get("constraints", ())]
    constraints += [f"{name}=={version}" for name, version in wanted.pinned.items()]
    (folder / "constraints.txt").write_text("\n".join(constraints), encoding="utf-8")
    if wanted.kept:  # versions in the file that uv is about to write are kept where possible
        (folder / "pylock.toml").write_text(_versions(wanted.kept), encoding="utf-8")
    arguments = ["pyproject.toml"]
    if nameless := [spec.requirement for spec in wanted.specs if _is_nameless(spec)]:
        (folder / "nameless.in").write_text("\n".join(nameless), encoding="utf-8")
        arguments.append("nameless.in")
    arguments += ["--constraints", "constraints.txt", "--no-header", "--quiet"]
    arguments += ["--format", "pylock.toml", "--output-file", "pylock.toml"]
    arguments += ["--no-python-downloads", "--python-version", wanted.target.version]
    arguments += ["--resolution", wanted.options.strategy]
    if platform := wanted.target.uv_platform():
        arguments += ["--python-platform", platform]
    if newest := wanted.options.exclude_newer:
        arguments += ["--exclude-newer", newest]
    overrides = list(_overrides(uv, wanted.options.pypi))
    if overrides:
        (folder / "overrides.txt").write_text("\n".join(overrides), encoding="utf-8")
        arguments += ["--overrides", "overrides.txt"]
    return arguments + options(wanted.options.pypi, uv.manifest.parent)


def _project(wanted: Wanted) -> str:
    """A project that asks for the packages, each from its own index where it has one."""
    indexes = {index: f"index-{n}" for n, index in enumerate(dict.fromkeys(_indexes(wanted.specs)))}
    lines = [
        "[project]",
        f'name = "{_PROJECT}"',
        'version = "0"',
        f'requires-python = ">={wanted.target.version}"',
    ]
    named = (spec.requirement for spec in wanted.specs if not _is_nameless(spec))
    lines += ["dependencies = [", *(f"  {pylock.text(requirement)}," for requirement in named), "]"]
    for url, name in indexes.items():
        lines += ["[[tool.uv.index]]", f'name = "{name}"', f"url = {pylock.text(url)}", "explicit = true"]
    lines += ["[tool.uv.sources]"]
    lines += [f'{spec.name} = {{ index = "{indexes[spec.index]}" }}' for spec in wanted.specs if spec.index]
    return "\n".join(lines) + "\n"


def _is_nameless(spec: Spec) -> bool:
    """Whether it is a bare URL, of a package whose name is not known before it is fetched."""
    return re.match(r"[a-z][a-z0-9+.-]*:", spec.requirement) is not None


def _versions(kept: Mapping[str, str]) -> str:
    packages = (
        f'[[packages]]\nname = "{name}"\nversion = {pylock.text(version)}' for name, version in kept.items()
    )
    return "\n".join(['lock-version = "1.0"', 'created-by = "appose-kernel"', *packages])


def _indexes(specs: Iterable[Spec]) -> Iterator[str]:
    yield from (spec.index for spec in specs if spec.index)


def _empty_wheels(folder: Path, brought: Mapping[str, str]) -> Iterator[str]:
    """Constraints on wheels that say their name and version, and hold nothing."""
    place = folder / "from-conda"
    place.mkdir()
    for name, written in brought.items():
        try:
            version = Version(written)
        except InvalidVersion:
            continue  # uv could not compare it with anything
        stem = f"{canonicalize_name(name).replace('-', '_')}-{version}"
        info, wheel = f"{stem}.dist-info", place / f"{stem}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            archive.writestr(f"{info}/WHEEL", _WHEEL)
            archive.writestr(f"{info}/RECORD", "")
        yield f"{name} @ {wheel.as_uri()}"


def options(pypi: Mapping[str, Any], root: Path) -> list[str]:
    """``[pypi-options]`` as arguments of uv, for resolving and for installing.
    https://pixi.prefix.dev/latest/reference/pixi_manifest/#the-pypi-options-table"""
    arguments = []
    if url := pypi.get("index-url"):
        arguments += ["--index-url", url]
    for url in pypi.get("extra-index-urls", ()):
        arguments += ["--extra-index-url", url]
    for link in pypi.get("find-links", ()):
        place = link.get("url") or str(root / link["path"])
        arguments += ["--find-links", place]
    if strategy := pypi.get("index-strategy"):
        arguments += ["--index-strategy", strategy]
    if mode := pypi.get("prerelease-mode"):
        arguments += ["--prerelease", mode]
    for key, every, some in (
        ("no-build", "--no-build", "--only-binary"),
        ("no-binary", "--no-binary", "--no-binary"),
        ("no-build-isolation", "--no-build-isolation", "--no-build-isolation-package"),
    ):
        arguments += _some_or_all(pypi.get(key), every, some)
    return arguments


def _some_or_all(value: object, every: str, some: str) -> list[str]:
    if value is True:
        return [every, ":all:"] if every == "--no-binary" else [every]
    names = value if isinstance(value, Sequence) else ()
    return [argument for name in names for argument in (some, str(name))]


def _overrides(uv: Uv, pypi: Mapping[str, Any]) -> Iterator[str]:
    for name, written in pypi.get("dependency-overrides", {}).items():
        version = written if isinstance(written, str) else written.get("version")
        if version is None or (not isinstance(written, str) and written.keys() - {"version", "extras"}):
            raise EngineUnsupported(
                f"{uv.manifest}: `pypi-options.dependency-overrides.{name}` is more than a version.",
                remedy="Only pixi can follow it; install pixi, then build again.",
            )
        yield name if version == "*" else f"{name}{version}"


def local_editables(composition: Composition, packages: Iterable[Package], root: Path) -> set[str]:
    """The names of the folders that are installed editable; a nameless one is known by its place."""
    specs = [spec for spec in composition.specs if spec.editable]
    places = {spec.requirement.partition("[")[0] for spec in specs if _is_nameless(spec)}
    folders = {package.name: pylock.local_folder(package, root) for package in packages}
    named = {str(canonicalize_name(spec.name)) for spec in specs if not _is_nameless(spec)}
    return named | {name for name, folder in folders.items() if folder and folder.as_uri() in places}
