"""Clients without a person in front of them: they get the kernel's output alone, or the build's error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import papermill
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from appose_kernel.kernels import kernelspecs
from appose_kernel.workspaces import formats

if TYPE_CHECKING:
    from conftest import ProjectFactory


def registered(folder: Path) -> str:
    """The name of a kernelspec on disk for the default environment."""
    return kernelspecs.register(formats.environment(formats.open_workspace(folder), "default")).name


def notebook(kernel: str, *cells: str) -> nbformat.NotebookNode:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata.kernelspec = {"name": kernel, "display_name": kernel, "language": "python"}
    return made


def outputs(made: nbformat.NotebookNode) -> list[list[dict[str, object]]]:
    return [cell.outputs for cell in made.cells]


def test_nbclient_gets_only_what_the_cells_print(uv_project: ProjectFactory) -> None:
    made = notebook(registered(uv_project()), "pass", "print('one')", "2")
    NotebookClient(made, timeout=120).execute()
    first, second, third = outputs(made)
    assert first == []
    assert [output["text"] for output in second] == ["one\n"]
    assert [output["data"] for output in third] == [{"text/plain": "2"}]
    assert made.metadata.language_info["name"] == "python"


def test_papermill_runs_a_notebook(uv_project: ProjectFactory, tmp_path: Path) -> None:
    nbformat.write(notebook(registered(uv_project()), "print('one')"), tmp_path / "in.ipynb")
    done = papermill.execute_notebook(tmp_path / "in.ipynb", tmp_path / "out.ipynb", progress_bar=False)
    assert [output["text"] for output in done.cells[0].outputs] == ["one\n"]


def test_nbclient_raises_what_the_build_failed_of(uv_project: ProjectFactory) -> None:
    made = notebook(registered(uv_project(["nowhere-to-be-found"])), "1", "2")
    with pytest.raises(CellExecutionError, match="nowhere-to-be-found") as raised:
        NotebookClient(made, timeout=120).execute()
    assert raised.value.ename == "SolveError"


def test_nbconvert_ends_with_what_the_build_failed_of(uv_project: ProjectFactory, tmp_path: Path) -> None:
    nbformat.write(notebook(registered(uv_project(["nowhere-to-be-found"])), "1"), tmp_path / "in.ipynb")
    argv = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", str(tmp_path / "in.ipynb")]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "could not be built" in done.stderr
    assert "nowhere-to-be-found" in done.stderr


def test_papermill_ends_with_what_the_build_failed_of(uv_project: ProjectFactory, tmp_path: Path) -> None:
    nbformat.write(notebook(registered(uv_project(["nowhere-to-be-found"])), "1"), tmp_path / "in.ipynb")
    with pytest.raises(papermill.PapermillExecutionError, match="nowhere-to-be-found"):
        papermill.execute_notebook(tmp_path / "in.ipynb", tmp_path / "out.ipynb", progress_bar=False)
    [output] = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[-1].outputs
    assert (output.output_type, output.ename) == ("error", "SolveError")


def console(kernel: str, typed: str) -> str:
    """What a console prints for the lines that are typed into it."""
    argv = [sys.executable, "-m", "jupyter_console", "--simple-prompt", f"--kernel={kernel}"]
    done = subprocess.run(argv, input=typed, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout + done.stderr


def test_a_console_prints_what_was_typed_during_the_build(uv_project: ProjectFactory) -> None:
    typed = "print(6 * 7)\nname = input()\nAda\nprint('Hello', name)\n"
    printed = console(registered(uv_project()), typed)
    assert "Building project · default" in printed
    assert "42\n" in printed
    assert "Hello Ada\n" in printed


def test_a_console_prints_what_the_build_failed_of(uv_project: ProjectFactory) -> None:
    printed = console(registered(uv_project(["nowhere-to-be-found"])), "print(6 * 7)\n")
    assert "could not be built" in printed
    assert "nowhere-to-be-found" in printed
    assert "42" not in printed


def test_nbclient_raises_the_end_of_a_kernel_that_dies_behind_its_front(uv_project: ProjectFactory) -> None:
    made = notebook(registered(uv_project()), "import os; os._exit(3)")
    with pytest.raises(CellExecutionError, match="exit code 3"):
        NotebookClient(made, timeout=120).execute()
