"""What stands in kernelspecs, which are listed, and which are kept on disk."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_client.manager import KernelManager
from jupyter_core.paths import jupyter_data_dir
from moon import MoonManager
from traitlets.config import Config

from appose_kernel.errors import KernelspecError
from appose_kernel.kernels import catalogue, kernelspecs, start
from appose_kernel.kernels.listing import ApposeKernelSpecManager, extend
from appose_kernel.model import Environment
from appose_kernel.workspaces import finding, formats

PROJECT = """\
[project]
name = "{name}"
version = "1"
[project.optional-dependencies]
cuda = []
"""


def project(folder: Path, name: str = "proj") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "pyproject.toml"
    manifest.write_text(PROJECT.format(name=name))
    return manifest


def environment(manifest: Path, name: str = "default") -> Environment:
    return formats.environment(formats.open_workspace(manifest), name)


def manager(
    root: Path, base: type[KernelSpecManager] = KernelSpecManager, **traits: Any
) -> KernelSpecManager:
    # not what happens to be installed beside the tests
    disk = [str(Path(jupyter_data_dir(), "kernels"))]
    return extend(base)(root=str(root), kernel_dirs=disk, **traits)


def ours(manager: KernelSpecManager) -> list[str]:
    return sorted(name for name in manager.get_all_specs() if name.startswith("appose."))


def test_each_environment_of_each_workspace_is_a_kernelspec(tmp_path: Path) -> None:
    project(tmp_path / "root" / "one", "one")
    project(tmp_path / "root" / "deep" / "two", "two")
    specs = manager(tmp_path / "root").get_all_specs()
    spec = specs["appose.two.cuda"]["spec"]
    assert sorted(specs) == [
        *("appose", "appose.one.cuda", "appose.one.default", "appose.two.cuda", "appose.two.default"),
        "python3",
    ]
    assert spec["display_name"] == "two · cuda"
    assert spec["language"] == "python"
    assert spec["interrupt_mode"] == "signal"
    assert spec["metadata"]["debugger"] is True
    assert spec["metadata"]["appose"] == {
        "workspace": "two",
        "environment": "cuda",
        "manifest": str(tmp_path / "root" / "deep" / "two" / "pyproject.toml"),
        "format": "uv",
    }
    assert spec["metadata"]["kernel_provisioner"]["provisioner_name"] == "appose-provisioner"


def test_one_kernelspec_is_what_the_list_says(tmp_path: Path) -> None:
    project(tmp_path / "root", "one")
    listing = manager(tmp_path / "root")
    for name in ("appose", "appose.one.cuda"):
        entry = listing.get_all_specs()[name]
        spec = listing.get_kernel_spec(name)
        assert (spec.to_dict(), spec.resource_dir) == (entry["spec"], entry["resource_dir"])
        assert listing.find_kernel_specs()[name] == spec.resource_dir
        assert (Path(spec.resource_dir) / "logo-svg.svg").is_file()


def test_a_start_writes_into_a_kernelspec_of_its_own(tmp_path: Path) -> None:
    project(tmp_path / "root", "one")
    listing = manager(tmp_path / "root")
    listing.get_kernel_spec("appose.one.cuda").argv.clear()
    assert listing.get_kernel_spec("appose.one.cuda").argv


def test_an_environment_that_does_not_exist_is_no_kernel(tmp_path: Path) -> None:
    project(tmp_path / "root", "one")
    with pytest.raises(NoSuchKernel):
        manager(tmp_path / "root").get_kernel_spec("appose.one.rocm")


def test_a_change_of_the_folders_shows_in_the_next_listing(tmp_path: Path) -> None:
    manifest = project(tmp_path / "root" / "one", "one")
    listing = manager(tmp_path / "root")
    assert ours(listing) == ["appose.one.cuda", "appose.one.default"]
    manifest.write_text(manifest.read_text().replace("cuda", "rocm1"))
    assert ours(listing) == ["appose.one.default", "appose.one.rocm1"]
    shutil.rmtree(manifest.parent)
    assert ours(listing) == []
    project(tmp_path / "root" / "two", "two")
    assert ours(listing) == ["appose.two.cuda", "appose.two.default"]


def test_where_looking_takes_long_the_last_list_serves_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = project(tmp_path / "root" / "one", "one")
    listing = manager(tmp_path / "root")
    assert len(ours(listing)) == 2
    monkeypatch.setattr(catalogue, "HOLD", -1.0)
    shutil.rmtree(manifest.parent)
    assert len(ours(listing)) == 2
    for thread in threading.enumerate():
        if thread.name == "appose-kernel-listing":
            thread.join()
    assert ours(listing) == []


def test_two_workspaces_of_one_name_both_have_kernels(tmp_path: Path) -> None:
    project(tmp_path / "root" / "a")
    project(tmp_path / "root" / "b")
    found = manager(tmp_path / "root").catalogue.environments()
    assert len(found) == 4
    assert {env.workspace.root.name for env in found.values()} == {"a", "b"}
    titles = [manager(tmp_path / "root").get_kernel_spec(name).display_name for name in found]
    assert len(set(titles)) == 4
    assert [title for title in titles if title.endswith("(root/b)")] == titles[2:]
    for name, env in found.items():
        spec = manager(tmp_path / "root").get_kernel_spec(name)
        assert spec.metadata["appose"]["manifest"] == str(env.workspace.manifest)
        assert name == f"appose.{spec.metadata['appose']['workspace']}.{env.name}"


def test_a_broken_manifest_is_logged_once_and_hides_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    project(tmp_path / "root" / "one", "one")
    broken = project(tmp_path / "root" / "two", "two")
    broken.write_text("[project\n")
    listing = manager(tmp_path / "root", log=logging.getLogger("test"))
    for _ in range(3):
        assert ours(listing) == ["appose.one.cuda", "appose.one.default"]
    assert [str(broken) in record.getMessage() for record in caplog.records] == [True]
    project(tmp_path / "root" / "two", "two")
    assert len(ours(listing)) == 4
    broken.write_text("[project\n")
    assert len(ours(listing)) == 2
    assert len(caplog.records) == 2


def test_only_allowed_kernelspecs_are_listed(tmp_path: Path) -> None:
    project(tmp_path / "root", "one")
    listing = manager(tmp_path / "root", allowed_kernelspecs={"appose.one.cuda"})
    assert list(listing.get_all_specs()) == list(listing.find_kernel_specs()) == ["appose.one.cuda"]


def test_the_native_kernel_can_be_left_out(tmp_path: Path) -> None:
    project(tmp_path / "root", "one")
    assert "python3" not in manager(tmp_path / "root", ensure_native_kernel=False).get_all_specs()


def test_kernelspecs_of_another_manager_stay_as_they_are(tmp_path: Path) -> None:
    project(tmp_path / "root", "one")
    listing = manager(tmp_path / "root", MoonManager)
    assert sorted(listing.get_all_specs()) == ["appose", "appose.one.cuda", "appose.one.default", "moon"]
    assert listing.get_kernel_spec("moon").to_dict() == MoonManager().get_kernel_spec("moon").to_dict()
    assert listing.get_all_specs()["moon"] == MoonManager().get_all_specs()["moon"]


def test_a_manager_is_extended_once_and_keeps_its_configuration() -> None:
    extended = extend(MoonManager)
    assert extend(extended) is extended
    config = Config({"MoonManager": {"allowed_kernelspecs": {"moon"}}})
    assert extended(config=config).allowed_kernelspecs == {"moon"}
    assert issubclass(ApposeKernelSpecManager, KernelSpecManager)


def test_a_folder_configured_by_the_administrator_is_searched(isolated: Path, tmp_path: Path) -> None:
    project(tmp_path / "course", "lecture")
    (tmp_path / "root").mkdir()
    config = isolated / "jupyter" / "config" / "jupyter_appose_config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"Settings": {"folders": [str(tmp_path / "course")]}}))
    assert ours(manager(tmp_path / "root")) == ["appose.lecture.cuda", "appose.lecture.default"]


def test_a_broken_configuration_does_not_take_the_kernels_away(
    isolated: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    project(tmp_path / "root", "one")
    config = isolated / "jupyter" / "config" / "jupyter_appose_config.py"
    config.parent.mkdir(parents=True)
    config.write_text("c.Settings.folders = [")
    assert len(ours(manager(tmp_path / "root", log=logging.getLogger("test")))) == 2
    assert str(config) in caplog.text


def test_a_registered_kernelspec_is_one_that_every_client_reads(isolated: Path, tmp_path: Path) -> None:
    env = environment(project(tmp_path / "one", "one"), "cuda")
    folder = kernelspecs.register(env)
    assert folder == isolated / "jupyter" / "data" / "kernels" / "appose.one.cuda"
    spec = KernelSpecManager().get_kernel_spec("appose.one.cuda")
    assert spec.display_name == "one · cuda"
    assert "kernel_provisioner" not in spec.metadata
    assert spec.argv[:3] == [sys.executable, "-m", "appose_kernel.start"]
    assert (folder / "logo-64x64.png").is_file()
    assert kernelspecs.registered() == (
        kernelspecs.Registered("appose.one.cuda", folder, "one", "cuda", env.workspace.manifest),
    )


def test_a_server_runs_registered_kernelspecs_through_the_provisioner(tmp_path: Path) -> None:
    kernelspecs.register(environment(project(tmp_path / "elsewhere", "one")))
    (tmp_path / "root").mkdir()
    listing = manager(tmp_path / "root")
    for metadata in (
        listing.get_kernel_spec("appose.one.default").metadata,
        listing.get_all_specs()["appose.one.default"]["spec"]["metadata"],
    ):
        assert metadata["kernel_provisioner"]["config"] == {
            "workspace": "one",
            "environment": "default",
            "manifest": str(tmp_path / "elsewhere" / "pyproject.toml"),
        }


def test_a_registered_kernelspec_of_a_deleted_workspace_is_not_listed(tmp_path: Path) -> None:
    manifest = project(tmp_path / "elsewhere", "one")
    kernelspecs.register(environment(manifest))
    (tmp_path / "root").mkdir()
    listing = manager(tmp_path / "root")
    assert ours(listing) == ["appose.one.default"]
    shutil.rmtree(manifest.parent)
    assert ours(listing) == []
    assert listing.get_kernel_spec("appose.one.default").display_name == "one · default"


def test_registering_again_renews_the_kernelspec_and_leaves_nothing_behind(tmp_path: Path) -> None:
    env = environment(project(tmp_path / "one", "one"))
    folder = kernelspecs.register(env)
    (folder / "kernel.json").write_text(
        (folder / "kernel.json").read_text().replace(sys.executable, "/gone/bin/python")
    )
    (folder / "logo-svg.svg").write_text("the user's own")
    assert kernelspecs.register(env) == folder
    assert json.loads((folder / "kernel.json").read_text())["argv"][0] == sys.executable
    assert (folder / "logo-svg.svg").read_text() == "the user's own"
    assert [path.name for path in folder.parent.iterdir()] == ["appose.one.default"]
    assert [path.name for path in folder.parent.parent.iterdir()] == ["kernels"]


def test_a_second_workspace_of_the_same_name_is_registered_beside_the_first(tmp_path: Path) -> None:
    first = kernelspecs.register(environment(project(tmp_path / "a")))
    second = kernelspecs.register(environment(project(tmp_path / "b")))
    assert first.name == "appose.proj.default"
    assert second.name != first.name
    assert kernelspecs.register(environment(tmp_path / "b" / "pyproject.toml")) == second
    assert {known.manifest.parent.name for known in kernelspecs.registered()} == {"a", "b"}


@pytest.mark.parametrize("text", ['{"argv": ["mine"]}', '{"metadata": {"appose": []}}', "not JSON"])
def test_a_kernelspec_of_another_making_is_neither_overwritten_nor_removed(
    isolated: Path, tmp_path: Path, text: str
) -> None:
    env = environment(project(tmp_path / "one", "one"))
    theirs = isolated / "jupyter" / "data" / "kernels" / "appose.one.default" / "kernel.json"
    theirs.parent.mkdir(parents=True)
    theirs.write_text(text)
    with pytest.raises(KernelspecError, match="did not write"):
        kernelspecs.register(env)
    with pytest.raises(KernelspecError, match="not a kernelspec that appose-kernel wrote"):
        kernelspecs.unregister("appose.one.default")
    warnings: list[str] = []
    kernelspecs.offer(env, warnings.append)
    assert [str(theirs.parent) in warning for warning in warnings] == [True]
    assert theirs.read_text() == text
    assert kernelspecs.registered() == ()


def test_what_is_built_is_registered_unless_configured_otherwise(isolated: Path, tmp_path: Path) -> None:
    env = environment(project(tmp_path / "one", "one"))
    config = isolated / "jupyter" / "config" / "jupyter_appose_config.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"Settings": {"register": false}}')
    kernelspecs.offer(env, pytest.fail)
    assert kernelspecs.registered() == ()
    config.write_text("{}")
    kernelspecs.offer(env, pytest.fail)
    assert [found.name for found in kernelspecs.registered()] == ["appose.one.default"]


def test_a_notebooks_own_environment_is_registered_by_hand_only(tmp_path: Path) -> None:
    notebook = tmp_path / "own.ipynb"
    cell = {"cell_type": "code", "source": "# /// script\n# dependencies = []\n# ///"}
    notebook.write_text(json.dumps({"cells": [cell], "metadata": {}}))
    env = environment(notebook)
    kernelspecs.offer(env, pytest.fail)
    assert kernelspecs.registered() == ()
    folder = kernelspecs.register(env)
    (folder / "kernel.json").write_text((folder / "kernel.json").read_text().replace("python", "old"))
    kernelspecs.offer(env, pytest.fail)
    assert '"language": "python"' in (folder / "kernel.json").read_text()


def test_namesakes_can_be_told_apart_when_both_are_registered(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        kernelspecs.register(environment(project(tmp_path / folder)))
    titles = [spec["spec"]["display_name"] for spec in KernelSpecManager().get_all_specs().values()]
    ours = [title for title in titles if "· default" in title]
    assert len(ours) == len(set(ours)) == 2


@pytest.mark.parametrize("name", ["..", "../kernels", "", "appose.nobody.default"])
def test_only_what_was_registered_can_be_unregistered(tmp_path: Path, name: str) -> None:
    folder = kernelspecs.register(environment(project(tmp_path / "one", "one")))
    with pytest.raises(KernelspecError):
        kernelspecs.unregister(name)
    assert folder.is_dir()
    assert kernelspecs.unregister(folder.name) == folder
    assert not folder.exists()
    assert kernelspecs.registered() == ()


@pytest.mark.skipif(os.name == "nt", reason="these are no names of folders on Windows")
@pytest.mark.parametrize("folder", ["we{i}rd $HOME 'q'", "{connection_file}", "{prefix} 🎉", "-f"])
def test_the_starter_is_told_the_manifest_whatever_the_folder_is_called(tmp_path: Path, folder: str) -> None:
    """Jupyter replaces words in braces inside an argv; the starter must still be told the path."""
    manifest = project(tmp_path / folder, "one")
    kernelspecs.register(environment(manifest))
    request = start.parse(command("appose.one.default", tmp_path))
    assert request.manifest == manifest
    assert (request.workspace, request.environment) == ("one", "default")


def test_the_starter_is_told_the_environment_whatever_it_is_called(tmp_path: Path) -> None:
    manifest = project(tmp_path, "one")
    name = "{prefix} $HOME"
    with manifest.open("a") as file:
        file.write(f"[tool.appose-kernel.environments]\n'{name}' = {{}}\n")
    folder = kernelspecs.register(environment(manifest, name))
    request = start.parse(command(folder.name, tmp_path))
    found = finding.resolve(
        request.workspace, request.environment, cwd=tmp_path, session_name=None, recorded=request.manifest
    )
    assert found.environment.name == name


def command(name: str, folder: Path) -> list[str]:
    """The arguments with which Jupyter would start the starter."""
    kernel = KernelManager(kernel_name=name, connection_file=str(folder / "c.json"))
    kernel._launch_args = {"i": "no"}
    return kernel.format_kernel_cmd()[3:]
