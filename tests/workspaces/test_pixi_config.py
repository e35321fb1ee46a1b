"""pixi's configuration files: which count, and where they put environments."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from rattler.config import Config
from xxhash import xxh3_64_intdigest

from appose_kernel.errors import ManifestInvalid
from appose_kernel.workspaces.pixi import config as pixi_config

linux = pytest.mark.skipif(sys.platform != "linux", reason="the places of Linux")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    (folder / ".pixi").mkdir(parents=True)
    return folder


@pytest.fixture
def environ(isolated: Path) -> dict[str, str]:
    return {"HOME": str(isolated), "XDG_CONFIG_HOME": str(isolated / "xdg")}


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@linux
def test_every_place_counts_in_its_order(root: Path, isolated: Path, environ: dict[str, str]) -> None:
    environ |= {"PIXI_HOME": str(isolated / "pixi home"), "RATTLER_HOME": str(isolated / "rattler home")}
    places = [
        (isolated / ".config/rattler/config.toml", True),
        (isolated / "xdg/rattler/config.toml", True),
        (isolated / "rattler home/config.toml", True),
        (isolated / ".config/pixi/config.toml", False),
        (isolated / "xdg/pixi/config.toml", False),
        (isolated / ".pixi/config.toml", False),
        (isolated / "pixi home/config.toml", False),
        (root / ".pixi/config.toml", False),
    ]
    for number, (path, _) in enumerate(places):
        write(path, f"concurrency.downloads = {number + 1}\n")
    found = pixi_config.files(root, environ)
    assert found == places
    assert Config.load_from_locations(list(found)).concurrency_downloads == len(places)
    assert pixi_config.files(None, environ) == places[:-1]


def test_a_file_is_listed_once_though_two_variables_lead_to_it(
    isolated: Path, environ: dict[str, str]
) -> None:
    file = write(isolated / ".pixi/config.toml")
    environ["PIXI_HOME"] = str(isolated / ".pixi")
    assert pixi_config.files(None, environ) == [(file, False)]


def test_only_the_workspaces_own_file_outlasts_no_config(
    root: Path, isolated: Path, environ: dict[str, str]
) -> None:
    own, other = write(root / ".pixi/config.toml"), write(isolated / "other.toml")
    write(isolated / ".pixi/config.toml")
    assert pixi_config.files(root, environ | {"PIXI_NO_CONFIG": "1"}) == [(own, False)]
    assert pixi_config.files(root, environ | {"PIXI_CONFIG_FILE": str(other)}) == [
        (other, False),
        (own, False),
    ]


def test_rattler_reads_what_pixi_alone_understands(root: Path, environ: dict[str, str]) -> None:
    text = 'detached-environments = true\nmirrors = { "https://a.org/x" = ["https://b.org/x"] }\n'
    write(root / ".pixi/config.toml", text)
    config = Config.load_from_locations(list(pixi_config.files(root, environ)))
    assert config.mirrors == {"https://a.org/x": ["https://b.org/x"]}


def test_environments_stay_in_the_workspace_unless_told_otherwise(
    root: Path, environ: dict[str, str]
) -> None:
    assert pixi_config.envs(root, "demo", environ) == root / ".pixi/envs"
    write(root / ".pixi/config.toml", "detached-environments = false\n")
    assert pixi_config.envs(root, "demo", environ) == root / ".pixi/envs"


def test_detached_environments_have_a_folder_named_for_the_workspace(
    root: Path, isolated: Path, environ: dict[str, str]
) -> None:
    name = f"named-{xxh3_64_intdigest(str(root).encode())}"
    user = write(isolated / ".pixi/config.toml", 'detached-environments = "/opt/pixi/envs"\n')
    assert pixi_config.envs(root, "named", environ) == Path("/opt/pixi/envs", name, "envs")
    user.write_text('detached-environments = "~/envs"\n')
    assert pixi_config.envs(root, "named", environ) == isolated / "envs" / name / "envs"
    write(root / ".pixi/config.toml", "detached-environments = false\n")
    assert pixi_config.envs(root, "named", environ) == root / ".pixi/envs"


@linux
def test_detached_environments_without_a_path_go_to_the_cache(
    root: Path, isolated: Path, environ: dict[str, str]
) -> None:
    own = write(root / ".pixi/config.toml", "detached-environments = true\n")
    name = f"demo-{xxh3_64_intdigest(str(root).encode())}"

    def place() -> Path:
        found = pixi_config.envs(root, "demo", environ)
        assert found.name == "envs"
        assert found.parent.name == name
        return found.parent.parent

    assert place() == isolated / ".cache/rattler/cache/envs"
    (isolated / ".cache/pixi").mkdir(parents=True)
    assert place() == isolated / ".cache/pixi/envs"
    own.write_text('detached-environments = true\n[cache]\nroot = "/scratch"\n')
    assert place() == Path("/scratch/envs")
    environ["RATTLER_CACHE_DIR"] = "/rattler"
    assert place() == Path("/rattler/envs")
    environ["PIXI_CACHE_DIR"] = "/pixi"
    assert place() == Path("/pixi/envs")
    own.write_text('detached-environments = true\n[cache]\ndetached-environments = "/away"\n')
    assert place() == Path("/away")
    environ["PIXI_CACHE_DETACHED_ENVIRONMENTS_DIR"] = "/nearer"
    assert place() == Path("/nearer")


@pytest.mark.skipif(sys.platform == "win32", reason="pixi makes no link on Windows")
def test_the_link_that_pixi_made_is_followed(root: Path, environ: dict[str, str]) -> None:
    (root / ".pixi/envs").symlink_to("/elsewhere/demo-1/envs")
    assert pixi_config.envs(root, "demo", environ) == Path("/elsewhere/demo-1/envs")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\ndetached-environments = [1]\n", 2, "must be true, false or a path"),
        ('detached-environments = "envs"\n', 1, "must be an absolute path"),
        ('detached-environments = true\n\n[cache]\nroot = "x"\n', 4, "`root` must be an absolute path"),
        ("detached-environments = true\ncache = 1\n", 2, "`cache` must be a table"),
        ("detached-environments = \n", 1, "not valid TOML"),
    ],
)
def test_a_wrong_configuration_is_named_with_its_line(
    root: Path, environ: dict[str, str], text: str, line: int, words: str
) -> None:
    file = write(root / ".pixi/config.toml", text)
    with pytest.raises(ManifestInvalid, match=words) as caught:
        pixi_config.envs(root, "demo", environ)
    assert (caught.value.file, caught.value.line) == (file, line)
    assert caught.value.remedy


def test_default_channels_are_those_of_the_strongest_file(isolated: Path, environ: dict[str, str]) -> None:
    assert pixi_config.default_channels(environ) == ()
    write(isolated / "xdg/rattler/config.toml", 'default-channels = ["shared"]\n')
    assert pixi_config.default_channels(environ) == ("shared",)
    user = write(isolated / ".pixi/config.toml", 'default_channels = ["a", "b"]\n')
    assert pixi_config.default_channels(environ) == ("a", "b")
    user.write_text("default-channels = [1]\n")
    with pytest.raises(ManifestInvalid, match="must be a string"):
        pixi_config.default_channels(environ)
