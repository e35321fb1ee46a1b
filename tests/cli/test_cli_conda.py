"""Conda environments from a terminal, where there is no pixi."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import conda_channel
import pytest
from calling import Appose
from conda_channel import VERSION, Channel, ChannelServer, host, server

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the channel's Python is a POSIX one")

KERNEL = {f"site-packages/{name}": "" for name in ("ipykernel_launcher.py", "ipykernel/kernelapp.py")}
MORE = """
[feature.tool.dependencies]
tool = "*"
[environments]
default = { solve-group = "all" }
tool = { features = ["tool"], solve-group = "all" }
lone = ["tool"]
"""


@pytest.fixture
def channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChannelServer]:
    """A channel with an ipykernel, and no pixi in sight."""
    folders = [path for path in os.environ["PATH"].split(os.pathsep) if not Path(path, "pixi").exists()]
    monkeypatch.setenv("PATH", os.pathsep.join(folders))
    monkeypatch.setenv("RATTLER_CACHE_DIR", str(tmp_path / "rattler"))
    made: Channel = conda_channel.write_standard(tmp_path / "channel")
    made.package("ipykernel", files=KERNEL, subdir="noarch", depends=["python"], noarch="python")
    with server(made.index().folder) as serving:
        yield serving


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def write(folder: Path, channel: ChannelServer, dependencies: str, more: str = "") -> None:
    (folder / "pixi.toml").write_text(
        f'[workspace]\nname = "demo"\nchannels = ["{channel.url}"]\nplatforms = ["{host()}"]\n'
        f'[dependencies]\nipykernel = "*"\n{dependencies}\n{more}'
    )


def test_what_this_machine_lacks_is_said_when_the_environment_is_ready(
    script: Appose, channel: ChannelServer, project: Path
) -> None:
    write(project, channel, 'gpu = { version = "*", build = "cuda" }', '[system-requirements]\ncuda = "12"\n')
    note = "gpu 1.0 needs an NVIDIA driver for CUDA 12 or newer, and this machine has none."
    built = script("build", project)
    assert built.out.splitlines()[-1] == note
    assert f"demo · default: {note}" in built.err.splitlines()
    assert script("build", project).out.splitlines()[-1] == f"When it was built: {note}"
    assert script("build", project, "--json").json["notes"] == [note]


def test_every_lock_of_a_workspace_is_named_and_an_own_one_counts_beside_pixi_s(
    script: Appose, channel: ChannelServer, project: Path
) -> None:
    write(project, channel, "", MORE)
    locked = script("lock", project, "--json").json
    assert [Path(place).name.split("-")[0] for place in locked["locks"]] == ["group.all", "environment.lone"]
    assert locked["lock"] == locked["locks"][0]
    assert locked["changed"]
    again = script("lock", project)
    assert again.out.splitlines() == [f"{place} fits the manifest, and stays." for place in locked["locks"]]

    write(project, channel, "")
    lock = script("lock", project, "--json").json["lock"]
    (project / "pixi.lock").write_bytes(Path(lock).read_bytes())
    fits = script("lock", project)
    assert fits.out == f"{project}/pixi.lock fits the manifest, and stays.\n"
    own = script("lock", project, "--own", "--json").json
    assert own["changed"]
    assert own["lock"] != f"{project}/pixi.lock"
    assert script("lock", project, "--json").json["lock"] == f"{project}/pixi.lock"


def test_own_is_for_what_has_a_lock_of_another_tool(script: Appose, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("")
    refused = script("lock", tmp_path, "--own")
    assert refused.code == 2
    assert "--own goes with conda packages" in refused.err


def test_a_pixi_lock_that_cannot_be_read_is_not_an_older_one(
    script: Appose, channel: ChannelServer, project: Path
) -> None:
    write(project, channel, f'python = "{VERSION}"')
    (project / "pixi.lock").write_text("")
    refused = script("build", project)
    assert refused.code == 9
    assert f"{project}/pixi.lock cannot be read: it is damaged, or no lock.\n" in refused.err
    assert "older" not in refused.err
    assert f"{project}/pixi.lock cannot be read" in script("info", project).out


def test_an_empty_workspace_is_asked_for_a_python(
    script: Appose, channel: ChannelServer, project: Path
) -> None:
    (project / "pixi.toml").write_text(
        f'[workspace]\nchannels = ["{channel.url}"]\nplatforms = ["{host()}"]\n[dependencies]\n'
    )
    refused = script("build", project)
    assert refused.code == 12
    assert "project · default has no packages, and so no Python" in refused.err
    assert f"Add `python` to the dependencies in {project}/pixi.toml" in refused.err
