"""The examples: they build from what everybody can reach, and their notebooks name their kernels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tomli
from calling import Appose

from appose_kernel.kernels import documents
from appose_kernel.workspaces import formats, names

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE = EXAMPLES / "two-flavours"


def test_the_notebook_runs_in_an_environment_of_its_folder() -> None:
    environments = formats.environments(formats.open_workspace(EXAMPLE))
    assert [env.name for env in environments] == ["default", "cpu", "cuda"]
    metadata = json.loads((EXAMPLE / "hello.ipynb").read_text(encoding="utf-8"))["metadata"]
    cpu = environments[1]
    assert metadata["kernelspec"]["name"] == names.kernel_name(cpu)
    assert metadata["kernelspec"]["display_name"] == cpu.title


def test_the_lock_names_no_index_but_pypi() -> None:
    packages = tomli.loads((EXAMPLE / "uv.lock").read_text(encoding="utf-8"))["package"]
    for package in packages:
        assert package["source"] in ({"registry": "https://pypi.org/simple"}, {"virtual": "."})
        files = [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]
        assert all(file["url"].startswith("https://files.pythonhosted.org/") for file in files)
    assert "ipykernel" not in {package["name"] for package in packages}


@pytest.mark.nightly
def test_each_flavour_has_its_own_version(script: Appose, tmp_path: Path) -> None:
    folder = tmp_path / EXAMPLE.name
    folder.mkdir()
    for name in ("pyproject.toml", "uv.lock"):
        (folder / name).write_bytes((EXAMPLE / name).read_bytes())
    code = "import tabulate; print(tabulate.__version__)"
    for environment, version in {"cpu": "0.9.0", "cuda": "0.8.10"}.items():
        ran = script("run", folder, "-e", environment, "--locked", "--", "python", "-c", code)
        assert (ran.code, ran.out.strip()) == (0, version), ran.err


def test_the_notebook_that_says_itself_what_it_needs() -> None:
    workspace = formats.open_workspace(EXAMPLES / "inline.ipynb")
    composition = formats.compose(formats.environment(workspace, "default"), "linux-64")
    assert [spec.requirement for spec in composition.specs] == ["uncertainties>=3.2"]
    assert composition.channels == ("https://pypi.org/simple",)
    metadata = json.loads(workspace.manifest.read_text(encoding="utf-8"))["metadata"]
    assert metadata["kernelspec"]["name"] == documents.GENERIC


def test_the_conda_environment_is_what_its_file_says() -> None:
    workspace = formats.open_workspace(EXAMPLES / "conda")
    composition = formats.compose(formats.environment(workspace, "default"), "osx-arm64")
    assert workspace.name == "tides"
    requirements = [spec.requirement for spec in composition.specs]
    assert requirements == ["python 3.12.*", "numpy >=2,<3", "pip", "humanize>=4.10"]
    assert composition.channels == ("conda-forge",)
    assert composition.variables == {"OMP_NUM_THREADS": "2"}


def test_the_gpu_workspace_has_cuda_only_where_it_says_so() -> None:
    workspace = formats.open_workspace(EXAMPLES / "pixi-gpu")
    environments = {env.name: env for env in formats.environments(workspace)}
    assert list(environments) == ["default", "dev", "nometal", "cuda", "cuda-dev"]
    groups = [env.solve_group for env in environments.values()]
    assert groups == ["cpu", "cpu", "cpu", "cuda", "cuda"]
    for name, env in environments.items():
        composition = formats.compose(env, "osx-arm64" if name == "nometal" else "linux-64")
        cuda = name.startswith("cuda")
        assert ("__cuda" in composition.requirements) == cuda
        assert ("pytorch-gpu >=2.6" in [spec.requirement for spec in composition.specs]) == cuda
        assert ("LD_LIBRARY_PATH" in composition.variables) == cuda
    metadata = json.loads((workspace.root / "device.ipynb").read_text(encoding="utf-8"))["metadata"]
    assert metadata["kernelspec"]["name"] == names.kernel_name(environments["default"])


@pytest.mark.nightly
def test_the_notebooks_own_environment_has_what_it_needs(script: Appose, tmp_path: Path) -> None:
    notebook = tmp_path / "inline.ipynb"
    notebook.write_bytes((EXAMPLES / notebook.name).read_bytes())
    code = "from uncertainties import ufloat; print(ufloat(1, 1) * 2)"
    ran = script("run", notebook, "--", "python", "-c", code)
    assert (ran.code, ran.out.strip()) == (0, "2.0+/-2.0"), ran.err
