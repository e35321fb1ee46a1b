"""A ``pyproject.toml`` with ``[tool.pixi]``: what stands outside of that table counts too."""

from __future__ import annotations

from pathlib import Path

import pytest
from manifests import Write

from appose_kernel.errors import ManifestInvalid
from appose_kernel.model import Environment, Spec
from appose_kernel.workspaces import formats, pixi

TEXT = """
    [project]
    name = "my-project"
    requires-python = ">=3.9,<4"
    dependencies = ["NumPy >=1.26", "colorama; sys_platform == 'win32'", "tomli; python_version < '3.9'"]

    [project.optional-dependencies]
    test = ["pytest"]
    all_of-it = ["rich", "My.Project[test]"]

    [dependency-groups]
    docs = ["sphinx", { include-group = "Lint" }]
    lint = ["ruff"]
    test = ["hypothesis"]

    [tool.pixi.workspace]
    channels = ["conda-forge"]
    platforms = ["linux-64", "win-64"]

    [tool.pixi.dependencies]
    cmake = "*"

    [tool.pixi.pypi-dependencies]
    my-project = { path = ".", editable = true }

    [tool.pixi.feature.docs.dependencies]
    graphviz = "*"

    [tool.pixi.environments]
    test = ["test"]
    docs = { features = ["docs"], solve-group = "g" }
    all = ["all_of-it", "test"]
    dashed = ["all-of-it"]
    lone = { features = ["lint"], no-default-feature = true }
"""


def environment(write: Write, name: str, text: str = TEXT) -> Environment:
    return formats.environment(formats.open_workspace(write("pyproject.toml", text)), name)


def specs(write: Write, name: str, platform: str = "linux-64", text: str = TEXT) -> tuple[Spec, ...]:
    return formats.compose(environment(write, name, text), platform).specs


def test_it_is_a_pixi_workspace_with_the_projects_name(write: Write, root: Path) -> None:
    workspace = environment(write, "default").workspace
    assert (workspace.format, workspace.name, workspace.lock) == ("pixi", "my-project", root / "pixi.lock")
    assert {root / "pyproject.toml", root / "setup.py"} <= set(workspace.inputs)


def test_the_projects_dependencies_and_python_are_the_default_features(write: Write, root: Path) -> None:
    assert specs(write, "default") == (
        Spec("conda", "python", "python >=3.9,<4"),
        Spec("conda", "cmake", "cmake *"),
        Spec("pypi", "numpy", "NumPy >=1.26"),
        Spec("pypi", "my-project", f"my-project @ {root.as_uri()}", editable=True),
    )
    on_windows = [spec.name for spec in specs(write, "default", "win-64")]
    assert on_windows == ["python", "cmake", "numpy", "colorama", "my-project"]
    assert formats.compose(environment(write, "default"), "linux-64").python == ">=3.9,<4"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test", ["pytest", "hypothesis"]),
        ("docs", ["graphviz *", "sphinx", "ruff"]),
        ("all", ["rich", "pytest", "hypothesis"]),
        ("dashed", ["rich"]),
        ("lone", ["ruff"]),
    ],
)
def test_extras_and_groups_are_features(write: Write, name: str, expected: list[str]) -> None:
    found = specs(write, name)
    assert [spec.requirement for spec in found if spec.origin] == expected
    assert any(spec.name == "cmake" for spec in found) is (name != "lone")


def test_a_python_in_the_manifest_replaces_the_required_one(write: Write) -> None:
    text = TEXT + '[tool.pixi.target.win.dependencies]\npython = "3.12.*"\n'
    assert specs(write, "default", "win-64", text)[0].requirement == "python 3.12.*"
    text = TEXT.replace('cmake = "*"', 'python = "3.11.*"')
    assert specs(write, "default", text=text)[0].requirement == "python 3.11.*"


def test_without_a_project_python_is_wanted_all_the_same(write: Write, root: Path) -> None:
    text = '[tool.pixi.project]\nchannels = []\nplatforms = ["linux-64"]\n[tool.poetry]\nname = "verse"\n'
    found = environment(write, "default", text)
    assert found.workspace.name == "verse"
    assert specs(write, "default", text=text) == (Spec("conda", "python", "python *"),)


def test_a_requirement_of_project_and_manifest_counts_twice(write: Write) -> None:
    text = TEXT.replace("my-project = {", 'numpy = "<3"\nmy-project = {')
    numpy = [s.requirement for s in specs(write, "default", text=text) if s.name == "numpy"]
    assert numpy == ["NumPy >=1.26", "numpy<3"]


def test_without_a_workspace_in_it_the_project_is_uvs(write: Write) -> None:
    text = '[project]\nname = "p"\nversion = "1"\n[tool.pixi.package]\nname = "p"\n'
    path = write("pyproject.toml", text)
    assert pixi.detect(path) is None
    assert formats.open_workspace(path).format == "uv"


def test_neither_uv_nor_a_requirements_file_beside_it_claims_it(write: Write, root: Path) -> None:
    write("requirements.txt", "numpy\n")
    environment(write, "default")
    assert [workspace.format for workspace in formats.all_in(root)] == ["pixi"]


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (("NumPy >=1.26", "NumPy >>1"), 4, "`NumPy >>1` is not a valid requirement"),
        ((">=3.9,<4", "three"), 3, "`requires-python` is no set of versions"),
        (('"Lint"', '"gone"'), 11, "the group `docs` includes `gone`, which is not defined"),
        (('docs = ["sphinx"', "docs = [5"), 11, "neither a requirement nor an include"),
        (('test = ["test"]', 'test = ["gone"]'), 29, "feature `gone` is used by environment `test`"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    write: Write, root: Path, change: tuple[str, str], line: int, message: str
) -> None:
    with pytest.raises(ManifestInvalid) as caught:
        environment(write, "default", TEXT.replace(*change, 1))
    assert caught.value.message.startswith(f"{root / 'pyproject.toml'} line {line}: ")
    assert message in caught.value.message
    assert caught.value.remedy


def test_the_remedy_names_the_table_as_it_is_called_here(write: Write) -> None:
    with pytest.raises(ManifestInvalid) as caught:
        environment(write, "default", TEXT.replace('test = ["test"]', 'test = ["gone"]'))
    assert caught.value.remedy == "Add `[tool.pixi.feature.gone]` or remove it from the list."
