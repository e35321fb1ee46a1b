"""What a ``pyproject.toml`` with ``[tool.pixi]`` says outside of it, and pixi reads: PEP 621 and PEP 735.

The project's dependencies go to the default feature, each extra and dependency group is a feature.
https://pixi.prefix.dev/latest/python/pyproject_toml/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from .. import pyproject
from ..pep508 import name_and_extras, normalized
from ..tables import Table
from ..toml.positions import Key
from .model import Dependency, PixiFeature

Requirements = Mapping[str, tuple[Dependency, ...]]
Groups = Mapping[str, Requirements]


@dataclass(frozen=True, slots=True)
class Project:
    """``python`` is None for a ``pixi.toml``, which has no project; ``groups`` are extras and groups."""

    name: str | None = None
    python: str | None = None
    dependencies: Requirements = field(default_factory=dict)
    groups: Groups = field(default_factory=dict)


NONE = Project()


def read(document: Table) -> Project:
    project = document.table("project")
    name = pyproject.name(project) if "project" in document else None
    return Project(
        name=name or document.table("tool").table("poetry").text("name"),
        python=pyproject.python(project),
        dependencies=_grouped(_dependencies(project, "dependencies")),
        groups=_joined(_extras(project, normalized(name or "")), _groups(document)),
    )


def with_python(default: PixiFeature, project: Project) -> PixiFeature:
    """The default feature with the Python that the project requires, unless it names one itself."""
    everywhere, *others = default.targets
    if project.python is None:
        return default
    python = Dependency("conda", "python", f"python {project.python or '*'}", ("project", "requires-python"))
    conda = {"python": python, **everywhere.conda}
    return replace(default, targets=(replace(everywhere, conda=conda), *others))


def _dependencies(table: Table, key: str) -> Iterator[Dependency]:
    for number, text in enumerate(pyproject.requirements(table, key)):
        yield _dependency(text, *table.keys, key, number)


def _dependency(text: str, *keys: Key) -> Dependency:
    return Dependency("pypi", name_and_extras(text)[0], text, keys)


def _extras(project: Table, name: str) -> dict[str, Requirements]:
    """The extras; that one names another (``all = ["project[test]"]``) is left to the environments."""
    table = project.table("optional-dependencies")
    return {
        key: _grouped(item for item in _dependencies(table, key) if item.name != name)
        for _, key in pyproject.names(table)
    }


def _groups(document: Table) -> dict[str, Requirements]:
    table = document.table("dependency-groups")
    groups = pyproject.groups(document)
    pyproject.check_includes(document, groups)
    return {key: _grouped(_expanded(groups, name, key)) for name, key in pyproject.names(table)}


def _expanded(
    groups: Mapping[str, tuple[str | pyproject.Include, ...]], name: str, key: str
) -> Iterator[Dependency]:
    for entry in groups[name]:
        if isinstance(entry, pyproject.Include):
            yield from _expanded(groups, entry.group, key)
        else:
            yield _dependency(entry, "dependency-groups", key)


def _joined(extras: Groups, groups: Groups) -> dict[str, Requirements]:
    """An extra and a group of one name are one feature."""
    return {
        key: _grouped(
            dependency
            for found in (extras.get(key, {}), groups.get(key, {}))
            for alike in found.values()
            for dependency in alike
        )
        for key in {**extras, **groups}
    }


def _grouped(dependencies: Iterable[Dependency]) -> dict[str, tuple[Dependency, ...]]:
    found: dict[str, tuple[Dependency, ...]] = {}
    for dependency in dependencies:
        if dependency not in found.get(dependency.name, ()):
            found[dependency.name] = (*found.get(dependency.name, ()), dependency)
    return found
