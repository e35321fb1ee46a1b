"""An environment whose prefix is named for what it is made from, once its manifest has changed."""

from __future__ import annotations

import os
from pathlib import Path

import conda_channel
import pytest
from wanting import build, environment

from appose_kernel.environments import builds, store
from appose_kernel.model import State

KERNEL = {f"site-packages/{name}": "" for name in ("ipykernel_launcher.py", "ipykernel/kernelapp.py")}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built environment.yml, the channel of which is gone."""
    monkeypatch.setenv("RATTLER_CACHE_DIR", str(tmp_path / "rattler"))
    channel = conda_channel.Channel(tmp_path / "channel")
    channel.python()
    channel.package("ipykernel", files=KERNEL, subdir="noarch", depends=["python"], noarch="python")
    folder = tmp_path / "project"
    folder.mkdir()
    with conda_channel.serve(channel.index().folder) as url:
        lines = ["name: demo", f"channels: [{url}]", "dependencies: [ipykernel]"]
        (folder / "environment.yml").write_text("\n".join([*lines, ""]))
        build(environment(folder))
    return folder


@pytest.mark.skipif(os.name == "nt", reason="the channel's Python is a POSIX one")
def test_what_a_manifest_without_a_channel_goes_through(project: Path) -> None:
    manifest = project / "environment.yml"
    first = store.place(environment(project))
    assert builds.status(environment(project)).state is State.READY
    text = manifest.read_text()

    manifest.write_text(f"# a remark\n{text}")
    assert builds.status(environment(project)).state is State.READY

    manifest.write_text(text + "variables: {A: b}\n")
    drifted = builds.status(environment(project))
    assert (drifted.state, drifted.reason) == (State.DRIFTED, "environment.yml changed after the build")
    assert drifted.build == builds.recent()[0].id

    build(environment(project))
    assert builds.status(environment(project)).state is State.READY
    assert store.place(environment(project)) != first

    manifest.write_text(text)
    assert builds.status(environment(project)).state is State.READY


@pytest.mark.skipif(os.name == "nt", reason="the channel's Python is a POSIX one")
def test_the_prefix_of_a_namesake_elsewhere_is_no_earlier_one(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    text = (project / "environment.yml").read_text()
    (copy / "environment.yml").write_text(text + "variables: {A: b}\n")
    assert builds.status(environment(copy)).state is State.NOT_BUILT
