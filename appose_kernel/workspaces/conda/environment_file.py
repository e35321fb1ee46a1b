"""What an ``environment.yml`` says, checked.

Sections that conda does not know are ignored, as conda does (``category``, ``platforms`` of conda-lock…).
https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import yaml_values
from ..requirements.lines import Entry, listed
from ..yaml_values import Value
from . import match_specs
from .match_specs import CondaSpec

#: mamba's ``sel(linux): package`` in a list of dependencies.
_SELECTOR = re.compile(r"sel\((?P<system>[a-z0-9_-]+)\)")
_SYSTEMS = ("linux", "osx", "win", "unix")


@dataclass(frozen=True, slots=True)
class CondaFile:
    """``specs`` come each with the system it is for (empty: all), ``pip`` is the ``pip:`` section."""

    file: Path
    name: str | None
    channels: tuple[str, ...]
    specs: tuple[tuple[CondaSpec, str], ...]
    pip: tuple[Entry, ...]
    variables: Mapping[str, str]


def parse(file: Path) -> CondaFile:
    """Read and check an environment.yml. Raises ManifestNotFound or ManifestInvalid."""
    document = yaml_values.read(file)
    sections = document.mapping()
    if "dependencies" not in sections:
        raise document.invalid(
            "there are no `dependencies`, so this describes no conda environment.",
            remedy="Add a list `dependencies:`, such as `- python=3.12`.",
        )
    dependencies = sections["dependencies"].elements("a dependency")
    return CondaFile(
        file=file,
        name=_name(sections.get("name")),
        channels=tuple(
            each.text() for each in _list(sections, "channels") if each.text() not in ("nodefaults", "")
        ),
        specs=tuple(_specs(dependencies)),
        pip=tuple(listed(file, _pip(dependencies))),
        variables=_variables(sections.get("variables")),
    )


def _name(value: Value | None) -> str | None:
    return None if value is None or value.is_null else value.text() or None


def _list(sections: Mapping[str, Value], key: str) -> list[Value]:
    return sections[key].elements("a channel") if key in sections else []


def _variables(value: Value | None) -> dict[str, str]:
    """The variables as conda sets them: literally, without a shell to expand them."""
    if value is None:
        return {}
    return {name: "" if each.is_null else each.text() for name, each in value.mapping().items()}


def _specs(dependencies: list[Value]) -> Iterator[tuple[CondaSpec, str]]:
    for value in dependencies:
        if not value.is_mapping:
            yield _spec(value), ""
            continue
        for key, inner in value.mapping().items():
            if key != "pip":
                system = _system(key, inner)
                for each in inner.elements("a dependency") if inner.is_list else [inner]:
                    yield _spec(each), system


def _spec(value: Value) -> CondaSpec:
    written = value.text()
    found = match_specs.parse(written)
    if found is None:
        raise value.invalid(
            f"`{written}` is no package of conda's.",
            remedy="Write it like `numpy`, `numpy=1.26`, `numpy>=1.26,<2` or `conda-forge::numpy`; what pip"
            " shall install stands in a list below `- pip:`.",
        )
    return found


def _system(key: str, value: Value) -> str:
    match = _SELECTOR.fullmatch(key)
    if match and (match["system"] in _SYSTEMS or match["system"].partition("-")[0] in _SYSTEMS):
        return match["system"]
    raise value.invalid(
        f"`{key}` is no list of dependencies that can be installed here.",
        remedy="There may be `pip:`, and `sel(linux):`, `sel(osx):`, `sel(win):` or `sel(unix):`.",
    )


def _pip(dependencies: list[Value]) -> Iterator[tuple[int, str]]:
    for value in dependencies:
        pip = value.mapping().get("pip") if value.is_mapping else None
        for each in pip.elements("a requirement of pip's") if pip else []:
            if text := re.sub(r"(?:^|\s)#.*", "", each.text()).strip():
                yield each.line, text


def applies(system: str, platform: str) -> bool:
    """Whether what is for ``system`` (a selector's, empty for all) counts on ``platform``."""
    family = platform.partition("-")[0]
    return system in ("", platform, family) or (system == "unix" and family != "win")
