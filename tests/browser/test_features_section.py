"""The section “Features”: what is asked for there is shown as a diff of the real file, then written."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import conda_channel
import labs
import pytest
from playwright.sync_api import Locator, Route, expect

from appose_kernel.workspaces import toml

if TYPE_CHECKING:
    from conftest import ProjectFactory, WheelFactory

PIXI = """\
# the worker of our group
[workspace]
name = "worker"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
python = "3.12.*"  # as on the cluster

[feature.cuda]
channels = ["nvidia", "conda-forge"]

[feature.cuda.dependencies]
cudnn = "8.6.*"

[feature.dev.dependencies]
pytest = "*"

[environments]
cuda = ["cuda"]
dev = ["cuda", "dev"]
"""


class Section:
    """The section Features of one workspace, and what a person does there."""

    def __init__(self, screen: labs.Screen, manifest: str) -> None:
        self.screen = screen
        self.page = screen.page
        self.node = screen.page.locator(".jp-appose-features")
        screen.command("appose-kernel:edit-features", workspace=manifest)
        expect(self.node.get_by_role("table")).to_be_visible()

    def show(self, feature: str) -> None:
        self.node.get_by_role("table").get_by_role("button", name=feature, exact=True).last.click()
        expect(self.node.get_by_role("region", name=feature, exact=True)).to_be_visible()

    def toggle(self, feature: str, environment: str) -> Locator:
        return self.node.get_by_role("checkbox", name=f"{feature} in {environment}", exact=True)

    def version(self, package: str) -> Locator:
        return self.node.get_by_label(f"Version of {package}", exact=True)

    def add(self, text: str) -> None:
        field = self.node.get_by_label("Add a package", exact=True)
        field.fill(text)
        field.press("Enter")

    def button(self, name: str) -> Locator:
        return self.node.get_by_role("button", name=name, exact=True)

    def apply_and_build(self) -> None:
        """The button says what would be built."""
        self.node.get_by_role("button", name=re.compile("^Apply and build ")).click()

    @property
    def pending(self) -> Locator:
        return self.node.get_by_role("group", name="Pending change")

    @property
    def diff(self) -> Locator:
        return self.pending.get_by_label("What would be written")

    def changes(self) -> list[str]:
        """The lines of the diff that are not the same as before."""
        return [line for line in self.diff.locator("span").all_inner_texts() if line[0] in "+-"]

    def expect_changes(self, *lines: str) -> None:
        expect(self.diff.locator(".jp-mod-add, .jp-mod-remove")).to_have_text(list(lines))


def _writes(route: Route) -> bool:
    return route.request.method == "PUT"


@pytest.fixture
def pixi(tmp_path: Path) -> Path:
    manifest = tmp_path / "worker" / "pixi.toml"
    manifest.parent.mkdir()
    manifest.write_text(PIXI)
    return manifest


def test_a_toggle_is_a_diff_then_exactly_these_bytes_and_undo_gives_the_old_ones_back(
    pixi: Path, screen: labs.Screen
) -> None:
    section = Section(screen.open(), "worker/pixi.toml")
    expect(section.toggle("cuda", "dev")).to_be_checked()
    section.toggle("dev", "cuda").check()
    section.expect_changes('-cuda = ["cuda"]', '+cuda = ["cuda", "dev"]')
    assert pixi.read_text() == PIXI
    section.button("Apply").click()
    expect(section.pending).to_have_count(0)
    assert pixi.read_text() == PIXI.replace('cuda = ["cuda"]', 'cuda = ["cuda", "dev"]')
    section.button("Undo").click()
    expect(section.toggle("dev", "cuda")).not_to_be_checked()
    assert pixi.read_text() == PIXI


def test_dependencies_are_changed_added_and_removed_and_what_comes_to_nothing_is_no_edit(
    pixi: Path, screen: labs.Screen
) -> None:
    section = Section(screen.open(), "worker/pixi.toml")
    section.show("cuda")
    section.version("cudnn").fill("8.9.*")
    section.version("cudnn").press("Enter")
    section.expect_changes('-cudnn = "8.6.*"', '+cudnn = "8.9.*"')
    section.add("nvtx >=0.2")
    expect(section.pending).to_contain_text("pixi.toml · 2 edits")
    section.button("Remove cudnn").click()
    section.expect_changes('-cudnn = "8.6.*"', '+nvtx = ">=0.2"')
    dependencies = section.node.get_by_role("list", name="Dependencies").get_by_role("listitem")
    expect(dependencies.first.locator("del")).to_have_text(["cudnn", "8.6.*"])
    section.button("Remove nvtx").click()
    expect(dependencies).to_have_count(1)
    expect(section.pending).to_contain_text("pixi.toml · 1 edit")
    section.add("cudnn 8.6.*")
    expect(section.pending).to_have_count(0)
    section.button("Remove cudnn").click()
    expect(section.pending).to_be_visible()
    section.button("Keep cudnn").click()
    expect(section.pending).to_have_count(0)
    expect(section.version("cudnn")).to_have_value("8.6.*")
    assert pixi.read_text() == PIXI


def test_what_is_no_spec_is_said_at_the_field_as_it_is_typed(pixi: Path, screen: labs.Screen) -> None:
    section = Section(screen.open(), "worker/pixi.toml")
    field = section.node.get_by_label("Add a package", exact=True)
    field.press_sequentially("numpy =>1 <")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("numpy|=>1"))
    field.press("Enter")
    expect(section.pending).to_have_count(0)
    field.fill("numpy >=1")
    expect(field).to_have_attribute("aria-invalid", "false")
    section.show("cuda")
    section.version("cudnn").fill("8.*.*.what is it")
    expect(section.version("cudnn")).to_have_attribute("aria-invalid", "true")
    section.version("cudnn").press("Escape")
    expect(section.version("cudnn")).to_have_value("8.6.*")
    assert pixi.read_text() == PIXI


def test_environments_and_features_are_made_renamed_and_deleted(pixi: Path, screen: labs.Screen) -> None:
    section = Section(screen.open(), "worker/pixi.toml")
    section.button("New environment").click()
    form = section.node.get_by_role("form", name="New environment")
    form.get_by_label("Name").fill("cuda")
    expect(form.get_by_label("Name")).to_have_accessible_description("There is a “cuda” already.")
    form.get_by_label("Name").fill("test")
    form.get_by_role("checkbox", name="dev").check()
    form.get_by_label("Solve group").fill("all")
    form.get_by_label("Name").press("Enter")
    section.expect_changes('+test = { features = ["dev"], solve-group = "all" }')
    section.button("feature").click()
    form = section.node.get_by_role("form", name="New feature")
    form.get_by_label("Name").fill("plots")
    form.get_by_label("Name").press("Enter")
    expect(section.node.get_by_role("region", name="plots")).to_be_visible()
    section.toggle("plots", "test").check()
    section.add("matplotlib")
    section.button("Rename plots").click()
    form = section.node.get_by_role("form", name="Rename plots")
    form.get_by_label("Name").fill("figures")
    form.get_by_label("Name").press("Enter")
    expect(section.toggle("figures", "test")).to_be_checked()
    section.show("cuda")
    section.button("Delete cuda").click()
    expect(section.toggle("cuda", "dev")).to_have_count(0)
    section.button("Apply").click()
    expect(section.pending).to_have_count(0)
    text = pixi.read_text()
    assert "cudnn" not in text
    assert 'test = { features = ["dev", "figures"], solve-group = "all" }' in text
    assert 'matplotlib = "*"' in text
    assert 'dev = ["dev"]' in text
    assert text.startswith(PIXI.partition("[feature.cuda]")[0])


def test_channels_have_an_order_and_variables_a_value(pixi: Path, screen: labs.Screen) -> None:
    section = Section(screen.open(), "worker/pixi.toml")
    section.show("cuda")
    section.button("Channels of cuda").click()
    section.button("Move conda-forge up").click()
    section.expect_changes('-channels = ["nvidia", "conda-forge"]', '+channels = ["conda-forge", "nvidia"]')
    section.button("Move nvidia up").click()
    expect(section.pending).to_have_count(0)
    section.button("variable").click()
    field = section.node.get_by_label("Add a variable")
    field.fill("CUDA_HOME=/opt/cuda")
    field.press("Enter")
    expect(section.node.get_by_label("Value of CUDA_HOME")).to_have_value("/opt/cuda")
    section.node.get_by_label("Value of CUDA_HOME").fill("/usr/local/cuda")
    section.node.get_by_label("Value of CUDA_HOME").press("Enter")
    expect(section.diff).to_contain_text('+CUDA_HOME = "/usr/local/cuda"')


def test_a_file_that_changed_on_disk_meanwhile_is_shown_and_nothing_is_lost(
    pixi: Path, screen: labs.Screen
) -> None:
    section = Section(screen.open(), "worker/pixi.toml")
    section.show("cuda")
    section.version("cudnn").fill("8.9.*")
    section.version("cudnn").press("Enter")
    expect(section.diff).to_be_visible()
    theirs = PIXI.replace("3.12.*", "3.13.*")
    pixi.write_text(theirs)
    section.button("Apply").click()
    expect(section.pending.get_by_role("alert")).to_contain_text("The file changed on disk meanwhile.")
    expect(section.pending.get_by_label("What changed on disk")).to_contain_text('+python = "3.13.*"')
    section.expect_changes('-cudnn = "8.6.*"', '+cudnn = "8.9.*"')
    assert pixi.read_text() == theirs
    section.button("Go on with my edits").click()
    section.button("Apply").click()
    expect(section.pending).to_have_count(0)
    assert pixi.read_text() == theirs.replace("8.6.*", "8.9.*")


def test_edits_that_cannot_be_made_any_more_are_told(pixi: Path, screen: labs.Screen) -> None:
    section = Section(screen.open(), "worker/pixi.toml")
    section.show("cuda")
    section.version("cudnn").fill("8.9.*")
    section.version("cudnn").press("Enter")
    section.toggle("dev", "default").check()
    expect(section.pending).to_contain_text("2 edits")
    pixi.write_text("[workspace]\nname = 'worker'\n")  # not even a manifest that pixi takes
    section.button("Apply").click()
    expect(section.pending.get_by_role("alert").first).to_be_visible()
    pixi.write_text(
        PIXI.replace("[feature.cuda.dependencies]\ncudnn = ", "[feature.cuda.dependencies.cudnn]\nversion = ")
    )
    expect(section.pending).to_contain_text("The file changed on disk meanwhile.")
    section.expect_changes('-version = "8.6.*"', '+version = "8.9.*"', '+default = ["dev"]')


def test_a_reload_keeps_what_is_pending(pixi: Path, screen: labs.Screen) -> None:
    section = Section(screen.open(), "worker/pixi.toml")
    section.toggle("dev", "cuda").check()
    section.expect_changes('-cuda = ["cuda"]', '+cuda = ["cuda", "dev"]')
    screen.kept_by_the_server("set-environment")
    section = Section(screen.reload(), "worker/pixi.toml")
    section.expect_changes('-cuda = ["cuda"]', '+cuda = ["cuda", "dev"]')
    section.button("Discard").click()
    expect(section.pending).to_have_count(0)
    expect(section.toggle("dev", "cuda")).not_to_be_checked()
    assert pixi.read_text() == PIXI


def test_a_reload_at_once_keeps_it_too(pixi: Path, screen: labs.Screen) -> None:
    section = Section(screen.open(), "worker/pixi.toml")
    # JupyterLab's database never hears of it
    screen.page.route(
        "**/lab/api/workspaces/**", lambda route: route.abort() if _writes(route) else route.continue_()
    )
    section.toggle("dev", "cuda").check()
    section.expect_changes('-cuda = ["cuda"]', '+cuda = ["cuda", "dev"]')
    section = Section(screen.reload(), "worker/pixi.toml")
    section.expect_changes('-cuda = ["cuda"]', '+cuda = ["cuda", "dev"]')
    assert pixi.read_text() == PIXI


def notebook(folder: Path, kernel: str) -> None:
    """A notebook in a folder, with one cell."""
    content = {
        "cells": [
            {
                "cell_type": "code",
                "id": "a",
                "metadata": {},
                "source": "",
                "outputs": [],
                "execution_count": None,
            }
        ],
        "metadata": {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "one.ipynb").write_text(json.dumps(content))


def test_a_package_that_is_added_is_built_and_imported_after_a_restart(
    uv_project: ProjectFactory, wheel: WheelFactory, screen: labs.Screen
) -> None:
    wheel("alpha", "1.0")
    wheel("alpha", "2.0")
    folder = uv_project(name="tide")
    before = (folder / "pyproject.toml").read_text()
    notebook(folder, "appose.tide.default")
    screen.open("tide/one.ipynb").kernel_is_there()
    screen.run(
        "import importlib.util; print('alpha is there:', importlib.util.find_spec('alpha') is not None)"
    )
    expect(screen.page.get_by_text("alpha is there: False", exact=True)).to_be_visible(timeout=120_000)
    section = Section(screen, "tide/pyproject.toml")
    expect(section.node.get_by_role("columnheader", name="default")).to_be_visible()
    section.add("alpha==1.0")
    section.expect_changes("-dependencies = []", '+dependencies = ["alpha==1.0"]')
    section.button("Preview what would be installed").click()
    expect(section.pending).to_contain_text("Would change in default: + alpha 1.0")
    section.apply_and_build()
    restart = screen.page.get_by_role("button", name="Restart kernel", exact=True)
    restart.click(timeout=120_000)
    assert (folder / "pyproject.toml").read_text() == before.replace(
        "dependencies = []", 'dependencies = ["alpha==1.0"]'
    )
    expect(screen.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')).to_be_visible()
    screen.run("import alpha; print('version', alpha.__version__)")
    expect(screen.page.get_by_text("version 1.0", exact=True)).to_be_visible(timeout=120_000)


@pytest.mark.skipif(sys.platform == "win32", reason="the channel's packages are for POSIX")
def test_a_conda_package_that_is_added_is_built_and_imported_after_a_restart(
    tmp_path: Path, screen: labs.Screen
) -> None:
    channel = conda_channel.write_standard(tmp_path / "channel")
    folder = tmp_path / "worker"
    folder.mkdir()
    with conda_channel.serve(channel.folder) as url:
        before = (
            f'[workspace]\nname = "worker"\nchannels = ["{url}"]\nplatforms = ["{conda_channel.host()}"]\n\n'
            '[dependencies]\npython = "*"\n'
        )
        (folder / "pixi.toml").write_text(before)
        notebook(folder, "appose.worker.default")
        screen.open("worker/one.ipynb").kernel_is_there()
        screen.run("import importlib.util as u; print('beta is there:', u.find_spec('beta') is not None)")
        expect(screen.page.get_by_text("beta is there: False", exact=True)).to_be_visible(timeout=120_000)
        section = Section(screen, "worker/pixi.toml")
        section.add("beta ==1.0")
        section.expect_changes('+beta = "==1.0"')
        section.button("Preview what would be installed").click()
        expect(section.pending).to_contain_text("Would change in default: + alpha 2.0, + beta 1.0")
        section.apply_and_build()
        screen.page.get_by_role("button", name="Restart kernel", exact=True).click(timeout=120_000)
        assert (folder / "pixi.toml").read_text() == before + 'beta = "==1.0"\n'
        expect(screen.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')).to_be_visible()
        screen.run("import beta; print('version', beta.__version__)")
        expect(screen.page.get_by_text("version 1.0", exact=True)).to_be_visible(timeout=120_000)


def test_a_uv_projects_extras_groups_indexes_and_conflicts(
    uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    more = '[[tool.uv.index]]\nname = "cu126"\nurl = "https://example.org/cu126"\nexplicit = true\n'
    manifest = (
        uv_project(name="tide", extras={"cpu": ["torch"], "cuda": ["torch"]}, groups={"dev": []}, more=more)
        / "pyproject.toml"
    )
    section = Section(screen.open(), "tide/pyproject.toml")
    expect(section.toggle("(base)", "cuda")).to_be_disabled()
    section.toggle("dev", "cuda").check()
    section.expect_changes(
        "+", "+[tool.appose-kernel.environments]", '+cuda = { extras = ["cuda"], groups = ["dev"] }'
    )
    section.toggle("dev", "cuda").uncheck()
    expect(section.pending).to_have_count(0)
    section.show("cuda")
    section.node.get_by_label("Index of torch").select_option("cu126")
    expect(section.diff).to_contain_text('torch = { index = "cu126", extra = "cuda" }')
    section.node.get_by_role("checkbox", name="cuda and cpu exclude each other").check()
    expect(section.diff).to_contain_text("conflicts = ")
    section.node.get_by_text("Package indexes").click()
    section.node.get_by_label("URL of cu126").fill("https://example.org/cu128")
    section.node.get_by_label("URL of cu126").press("Enter")
    expect(section.diff).to_contain_text('+url = "https://example.org/cu128"')
    section.page.keyboard.press("Control+Enter")
    expect(section.pending).to_have_count(0)
    written = toml.read(manifest)
    assert written["tool"]["uv"]["conflicts"] == [[{"extra": "cuda"}, {"extra": "cpu"}]]
    section.show("cpu")
    expect(section.node.get_by_role("checkbox", name="cpu and cuda exclude each other")).to_be_checked()


def test_everything_is_done_with_the_keyboard_alone(pixi: Path, screen: labs.Screen) -> None:
    section = Section(screen.open(), "worker/pixi.toml")
    keyboard = screen.page.keyboard
    screen.title("Features").focus()

    def walk_to(target: Locator) -> None:
        """Tab, or back, until it has the focus."""
        for _ in range(60):
            if target.evaluate("node => node === document.activeElement"):
                return
            is_before = target.evaluate("node => node.compareDocumentPosition(document.activeElement) & 4")
            keyboard.press("Shift+Tab" if is_before else "Tab")
        raise AssertionError(f"{target} cannot be reached")

    walk_to(section.toggle("dev", "cuda"))
    keyboard.press("Space")
    expect(section.diff).to_be_visible()
    walk_to(section.node.get_by_role("table").get_by_role("button", name="dev", exact=True).last)
    keyboard.press("Enter")
    walk_to(section.version("pytest"))
    keyboard.press("Control+A")
    keyboard.type(">=8")
    keyboard.press("Enter")
    expect(section.pending).to_contain_text("2 edits")
    walk_to(section.node.get_by_label("Add a package", exact=True))
    keyboard.type("ruff")
    keyboard.press("Enter")
    expect(section.pending).to_contain_text("3 edits")
    keyboard.press("Control+Enter")
    expect(section.pending).to_have_count(0)
    assert pixi.read_text() == PIXI.replace('cuda = ["cuda"]', 'cuda = ["cuda", "dev"]').replace(
        'pytest = "*"', 'pytest = ">=8"\nruff = "*"'
    )
    walk_to(section.button("Undo"))
    keyboard.press("Enter")
    expect(section.button("Undo")).to_have_count(0)
    assert pixi.read_text() == PIXI


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_stands_in_the_way_of_a_screen_reader_or_of_weak_eyes(
    dark: bool, pixi: Path, uv_project: ProjectFactory, screen: labs.Screen
) -> None:
    uv_project(name="tide", extras={"cpu": ["torch"], "cuda": ["torch"]}, groups={"dev": []})
    (pixi.parent.parent / "requirements.txt").write_text("six\n")
    screen.open().theme(dark)
    section = Section(screen, "worker/pixi.toml")
    section.show("cuda")
    section.button("New environment").click()
    section.button("Channels of cuda").click()
    section.add("numpy >=2")
    section.button("Remove cudnn").click()
    expect(section.button("Keep cudnn")).to_be_visible()
    section.add("numpy =>2")
    expect(section.node.get_by_label("Add a package", exact=True)).to_have_attribute("aria-invalid", "true")
    assert screen.violations(".jp-appose-features") == []
    pixi.write_text(PIXI.replace("3.12", "3.13"))
    section.button("Apply").click()
    expect(section.button("Go on with my edits")).to_be_visible()
    assert screen.violations(".jp-appose-features") == []
    screen.command("appose-kernel:edit-features", workspace="tide/pyproject.toml")
    section.toggle("dev", "cuda").check()
    section.show("cpu")
    section.node.get_by_text("Package indexes").click()
    assert screen.violations(".jp-appose-features") == []
    screen.command("appose-kernel:edit-features", workspace="requirements.txt")
    expect(section.button("Open manifest")).to_be_visible()
    assert screen.violations(".jp-appose-features") == []
