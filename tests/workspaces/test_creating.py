from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import uv
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import Write

from appose_kernel.errors import EditRefused
from appose_kernel.model import Composition, Workspace
from appose_kernel.workspaces import creating, formats
from appose_kernel.workspaces.creating import FILES, Draft

THIS_PYTHON = f">={sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(autouse=True)
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "host_platform", lambda: "linux-64")


def read_back(folder: Path, draft: Draft) -> Workspace:
    file = creating.write(folder, draft)
    assert file.name == FILES[draft.format]
    assert file.read_text(encoding="utf-8") == creating.compose(draft).text
    workspace = formats.detect(folder)
    assert workspace is not None
    assert (workspace.format, workspace.name, workspace.manifest) == (draft.format, draft.name, file)
    return workspace


def composed(workspace: Workspace, environment: str = "default") -> Composition:
    return formats.compose(formats.environment(workspace, environment), "linux-64")


def requirements(workspace: Workspace, environment: str = "default") -> set[str]:
    return {spec.requirement for spec in composed(workspace, environment).specs}


def test_a_pixi_manifest_reads_as_a_person_would_write_it() -> None:
    draft = Draft("pixi", "tides", "3.12", ("numpy>=2,<3", "ruamel.yaml"), ("requests[socks]>=2",))
    assert creating.compose(draft).text == (
        "[workspace]\n"
        'name = "tides"\n'
        'channels = ["conda-forge"]\n'
        'platforms = ["linux-64"]\n'
        "\n"
        "[dependencies]\n"
        'python = "3.12.*"\n'
        'numpy = ">=2,<3"\n'
        '"ruamel.yaml" = "*"\n'
        "\n"
        "[pypi-dependencies]\n"
        'requests = { version = ">=2", extras = ["socks"] }\n'
    )


def test_a_uv_manifest_reads_as_a_person_would_write_it() -> None:
    packages = ("numpy>=2,<3", "requests[socks]", "tomli ; python_version < '3.11'", "rich")
    assert creating.compose(Draft("uv", "tides", "3.12", packages)).text == (
        "[project]\n"
        'name = "tides"\n'
        'version = "0.1.0"\n'
        'requires-python = "==3.12.*"\n'
        "dependencies = [\n"
        '    "numpy>=2,<3",\n'
        '    "requests[socks]",\n'
        "    \"tomli; python_version < '3.11'\",\n"
        '    "rich",\n'
        "]\n"
    )


def test_an_environment_file_reads_as_a_person_would_write_it() -> None:
    draft = Draft("conda", "tides", "3.12", ("numpy>=2,<3",), ("humanize>=4.10",), ("conda-forge", "nvidia"))
    assert creating.compose(draft).text == (
        "name: tides\n"
        "channels:\n"
        "  - conda-forge\n"
        "  - nvidia\n"
        "dependencies:\n"
        "  - python=3.12\n"
        "  - numpy>=2,<3\n"
        "  - pip\n"
        "  - pip:\n"
        "      - humanize>=4.10\n"
    )


@pytest.mark.parametrize("format", FILES)
@pytest.mark.parametrize("python", ["", "3.12", "3.12.4", ">=3.10,<3.14"])
@pytest.mark.parametrize("cuda", [False, True])
@pytest.mark.parametrize(
    "packages", [((), ()), (("numpy>=2",), ()), ((), ("rich",)), (("numpy",), ("rich",))]
)
def test_every_draft_is_read_back_by_its_format(
    root: Path, format: str, python: str, cuda: bool, packages: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    workspace = read_back(root, Draft(format, "tides", python, *packages, cuda=cuda))
    names = {spec.name for spec in composed(workspace).specs}
    assert {text.partition(">")[0] for text in (*packages[0], *packages[1])} <= names
    environments = [environment.name for environment in formats.environments(workspace)]
    assert environments == ["default", *(["cuda"] if cuda and format != "conda" else [])]


NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,10}[A-Za-z0-9])?", fullmatch=True)
VERSIONS = st.sampled_from(["", ">=2", "==1.0", ">=1,<2", "!=1.5", "==3.*"])


@settings(max_examples=60)
@given(
    format=st.sampled_from(list(FILES)),
    name=NAMES,
    packages=st.lists(st.tuples(NAMES, VERSIONS), max_size=5, unique_by=lambda pair: pair[0].lower()),
    cuda=st.booleans(),
)
def test_any_name_and_package_is_refused_or_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    format: str,
    name: str,
    packages: list[tuple[str, str]],
    cuda: bool,
) -> None:
    draft = Draft(format, name, "", tuple(f"{each}{version}" for each, version in packages), cuda=cuda)
    try:
        creating.compose(draft)
    except EditRefused as refused:
        # two spellings of one name; or the name of what PyPI does not have
        if "twice" in refused.message or "PyPI has no Python" in refused.message:
            return
        raise
    workspace = read_back(tmp_path_factory.mktemp("any"), draft)
    assert len(composed(workspace).specs) >= len(packages)


def test_cuda_is_a_feature_and_an_environment_of_a_pixi_workspace(root: Path) -> None:
    workspace = read_back(root, Draft("pixi", "tides", packages=("pytorch>=2.6",), cuda=True))
    assert composed(workspace).requirements == {}
    cuda = composed(workspace, "cuda")
    assert cuda.requirements == {"__cuda": "12"}
    assert {spec.name for spec in cuda.specs} == {"pytorch", "pytorch-gpu", "cuda-version"}
    assert formats.environment(workspace, "cuda").platforms == ("linux-64",)


def test_cuda_is_for_another_platform_where_this_one_has_none(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "host_platform", lambda: "osx-arm64")
    draft = Draft("pixi", "tides", cuda=True)
    assert "no CUDA for this machine (osx-arm64)" in creating.compose(draft).notes[-1]
    workspace = read_back(root, draft)
    assert formats.environment(workspace, "cuda").platforms == ("linux-64",)
    assert "osx-arm64" in formats.environment(workspace, "default").platforms


def test_torch_comes_from_an_index_for_cpu_and_one_for_cuda(root: Path) -> None:
    draft = Draft("uv", "tides", packages=("numpy", "torch>=2.6", "torchvision"), cuda=True)
    workspace = read_back(root, draft)
    names = [environment.name for environment in formats.environments(workspace)]
    assert names == ["default", "cpu", "cuda"]
    assert requirements(workspace) == {"numpy"}
    for environment, index in (("cpu", "cpu"), ("cuda", "cu128")):
        assert requirements(workspace, environment) == {"numpy", "torch>=2.6", "torchvision"}
        indexes = composed(workspace, environment).channels
        assert indexes[0] == f"https://download.pytorch.org/whl/{index}"
        assert len(indexes) == 2


def test_other_packages_of_pypi_have_an_extra_for_cuda(root: Path) -> None:
    workspace = read_back(root, Draft("uv", "tides", packages=("jax[k8s]>=0.4", "numpy"), cuda=True))
    assert requirements(workspace, "cuda") == {"jax[k8s]>=0.4", "numpy", "jax[k8s,cuda12]>=0.4"}


def test_where_nothing_is_known_to_bring_cuda_a_note_says_so() -> None:
    (note,) = creating.compose(Draft("uv", "tides", cuda=True)).notes
    assert "empty yet" in note


def test_an_environment_file_with_cuda_wants_it(root: Path) -> None:
    workspace = read_back(root, Draft("conda", "tides", packages=("pytorch",), cuda=True))
    assert requirements(workspace) == {"pytorch-gpu", "cuda-version 12.*"}
    assert "one environment" in creating.compose(Draft("conda", "tides", cuda=True)).notes[0]


def test_a_project_without_a_python_takes_this_one_and_newer() -> None:
    assert f'requires-python = "{THIS_PYTHON}"' in creating.compose(Draft("uv", "tides")).text


def test_one_package_may_be_there_for_one_python_and_for_another(root: Path) -> None:
    packages = ("numpy<2 ; python_version < '3.12'", "numpy>=2 ; python_version >= '3.12'")
    workspace = read_back(root, Draft("uv", "tides", ">=3.10", packages))
    assert len(composed(workspace).specs) == 2
    with pytest.raises(EditRefused, match="there twice"):
        creating.compose(Draft("pixi", "tides", pypi=packages))


@pytest.mark.parametrize("name", ["", " ", "my work", "é", "-a", "a/b", "../a", 'a"b', "a\nb"])
def test_a_name_that_tools_refuse_is_refused(name: str) -> None:
    with pytest.raises(EditRefused, match=r"^Name: "):
        creating.compose(Draft("pixi", name))


def test_a_better_name_is_proposed() -> None:
    with pytest.raises(EditRefused) as refused:
        creating.compose(Draft("pixi", "my work"))
    assert "such as `my-work`" in refused.value.remedy


GOOD = Draft("pixi", "tides")


@pytest.mark.parametrize(
    ("draft", "message"),
    [
        (replace(GOOD, packages=("numpy>=2..1",)), "Package `numpy>=2..1`: `>=2..1` is no version"),
        (replace(GOOD, pypi=("numpy=2",)), "Package `numpy=2`: Write `==2`"),
        (replace(GOOD, packages=("numpy", "NumPy>=2")), "Package `numpy`: it is there twice"),
        (replace(GOOD, packages=("python=3.12",), python="3.12"), "it is there twice"),
        (replace(GOOD, python="three"), "Python: `three` is no version"),
        (replace(GOOD, python="3.12; rm"), "Python: `3.12; rm` is no version"),
        (replace(GOOD, format="uv", python="3.12 or so"), "Python: `3.12 or so` is no version"),
        (replace(GOOD, format="uv", packages=("python",)), "Package `python`: PyPI has no Python"),
        (replace(GOOD, channels=("conda forge",)), "Channel `conda forge`"),
        (replace(GOOD, channels=("",)), "Channel ``"),
        (replace(GOOD, channels=("- evil:",)), "Channel `- evil:`"),
        (replace(GOOD, format="poetry"), "format “poetry” cannot be made"),
    ],
)
def test_the_entry_that_is_wrong_is_named(draft: Draft, message: str) -> None:
    with pytest.raises(EditRefused, match=message) as refused:
        creating.compose(draft)
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("format", "there"),
    [
        ("pixi", "pixi.toml"),
        ("uv", "pyproject.toml"),
        ("uv", "pixi.toml"),
        ("conda", "environment.yml"),
        ("conda", "environment.yaml"),
    ],
)
def test_a_folder_with_such_a_manifest_is_refused(root: Path, format: str, there: str) -> None:
    (root / there).write_text("mine")
    with pytest.raises(EditRefused, match=f"has a {there} already; nothing was written"):
        creating.write(root, Draft(format, "tides"))
    assert [path.name for path in root.iterdir()] == [there]
    assert (root / there).read_text() == "mine"


def test_a_project_is_not_hidden_behind_a_new_pixi_manifest(write: Write) -> None:
    folder = write("pyproject.toml", '[project]\nname = "a"\n').parent
    with pytest.raises(EditRefused, match=r"has a pyproject\.toml already"):
        creating.write(folder, Draft("pixi", "tides"))


def test_the_settings_of_other_tools_stand_in_no_pixi_manifests_way(write: Write) -> None:
    folder = write("pyproject.toml", "[tool.ruff]\n").parent
    assert creating.write(folder, Draft("pixi", "tides")).name == "pixi.toml"


def test_the_file_a_draft_came_from_may_lie_beside_it(write: Write) -> None:
    folder = write("requirements.txt", "numpy\n").parent
    write("environment.yml", "dependencies: [python]\n")
    assert creating.write(folder, Draft("pixi", "tides")).exists()


def test_a_link_that_leads_nowhere_is_not_written_through(root: Path) -> None:
    (root / "pixi.toml").symlink_to(root / "elsewhere.toml")
    with pytest.raises(EditRefused, match="already"):
        creating.write(root, GOOD)
    assert not (root / "elsewhere.toml").exists()


def test_a_folder_that_is_not_there_is_made(root: Path) -> None:
    assert creating.write(root / "a" / "b", GOOD) == root / "a" / "b" / "pixi.toml"


def test_a_folder_that_cannot_be_made_is_refused_with_a_remedy(root: Path) -> None:
    (root / "file").touch()
    for folder, reason in ((root / "file", "is a file"), (root / "file" / "sub", "Not a directory")):
        with pytest.raises(EditRefused, match=f"cannot be made: .*{reason}") as refused:
            creating.write(folder, GOOD)
        assert "Choose a folder" in refused.value.remedy


def test_uv_itself_reads_what_is_made_for_it(root: Path) -> None:
    creating.write(root, Draft("uv", "tides", cuda=True))
    command = [uv.find_uv_bin(), "lock", "--offline", "--no-config", "--project", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "warning" in done.stderr) == (0, False), done.stderr
