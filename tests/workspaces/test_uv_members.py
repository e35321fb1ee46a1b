from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import uv as uv_wheel
from manifests import Write

from appose_kernel.errors import ManifestInvalid
from appose_kernel.workspaces import formats


def project(name: str, *more: str) -> str:
    return "\n".join(["[project]", f'name = "{name}"', 'version = "1"', 'requires-python = ">=3.9"', *more])


def members(*patterns: str, exclude: tuple[str, ...] = ()) -> str:
    return f"[tool.uv.workspace]\nmembers = {list(patterns)}\nexclude = {list(exclude)}\n"


#: Files of a layout, the project to look at, and the folder of the lock it goes by.
LAYOUTS = {
    "a member": ({"": members("packages/*"), "packages/a": project("a")}, "packages/a", ""),
    "a member of a root with a project": (
        {"": project("root", members("a")), "a": project("a")},
        "a",
        "",
    ),
    "the root itself": ({"": project("root", members("a")), "a": project("a")}, "", ""),
    "an excluded folder": (
        {"": project("root", members("packages/*", exclude=("packages/b*",))), "packages/bc": project("b")},
        "packages/bc",
        "packages/bc",
    ),
    "a folder that no pattern means": (
        {"": project("root", members("packages/*")), "other": project("b")},
        "other",
        "other",
    ),
    "a folder below what a pattern means": (
        {
            "": project("root", members("packages/*")),
            "packages/a": project("a"),
            "packages/a/b": project("b"),
        },
        "packages/a/b",
        "packages/a/b",
    ),
    "a pattern of any depth": (
        {"": project("root", members("packages/**/lib-?")), "packages/a/lib-b": project("b")},
        "packages/a/lib-b",
        "",
    ),
    "a project between": (
        {"": project("root", members("a/b")), "a": project("a"), "a/b": project("b")},
        "a/b",
        "a/b",
    ),
    "settings of another tool between": (
        {"": project("root", members("a/b")), "a": "[tool.ruff]", "a/b": project("b")},
        "a/b",
        "a/b",
    ),
}


@pytest.mark.parametrize("case", LAYOUTS)
def test_the_lock_of_a_project_is_where_uv_puts_it(write: Write, root: Path, case: str) -> None:
    layout, looked_at, locked_at = LAYOUTS[case]
    for folder, text in layout.items():
        write(str(Path(folder, "pyproject.toml")), text)

    workspace = formats.open_workspace(root / looked_at)
    done = subprocess.run(
        [uv_wheel.find_uv_bin(), "lock", "--offline", "--python", sys.executable],
        cwd=root / looked_at,
        env={**os.environ, "UV_NO_CONFIG": "1", "UV_PYTHON_DOWNLOADS": "never"},
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert workspace.lock == root / locked_at / "uv.lock"
    assert [path.parent for path in root.rglob("uv.lock")] == [root / locked_at]
    assert workspace.root == root / looked_at


def test_a_members_inputs_are_all_that_its_lock_depends_on(write: Write, root: Path) -> None:
    write("pyproject.toml", project("root", members("packages/*")))
    source = '[tool.uv.sources]\nlib = { path = "../../lib" }\nw = { path = "../../w-1-py3-none-any.whl" }\n'
    write("packages/a/pyproject.toml", project("a", source))
    write("packages/b/pyproject.toml", project("b"))
    write(
        "lib/pyproject.toml", project("lib", '[tool.uv.sources]\nlib = { path = "." }\nd = { path = "../d" }')
    )

    names = [
        "packages/a/pyproject.toml",
        "uv.lock",
        "pyproject.toml",
        "packages/b/pyproject.toml",
        *("lib/pyproject.toml", "lib/setup.py", "lib/setup.cfg"),
        *("d/pyproject.toml", "d/setup.py", "d/setup.cfg"),
        "w-1-py3-none-any.whl",
        "uv.toml",
        *("packages/a/.python-version", "packages/a/.python-versions"),
        *("packages/.python-version", "packages/.python-versions"),
        *(".python-version", ".python-versions"),
    ]
    assert formats.open_workspace(root / "packages/a").inputs == tuple(root / name for name in names)


def test_a_member_has_the_roots_sources_and_indexes_and_its_own_first(write: Write, root: Path) -> None:
    index = '[[tool.uv.index]]\nname = "{0}"\nurl = "https://example.org/{0}"\nexplicit = true\n'
    sources = '[tool.uv.sources]\nx = { index = "of-root" }\ny = { index = "of-root" }\n'
    write("pyproject.toml", members("a", "b") + sources + index.format("of-root"))
    own = '[tool.uv.sources]\nx = { index = "of-a" }\n'
    write("a/pyproject.toml", project("a", 'dependencies = ["x"]', own + index.format("of-a")))
    write("b/pyproject.toml", project("b", 'dependencies = ["y"]'))

    def channels(member: str) -> list[str]:
        default, *_ = formats.environments(formats.open_workspace(root / member))
        urls = formats.compose(default, "linux-64").channels
        return [url.removeprefix("https://example.org/") for url in urls]

    assert channels("a") == ["of-a", "https://pypi.org/simple"]
    assert channels("b") == ["of-root", "https://pypi.org/simple"]


def test_all_members_of_a_workspace_narrow_its_python(write: Write, root: Path) -> None:
    write("pyproject.toml", members("*"))
    write("a/pyproject.toml", project("a"))
    write("b/pyproject.toml", project("b").replace(">=3.9", "<3.13"))
    default, *_ = formats.environments(formats.open_workspace(root / "a"))
    assert formats.compose(default, "linux-64").python == ">=3.9,<3.13"


def test_a_member_may_use_a_group_of_its_root(write: Write, root: Path) -> None:
    write("pyproject.toml", members("a") + '[dependency-groups]\ng = ["six"]\ndev = ["idna"]\n')
    write("a/pyproject.toml", project("a", '[tool.appose-kernel.environments]\nx = { groups = ["g"] }'))
    env = formats.environment(formats.open_workspace(root / "a"), "x")
    assert [spec.requirement for spec in formats.compose(env, "linux-64").specs] == ["six"]


def test_a_root_without_project_installs_its_members_with_their_extras_and_groups(
    write: Write, root: Path
) -> None:
    write("pyproject.toml", members("*") + '[dependency-groups]\ng = ["ruff"]\n')
    extra = '[project.optional-dependencies]\ncuda = ["torch"]\n'
    groups = '[dependency-groups]\ndev = ["pytest"]\n'
    write("a/pyproject.toml", project("a", 'dependencies = ["numpy"]', extra))
    write("b/pyproject.toml", project("b", 'dependencies = ["scipy"]', groups))

    workspace = formats.open_workspace(root)
    specs = {
        env.name: [(spec.requirement, spec.origin) for spec in formats.compose(env, "linux-64").specs]
        for env in formats.environments(workspace)
    }

    assert workspace.name == root.name
    default = [("numpy", ""), ("scipy", ""), ("pytest", "dev")]
    assert specs == {"default": default, "cuda": [*default, ("torch", "cuda")]}


def test_a_broken_root_is_told_where_a_member_is_opened(write: Write, root: Path) -> None:
    broken = write("pyproject.toml", "[tool.uv\n")
    write("a/pyproject.toml", project("a"))
    with pytest.raises(ManifestInvalid, match="not valid TOML") as caught:
        formats.detect(root / "a")
    assert (caught.value.file, caught.value.line) == (broken, 1)


def test_a_broken_member_does_not_hide_its_siblings(write: Write, root: Path) -> None:
    write("pyproject.toml", project("root", members("*")))
    write("a/pyproject.toml", project("a"))
    write("b/pyproject.toml", "[project\n")
    assert formats.open_workspace(root / "a").name == "a"


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_links_below_a_pattern_of_any_depth_lead_round_in_no_circle(write: Write, root: Path) -> None:
    write("pyproject.toml", members("packages/**"))
    write("packages/a/pyproject.toml", project("a"))
    for name in ("x", "y"):  # two, so that following them would take two to the power of forty steps
        (root / "packages" / name).symlink_to(root, target_is_directory=True)
    workspace = formats.open_workspace(root / "packages" / "a")
    assert workspace.lock == root / "uv.lock"
