"""The example that README opens: it builds from PyPI alone, and its notebook names its kernel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tomli
from calling import Appose

from appose_kernel.workspaces import formats, names

EXAMPLE = Path(__file__).parents[2] / "examples" / "two-flavours"


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
