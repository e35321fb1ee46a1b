"""Each key of a pixi manifest, and what it does to an environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from manifests import Write, audited, settle

from appose_kernel.errors import EnvironmentNotFound
from appose_kernel.model import Composition, Environment, SolveOptions, Spec
from appose_kernel.workspaces import formats, pixi
from appose_kernel.workspaces.pixi import rich_platforms
from appose_kernel.workspaces.pixi.model import Platform

HEAD = """
    [workspace]
    name = "demo"
    channels = ["conda-forge"]
    platforms = ["linux-64", "osx-arm64", "win-64"]
"""


def opened(write: Write, text: str, name: str = "default", head: str = HEAD) -> Environment:
    return formats.environment(formats.open_workspace(write("pixi.toml", head + text)), name)


def composed(
    write: Write, text: str, name: str = "default", platform: str = "linux-64", head: str = HEAD
) -> Composition:
    return formats.compose(opened(write, text, name, head), platform)


def requirements(composition: Composition) -> list[str]:
    return [spec.requirement for spec in composition.specs]


# The workspace


def test_a_pixi_toml_is_a_workspace_with_its_name_lock_and_inputs(write: Write, root: Path) -> None:
    text = """
        [dependencies]
        built = { path = "../sibling" }
        binary = { path = "archives/binary-1.0-0.conda" }
        [pypi-dependencies]
        own = { path = ".", editable = true }
        wheel = { path = "dist/wheel-1-py3-none-any.whl" }
        [activation]
        scripts = ["setup.sh"]
        [feature.more.target.win.activation]
        scripts = ["scripts/setup.bat"]
        [environments.inline.activation]
        scripts = ["inline.sh"]
    """
    head = (
        HEAD
        + '    conda-pypi-map = { conda-forge = "map.json", robostack = "https://example.org/map.json" }\n'
    )
    workspace = opened(write, text, head=head).workspace

    assert (workspace.name, workspace.format, workspace.lock) == ("demo", "pixi", root / "pixi.lock")
    sibling = root.parent / "sibling"
    assert set(workspace.inputs) == {
        *(root / name for name in ("pixi.toml", "pixi.lock", ".pixi/config.toml", "map.json")),
        *(root / name for name in ("setup.sh", "scripts/setup.bat", "inline.sh")),
        *(root / name for name in ("pyproject.toml", "setup.py", "setup.cfg")),
        *(sibling / "pixi.toml", sibling / "pyproject.toml"),
        *(root / "archives/binary-1.0-0.conda", root / "dist/wheel-1-py3-none-any.whl"),
    }


def test_without_a_name_it_is_called_like_its_folder(write: Write, root: Path) -> None:
    workspace = formats.open_workspace(
        write("pixi.toml", '[workspace]\nchannels = []\nplatforms = ["linux-64"]\n')
    )
    assert workspace.name == root.name


@pytest.mark.parametrize("text", ['[package]\nname = "member"\n', "", '[tool.other]\nkey = "value"\n'])
def test_a_member_of_another_workspace_is_none(write: Write, text: str) -> None:
    assert pixi.detect(write("pixi.toml", text)) is None


def test_toml_1_1_is_read(write: Write) -> None:
    text = """
        [dependencies]
        numpy = {
          version = ">=2",  # a comment
          channel = "conda-forge",
        }
        [activation.env]
        ESCAPE = "\\e[0m"
    """
    composition = composed(write, text)
    assert requirements(composition) == ["conda-forge::numpy >=2"]
    assert composition.variables == {"ESCAPE": "\x1b[0m"}


def test_listing_reads_files_and_starts_nothing(write: Write, root: Path) -> None:
    opened(write, '[pypi-dependencies]\nnumpy = { version = ">=2", env-markers = "os_name == \'nt\'" }\n')
    settle(root)
    formats.environments(formats.open_workspace(root))
    with audited() as seen:
        workspace = formats.open_workspace(root)
        formats.environments(workspace)
    opened_files = [path for event, path in seen if event == "open" and str(path).startswith(str(root))]
    assert opened_files == []


# Environments


def test_environments_in_all_their_forms(write: Write) -> None:
    text = """
        [feature.one]
        [feature.two.dependencies]
        two = "*"
        [environments]
        listed = ["two", "one"]
        table = { features = ["one"], solve-group = "group" }
        bare = { features = ["two"], no-default-feature = true }
        [environments.inline]
        features = ["two"]
        solve-group = "group"
        channels = ["inline"]
        [environments.inline.dependencies]
        own = "*"
        [dependencies]
        base = "*"
    """
    workspace = opened(write, text).workspace
    found = {env.name: env for env in formats.environments(workspace)}
    assert list(found) == ["default", "listed", "table", "bare", "inline"]
    assert [feature.name for feature in found["listed"].features] == ["two", "one"]
    assert {feature.kind for feature in found["listed"].features} == {"feature"}
    assert {name: env.solve_group for name, env in found.items() if env.solve_group} == {
        "table": "group",
        "inline": "group",
    }

    def brought(name: str) -> list[tuple[str, str]]:
        return [(s.origin, s.name) for s in formats.compose(found[name], "linux-64").specs]

    assert brought("default") == [("", "base")]
    assert brought("listed") == [("two", "two"), ("", "base")]
    assert brought("bare") == [("two", "two")]
    assert brought("inline") == [("inline", "own"), ("two", "two"), ("", "base")]
    assert formats.compose(found["inline"], "linux-64").channels == ("inline", "conda-forge")


def test_who_lists_the_default_feature_says_where_it_stands(write: Write) -> None:
    text = """
        [dependencies]
        base = "*"
        [feature.gpu]
        channels = ["nvidia"]
        dependencies = { cuda = "*" }
        [environments]
        first = ["default", "gpu"]
        only = { features = ["default"], no-default-feature = true }
    """
    first = composed(write, text, "first")
    assert (first.channels, requirements(first)) == (("conda-forge", "nvidia"), ["base *", "cuda *"])
    assert requirements(composed(write, text, "only")) == ["base *"]


def test_an_unknown_environment_is_told_with_those_that_exist(write: Write) -> None:
    with pytest.raises(EnvironmentNotFound) as caught:
        opened(write, "[environments]\nother = []\n", "gpu")
    assert caught.value.remedy == "It has: default, other."


# conda requirements


MD5 = "8b1a9953c4611296a827abf8c47804d7"
CONDA = [
    ('"*"', "pkg *"),
    ('">=1.2,<2"', "pkg >=1.2,<2"),
    ('">= 1.2, < 2"', "pkg >=1.2,<2"),
    ('">=1.2.3 | <1.0.0"', "pkg >=1.2.3|<1.0.0"),
    ('"1.2.3"', "pkg ==1.2.3"),
    ('"==1.2.3"', "pkg ==1.2.3"),
    ('"~=1.2"', "pkg ~=1.2"),
    ('"1.2.*"', "pkg 1.2.*"),
    ('"3.11.* *_cpython"', "pkg 3.11.* *_cpython"),
    ('{ version = "~=1.1", channel = "pytorch" }', "pytorch::pkg ~=1.1"),
    ('{ channel = "https://prefix.dev/x" }', "https://prefix.dev/x::pkg *"),
    ('{ version = ">=1", build = "py34_0" }', "pkg >=1 py34_0"),
    (
        '{ version = "1.*", build-number = ">=1", subdir = "noarch", license = "MIT" }',
        'pkg 1.*[build_number=">=1", subdir="noarch", license="MIT"]',
    ),
    ('{ file-name = "pkg-1-0.conda" }', 'pkg *[fn="pkg-1-0.conda"]'),
    (f'{{ md5 = "{MD5}" }}', f'pkg *[md5="{MD5}"]'),
    (
        '{ version = "1.*", extras = ["a", "b"], flags = ["cuda"] }',
        "pkg 1.*[extras=[a, b], flags=[cuda]]",
    ),
    ('{ version = "*", when = "python >=3" }', 'pkg *[when="python >=3"]'),
    (
        '{ when = { any = ["scipy", { package = "python", version = ">=3" }, { all = ["a", "b >1"] }] } }',
        'pkg *[when="(scipy or python >=3 or (a and b >1))"]',
    ),
    ('{ url = "https://e.org/pkg-1-0.conda" }', 'pkg[url="https://e.org/pkg-1-0.conda"]'),
]


@pytest.mark.parametrize(("written", "requirement"), CONDA)
def test_conda_requirements(write: Write, written: str, requirement: str) -> None:
    (spec,) = composed(write, f"[dependencies]\nPKG = {written}\n").specs
    assert spec == Spec("conda", "pkg", requirement)


@pytest.mark.parametrize("requirement", [requirement for _, requirement in CONDA])
def test_strict_solvers_can_read_them(requirement: str) -> None:
    rattler = pytest.importorskip("rattler")
    assert rattler.MatchSpec(requirement, strict=True).name.normalized == "pkg"


def test_a_conda_archive_in_a_folder(write: Write, root: Path) -> None:
    (spec,) = composed(write, '[dependencies]\npkg = { path = "a b/pkg-1-0.tar.bz2" }\n').specs
    assert spec.requirement == f'pkg[url="{root.as_uri()}/a%20b/pkg-1-0.tar.bz2"]'
    assert spec.kind == "conda"


@pytest.mark.parametrize(
    ("written", "requirement"),
    [
        ('{ git = "https://e.org/pkg.git", branch = "main" }', "pkg @ git+https://e.org/pkg.git@main"),
        ('{ url = "https://e.org/pkg.tar.gz" }', "pkg @ https://e.org/pkg.tar.gz"),
        ('{ path = "pkg" }', "pkg @ {root}/pkg"),
        ("{ workspace = true }", "pkg"),
    ],
)
def test_packages_that_are_built_from_sources(
    write: Write, root: Path, written: str, requirement: str
) -> None:
    (spec,) = composed(write, f"[dependencies]\npkg = {written}\n").specs
    assert spec == Spec("source", "pkg", requirement.replace("{root}", root.as_uri()))


def test_build_dependencies_win_over_host_and_those_over_run(write: Write) -> None:
    text = """
        [dependencies]
        a = "1.*"
        b = "1.*"
        c = "1.*"
        [build-dependencies]
        a = "3.*"
        [host-dependencies]
        a = "2.*"
        b = "2.*"
    """
    assert requirements(composed(write, text)) == ["a 3.*", "b 2.*", "c 1.*"]


def test_constraints_add_up_and_bring_nothing(write: Write) -> None:
    text = """
        [constraints]
        openssl = ">=3.0"
        [target.linux-64.constraints]
        openssl = ">=3.0.7"
        [feature.old.constraints]
        openssl = { version = "<4", channel = "conda-forge" }
        [environments]
        old = ["old"]
    """
    assert composed(write, text, "old").specs == (
        Spec("constraint", "openssl", "conda-forge::openssl <4", "old"),
        Spec("constraint", "openssl", "openssl >=3.0.7"),
    )
    assert requirements(composed(write, text, platform="win-64")) == ["openssl >=3.0"]


# Python requirements


@pytest.mark.parametrize(
    ("written", "requirement"),
    [
        ('"*"', "Py_Pkg"),
        ('">=1,<2"', "Py_Pkg>=1,<2"),
        ('"~=1.0.0"', "Py_Pkg~=1.0.0"),
        ('{ version = "*", extras = ["a", "b"] }', "Py_Pkg[a,b]"),
        ('{ version = ">=1", extras = ["a"] }', "Py_Pkg[a]>=1"),
        ('{ extras = ["a"] }', "Py_Pkg[a]"),
        ('{ git = "https://e.org/p.git" }', "Py_Pkg @ git+https://e.org/p.git"),
        ('{ git = "https://e.org/p.git", rev = "abc" }', "Py_Pkg @ git+https://e.org/p.git@abc"),
        ('{ git = "https://e.org/p", tag = "v1", extras = ["x"] }', "Py_Pkg[x] @ git+https://e.org/p@v1"),
        (
            '{ git = "ssh://git@e.org/p", branch = "main", subdirectory = "sub" }',
            "Py_Pkg @ git+ssh://git@e.org/p@main#subdirectory=sub",
        ),
        ('{ git = "git@e.org:owner/p.git" }', "Py_Pkg @ git+ssh://git@e.org/owner/p.git"),
        ('{ url = "https://e.org/p-1.whl" }', "Py_Pkg @ https://e.org/p-1.whl"),
        ('{ path = "p", subdirectory = "sub" }', "Py_Pkg @ {root}/p#subdirectory=sub"),
        ('{ path = "./p/../q" }', "Py_Pkg @ {root}/q"),
        ('{ version = ">=1", env-markers = "os_name == \'posix\'" }', "Py_Pkg>=1 ; os_name == 'posix'"),
    ],
)
def test_python_requirements(write: Write, root: Path, written: str, requirement: str) -> None:
    (spec,) = composed(write, f"[pypi-dependencies]\nPy_Pkg = {written}\n").specs
    assert spec == Spec("pypi", "py-pkg", requirement.replace("{root}", root.as_uri()))


def test_editable_folders_and_packages_from_one_index(write: Write, root: Path) -> None:
    text = """
        [pypi-dependencies]
        own = { path = ".", editable = true, extras = ["test"] }
        torch = { version = "*", index = "https://download.pytorch.org/whl/cu118" }
    """
    assert composed(write, text).specs == (
        Spec("pypi", "own", f"own[test] @ {root.as_uri()}", editable=True),
        Spec("pypi", "torch", "torch", index="https://download.pytorch.org/whl/cu118"),
    )


def test_a_marker_counts_on_the_platform_asked_about(write: Write) -> None:
    text = """
        [pypi-dependencies]
        colorama = { version = "*", env-markers = "sys_platform == 'win32'" }
        wheel = { url = "https://e.org/wheel-1.whl", env-markers = "sys_platform == 'win32'" }
    """
    assert composed(write, text).specs == ()
    assert len(composed(write, text, platform="win-64").specs) == 2


def test_a_package_may_be_asked_for_as_condas_and_as_pythons(write: Write) -> None:
    text = '[dependencies]\nnumpy = ">=2"\n[pypi-dependencies]\nnumpy = "*"\n'
    assert [(spec.kind, spec.requirement) for spec in composed(write, text).specs] == [
        ("conda", "numpy >=2"),
        ("pypi", "numpy"),
    ]


# Targets and features


@pytest.mark.parametrize("subdir", sorted(rich_platforms.SUBDIRS))
def test_unix_is_what_conda_calls_so(subdir: str) -> None:
    rattler = pytest.importorskip("rattler")
    assert rich_platforms.matches("unix", Platform(subdir, subdir)) == rattler.Subdir(subdir).is_unix


TARGETS = """
    [target.linux-64.dependencies]
    narrow = "1.*"
    [target.unix.dependencies]
    narrow = "2.*"
    family = "unix.1"
    [target.linux.dependencies]
    family = "linux.1"
    [target.osx.dependencies]
    family = "osx.1"
    [target.macos.pypi-dependencies]
    family = "*"
    [target.win.dependencies]
    family = "win.1"
    [dependencies]
    family = "*"
    other = "*"
"""


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux-64", ["family ==linux.1", "other *", "narrow 2.*"]),
        ("osx-arm64", ["family ==osx.1", "other *", "narrow 2.*", "family"]),
        ("win-64", ["family ==win.1", "other *"]),
    ],
)
def test_of_the_targets_that_match_the_later_one_wins(
    write: Write, platform: str, expected: list[str]
) -> None:
    assert requirements(composed(write, TARGETS, platform=platform)) == expected


def test_features_add_up_where_targets_replace(write: Write) -> None:
    text = """
        [dependencies]
        numpy = ">=1"
        [pypi-dependencies]
        torch = "*"
        [feature.one.dependencies]
        numpy = "<3"
        [feature.one.target.linux.pypi-dependencies]
        torch = "<3"
        [feature.one.target.linux-64.pypi-dependencies]
        torch = "<2"
        [environments]
        one = ["one"]
    """
    assert [(spec.origin, spec.requirement) for spec in composed(write, text, "one").specs] == [
        ("one", "numpy <3"),
        ("one", "torch<2"),
        ("", "numpy >=1"),
        ("", "torch"),
    ]


def test_the_same_requirement_of_two_features_is_told_for_both(write: Write) -> None:
    text = """
        [dependencies]
        numpy = "*"
        [feature.one.dependencies]
        numpy = "*"
        [environments]
        one = ["one"]
    """
    assert [spec.origin for spec in composed(write, text, "one").specs] == ["one", ""]


# Channels and options


def test_channels_are_those_of_the_features_in_order_and_by_priority(write: Write) -> None:
    text = """
        [feature.a]
        channels = ["nvidia", { channel = "last", priority = -1 }]
        [feature.b]
        channels = ["https://prefix.dev/mine", { channel = "first", priority = 2 }, "conda-forge"]
        [feature.c.dependencies]
        [feature.d]
        channels = []
        [environments]
        all = ["a", "b"]
        swapped = ["b", "a"]
        without = { features = ["c", "a"], no-default-feature = true }
        alone = { features = ["a"], no-default-feature = true }
        empty = { features = ["d"], no-default-feature = true }
    """
    assert composed(write, text).channels == ("conda-forge",)
    channels = ("first", "nvidia", "https://prefix.dev/mine", "conda-forge", "last")
    assert composed(write, text, "all").channels == channels
    swapped = ("first", "https://prefix.dev/mine", "conda-forge", "nvidia", "last")
    assert composed(write, text, "swapped").channels == swapped
    assert composed(write, text, "without").channels == ("conda-forge", "nvidia", "last")
    assert composed(write, text, "alone").channels == ("nvidia", "last")
    assert composed(write, text, "empty").channels == ()


def test_the_options_of_solving(write: Write) -> None:
    head = (
        HEAD
        + """
    channel-priority = "disabled"
    solve-strategy = "lowest-direct"
    exclude-newer = "7d"
    requires-pixi = ">=0.70"
    """
    )
    text = """
        [feature.one]
        solve-strategy = "lowest"
        channel-priority = "disabled"
        [feature.two]
        solve-strategy = "highest"
        [environments]
        both = ["two", "one"]
    """
    environment = opened(write, text, head=head)
    assert formats.compose(environment, "linux-64").options == SolveOptions(
        channel_priority="disabled", strategy="lowest-direct", exclude_newer="7d"
    )
    assert composed(write, text, "both", head=head).options.strategy == "highest"
    assert pixi.requires_pixi(environment.workspace) == ">=0.70"
    assert composed(write, "").options == SolveOptions()


def test_pypi_options_of_the_workspace_and_of_features(write: Write) -> None:
    text = """
        [workspace.pypi-options]
        index-url = "https://e.org/base"
        index-strategy = "first-index"
        extra-index-urls = ["https://e.org/1"]
        no-build = ["x"]
        [pypi-options]
        extra-index-urls = ["https://e.org/2", "https://e.org/1"]
        no-build = false
        no-build-isolation = ["d"]
        dependency-overrides = { numpy = ">=2" }
        [feature.one.pypi-options]
        index-url = "https://e.org/one"
        extra-index-urls = ["https://e.org/3"]
        find-links = [{ path = "./links" }]
        no-binary = true
        no-build = ["y"]
        no-build-isolation = ["a"]
        dependency-overrides = { torch = ">=2", numpy = ">=1" }
        [feature.all.pypi-options]
        no-build = true
        no-binary = ["z"]
        [environments]
        all = ["all", "one"]
        one = ["one"]
        alone = { features = ["one"], no-default-feature = true }
    """
    assert composed(write, text, "one").options.pypi == {
        "index-url": "https://e.org/one",
        "index-strategy": "first-index",
        "extra-index-urls": ["https://e.org/1", "https://e.org/3", "https://e.org/2"],
        "find-links": [{"path": "./links"}],
        "no-binary": True,
        "no-build": ["x", "y"],
        "no-build-isolation": ["a", "d"],
        "dependency-overrides": {"torch": ">=2", "numpy": ">=1"},
    }
    options = composed(write, text, "all").options.pypi
    assert (options["no-build"], options["no-binary"]) == (True, True)
    assert composed(write, text, "alone").options.pypi["extra-index-urls"] == [
        "https://e.org/1",
        "https://e.org/3",
    ]


# Activation


def test_variables_are_set_in_pixis_order_and_the_earlier_feature_wins(write: Write) -> None:
    text = """
        [activation.env]
        SHARED = "base"
        BASE = "1"
        [target.linux.activation.env]
        LINUX = "$BASE/2"
        SHARED = "base on linux"
        [feature.one.activation.env]
        SHARED = "one"
        ONE = "1"
        [feature.two.activation.env]
        SHARED = "two"
        ONE = "two"
        [environments]
        both = ["one", "two"]
    """
    assert list(composed(write, text).variables.items()) == [
        ("LINUX", "$BASE/2"),
        ("SHARED", "base on linux"),
        ("BASE", "1"),
    ]
    assert composed(write, text, "both").variables == {
        "LINUX": "$BASE/2",
        "SHARED": "one",
        "BASE": "1",
        "ONE": "1",
    }
    assert composed(write, text, platform="win-64").variables == {"SHARED": "base", "BASE": "1"}


def test_scripts_of_all_features_and_of_the_latest_target_in_each(write: Write) -> None:
    text = """
        [activation]
        scripts = ["setup.sh", "local.bash"]
        [target.win-64.activation]
        scripts = ["setup.bat"]
        [target.unix.activation.env]
        A = "1"
        [feature.one.target.linux-64.activation]
        scripts = ["one.sh"]
        [feature.none.activation]
        scripts = []
        [environments]
        one = ["none", "one"]
    """
    assert composed(write, text, "one").scripts == ("one.sh", "setup.sh", "local.bash")
    assert composed(write, text, "one", "win-64").scripts == ("setup.bat",)


# The system


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('cuda = "12.0"', {"__cuda": "12.0"}),
        ("cuda = 12", {"__cuda": "12"}),
        ("cuda = 12.2", {"__cuda": "12.2"}),
        ('libc = "2.28"', {"__glibc": "2.28"}),
        ('libc = { version = "2.28" }', {"__glibc": "2.28"}),
        ('libc = { family = "musl", version = "1.2" }', {"__musl": "1.2"}),
        (
            'linux = "5.10"\nmacos = "14"\narchspec = "x86_64_v3"\nunix = true',
            {"__linux": "5.10", "__archspec": "x86_64_v3"},
        ),
    ],
)
def test_system_requirements_in_all_their_forms(write: Write, written: str, expected: dict[str, str]) -> None:
    assert composed(write, f"[system-requirements]\n{written}\n").requirements == expected


@pytest.mark.parametrize(
    ("platform", "text", "expected"),
    [
        ("linux-64", "", {"__unix": "0", "__linux": "4.18", "__glibc": "2.28", "__archspec": "x86_64"}),
        ("osx-arm64", "", {"__unix": "0", "__osx": "13.0", "__archspec": "m1"}),
        ("win-64", "", {"__win": "10.0", "__archspec": "x86_64"}),
        (
            "linux-64",
            '[system-requirements]\ncuda = "12"\nlinux = "5"\n',
            {"__unix": "0", "__linux": "5", "__glibc": "2.28", "__archspec": "x86_64", "__cuda": "12"},
        ),
        (
            "linux-64",
            '[system-requirements]\nlibc = { family = "musl", version = "1.2" }\n',
            {"__unix": "0", "__linux": "4.18", "__musl": "1.2", "__archspec": "x86_64"},
        ),
    ],
)
def test_virtual_packages_are_the_declared_ones_and_pixis_defaults(
    write: Write, platform: str, text: str, expected: dict[str, str]
) -> None:
    assert pixi.virtual_packages(composed(write, text, platform=platform)) == expected


# Platforms


PLATFORMS = """
    [workspace]
    channels = []
    platforms = [
      { name = "osx-arm64" },
      { platform = "linux-64" },
      { platform = "linux-64", glibc = "2.28", cuda = "12.0" },
      { name = "nano", platform = "linux-aarch64", __cuda = "12.8", archspec = "armv8-a", future = "1" },
    ]
"""


def test_platforms_have_the_names_that_pixi_gives_them(write: Write) -> None:
    environment = opened(write, "", head=PLATFORMS)
    assert [(found.name, found.subdir, dict(found.packages)) for found in pixi.platforms(environment)] == [
        ("osx-arm64", "osx-arm64", {}),
        ("linux-64", "linux-64", {}),
        ("linux-64-cuda-12-0", "linux-64", {"__glibc": "2.28", "__cuda": "12.0"}),
        (
            "nano",
            "linux-aarch64",
            {"__cuda": "12.8", "__archspec": "armv8-a", "__future": "1"},
        ),
    ]


def test_a_platform_is_asked_for_by_its_name_or_its_kind(write: Write) -> None:
    environment = opened(write, "", head=PLATFORMS)
    plain = formats.compose(environment, "linux-64")
    rich = formats.compose(environment, "linux-64-cuda-12-0")
    assert (plain.platform, plain.requirements) == ("linux-64", {})
    assert (rich.platform, rich.requirements["__cuda"]) == ("linux-64", "12.0")
    assert formats.compose(environment, "linux-aarch64").requirements["__cuda"] == "12.8"


def test_a_name_comes_before_a_kind(write: Write) -> None:
    head = '\n[workspace]\nchannels = []\nplatforms = [{ platform = "linux-64", cuda = "12" }, "linux-64"]\n'
    environment = opened(write, "", head=head)
    assert [found.name for found in pixi.platforms(environment)] == ["linux-64-cuda-12", "linux-64"]
    assert formats.compose(environment, "linux-64").requirements == {}


def test_a_feature_for_all_of_a_kind_yields_to_one_that_names_a_platform(write: Write) -> None:
    text = """
        [feature.all]
        platforms = ["linux-64"]
        [feature.gpu]
        platforms = ["linux-64-cuda-12-0"]
        [feature.elsewhere]
        platforms = ["osx-64"]
        [environments]
        all = ["all"]
        both = ["all", "gpu"]
        elsewhere = { features = ["elsewhere"], no-default-feature = true }
    """

    def names(name: str) -> list[str]:
        return [found.name for found in pixi.platforms(opened(write, text, name, PLATFORMS))]

    assert names("all") == ["linux-64"]
    assert names("both") == ["linux-64-cuda-12-0"]
    assert names("elsewhere") == ["osx-64"]


def test_without_platforms_any_will_do(write: Write) -> None:
    head = "\n[workspace]\nchannels = []\nplatforms = []\n"
    text = '[target.linux.dependencies]\na = "*"\n[target.win.dependencies]\nb = "*"\n'
    assert requirements(composed(write, text, head=head)) == ["a *"]
    assert requirements(composed(write, text, platform="win-64", head=head)) == ["b *"]


# What only pixi can build


def refusals(
    write: Write, text: str, name: str = "default", head: str = HEAD
) -> list[tuple[int | None, str]]:
    found = pixi.needs_pixi(opened(write, text, name, head), "linux-64")
    assert all(refusal.file.name == "pixi.toml" and refusal.reason for refusal in found)
    return [(refusal.line, refusal.key) for refusal in found]


def test_what_only_pixi_can_build_is_named_with_its_line(write: Write) -> None:
    text = """
        [dependencies]
        plain = "*"
        src = { git = "https://e.org/src" }
        [target.win.dependencies]
        other = { path = "other" }
        [dev]
        mine = { path = "mine" }
        [feature.more.build-dependencies]
        more = { path = "more" }
        [environments]
        more = ["more"]
    """
    assert refusals(write, text) == [(8, "dependencies.src"), (12, "dev.mine")]
    assert refusals(write, text, "more")[0] == (14, "feature.more.build-dependencies.more")


def test_a_package_table_and_preview_features_alone_need_no_pixi(write: Write) -> None:
    head = HEAD + '    preview = ["pixi-build"]\n'
    text = '[package]\nname = "demo"\nversion = "1"\n[dependencies]\nnumpy = "*"\n'
    assert refusals(write, text, head=head) == []


def test_what_counts_only_while_a_lock_is_made(write: Write) -> None:
    head = HEAD + '    conda-pypi-map = { conda-forge = "map.json" }\n'
    text = """
        [exclude-newer]
        numpy = "0d"
        [pypi-exclude-newer]
        torch = "0d"
        [feature.nvidia]
        channels = [{ channel = "nvidia", exclude-newer = "1d" }]
        [feature.torch.pypi-dependencies]
        torch = "*"
        [environments]
        nvidia = ["nvidia"]
        torch = ["torch"]
    """
    general = ["exclude-newer", "pypi-exclude-newer"]
    assert [key for _, key in refusals(write, text, head=head)] == general
    assert [key for _, key in refusals(write, text, "nvidia", head)] == [*general, "feature.nvidia.channels"]
    assert [key for _, key in refusals(write, text, "torch", head)] == [*general, "workspace.conda-pypi-map"]
    found = pixi.needs_pixi(opened(write, text, "torch", head), "linux-64")
    assert all(refusal.solving for refusal in found)
