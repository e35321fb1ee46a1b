"""What of a manifest counts for its environments, and what may change without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from appose_kernel.workspaces import formats

PIXI = """
[workspace]
name = "demo"
authors = ["A <a@example.org>"]
version = "0.1"
channels = ["conda-forge"]
platforms = ["linux-64"]
[dependencies]
python = "3.12.*"
numpy = "*"
[activation.env]
A = "1"
B = "$A"
[tasks]
run = "python run.py"
[feature.dev.tasks]
lint = "ruff"
[environments]
dev = ["dev"]
"""
CONDA = "name: demo\nchannels: [conda-forge]\ndependencies:\n- python=3.12\n- pip:\n  - six\n"
PYPROJECT = """
[project]
name = "demo"
version = "0.1"
dependencies = ["six"]
[project.scripts]
demo = "demo:main"
[tool.pixi.workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]
"""
INSTALLED = PYPROJECT + '[tool.pixi.pypi-dependencies]\ndemo = { path = ".", editable = true }\n'


def definition(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return formats.open_workspace(folder / name).definition


@pytest.mark.parametrize(
    ("name", "text", "before", "after"),
    [
        ("pixi.toml", PIXI, "[tasks]", "# a remark\n[tasks]"),
        ("pixi.toml", PIXI, 'python = "3.12.*"\nnumpy = "*"', "numpy = '*'\npython='3.12.*'"),
        ("pixi.toml", PIXI, "run.py", "walk.py"),
        ("pixi.toml", PIXI, 'lint = "ruff"', ""),
        ("pixi.toml", PIXI, 'version = "0.1"', 'version = "0.2"\ndescription = "more"'),
        ("environment.yml", CONDA, "- python=3.12", "# a remark\n- python=3.12"),
        ("environment.yml", CONDA, "name: demo\n", "category: x\nname:   demo\n"),
        ("pyproject.toml", PYPROJECT, "demo:main", "demo:other"),
        ("pyproject.toml", PYPROJECT, 'version = "0.1"', 'version = "0.2"'),
        ("pyproject.toml", INSTALLED, "[project.scripts]", "# a remark\n[project.scripts]"),
    ],
)
def test_what_does_not_matter_to_an_environment_may_change(
    tmp_path: Path, name: str, text: str, before: str, after: str
) -> None:
    assert before in text
    assert definition(tmp_path, name, text) == definition(tmp_path, name, text.replace(before, after)) != ""


@pytest.mark.parametrize(
    ("name", "text", "before", "after"),
    [
        ("pixi.toml", PIXI, 'numpy = "*"', 'numpy = ">1"'),
        ("pixi.toml", PIXI, 'name = "demo"', 'name = "other"'),
        ("pixi.toml", PIXI, 'A = "1"\nB = "$A"', 'B = "$A"\nA = "1"'),
        ("pixi.toml", PIXI, 'platforms = ["linux-64"]', 'platforms = ["linux-64", "win-64"]'),
        ("environment.yml", CONDA, "six", "six<2"),
        ("environment.yml", CONDA, "python=3.12", "python=3.13"),
        ("environment.yml", CONDA, "conda-forge", "bioconda"),
        ("environment.yml", CONDA, "name: demo\n", "name: demo\nvariables: {A: b}\n"),
        ("pyproject.toml", PYPROJECT, "six", "six<2"),
        ("pyproject.toml", INSTALLED, "demo:main", "demo:other"),
    ],
)
def test_what_matters_to_an_environment_is_in_the_definition(
    tmp_path: Path, name: str, text: str, before: str, after: str
) -> None:
    assert before in text
    assert definition(tmp_path, name, text) != definition(tmp_path, name, text.replace(before, after))
