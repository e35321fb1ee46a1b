"""`doctor` about pixi, and the fetching of one, from a channel that is served here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from calling import Answer, Appose
from conda_channel import Channel, ChannelServer, Script, host, server

from appose_kernel.environments.engines.pixi.binary import FLOOR

FAKES = Path(__file__).parents[1] / "fake_tools"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the pretending tools are shell scripts")


@pytest.fixture(autouse=True)
def no_pixi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The first folder on PATH, for a test's own pixi; one of the machine is out of sight."""
    folders = [path for path in os.environ["PATH"].split(os.pathsep) if not Path(path, "pixi").exists()]
    first = tmp_path / "tools"
    first.mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join([str(first), *folders]))
    return first


@pytest.fixture
def channel(tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChannelServer]:
    """A channel with a pixi, which pixi's configuration names for what belongs to no workspace."""
    monkeypatch.setenv("PIXI_CACHE_DIR", str(tmp_path / "cache"))
    made = Channel(tmp_path / "channel")
    made.package("pixi", "0.60.0", {"bin/pixi": Script("#!/bin/sh\necho pixi 0.60.0\n")})
    made.package("pixi", "0.72.1", {"bin/pixi": Script("#!/bin/sh\necho pixi 0.72.1\n")}, depends=["libpixi"])
    made.package("libpixi", files={"lib/libpixi.txt": ""})
    made.index()
    with server(made.folder) as serving:
        config = isolated / ".pixi" / "config.toml"
        config.parent.mkdir()
        config.write_text(f'default-channels = ["{serving.url}"]\n')
        yield serving


def checks(answer: Answer) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in answer.json["checks"]}


@pytest.fixture
def pixi(isolated: Path) -> Path:
    """Where a fetched pixi goes."""
    return isolated / "appose-kernel" / "data" / "pixi" / "bin" / "pixi"


def test_without_a_pixi_all_is_well_and_the_way_to_one_is_told(appose: Appose) -> None:
    found = checks(appose("doctor", "--json"))
    assert found["pixi"]["ok"]
    assert "--install-pixi" in found["pixi"]["message"]
    assert found["py-rattler"]["ok"]
    assert found["pixi's configuration"]["message"] == "none"


def test_a_pixi_that_is_too_old_is_named(appose: Appose, no_pixi: Path) -> None:
    (no_pixi / "pixi").symlink_to(FAKES / "pixi_old")
    found = checks(appose("doctor", "--json"))["pixi"]
    assert not found["ok"]
    assert str(no_pixi / "pixi") in found["message"]
    assert "pixi self-update" in found["remedy"]


def test_a_configuration_that_cannot_be_read_is_named(appose: Appose, isolated: Path) -> None:
    config = isolated / ".pixi" / "config.toml"
    config.parent.mkdir()
    config.write_text("\ndefault-channels = 1\n")
    found = checks(appose("doctor", "--json"))["pixi's configuration"]
    assert not found["ok"]
    assert f"{config} line 2" in found["message"]


def test_a_pixi_is_fetched_when_the_user_agrees(appose: Appose, channel: ChannelServer, pixi: Path) -> None:
    answer = appose("doctor", "--install-pixi", "--yes")
    assert answer.code == 0
    assert f"{channel.url}/" in answer.err
    assert "pixi 0.72.1 can be fetched" in answer.err
    assert "pixi-0.72.1-0.tar.bz2" in answer.err
    assert f"To undo that, delete {pixi.parent.parent}." in answer.err
    assert "sha256 " in answer.err
    assert str(pixi.parent.parent) in answer.err
    assert f"0.72.1 (at least 0.70.1 is needed), {pixi}, ours" in answer.out
    assert (pixi.parent.parent / "lib" / "libpixi.txt").exists()


def test_nothing_is_fetched_without_a_word(appose: Appose, channel: ChannelServer, pixi: Path) -> None:
    answer = appose("doctor", "--install-pixi", "--json")
    assert answer.code == 2
    assert "Say --yes to agree" in answer.error["message"]
    in_words = appose("doctor", "--install-pixi")
    assert in_words.code == 2
    assert "Say --yes to agree" in in_words.err
    assert "Usage:" not in in_words.err
    assert not pixi.exists()
    assert not any(name.startswith("pixi-") for name in channel.requests)


def test_a_pixi_that_is_not_what_the_channel_says_is_refused(
    appose: Appose, channel: ChannelServer, pixi: Path
) -> None:
    channel.faults["pixi-0.72.1-0.tar.bz2"] = b"something else"
    answer = appose("doctor", "--install-pixi", "--yes", "--json")
    assert answer.code == 7
    assert answer.error["message"].startswith(f"No pixi could be fetched from {channel.url}: ")
    assert "build" not in answer.error["remedy"]
    assert not pixi.exists()


def test_a_channel_without_a_pixi_that_is_new_enough(appose: Appose, tmp_path: Path, isolated: Path) -> None:
    made = Channel(tmp_path / "old")
    made.package("pixi", "0.60.0")
    made.index()
    config = isolated / ".pixi" / "config.toml"
    config.parent.mkdir()
    config.write_text(f'default-channels = ["{made.folder.as_uri()}"]\n')
    answer = appose("doctor", "--install-pixi", "--yes", "--json")
    assert answer.code == 6
    assert answer.error["message"] == f"{made.folder.as_uri()} has no pixi >={FLOOR} for {host()}."
    assert f"`default-channels` in {config} " in answer.error["remedy"]
    assert "pixi" in answer.error["detail"]


def test_a_channel_that_cannot_be_reached_is_named(appose: Appose, isolated: Path) -> None:
    config = isolated / ".pixi" / "config.toml"
    config.parent.mkdir()
    config.write_text('default-channels = ["http://127.0.0.1:9/none"]\n')
    error = appose("doctor", "--install-pixi", "--yes", "--json").error
    assert error["message"].startswith("No pixi could be fetched from http://127.0.0.1:9/none: ")
    assert "build" not in error["remedy"]
    assert f"`default-channels` in {config} " in error["remedy"]


def test_a_mirror_is_asked_instead_of_the_channel(
    appose: Appose, channel: ChannelServer, isolated: Path, pixi: Path
) -> None:
    (isolated / ".pixi" / "config.toml").write_text(
        'default-channels = ["https://channel.invalid/main"]\n'
        f'[mirrors]\n"https://channel.invalid/main" = ["{channel.url}"]\n'
    )
    assert appose("doctor", "--install-pixi", "--yes").code == 0
    assert pixi.exists()


def test_a_second_time_it_is_brought_up_to_date(
    appose: Appose, channel: ChannelServer, tmp_path: Path
) -> None:
    assert appose("doctor", "--install-pixi", "--yes").code == 0
    made = Channel(tmp_path / "channel")
    made.package("pixi", "0.80.0", {"bin/pixi": Script("#!/bin/sh\necho pixi 0.80.0\n")})
    made.index()
    for repodata in made.folder.glob("*/repodata.json"):
        later = repodata.stat().st_mtime + 10  # http counts in seconds
        os.utime(repodata, (later, later))
    answer = appose("doctor", "--install-pixi", "--yes", "--json")
    assert checks(answer)["pixi"]["message"].startswith("0.80.0 ")
