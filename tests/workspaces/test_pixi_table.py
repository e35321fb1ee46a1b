"""Issue 3's table: every manifest pattern of the seeds, on four platforms, in each of its environments.

Each folder of ``tests/data/pixi`` has a ``pixi.toml`` and an ``expected.toml``, which was written by hand
from pixi's documentation. In it, ``feature | spec`` is what a feature other than the default one brings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
import tomli

from appose_kernel.errors import PlatformUnsupported
from appose_kernel.model import Composition, Environment, Spec
from appose_kernel.workspaces import formats

DATA = Path(__file__).parents[1] / "data" / "pixi"
PLATFORMS = {"linux-64", "osx-64", "osx-arm64", "win-64"}
PATTERNS = {
    folder.name: tomli.loads((folder / "expected.toml").read_text("utf-8")) for folder in DATA.iterdir()
}


class Case(NamedTuple):
    pattern: str
    environment: str
    platform: str
    expected: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.pattern}-{self.environment}-{self.platform}"

    @property
    def found(self) -> Environment:
        return formats.environment(formats.open_workspace(DATA / self.pattern), self.environment)


def cases(kind: str) -> list[Case]:
    return [
        Case(pattern, row["environment"], platform, row)
        for pattern, data in PATTERNS.items()
        for row in data.get(kind, [])
        for platform in row["platforms"]
    ]


def told(composition: Composition, kind: str) -> list[str]:
    def text(spec: Spec) -> str:
        return f"{spec.origin} | {spec.requirement}" if spec.origin else spec.requirement

    return [text(spec) for spec in composition.specs if spec.kind == kind]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_table_has_every_environment_on_every_platform_once(pattern: str) -> None:
    rows = [case for kind in ("expected", "refused") for case in cases(kind) if case.pattern == pattern]
    environments = {env.name for env in formats.environments(formats.open_workspace(DATA / pattern))}
    listed = [(case.environment, case.platform) for case in rows]
    assert sorted(listed) == sorted((name, platform) for name in environments for platform in PLATFORMS)


@pytest.mark.parametrize("case", cases("expected"), ids=str)
def test_what_an_environment_contains_on_a_platform(case: Case) -> None:
    composition = formats.compose(case.found, case.platform)
    assert told(composition, "conda") == case.expected["conda"]
    assert told(composition, "pypi") == case.expected["pypi"]
    assert len(composition.specs) == len(case.expected["conda"]) + len(case.expected["pypi"])
    assert list(composition.channels) == case.expected["channels"]
    assert composition.variables == case.expected.get("variables", {})
    assert list(composition.scripts) == case.expected.get("scripts", [])
    assert composition.requirements == case.expected.get("system", {})
    assert composition.platform == case.expected.get("found", case.platform)


@pytest.mark.parametrize("case", cases("refused"), ids=str)
def test_a_platform_that_an_environment_is_not_for(case: Case) -> None:
    environment = case.found
    with pytest.raises(PlatformUnsupported) as caught:
        formats.compose(environment, case.platform)
    assert str(caught.value.file) == str(DATA / case.pattern / "pixi.toml")
    assert caught.value.line is not None
    text = f"environment `{case.environment}` is not for {case.platform}; it is for {case.expected['has']}."
    assert text in caught.value.message
    assert list(caught.value.platforms) == case.expected["has"].split(", ")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_solve_groups(pattern: str) -> None:
    environments = formats.environments(formats.open_workspace(DATA / pattern))
    groups = {env.name: env.solve_group for env in environments if env.solve_group}
    assert groups == PATTERNS[pattern].get("solve-groups", {})
