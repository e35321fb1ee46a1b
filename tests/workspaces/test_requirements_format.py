from __future__ import annotations

from pathlib import Path

import pytest
from manifests import Write

from appose_kernel.errors import ManifestInvalid, ManifestNotFound
from appose_kernel.model import Composition
from appose_kernel.workspaces import formats


def composed(root: Path, platform: str = "linux-64") -> Composition:
    (default,) = formats.environments(formats.open_workspace(root))
    assert default.name == "default"
    return formats.compose(default, platform)


def test_a_bare_requirements_file_is_a_workspace_named_after_its_folder(write: Write, root: Path) -> None:
    manifest = write("my thesis 🚀/requirements.txt", "numpy\n")
    workspace = formats.open_workspace(manifest.parent)
    assert (workspace.name, workspace.format) == ("my thesis 🚀", "requirements")
    assert (workspace.manifest, workspace.lock) == (manifest, None)


@pytest.mark.parametrize(
    ("line", "name", "requirement"),
    [
        ("numpy", "numpy", "numpy"),
        ("Sci_Py[x] >=1.0,<2  # why", "sci-py", "Sci_Py[x] >=1.0,<2"),
        ("numpy==1.0 --hash=sha256:aa --hash=sha256:bb", "numpy", "numpy==1.0"),
        ("numpy==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb", "numpy", "numpy==1.0"),
        ("-e .", "root", "-e ."),
        ("--editable=./lib[a]", "lib", "-e ./lib[a]"),
        (
            "-e git+https://example.org/x/My_Lib.git@main",
            "my-lib",
            "-e git+https://example.org/x/My_Lib.git@main",
        ),
        (
            "git+https://example.org/x#egg=real_name",
            "real-name",
            "git+https://example.org/x#egg=real_name",
        ),
        ("./wheels/my_lib-1.0-py3-none-any.whl", "my-lib", "./wheels/my_lib-1.0-py3-none-any.whl"),
        ("https://example.org/lib-2.tar.gz#sha256=0", "lib", "https://example.org/lib-2.tar.gz#sha256=0"),
        ("lib @ https://example.org/x.zip", "lib", "lib @ https://example.org/x.zip"),
        ("lib ; sys_platform == 'linux'", "lib", "lib ; sys_platform == 'linux'"),
        ("./lib ; sys_platform == 'linux'", "lib", "./lib ; sys_platform == 'linux'"),
    ],
)
def test_each_kind_of_line_is_kept_as_written(
    write: Write, root: Path, line: str, name: str, requirement: str
) -> None:
    write("requirements.txt", f"# first\n\n{line}\n")
    (spec,) = composed(root).specs
    assert (spec.kind, spec.name, spec.requirement, spec.origin) == ("pypi", name, requirement, "")


@pytest.mark.parametrize("line", ["lib ; sys_platform == 'win32'", "./lib ; sys_platform == 'win32'"])
def test_markers_are_judged_for_the_platform_asked_about(write: Write, root: Path, line: str) -> None:
    write("requirements.txt", line)
    assert composed(root, "linux-64").specs == ()
    assert len(composed(root, "win-64").specs) == 1


def test_includes_stand_in_their_place_and_constraints_install_nothing(write: Write, root: Path) -> None:
    write("requirements.txt", "a\n-r more/base.txt\n-c limits.txt\nb\n")
    write("more/base.txt", "-r ../requirements.txt\n--requirement=deep.txt\nc\n")
    write("more/deep.txt", "d\n")
    write("limits.txt", "e<2\n-r more/further.txt\n")
    write("more/further.txt", "f<2\n")

    assert [spec.requirement for spec in composed(root).specs] == ["a", "d", "c", "b"]
    inputs = ["requirements.txt", "more/base.txt", "more/deep.txt", "limits.txt", "more/further.txt"]
    more = ["uv.toml", ".python-version", ".python-versions"]
    assert formats.open_workspace(root).inputs == tuple(root / name for name in (*inputs, *more))


def test_local_projects_and_archives_are_inputs(write: Write, root: Path) -> None:
    write("requirements.txt", "-e ./lib[x]\nw-1-py3-none-any.whl\nfile:other\nhttps://example.org/x.whl\n")
    inputs = formats.open_workspace(root).inputs
    assert inputs[1:8] == (
        *(root / "lib" / name for name in ("pyproject.toml", "setup.py", "setup.cfg")),
        root / "w-1-py3-none-any.whl",
        *(root / "other" / name for name in ("pyproject.toml", "setup.py", "setup.cfg")),
    )


@pytest.mark.parametrize(
    ("options", "channels"),
    [
        ("", ["https://pypi.org/simple"]),
        ("-i https://example.org/a", ["https://example.org/a"]),
        (
            "--index-url https://example.org/a\n--extra-index-url=https://example.org/b\n-f ./wheels",
            ["https://example.org/b", "https://example.org/a", "./wheels"],
        ),
        ("--no-index\n--find-links wheels\n--extra-index-url x", ["wheels"]),
        ("-r other.txt", ["https://example.org/c", "https://pypi.org/simple"]),
    ],
)
def test_indexes_stand_in_the_order_in_which_uv_asks_them(
    write: Write, root: Path, options: str, channels: list[str]
) -> None:
    write("other.txt", "--extra-index-url https://example.org/c\n")
    write("requirements.txt", f"{options}\nnumpy\n--pre\n--only-binary :all:\n")
    assert list(composed(root).channels) == channels


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("numpy\n\ntor ch\n", 3, "`tor ch` is not a valid requirement"),
        ("numpy==1 \\\n  --hash=sha256:aa\n==2\n", 3, "`==2` is not a valid requirement"),
        ("a\n-r absent.txt\n", 2, "it includes `absent.txt`, which does not exist"),
        ("--index-ur x\n", 1, "`--index-ur` is not an option"),
        ("-x\n", 1, "`-x` is not an option"),
        ("a\n--extra-index-url\n", 2, "`--extra-index-url` lacks its value"),
    ],
)
def test_a_broken_line_is_told(write: Write, root: Path, text: str, line: int, reason: str) -> None:
    path = write("requirements.txt", text)
    with pytest.raises(ManifestInvalid) as caught:
        formats.detect(root)
    assert caught.value.message.startswith(f"{path} line {line}: {reason}")
    assert caught.value.remedy


def test_a_broken_line_of_an_include_is_told_in_that_file(write: Write, root: Path) -> None:
    write("requirements.txt", "-r base.txt\n")
    base = write("base.txt", "ok\nnot ok\n")
    with pytest.raises(ManifestInvalid) as caught:
        formats.detect(root)
    assert (caught.value.file, caught.value.line) == (base, 2)


@pytest.mark.parametrize(
    "pyproject",
    ['[project]\nname = "p"\n', "[tool.pixi.workspace]\n", '[project]\nname = "p"\n[tool.pixi]\n'],
)
def test_beside_a_project_it_is_no_workspace(write: Write, pyproject: str) -> None:
    write("pyproject.toml", pyproject)
    path = write("requirements.txt", "numpy\n")
    assert formats.detect(path) is None
    with pytest.raises(ManifestNotFound, match="defines environments of its own"):
        formats.open_workspace(path)


def test_beside_settings_of_other_tools_it_is_one(write: Write, root: Path) -> None:
    write("pyproject.toml", "[tool.ruff]\n")
    path = write("requirements.txt", "numpy\n")
    assert formats.open_workspace(root).manifest == path


@pytest.mark.parametrize(
    "line", ["the word: hunter2", "--hunter2", "-r hunter2", "-r", "hunter2 ; hunter2 == 1", "\udcffhunter2"]
)
@pytest.mark.parametrize("link", [False, True])
def test_lines_of_files_outside_of_the_workspace_are_not_quoted(
    write: Write, root: Path, line: str, link: bool
) -> None:
    secret = root.parent / "secret"
    secret.write_bytes(f"# a comment\n{line}\n".encode(errors="surrogateescape"))
    if link:
        (root / "inside.txt").symlink_to(secret)
    write("requirements.txt", "-r inside.txt\n" if link else "-r ../secret\n")
    with pytest.raises(ManifestInvalid) as caught:
        formats.open_workspace(root)
    assert "hunter" not in str(caught.value) + caught.value.detail
    assert f"{root / 'inside.txt' if link else secret} line 2" in caught.value.message
    assert caught.value.remedy
