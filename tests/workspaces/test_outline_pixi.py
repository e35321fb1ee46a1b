"""What people are shown of a pixi manifest."""

from __future__ import annotations

import textwrap
from pathlib import Path

from appose_kernel.workspaces.editors import EDITORS
from appose_kernel.workspaces.outline import (
    BASE,
    FeatureName,
    Outline,
    OutlineChannel,
    OutlineDependency,
    OutlineEnvironment,
    OutlineVariable,
)

CUDA = FeatureName("feature", "cuda")


def outline(text: str, name: str = "pixi.toml") -> Outline:
    return EDITORS["pixi"].outline(Path("/course/worker") / name, textwrap.dedent(text).lstrip("\n"))


def rows(found: Outline, feature: FeatureName) -> list[tuple[str, str, str, str, int | None, bool]]:
    one = next(one for one in found.features if one.feature == feature)
    return [(row.table, row.target, row.name, row.spec, row.line, row.editable) for row in one.dependencies]


def test_features_and_what_they_ask_for_have_their_lines() -> None:
    found = outline("""
        [workspace]
        channels = ["conda-forge", { channel = "nvidia", priority = 2 }]
        platforms = ["linux-64", { name = "gpu", platform = "linux-64", cuda = "12.0" }]

        [dependencies]
        python = "3.11.*"
        pytorch = { version = ">=2", channel = "pytorch" }
        mine = { git = "https://example.org/mine", rev = "abc" }

        [constraints]
        numpy = "<3"

        [feature.cuda]
        channels = []
        platforms = ["gpu"]

        [feature.cuda.target.gpu.dependencies]
        cudnn = "*"

        [feature.cuda.target.gpu.activation.env]
        LEVEL = "2"
    """)
    assert (found.format, found.name, found.python) == ("pixi", "worker", "")
    assert found.channels == (OutlineChannel("conda-forge"), OutlineChannel("nvidia", 2))
    assert found.platforms == ("linux-64", "gpu")
    base, cuda = found.features
    assert rows(found, BASE) == [
        ("dependencies", "", "python", "3.11.*", 6, True),
        ("dependencies", "", "pytorch", ">=2", 7, True),
        ("dependencies", "", "mine", '{ git = "https://example.org/mine", rev = "abc" }', 8, False),
        ("constraints", "", "numpy", "<3", 11, False),
    ]
    assert [row.kind for row in base.dependencies] == ["conda", "conda", "conda", "constraint"]
    assert rows(found, CUDA) == [("dependencies", "gpu", "cudnn", "*", 18, True)]
    assert (cuda.channels, cuda.platforms, cuda.targets, cuda.line) == ((), ("gpu",), ("gpu",), 13)
    assert cuda.variables == (OutlineVariable("gpu", "LEVEL", "2", 21),)


def test_python_requirements_show_what_stands_behind_their_names() -> None:
    found = outline("""
        [workspace]
        channels = []
        [pypi-dependencies]
        plain = "*"
        rich = { version = ">=2", extras = ["a", "b"], env-markers = "os_name == 'nt'" }
        any = { version = "*", extras = ["a"] }
        index = { version = "==1", index = "https://example.org/simple" }
        local = { path = ".", editable = true }
    """)
    assert [(row.name, row.spec, row.editable) for row in found.features[0].dependencies] == [
        ("plain", "*", True),
        ("rich", "[a,b]>=2; os_name == 'nt'", True),
        ("any", "[a]", True),
        ("index", "==1", True),
        ("local", '{ path = ".", editable = true }', False),
    ]


def test_what_stands_in_two_places_is_not_changed_by_its_name() -> None:
    found = outline("""
        [workspace]
        channels = []
        [dependencies]
        numpy = "1.*"
        [host-dependencies]
        NumPy = "1.26.*"
        scipy = "*"
    """)
    assert [(row.name, row.editable) for row in found.features[0].dependencies] == [
        ("numpy", False),
        ("NumPy", False),
        ("scipy", True),
    ]


def test_environments_are_shown_as_written_and_the_implied_one_too() -> None:
    found = outline("""
        [workspace]
        channels = []
        [feature.cuda.dependencies]
        [environments]
        cuda = ["cuda"]
        bare = { features = ["cuda"], solve-group = "g", no-default-feature = true }
        both = ["default", "cuda"]
    """)
    assert found.environments == (
        OutlineEnvironment("default", declared=False),
        OutlineEnvironment("cuda", (CUDA,), line=5),
        OutlineEnvironment("bare", (CUDA,), "g", with_base=False, line=6),
        OutlineEnvironment("both", (BASE, CUDA), line=7),
    )


def test_a_python_project_s_own_lists_are_features_too() -> None:
    found = outline(
        """
        [project]
        name = "my-worker"
        requires-python = ">=3.11"
        dependencies = ["numpy >=2 ; os_name == 'nt'"]
        optional-dependencies = { plot = ["matplotlib"] }
        [dependency-groups]
        test = ["pytest[x]>=8", { include-group = "lint" }]
        lint = ["ruff"]
        [tool.pixi.workspace]
        channels = []
        [tool.pixi.feature.test.dependencies]
        git = "*"
        """,
        "pyproject.toml",
    )
    assert (found.name, found.python) == ("my-worker", ">=3.11")
    assert rows(found, BASE) == [("", "", "numpy", ">=2 ; os_name == 'nt'", 4, True)]
    assert rows(found, FeatureName("feature", "plot")) == [("", "", "matplotlib", "", 5, True)]
    assert rows(found, FeatureName("feature", "test")) == [
        ("", "", "pytest", "[x]>=8", 7, True),
        ("dependencies", "", "git", "*", 12, True),
    ]
    lines = {one.feature.name: one.line for one in found.features}
    assert lines == {"": None, "test": 11, "plot": 5, "lint": 8}


def test_a_byte_order_mark_and_windows_lines_count_no_lines() -> None:
    found = outline('\ufeff[workspace]\r\nchannels = []\r\n[dependencies]\r\npython = "*"\r\n')
    assert found.features[0].dependencies == (
        OutlineDependency("conda", "python", "*", table="dependencies", line=4),
    )
