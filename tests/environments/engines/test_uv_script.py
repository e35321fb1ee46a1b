"""Notebooks that say what they need, on real locks and venvs over a local index."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from bench import Bench
from index_server import Index

from appose_kernel.environments import private_lock, store
from appose_kernel.environments.engines.uv import script
from appose_kernel.errors import EngineUnsupported, InstallError, LockOutdated, SolveError, ToolNotFound
from appose_kernel.model import Phase, Step
from appose_kernel.workspaces.script import notebook_lock

PYTHON = 'requires-python = ">=3.9"'


class Notebook:
    """A notebook in ``folder``, and its engine."""

    def __init__(self, folder: Path, index: Index, bench: Bench) -> None:
        self.file = folder / "my analysis.ipynb"
        self.index = index
        self.bench = Bench(self.file, bench.environ)

    def needs(
        self, *dependencies: str, more: str = "", python: str = PYTHON, metadata: dict[str, Any] | None = None
    ) -> None:
        """Write a notebook with such a block."""
        index = f'[[tool.uv.index]]\nurl = "{self.index.url}"\ndefault = true'
        toml = f"{python}\ndependencies = {json.dumps(dependencies)}\n{more}\n{index}"
        source = "\n".join(["# /// script", *(f"# {line}" for line in toml.splitlines()), "# ///"])
        cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        document = {"cells": [cell], "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5}
        self.file.write_text(json.dumps(document, indent=1))

    def take_in_the_lock(self) -> None:
        lock = script.portable_lock(self.bench.environment())
        self.file.write_text(notebook_lock.insert(self.file, self.file.read_text(), lock))

    @property
    def lock(self) -> Path:
        return private_lock.path(self.bench.environment())


@pytest.fixture
def notebook(tmp_path: Path, index: Index, bench: Bench) -> Notebook:
    folder = tmp_path / "notes"
    folder.mkdir()
    return Notebook(folder, index, bench)


def said(steps: list[Step]) -> str:
    return "\n".join(step.message for step in steps)


def test_a_notebook_gets_what_its_block_names_in_the_store(notebook: Notebook) -> None:
    notebook.needs("alpha<2")
    steps = notebook.bench.build()
    assert notebook.bench.installed() == {"alpha": "1.0", "beta": "1.0"}
    prefix = notebook.bench.prefix()
    assert prefix.path.parent.name == "store"
    assert [path.name for path in notebook.file.parent.iterdir()] == [notebook.file.name]
    downloads = [step for step in steps if step.phase is Phase.DOWNLOADING and step.done is not None]
    assert [(step.done, step.total) for step in downloads][-1] == (2, 2)
    assert Step(Phase.INSTALLING, "Installed", done=2, total=2) in steps
    assert notebook.bench.activation().variables["VIRTUAL_ENV"] == str(prefix.path)
    configuration = (prefix.path / "pyvenv.cfg").read_text()
    assert "prompt = my-analysis" in configuration


def test_the_lock_stays_beside_our_records_and_is_used_as_it_is(notebook: Notebook) -> None:
    notebook.needs("alpha<2")
    notebook.bench.lock()
    before = notebook.lock.read_bytes()
    notebook.index.requests.clear()
    notebook.bench.lock()
    assert notebook.index.requests == {}
    notebook.bench.install()
    assert notebook.lock.read_bytes() == before
    assert not [path for path in notebook.lock.parent.iterdir() if path.name.startswith("script")]


def test_another_block_is_locked_anew_and_keeps_the_versions_that_still_fit(notebook: Notebook) -> None:
    notebook.needs("alpha<2")
    notebook.bench.lock()
    first = notebook.lock
    notebook.needs("alpha", "needs-old")
    assert notebook.lock != first
    notebook.bench.build()
    assert notebook.bench.installed()["alpha"] == "1.0"
    notebook.needs("alpha>=2")
    notebook.bench.build()
    assert notebook.bench.installed()["alpha"] == "2.0"


def test_outputs_that_are_saved_change_neither_lock_nor_prefix(notebook: Notebook) -> None:
    notebook.needs("beta")
    before = notebook.lock, notebook.bench.prefix()
    document = json.loads(notebook.file.read_text())
    document["cells"].append({"cell_type": "markdown", "source": "more", "metadata": {}})
    notebook.file.write_text(json.dumps(document))
    assert (notebook.lock, notebook.bench.prefix()) == before


def test_lock_on_request_changes_nothing_that_fits_and_mends_what_is_damaged(notebook: Notebook) -> None:
    notebook.needs("beta")
    notebook.bench.lock()
    lock, before = notebook.lock, notebook.lock.read_bytes()
    notebook.bench.lock(locked=False)
    assert (notebook.lock, notebook.lock.read_bytes()) == (lock, before)
    lock.write_text("<<<<<<< HEAD")
    with pytest.raises(LockOutdated, match="cannot be read"):
        notebook.bench.install()
    notebook.bench.lock(locked=False)
    assert notebook.lock != lock  # what was built from the old one stays apart
    assert notebook.lock.read_bytes() == before
    notebook.bench.build()


def test_lock_on_request_asks_for_newer_versions_where_all_is_locked_already(notebook: Notebook) -> None:
    notebook.needs("alpha<2")
    notebook.bench.lock()
    notebook.needs("alpha")
    notebook.bench.build()
    built = notebook.bench.prefix()
    assert "alpha v1.0 -> v2.0" in said(notebook.bench.lock(locked=False))
    assert notebook.bench.prefix() != built
    notebook.bench.build()
    assert notebook.bench.installed()["alpha"] == "2.0"


def test_a_frozen_build_needs_a_lock(notebook: Notebook) -> None:
    notebook.needs("beta")
    notebook.bench.settings.frozen = True
    with pytest.raises(LockOutdated, match="has no lock that fits its block") as caught:
        notebook.bench.lock()
    assert "jupyter appose lock" in caught.value.remedy
    notebook.bench.lock(locked=False)
    notebook.bench.build()
    assert notebook.bench.installed() == {"beta": "1.0"}


def test_a_lock_in_the_notebook_is_what_is_installed(notebook: Notebook) -> None:
    notebook.needs("alpha<2")
    notebook.bench.lock(locked=False)
    notebook.take_in_the_lock()
    lock = json.loads(notebook.file.read_text())["metadata"]["uv.lock"]
    shutil.rmtree(notebook.lock.parent)  # as on another machine
    notebook.index.requests.clear()
    notebook.bench.build()
    assert notebook.bench.installed()["alpha"] == "1.0"
    assert not notebook.lock.exists()
    assert notebook.index.requests["alpha"] == 0
    assert json.loads(notebook.file.read_text())["metadata"]["uv.lock"] == lock


def test_a_lock_in_the_notebook_that_does_not_fit_says_what_would_change(notebook: Notebook) -> None:
    notebook.needs("beta")
    notebook.bench.lock(locked=False)
    notebook.take_in_the_lock()
    lock = json.loads(notebook.file.read_text())["metadata"]["uv.lock"]
    notebook.needs("beta", "alpha", metadata={"uv.lock": lock})
    with pytest.raises(LockOutdated, match="the lock in the notebook does not fit its block") as caught:
        notebook.bench.lock()
    assert str(notebook.file) in caught.value.message
    assert "alpha v2.0" in caught.value.detail
    notebook.bench.lock(frozen=True)
    notebook.bench.install(frozen=True)
    assert notebook.bench.installed() == {"beta": "1.0"}
    notebook.bench.lock(locked=False)
    notebook.take_in_the_lock()
    notebook.bench.build()
    assert set(notebook.bench.installed()) == {"alpha", "beta"}


def test_a_lock_that_a_merge_has_torn_is_made_anew_on_request(notebook: Notebook) -> None:
    notebook.needs("beta", metadata={"uv.lock": "<<<<<<< HEAD"})
    with pytest.raises(LockOutdated, match="the lock in the notebook does not fit"):
        notebook.bench.lock()
    notebook.bench.lock(locked=False)
    notebook.take_in_the_lock()
    notebook.bench.build()


def test_paths_are_from_the_notebooks_folder(notebook: Notebook) -> None:
    for name in ("mine", "second"):
        folder = notebook.file.parents[1] / name
        folder.mkdir()
        (folder / f"{name}.py").write_text("")
        text = f'[project]\nname = "{name}"\nversion = "1"\n[build-system]\nrequires = []\n'
        text += 'build-backend = "backend"\nbackend-path = ["."]\n'
        (folder / "pyproject.toml").write_text(text)
        (folder / "backend.py").write_text(BACKEND.format(name=name))
    source = (
        '[tool.uv.sources]\nmine = { path = "../mine" }\nsecond = { path = "../second", editable = true }'
    )
    notebook.needs("mine", "second", more=source, metadata={"uv.lock": "from elsewhere"})
    assert "names local folders, and is not used" in said(notebook.bench.build())
    assert set(notebook.bench.installed()) == {"mine", "second"}
    with pytest.raises(EngineUnsupported, match="would hold for this machine only") as caught:
        script.portable_lock(notebook.bench.environment())
    assert "--into-notebook" in caught.value.remedy


BACKEND = """
import zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "{name}-1-py3-none-any.whl"
    info = "{name}-1.dist-info"
    with zipfile.ZipFile(f"{{directory}}/{{name}}", "w") as wheel:
        wheel.writestr("{name}.py", "")
        wheel.writestr(f"{{info}}/METADATA", "Metadata-Version: 2.1\\nName: {name}\\nVersion: 1\\n")
        wheel.writestr(f"{{info}}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{{info}}/RECORD", "")
    return name

build_editable = build_wheel
"""


def test_exclude_newer_and_the_index_are_honoured(notebook: Notebook) -> None:
    notebook.needs("beta", more='[tool.uv]\nexclude-newer = "2020-01-01T00:00:00Z"')
    with pytest.raises(SolveError) as caught:
        notebook.bench.lock()
    assert "exclude-newer" in caught.value.detail
    assert notebook.index.requests["beta"] > 0


def test_a_uv_toml_and_a_pin_beside_the_notebook_count(notebook: Notebook) -> None:
    notebook.needs("beta")
    first = notebook.bench.prefix()
    (notebook.file.parent / "uv.toml").write_text('exclude-newer = "2020-01-01T00:00:00Z"\n')
    assert notebook.bench.prefix() != first
    with pytest.raises(SolveError):
        notebook.bench.lock()
    (notebook.file.parent / "uv.toml").unlink()
    here = "{}.{}".format(*sys.version_info[:2])
    (notebook.file.parent / ".python-version").write_text(here)
    assert "Python: " in said(notebook.bench.build())
    assert f"version_info = {here}" in (notebook.bench.prefix().path / "pyvenv.cfg").read_text()


def test_a_python_that_is_not_there_is_named(notebook: Notebook) -> None:
    notebook.needs("beta", python='requires-python = ">=4.1"')
    with pytest.raises(ToolNotFound, match=r"`requires-python` asks for Python >=4\.1") as caught:
        notebook.bench.lock()
    assert str(notebook.file) in caught.value.message


def test_what_cannot_be_solved_or_installed_names_the_notebook(notebook: Notebook) -> None:
    notebook.needs("needs-old", "needs-new")
    with pytest.raises(SolveError) as solve:
        notebook.bench.lock()
    assert solve.value.message == f"{notebook.file}: no set of packages satisfies the requirements."
    notebook.needs("elsewhere")
    notebook.bench.lock()
    with pytest.raises(InstallError, match="neither a wheel for this platform nor a source"):
        notebook.bench.install()


def test_a_rebuild_starts_from_nothing(notebook: Notebook) -> None:
    notebook.needs("beta")
    notebook.bench.build()
    (module,) = notebook.bench.prefix().path.glob("[Ll]ib/**/beta.py")
    module.unlink()
    notebook.bench.build(rebuild=True)
    assert module.exists()


def test_a_store_below_the_notebooks_folder_is_a_store_all_the_same(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPOSE_KERNEL_DATA_DIR", str(notebook.file.parent / ".local/share"))
    notebook.needs("beta")
    notebook.bench.build()
    (module,) = notebook.bench.prefix().path.glob("[Ll]ib/**/beta.py")
    assert module.stat().st_nlink == 1
    assert notebook.bench.prefix() == store.place(notebook.bench.environment())
