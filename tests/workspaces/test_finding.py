from __future__ import annotations

from pathlib import Path

import pytest
from manifests import STARTS, Write, audited, settle
from notebook_files import block, notebook

from appose_kernel.errors import EnvironmentNotFound, ManifestInvalid, ManifestNotFound
from appose_kernel.model import Workspace
from appose_kernel.workspaces import finding, formats, names
from appose_kernel.workspaces.script import advice

PROJECT = '[project]\nname = "{}"\n'
EXTRA = '[project.optional-dependencies]\n"GPU.x" = []\n'


def places(workspaces: list[Workspace], root: Path) -> list[str]:
    return [workspace.root.relative_to(root).as_posix() for workspace in workspaces]


def test_the_nearest_manifest_above_a_folder_wins(write: Write, root: Path) -> None:
    write("pyproject.toml", PROJECT.format("outer"))
    write("a/pyproject.toml", PROJECT.format("inner"))
    (root / "a/notebooks/deep").mkdir(parents=True)

    found = [finding.above(folder) for folder in (root / "a/notebooks/deep", root)]
    assert [workspace and workspace.name for workspace in found] == ["inner", "outer"]


def test_a_broken_nearest_manifest_is_told_and_not_stepped_over(write: Write, root: Path) -> None:
    write("pyproject.toml", PROJECT.format("outer"))
    write("a/pyproject.toml", "[project\n")
    with pytest.raises(ManifestInvalid):
        finding.above(root / "a")


def test_workspaces_below_a_root_are_listed_shallowest_first_then_by_path(write: Write, root: Path) -> None:
    for folder in ("z", "b", "b/c", "a/deep/er", "."):
        write(f"{folder}/pyproject.toml", PROJECT.format("same"))
    write("m/requirements.txt", "numpy\n")

    finder = finding.Finder([root])

    expected = [".", "b", "m", "z", "b/c", "a/deep/er"]
    assert places(finder.workspaces(), root) == expected
    assert places(finder.workspaces(), root) == expected
    assert finder.problems == {}


def test_workspaces_of_one_name_are_all_listed(write: Write, root: Path) -> None:
    for folder in ("one", "two"):
        write(f"{folder}/pyproject.toml", PROJECT.format("lab"))
    listed = finding.Finder([root]).workspaces()
    assert [names.workspace_slug(workspace) for workspace in listed] == ["lab", "lab"]


def test_the_parents_of_a_root_count_too(write: Write, root: Path) -> None:
    write("project/pyproject.toml", PROJECT.format("project"))
    write("project/notebooks/own/pyproject.toml", PROJECT.format("own"))
    write("sibling/pyproject.toml", PROJECT.format("sibling"))
    finder = finding.Finder([root / "project/notebooks"])
    assert places(finder.workspaces(), root) == ["project", "project/notebooks/own"]


def test_hidden_vendored_and_installed_folders_are_not_searched(write: Write, root: Path) -> None:
    for folder in (".hidden", "node_modules/x", "a/site-packages/y", "__pycache__", "env/x", "conda/x", "ok"):
        write(f"{folder}/pyproject.toml", PROJECT.format("x"))
    write("env/pyvenv.cfg", "home = /usr/bin\n")
    write("conda/conda-meta/history", "")
    assert places(finding.Finder([root]).workspaces(), root) == ["ok"]


@pytest.mark.parametrize(("depth", "found"), [(0, ["."]), (2, [".", "a/b"]), (4, [".", "a/b", "a/b/c/d"])])
def test_folders_are_searched_down_to_the_depth(
    write: Write, root: Path, depth: int, found: list[str]
) -> None:
    for folder in (".", "a/b", "a/b/c/d", "a/b/c/d/e"):
        write(f"{folder}/pyproject.toml", PROJECT.format("x"))
    assert places(finding.Finder([root], depth).workspaces(), root) == found


def test_links_are_followed_but_lead_round_in_no_circle(write: Write, root: Path) -> None:
    write("course/a/pyproject.toml", PROJECT.format("a"))
    (root / "home").mkdir()
    (root / "home/course").symlink_to(root / "course", target_is_directory=True)
    (root / "course/a/back").symlink_to(root / "home", target_is_directory=True)
    (root / "home/again").symlink_to(root / "course", target_is_directory=True)

    found = finding.Finder([root / "home"], 100).workspaces()

    assert places(found, root) == ["home/again/a"]


def test_further_folders_are_searched_but_not_what_is_above_them(write: Write, root: Path) -> None:
    write("shared/pyproject.toml", PROJECT.format("shared"))
    write("shared/course/pyproject.toml", PROJECT.format("course"))
    (root / "home").mkdir()
    finder = finding.Finder([root / "home"], extra_folders=[root / "shared/course", root / "absent"])
    assert places(finder.workspaces(), root) == ["shared/course"]


def test_broken_manifests_are_kept_apart_until_they_are_repaired(write: Write, root: Path) -> None:
    broken = write("a/pyproject.toml", "[project\n")
    write("b/pyproject.toml", PROJECT.format("b"))
    finder = finding.Finder([root])

    assert places(finder.workspaces(), root) == ["b"]
    assert list(finder.problems) == [broken]
    assert isinstance(finder.problems[broken], ManifestInvalid)

    write("a/pyproject.toml", PROJECT.format("a"))
    assert places(finder.workspaces(), root) == ["a", "b"]
    assert finder.problems == {}


def test_new_moved_and_removed_workspaces_are_noticed(write: Write, root: Path) -> None:
    write("a/b/pyproject.toml", PROJECT.format("x"))
    finder = finding.Finder([root])
    settle(root)
    assert places(finder.workspaces(), root) == ["a/b"]

    write("a/c/requirements.txt", "")
    assert places(finder.workspaces(), root) == ["a/b", "a/c"]
    (root / "a/c").rename(root / "d")
    assert places(finder.workspaces(), root) == ["d", "a/b"]
    (root / "d/requirements.txt").unlink()
    assert places(finder.workspaces(), root) == ["a/b"]


def test_listing_starts_no_process_and_a_second_listing_opens_nothing(write: Write, root: Path) -> None:
    for number in range(20):
        write(f"{number % 5}/{number}/pyproject.toml", PROJECT.format("x") + EXTRA)
    write("broken/pyproject.toml", "[project\n")
    settle(root)
    finder = finding.Finder([root])

    with audited() as first:
        before = finder.workspaces()
    with audited() as second:
        again = finder.workspaces()
        assert len([env for workspace in again for env in formats.environments(workspace)]) == 40

    assert not {event for event, _ in first} & STARTS
    assert "open" in {event for event, _ in first}
    inside = [(event, str(path)) for event, path in second if str(path).startswith(str(root))]
    assert inside == []
    assert not {event for event, _ in second} & STARTS
    assert all(old is new for old, new in zip(before, again, strict=True))


def manifests(found: list[Workspace], root: Path) -> list[str]:
    return [workspace.manifest.relative_to(root).as_posix() for workspace in found]


CONDA = "name: {}\ndependencies:\n- python\n"


def test_a_folder_may_hold_several_workspaces(write: Write, root: Path) -> None:
    write("lab/environment.yml", CONDA.format("analysis"))
    write("lab/pyproject.toml", PROJECT.format("lab"))
    write("lab/requirements.txt", "six\n")
    write("bare/requirements.txt", "six\n")
    write("bare/environment.yml", CONDA.format("other"))
    expected = ["bare/requirements.txt", "bare/environment.yml", "lab/pyproject.toml", "lab/environment.yml"]
    assert manifests(finding.Finder([root]).workspaces(), root) == expected
    above = finding.above(root / "lab")
    assert above is not None
    assert above.manifest.name == "pyproject.toml"


def test_a_broken_manifest_hides_no_other_workspace_of_its_folder(write: Write, root: Path) -> None:
    broken = write("lab/pyproject.toml", "[project\n")
    write("lab/environment.yml", CONDA.format("analysis"))
    write("lab/requirements.txt", "six\n")
    finder = finding.Finder([root])
    assert manifests(finder.workspaces(), root) == ["lab/environment.yml"]
    assert list(finder.problems) == [broken]


def test_of_two_workspaces_in_a_folder_each_goes_by_its_name(write: Write, root: Path) -> None:
    write("lab/pyproject.toml", PROJECT.format("lab"))
    write("lab/environment.yml", CONDA.format("analysis"))
    for slug, manifest in (("lab", "pyproject.toml"), ("analysis", "environment.yml")):
        found = finding.resolve(slug, None, cwd=root / "lab", session_name=None, recorded=None)
        assert found.environment.workspace.manifest.name == manifest


def test_of_two_namesakes_in_a_folder_the_one_that_was_recorded_is_meant(write: Write, root: Path) -> None:
    """Also on another machine, where the folder is another."""
    write("lab/pyproject.toml", PROJECT.format("lab"))
    write("lab/environment.yml", CONDA.format("lab"))
    for recorded in ("environment.yml", "pyproject.toml"):
        found = finding.resolve(
            "lab", None, cwd=root / "lab", session_name=None, recorded=Path("/elsewhere", recorded)
        )
        assert found.environment.workspace.manifest.name == recorded


@pytest.fixture
def applications(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Appose's folder."""
    folder = root / "applications"
    monkeypatch.setenv("APPOSE_ENVS_DIR", str(folder))
    return folder


def test_applications_environments_are_found_from_everywhere(
    write: Write, root: Path, applications: Path
) -> None:
    write("applications/stardist/appose.json", "{}")
    write("applications/stardist/pixi.toml", '[workspace]\nchannels = []\nplatforms = ["linux-64"]\n')
    write("applications/stardist/deep/pyproject.toml", PROJECT.format("nobody's work"))
    write("home/pyproject.toml", PROJECT.format("home"))
    found = finding.Finder([root / "home"]).workspaces()
    assert [(workspace.name, workspace.format) for workspace in found] == [
        ("home", "uv"),
        ("stardist", "appose"),
    ]


def test_a_notebook_is_in_no_list(write: Write, root: Path) -> None:
    write("own.ipynb", notebook(block('dependencies = ["six"]')))
    finder = finding.Finder([root])
    assert finder.workspaces() == []
    assert finder.problems == {}
    assert finding.above(root) is None


# --- what a kernel's start means


@pytest.fixture
def lab(write: Write, root: Path) -> Path:
    """Two projects called “lab”, one with another project inside, and a recorded one."""
    for folder in ("one", "two", "recorded"):
        write(f"{folder}/pyproject.toml", PROJECT.format("Lab") + EXTRA)
    write("one/inner/pyproject.toml", PROJECT.format("inner"))
    write("one/inner/n.ipynb", "")
    write("two/n.ipynb", "")
    (root / "elsewhere").mkdir()
    return root


@pytest.mark.parametrize(
    ("cwd", "session", "found", "source"),
    [
        ("two", "one/inner/n.ipynb", "one", "the notebook's folder"),
        ("one/inner", "one/inner/no-such-uuid", "one", "the working folder"),
        ("two", None, "two", "the working folder"),
        ("elsewhere", "two/n.ipynb", "two", "the notebook's folder"),
        ("one", "elsewhere/n.ipynb", "one", "the working folder"),
        ("elsewhere", None, "recorded", "the recorded manifest"),
        ("gone/away", "gone/n.ipynb", "recorded", "the recorded manifest"),
    ],
)
def test_a_kernel_runs_in_the_workspace_of_that_name_nearest_to_its_notebook(
    lab: Path, cwd: str, session: str | None, found: str, source: str
) -> None:
    resolution = finding.resolve(
        "lab",
        "default",
        cwd=lab / cwd,
        session_name=str(lab / session) if session else None,
        recorded=lab / "recorded/pyproject.toml",
    )
    assert (resolution.environment.workspace.root, resolution.source) == (lab / found, source)


def test_a_relative_session_name_is_meant_from_the_working_folder(lab: Path) -> None:
    resolution = finding.resolve("inner", None, cwd=lab, session_name="one/inner/n.ipynb", recorded=None)
    assert resolution.source == "the notebook's folder"


def test_the_generic_kernel_means_the_nearest_workspace_and_its_first_environment(lab: Path) -> None:
    resolution = finding.resolve(None, None, cwd=lab / "one/inner", session_name=None, recorded=None)
    assert (resolution.environment.title, resolution.source) == ("inner · default", "the working folder")


def test_without_a_name_the_recorded_manifest_is_meant(lab: Path) -> None:
    recorded = lab / "recorded/pyproject.toml"
    resolution = finding.resolve(None, "default", cwd=lab / "one", session_name=None, recorded=recorded)
    assert resolution.source == "the recorded manifest"


def test_a_namesake_is_found_by_the_hash_of_its_path(lab: Path) -> None:
    _, later = (formats.environments(formats.open_workspace(lab / folder))[0] for folder in ("one", "two"))
    *_, name = names.kernel_names([_, later])
    part, slug, _ = names.parse_kernel_name(name) or ("", "", None)

    resolution = finding.resolve(
        part, slug, cwd=lab / "elsewhere", session_name=None, recorded=later.workspace.manifest
    )
    assert resolution.environment == later
    with pytest.raises(ManifestNotFound):
        finding.resolve(part, slug, cwd=lab / "one", session_name=None, recorded=None)


@pytest.mark.parametrize("name", ["gpu-x", names.slug("gpu-x")])
def test_an_environment_goes_by_its_name_and_by_its_slug(lab: Path, name: str) -> None:
    resolution = finding.resolve("lab", name, cwd=lab / "one", session_name=None, recorded=None)
    assert resolution.environment.name == "gpu-x"


def test_an_environment_that_the_nearest_workspace_lacks_is_told(lab: Path) -> None:
    with pytest.raises(EnvironmentNotFound, match="no environment “cuda”") as caught:
        finding.resolve("lab", "cuda", cwd=lab / "one", session_name=None, recorded=None)
    assert caught.value.remedy == "It has: default, gpu-x."


def test_no_workspace_of_that_name_is_told_with_where_it_was_sought(lab: Path) -> None:
    with pytest.raises(ManifestNotFound, match=r"no workspace “other” in .*elsewhere or above it, and"):
        finding.resolve(
            "other", None, cwd=lab / "elsewhere", session_name=None, recorded=lab / "absent/pyproject.toml"
        )


def test_a_broken_manifest_on_the_way_is_the_reason_when_nothing_else_is_found(
    lab: Path, write: Write
) -> None:
    write("two/pyproject.toml", "[project\n")
    with pytest.raises(ManifestInvalid):
        finding.resolve("lab", None, cwd=lab / "two", session_name=None, recorded=None)
    recorded = lab / "recorded/pyproject.toml"
    resolution = finding.resolve("lab", None, cwd=lab / "two", session_name=None, recorded=recorded)
    assert resolution.source == "the recorded manifest"


def test_the_generic_kernel_does_not_step_over_a_broken_manifest(lab: Path, write: Write) -> None:
    write("one/inner/pyproject.toml", "[project\n")
    with pytest.raises(ManifestInvalid):
        finding.resolve(None, None, cwd=lab / "one/inner", session_name=None, recorded=None)


# --- a notebook's own environment


@pytest.fixture
def own(write: Write, root: Path) -> Path:
    """A folder that is a workspace called “own”, with a notebook of that name that says what it needs."""
    write("own/pyproject.toml", PROJECT.format("own"))
    write("own/own.ipynb", notebook(block('dependencies = ["six"]')))
    write("own/plain.ipynb", notebook("1 + 1"))
    return root / "own"


@pytest.mark.parametrize(
    ("session", "found", "source"),
    [
        ("own.ipynb", "own.ipynb", "the notebook itself"),
        ("plain.ipynb", "pyproject.toml", "the notebook's folder"),
        ("no-such-uuid", "pyproject.toml", "the working folder"),
    ],
)
def test_the_generic_kernel_means_a_notebooks_own_environment_if_it_has_one(
    own: Path, session: str, found: str, source: str
) -> None:
    resolution = finding.resolve(None, None, cwd=own, session_name=session, recorded=None)
    assert (resolution.environment.workspace.manifest, resolution.source) == (own / found, source)


def test_a_folders_kernel_is_the_folders_for_a_notebook_with_an_own_environment_too(own: Path) -> None:
    resolution = finding.resolve(
        "own", None, cwd=own, session_name="own.ipynb", recorded=own / "pyproject.toml"
    )
    assert resolution.environment.workspace.manifest.name == "pyproject.toml"


@pytest.mark.parametrize("session", [None, "own.ipynb", "plain.ipynb"])
def test_the_kernel_of_a_recorded_notebook_means_that_and_no_folder(own: Path, session: str | None) -> None:
    resolution = finding.resolve("own", "default", cwd=own, session_name=session, recorded=own / "own.ipynb")
    assert resolution.environment.workspace.manifest == own / "own.ipynb"


def test_a_copy_of_a_recorded_notebook_has_its_own_environment(own: Path, write: Write) -> None:
    copy = write("copy/own.ipynb", notebook(block()))
    resolution = finding.resolve(
        "own", None, cwd=copy.parent, session_name="own.ipynb", recorded=own / "own.ipynb"
    )
    assert resolution.environment.workspace.manifest == copy


def test_another_notebook_may_run_in_the_environment_of_a_recorded_one(own: Path, write: Write) -> None:
    for text in (notebook(block('dependencies = ["seven"]')), notebook("# /// script\n# = \n# ///")):
        write("own/other.ipynb", text)
        resolution = finding.resolve(
            "own", None, cwd=own, session_name="other.ipynb", recorded=own / "own.ipynb"
        )
        assert resolution.environment.workspace.manifest == own / "own.ipynb"


def test_a_renamed_notebook_keeps_its_own_environment(own: Path) -> None:
    (own / "own.ipynb").rename(own / "new.ipynb")
    resolution = finding.resolve("own", None, cwd=own, session_name="new.ipynb", recorded=own / "own.ipynb")
    assert resolution.environment.workspace.manifest == own / "new.ipynb"


def test_a_recorded_notebook_that_is_gone_is_not_replaced_by_a_folder_of_its_name(own: Path) -> None:
    (own / "own.ipynb").unlink()
    with pytest.raises(ManifestNotFound, match="does not exist"):
        finding.resolve("own", None, cwd=own, session_name="plain.ipynb", recorded=own / "own.ipynb")


def test_a_broken_block_is_told_with_its_notebook_and_not_stepped_over(own: Path, write: Write) -> None:
    write("own/own.ipynb", notebook("# /// script\n# dependencies = [\n# ///"))
    with pytest.raises(ManifestInvalid, match=r"own\.ipynb"):
        finding.resolve(None, None, cwd=own, session_name="own.ipynb", recorded=None)


# --- the generic kernel that finds nothing


def refusal(folder: Path, session: str | None) -> ManifestNotFound:
    with pytest.raises(ManifestNotFound) as caught:
        finding.resolve(None, None, cwd=folder, session_name=session, recorded=None)
    return caught.value


@pytest.mark.parametrize("session", ["plain.ipynb", "not-saved-yet.ipynb"])
def test_a_notebook_that_says_nothing_is_shown_how_to(root: Path, write: Write, session: str) -> None:
    write("plain.ipynb", notebook("1 + 1"))
    error = refusal(root, session)
    assert "does not say which packages it needs" in error.message
    assert '\n# /// script\n# dependencies = ["numpy"]\n# ///\n' in error.remedy
    assert "save it, then restart the kernel" in error.remedy
    assert "jupyter appose register" not in error.remedy


def test_a_client_that_does_not_name_the_notebook_is_told_how_to_register_it(
    root: Path, write: Write
) -> None:
    write("my notes.ipynb", notebook(block()))
    write("plain.ipynb", notebook("1 + 1"))
    write("broken.ipynb", "{ /// script")
    write("below/other.ipynb", notebook(block()))
    error = refusal(root, None)
    assert "does not tell which notebook it runs" in error.message
    own = formats.environments(formats.open_workspace(root / "my notes.ipynb"))[0]
    assert f"jupyter appose register '{root}/my notes.ipynb'   ({names.kernel_name(own)})\n" in error.remedy
    assert error.remedy.count("jupyter appose register") == 1
    assert error.remedy.count("\n") == 2


def test_a_folder_of_many_or_large_notebooks_is_not_read_through(root: Path, write: Write) -> None:
    write("a.ipynb", notebook(block(), "#" * advice.BYTES))
    for number in range(advice.NOTEBOOKS):
        write(f"b{number:03}.ipynb", notebook("1"))
    write("c.ipynb", notebook(block()))
    assert "register" in refusal(root, None).remedy
    assert "NOTEBOOK.ipynb" in refusal(root, None).remedy
    for number in range(advice.NOTEBOOKS):
        write(f"b{number:03}.ipynb", notebook(block()))
    assert refusal(root, None).remedy.count("register ") == advice.TOLD
