from __future__ import annotations

import json
from pathlib import Path

import pytest

from appose_kernel.errors import ManifestInvalid
from appose_kernel.model import Environment
from appose_kernel.workspaces import appose, formats

PIXI = """
[workspace]
name = "worker"
channels = ["conda-forge"]
platforms = ["linux-64", "osx-arm64"]
[dependencies]
python = "3.11.*"
[activation.env]
MODE = "worker"
[feature.cuda.dependencies]
cudnn = "*"
[environments]
cuda = ["cuda"]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "appose"
    folder.mkdir()
    monkeypatch.setenv("APPOSE_ENVS_DIR", str(folder))
    return folder


def built(home: Path, name: str, **files: str) -> Path:
    """A folder of an application's, with ``pixi_toml`` as ``pixi.toml`` and so on."""
    root = home / name
    root.mkdir(exist_ok=True)
    for file, text in files.items():
        stem, _, ending = file.rpartition("_")
        (root / f"{stem}.{ending}").write_text(text)
    return root


def prefixes(root: Path) -> dict[str, Path | None]:
    return {env.name: env.prefix for env in formats.environments(formats.open_workspace(root))}


def only(root: Path) -> Environment:
    (env,) = formats.environments(formats.open_workspace(root))
    return env


def test_each_folder_of_apposes_is_a_workspace_whatever_manifest_it_has(home: Path) -> None:
    root = built(home, "stardist", appose_json="{}", pixi_toml=PIXI)
    workspace = formats.open_workspace(root)
    assert (workspace.name, workspace.format, workspace.root, workspace.lock) == (
        "stardist",
        "appose",
        root,
        None,
    )
    assert workspace.manifest == root / "appose.json"
    assert formats.open_workspace(root / "pixi.toml") == workspace
    assert {root / "appose.json", root / "pixi.toml", root / "pixi.lock", root / "environment.yml"} <= set(
        workspace.inputs
    )
    (root / "appose.json").unlink()
    assert formats.open_workspace(root).manifest == root / "pixi.toml"


def test_pixi_has_a_prefix_for_each_environment_that_was_activated(home: Path) -> None:
    root = built(home, "worker", pixi_toml=PIXI)
    envs = root / ".pixi" / "envs"
    assert prefixes(root) == {"default": envs / "default"}
    for name in ("cuda", "default"):
        (envs / name / "conda-meta").mkdir(parents=True)
    assert list(prefixes(root).items()) == [("default", envs / "default"), ("cuda", envs / "cuda")]


def test_mamba_and_uv_have_one(home: Path) -> None:
    mamba = built(home, "mamba", environment_yml="dependencies: [python]\n")
    (mamba / "conda-meta").mkdir()
    assert prefixes(mamba) == {"default": mamba}
    plain = built(home, "plain", requirements_txt="six\n", pyvenv_cfg="home = /usr/bin\n")
    assert prefixes(plain) == {"default": plain}
    project = built(home, "project", pyproject_toml='[project]\nname = "x"\n')
    assert prefixes(project) == {"default": project / ".venv"}


@pytest.mark.parametrize(
    ("files", "name", "specs", "channels"),
    [
        ({"pixi_toml": PIXI}, "default", ["python 3.11.*"], ("conda-forge",)),
        ({"pixi_toml": PIXI}, "cuda", ["cudnn *", "python 3.11.*"], ("conda-forge",)),
        ({"environment_yml": "dependencies: [numpy=2]\n"}, "default", ["numpy 2.*"], ("conda-forge",)),
        ({"requirements_txt": "six\n"}, "default", ["six"], ("https://pypi.org/simple",)),
        (
            {"pyproject_toml": '[project]\nname = "x"\ndependencies = ["six"]\n'},
            "default",
            ["six"],
            ("https://pypi.org/simple",),
        ),
        (
            {
                "appose_json": json.dumps(
                    {"builder": "uv", "packages": ["six>1", 7, "!"], "pythonVersion": "3.11"}
                )
            },
            "default",
            ["six>1"],
            ("https://pypi.org/simple",),
        ),
        ({"appose_json": "{ damaged"}, "default", [], ("https://pypi.org/simple",)),
    ],
)
def test_what_the_application_asked_for(
    home: Path, files: dict[str, str], name: str, specs: list[str], channels: tuple[str, ...]
) -> None:
    root = built(home, "it", **files)
    for each in ("cuda", "default") if "pixi_toml" in files else ():
        (root / ".pixi" / "envs" / each).mkdir(parents=True)
    env = formats.environment(formats.open_workspace(root), name)
    found = formats.compose(env, "linux-64")
    assert sorted(spec.requirement for spec in found.specs) == specs
    assert found.channels == channels
    if "pythonVersion" in str(files):
        assert found.python == "==3.11.*"
    if "pixi_toml" in files:
        assert found.variables == {"MODE": "worker"}


def test_variables_of_the_workers_are_read(home: Path) -> None:
    root = built(home, "it", appose_json='{"envVars": {"A": "1", "B": 2}}')
    assert appose.variables(formats.open_workspace(root)) == {"A": "1"}
    built(home, "it", appose_json='{"envVars": []}')
    assert appose.variables(formats.open_workspace(root)) == {}


def test_a_broken_manifest_of_an_application_is_said_when_it_is_read_and_not_before(home: Path) -> None:
    root = built(home, "it", pixi_toml="[workspace\n")
    env = only(root)
    with pytest.raises(ManifestInvalid, match=r"pixi\.toml line 1"):
        formats.compose(env, "linux-64")


def test_listings_get_the_folders_but_not_apposes_own_tools(home: Path) -> None:
    for name in ("b", "a", ".pixi", ".mamba", ".uv"):
        built(home, name, pixi_toml=PIXI)
    (home / "file").touch()
    assert appose.folders({"APPOSE_ENVS_DIR": str(home)}) == (home / "a", home / "b")
    assert formats.open_workspace(home / ".pixi").format == "pixi"
    assert appose.folders({"APPOSE_ENVS_DIR": str(home / "nowhere")}) == ()


def test_without_the_variable_it_is_the_same_folder_on_every_platform() -> None:
    assert appose.home({}) == Path.home() / ".local/share/appose"
    assert appose.home({"APPOSE_ENVS_DIR": ""}) == Path.home() / ".local/share/appose"


def test_other_folders_are_none_of_apposes(home: Path, tmp_path: Path) -> None:
    root = built(tmp_path, "mine", pixi_toml=PIXI, appose_json="{}")
    assert formats.open_workspace(root).format == "pixi"
    deeper = built(home, "worker", pixi_toml=PIXI) / "more"
    built(deeper.parent, "more", pixi_toml=PIXI)
    assert formats.open_workspace(deeper).format == "pixi"


def test_a_link_to_the_folder_is_the_folder(home: Path, tmp_path: Path) -> None:
    root = built(home, "worker", pixi_toml=PIXI)
    link = tmp_path / "elsewhere" / "appose"
    link.parent.mkdir()
    link.symlink_to(home, target_is_directory=True)
    assert formats.open_workspace(link / root.name).format == "appose"
