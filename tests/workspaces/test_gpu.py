"""Which environments ask for a GPU, by their manifests."""

from __future__ import annotations

import pytest
from manifests import Write, audited, settle

from appose_kernel.workspaces import declared, formats

HOST = formats.host_platform()


def asking(folder_file) -> list[str]:
    workspace = formats.open_workspace(folder_file)
    return [env.name for env in formats.environments(workspace) if declared.of(env).gpu]


def test_pixi_declares_cuda(write: Write) -> None:
    found = write(
        "pixi.toml",
        f"""
        [workspace]
        channels = ["conda-forge"]
        platforms = ["{HOST}"]
        [dependencies]
        python = "*"
        [feature.cuda.system-requirements]
        cuda = "12"
        [feature.named.dependencies]
        cuda-version = "12.*"
        [feature.built.dependencies]
        pytorch = {{ version = "*", build = "*cuda*" }}
        [feature.cpu.dependencies]
        pytorch = {{ version = "*", build = "*cpu*" }}
        [environments]
        cuda = ["cuda"]
        named = ["named"]
        built = ["built"]
        cpu = ["cpu"]
        """,
    )
    assert asking(found) == ["cuda", "named", "built"]


def test_an_environment_takes_the_first_platform_of_the_machine(write: Write) -> None:
    text = """
        [workspace]
        channels = ["conda-forge"]
        platforms = [{platforms}]
        [dependencies]
        python = "*"
        """
    plain, cuda = f'"{HOST}"', f'{{ name = "gpu", platform = "{HOST}", cuda = "12.0" }}'
    assert asking(write("a/pixi.toml", text.format(platforms=f"{cuda}, {plain}"))) == ["default"]
    assert asking(write("b/pixi.toml", text.format(platforms=f"{plain}, {cuda}"))) == []


@pytest.mark.parametrize(
    "requirement",
    [
        "torch==2.1.0+cu118",
        "jax[cuda12]",
        "tensorflow[and-cuda]>=2",
        "nvidia-cublas-cu12",
        "cupy-cuda12x",
        "onnx-cu12>=1",
        "torch @ https://download.pytorch.org/whl/cu118/torch-2.0.1%2Bcu118-cp311-cp311-linux_x86_64.whl",
    ],
)
def test_a_requirement_names_cuda(write: Write, requirement: str) -> None:
    assert asking(write("requirements.txt", f"six\n{requirement}\n")) == ["default"]


@pytest.mark.parametrize("requirement", ["torch", "barracuda", "gpustat", "torch==2.1.0+cpu", "numpy>=1.26"])
def test_a_requirement_names_no_cuda(write: Write, requirement: str) -> None:
    assert asking(write("requirements.txt", f"{requirement}\n")) == []


def test_an_index_of_cuda_builds_counts_where_it_is_asked(write: Write) -> None:
    found = write(
        "pyproject.toml",
        """
        [project]
        name = "worker"
        version = "1"
        [project.optional-dependencies]
        cpu = ["torch"]
        cuda = ["torch"]
        [tool.uv]
        conflicts = [[{ extra = "cpu" }, { extra = "cuda" }]]
        [tool.uv.sources]
        torch = [{ index = "pytorch-cpu", extra = "cpu" }, { index = "pytorch-cuda", extra = "cuda" }]
        [[tool.uv.index]]
        name = "pytorch-cpu"
        url = "https://download.pytorch.org/whl/cpu"
        explicit = true
        [[tool.uv.index]]
        name = "pytorch-cuda"
        url = "https://download.pytorch.org/whl/cu118"
        explicit = true
        """,
    )
    assert asking(found) == ["cuda"]


def test_conda_and_constraints(write: Write) -> None:
    found = write("a/environment.yml", "name: a\ndependencies: ['pytorch=*=*cuda*']\n")
    assert asking(found) == ["default"]
    found = write(
        "b/pixi.toml",
        f"""
        [workspace]
        channels = ["conda-forge"]
        platforms = ["{HOST}"]
        [dependencies]
        pytorch = "*"
        [constraints]
        cuda-version = "12.*"
        """,
    )
    assert asking(found) == []


def test_what_is_known_is_not_read_again_until_it_changes(write: Write, root) -> None:
    found = write("requirements.txt", "jax[cuda12]\n")
    settle(root)
    assert asking(found) == ["default"]
    with audited() as events:
        assert asking(found) == ["default"]
    assert [path for event, path in events if event == "open" and str(path).startswith(str(root))] == []
    write("requirements.txt", "jax\n")
    assert asking(found) == []


def test_what_is_asked_for_is_known_by_name(write: Write) -> None:
    file = write(
        "pixi.toml",
        f"""
        [workspace]
        channels = ["conda-forge"]
        platforms = ["{HOST}"]
        [dependencies]
        python = "*"
        numpy = ">=2"
        [constraints]
        blas = "*"
        [feature.web.pypi-dependencies]
        requests = {{ version = "*", extras = ["socks"] }}
        numpy = "*"
        [environments]
        web = ["web"]
        """,
    )
    found = formats.environments(formats.open_workspace(file))
    assert {env.name: declared.of(env).packages for env in found} == {
        "default": ("numpy", "python"),
        "web": ("numpy", "python", "requests"),
    }
