"""When a pixi.lock certainly lacks what the manifest asks for."""

from __future__ import annotations

import pytest
from manifests import Write

from appose_kernel.workspaces import formats
from appose_kernel.workspaces.pixi import locked

HOST = formats.host_platform()
MANIFEST = f"""\
[workspace]
channels = ["conda-forge"]
platforms = ["{HOST}"]
[dependencies]
python = "3.11.*"
__cuda = "*"
[pypi-dependencies]
torch = "*"
[feature.test.dependencies]
pytest = "*"
[environments]
test = ["test"]
"""
LOCK = f"""\
version: 6
environments:
  default:
    packages:
      {HOST}:
      - conda: https://conda.anaconda.org/conda-forge/{HOST}/python-3.11.9-h_0.conda
  test:
    packages:
      {HOST}:
      - conda: https://conda.anaconda.org/conda-forge/{HOST}/python-3.11.9-h_0.conda
      - conda: https://conda.anaconda.org/conda-forge/noarch/pytest-8.0-h_0.conda
packages: []
"""


def outgrown(write: Write, manifest: str, lock: str) -> bool:
    workspace = formats.open_workspace(write("pixi.toml", manifest))
    return locked.is_outgrown(list(formats.environments(workspace)), write("pixi.lock", lock))


def test_a_lock_with_all_that_is_named_may_fit(write: Write) -> None:
    assert not outgrown(write, MANIFEST, LOCK)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('pytest = "*"', 'pytest = "*"\npytest-cov = "*"'),
        ('python = "3.11.*"', 'python = "3.11.*"\nnumpy = ">=2"'),
        ('test = ["test"]', 'test = ["test"]\nmore = ["test"]'),
    ],
)
def test_what_is_new_is_not_in_it(write: Write, before: str, after: str) -> None:
    assert outgrown(write, MANIFEST.replace(before, after), LOCK)


@pytest.mark.parametrize("lock", ["", "version: 3\npackage: []\n", "\0", "<<<<<<< HEAD\n"])
def test_of_a_lock_that_cannot_be_understood_nothing_is_said(write: Write, lock: str) -> None:
    assert not outgrown(write, MANIFEST.replace("python", "numpy"), lock)
