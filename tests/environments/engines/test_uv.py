"""The uv engine with the real uv, against an index of tiny wheels served from here."""

from __future__ import annotations

import asyncio
import os
import subprocess
from contextlib import aclosing, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import wheels
from bench import Bench, manifest
from index_server import Index

from appose_kernel.environments import folders
from appose_kernel.environments.engines import ENGINES
from appose_kernel.errors import EngineUnsupported, InstallError, LockOutdated
from appose_kernel.model import Phase, Step

EXTRAS = '[project.optional-dependencies]\nnew = ["needs-new"]\nold = ["needs-old"]\n'
CONFLICT = '[tool.uv]\nconflicts = [[{ extra = "new" }, { extra = "old" }]]\n'

#: A build backend in a few lines; like setuptools it writes into the folder that it builds.
BACKEND = f"""
import pathlib, tomllib, sys
sys.path.insert(0, {str(Path(wheels.__file__).parent)!r})
import wheels

def build_wheel(directory, config_settings=None, metadata_directory=None):
    pathlib.Path("build").mkdir(exist_ok=True)
    name = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]["name"]
    return wheels.write(pathlib.Path(directory), name, "1").name

build_editable = build_wheel
"""
BUILT_BY_BACKEND = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def package(name: str) -> str:
    return f'[project]\nname = "{name}"\nversion = "1"\nrequires-python = ">=3.9"\n{BUILT_BY_BACKEND}'


def said(steps: list[Step]) -> str:
    return "\n".join(step.message for step in steps if step.output)


def test_an_environment_gets_what_its_extra_names_in_a_prefix_of_its_own(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"', EXTRAS + CONFLICT))
    for name in ("default", "new", "old"):
        bench.build(name)
    assert bench.installed() == {"beta": "1.0"}
    assert bench.installed("new") == {"beta": "1.0", "alpha": "2.0", "needs_new": "1.0"}
    assert bench.installed("old") == {"beta": "1.0", "alpha": "1.0", "needs_old": "1.0"}
    assert bench.prefix().path == bench.root / ".venv"


def test_a_missing_lock_is_made_and_a_present_one_is_used_as_it_is(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"alpha<2"'))
    bench.build()
    assert bench.installed()["alpha"] == "1.0"
    lock = bench.root / "uv.lock"
    before = lock.read_bytes()
    bench.build()
    assert lock.read_bytes() == before


def test_an_outdated_lock_says_what_would_change_and_touches_nothing(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.lock()
    bench.write(pyproject_toml=manifest(index, '"beta", "alpha"'))
    before = (bench.root / "uv.lock").read_bytes()
    with pytest.raises(LockOutdated, match=r"uv\.lock is older than pyproject\.toml") as caught:
        bench.lock()
    assert "jupyter appose lock" in caught.value.remedy
    assert "alpha v2.0" in caught.value.detail
    assert (bench.root / "uv.lock").read_bytes() == before
    with pytest.raises(LockOutdated):
        bench.install()


def test_lock_on_request_brings_the_lock_up_to_date_and_reports_it(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.lock()
    bench.write(pyproject_toml=manifest(index, '"beta", "alpha"'))
    assert "Added alpha v2.0" in said(bench.lock(locked=False))
    bench.build()
    assert "alpha" in bench.installed()


def test_frozen_installs_the_lock_whatever_the_manifest_says(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.lock()
    bench.write(pyproject_toml=manifest(index, '"beta", "alpha"'))
    bench.settings.frozen = True
    bench.build()
    assert bench.installed() == {"beta": "1.0"}


def test_what_the_user_installed_by_hand_stays_unless_the_build_is_exact(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta", "alpha"'))
    bench.build()
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.lock(locked=False)
    bench.install()
    assert "alpha" in bench.installed()
    assert " - alpha==2.0" in said(bench.install(exact=True))
    assert "alpha" not in bench.installed()


def test_a_rebuild_restores_files_that_are_missing(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.build()
    (module,) = bench.prefix().path.glob("[Ll]ib/**/beta.py")
    module.unlink()
    bench.install()
    assert not module.exists()
    bench.install(rebuild=True)
    assert module.exists()


@pytest.mark.parametrize("left", [["CACHEDIR.TAG"], ["bin/python", "CACHEDIR.TAG"], ["pyvenv.cfg"], []])
def test_a_rebuild_starts_anew_where_a_killed_build_left_half_a_venv(
    bench: Bench, index: Index, left: list[str]
) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.build()
    folder = bench.prefix().path
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and not any(str(path).endswith(name) for name in left):
            path.unlink()
    bench.install(rebuild=True)
    assert bench.installed() == {"beta": "1.0"}
    assert (folder / "pyvenv.cfg").read_text().startswith("home")


@pytest.mark.parametrize("rebuild", [False, True])
def test_a_folder_that_is_no_venv_is_refused_and_kept(bench: Bench, index: Index, rebuild: bool) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    folder = bench.prefix().path
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    bench.lock()
    with pytest.raises(InstallError, match="in the way"):
        bench.install(rebuild=rebuild)
    assert (folder / "thesis.txt").exists()


def test_progress_counts_packages_and_bytes_as_they_arrive(
    bench: Bench, index: Index, packages: Path
) -> None:
    bench.write(pyproject_toml=manifest(index, '"alpha"'))
    bench.lock()
    lock = bench.root / "uv.lock"
    sizes = {path.name: path.stat().st_size for path in packages.iterdir()}
    text = lock.read_text()
    for name, size in sizes.items():
        text = text.replace(f'{name}", hash', f'{name}", size = {size}, hash')
    lock.write_text(text)
    steps = bench.install()
    arrived = [step for step in steps if step.phase is Phase.DOWNLOADING and not step.output]
    total = sizes["alpha-2.0-py3-none-any.whl"] + sizes["beta-1.0-py3-none-any.whl"]
    assert [step.done for step in arrived] == sorted(step.done or 0 for step in arrived)
    assert {step.total for step in arrived} == {2}
    assert (arrived[-1].done, arrived[-1].bytes_done, arrived[-1].bytes_total) == (2, total, total)
    installed = [step for step in steps if step.phase is Phase.INSTALLING and not step.output]
    assert [(step.done, step.total) for step in installed] == [(0, 2), (2, 2)]
    assert " + alpha==2.0" in said(steps)
    assert not any(step.message.startswith(("TRACE", "DEBUG")) for step in steps)


def test_what_a_source_build_needs_is_not_counted(bench: Bench, index: Index) -> None:
    built = BUILT_BY_BACKEND.replace("requires = []", 'requires = ["needs-new"]')
    bench.write(pyproject_toml=manifest(index, '"alpha<2"') + built, backend_py=BACKEND)
    bench.lock()
    bench.environ["UV_CACHE_DIR"] += "-fresh"
    steps = [step for step in bench.install() if step.phase is Phase.DOWNLOADING and not step.output]
    assert {step.total for step in steps} == {3}
    assert "Building demo" in [step.message for step in steps]
    assert bench.installed() == {"alpha": "1.0", "beta": "1.0", "demo": "1"}


def test_who_stops_listening_stops_uv(bench: Bench, index: Index, tmp_path: Path) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.lock()
    index.faults["beta-1.0-py3-none-any.whl"] = "crawl"
    bench.environ["UV_CACHE_DIR"] = cache = str(tmp_path / "fresh")

    async def listen_until_something_is_downloading() -> int:
        async with aclosing(ENGINES["uv"].install(bench.job())) as steps:
            async for step in steps:
                if step.phase is Phase.DOWNLOADING:
                    return len(users_of(cache))
        return 0

    assert asyncio.run(listen_until_something_is_downloading()) == 1
    assert not users_of(cache)


def users_of(cache: str) -> list[psutil.Process]:
    """The processes of ours that use this cache of uv's."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # another test's, that has ended
            if child.environ().get("UV_CACHE_DIR") == cache:
                found.append(child)
    return found


def test_nothing_is_downloaded_for_an_environment_that_is_as_it_should_be(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"alpha"'))
    bench.build()
    index.requests.clear()
    steps = bench.build()
    assert not index.requests
    assert not any(step.phase is Phase.DOWNLOADING for step in steps)


def test_the_activation_unsets_what_belongs_to_another_environment(bench: Bench, index: Index) -> None:
    bench.write(pyproject_toml=manifest(index, '"beta"'))
    bench.build()
    activation = bench.activation()
    environ = activation.apply({"PATH": "/bin", "PYTHONHOME": "/other", "CONDA_PREFIX": "/conda"})
    code = "import beta, os, sys; print(sys.prefix, os.environ['VIRTUAL_ENV'])"
    out = subprocess.run(
        [activation.python, "-c", code], env=environ, check=True, capture_output=True, text=True
    ).stdout
    assert set(out.split()) == {str(bench.prefix().path)}
    assert environ["PATH"].split(os.pathsep) == [str(bench.prefix().scripts), "/bin"]
    assert not {"PYTHONHOME", "CONDA_PREFIX"} & environ.keys()


def test_a_workspace_member_is_built_alone_in_its_own_folder(bench: Bench, index: Index) -> None:
    bench.write(
        pyproject_toml='[tool.uv.workspace]\nmembers = ["one", "two"]\n'
        f'[[tool.uv.index]]\nurl = "{index.url}"\ndefault = true\n'
    )
    for name, needs in (("one", "beta"), ("two", "needs-old")):
        (bench.root / name).mkdir()
        (bench.root / name / "pyproject.toml").write_text(
            f'[project]\nname = "{name}"\nversion = "1"\nrequires-python = ">=3.9"\n'
            f'dependencies = ["{needs}"]\n'
        )
    root = bench.root
    bench.root = root / "one"
    bench.build()
    assert bench.installed() == {"beta": "1.0"}
    assert (root / "uv.lock").exists()
    assert not (root / ".venv").exists()


def test_requirements_are_installed_and_have_no_lock(bench: Bench, index: Index) -> None:
    bench.write(requirements_txt=f"--index-url {index.url}\nalpha<2\n")
    steps = bench.build()
    assert bench.installed() == {"alpha": "1.0", "beta": "1.0"}
    assert " + alpha==1.0" in said(steps)
    bench.write(requirements_txt=f"--index-url {index.url}\nbeta\n")
    bench.build()
    assert "alpha" in bench.installed()
    bench.build(exact=True)
    assert bench.installed() == {"beta": "1.0"}
    with pytest.raises(EngineUnsupported, match="no lock"):
        bench.lock(locked=False)


class TestReadOnlyWorkspace:
    """Its prefixes are in the store, and nothing is written into the workspace."""

    @pytest.fixture
    def read_only(self, bench: Bench, tmp_path: Path) -> Bench:
        return replace(bench, store=tmp_path / "data" / "store")

    @pytest.mark.parametrize("locked", [False, True])
    def test_it_is_built_without_a_write_into_it(
        self, bench: Bench, read_only: Bench, index: Index, locked: bool
    ) -> None:
        bench.write(pyproject_toml=manifest(index, '"beta"', EXTRAS + CONFLICT))
        if locked:
            bench.lock()
        before = sorted(bench.root.rglob("*"))
        read_only.build("old")
        assert read_only.installed("old") == {"beta": "1.0", "alpha": "1.0", "needs_old": "1.0"}
        assert sorted(bench.root.rglob("*")) == before

    def test_its_own_package_and_its_path_sources_are_installed_as_copies(
        self, bench: Bench, read_only: Bench, index: Index, tmp_path: Path
    ) -> None:
        library = tmp_path / "library"
        library.mkdir()
        (library / "pyproject.toml").write_text(package("library"))
        (library / "backend.py").write_text(BACKEND)
        sources = '[tool.uv.sources]\nlibrary = { path = "../library" }\n'
        bench.write(
            pyproject_toml=manifest(index, '"beta", "library"', sources) + BUILT_BY_BACKEND,
            backend_py=BACKEND,
        )
        read_only.build()
        assert read_only.installed() == {"beta": "1.0", "library": "1", "demo": "1"}
        assert not list(read_only.prefix().path.rglob("*.pth"))
        assert not (bench.root / "uv.lock").exists()
        assert not (bench.root / "build").exists()
        assert not (library / "build").exists()
        assert not list(folders.cache_dir().rglob("backend.py"))

    def test_its_files_are_no_hard_links_into_the_cache(
        self, bench: Bench, read_only: Bench, index: Index
    ) -> None:
        bench.write(pyproject_toml=manifest(index, '"beta"'))
        read_only.build()
        (module,) = read_only.prefix().path.glob("[Ll]ib/**/beta.py")
        assert module.stat().st_nlink == 1

    def test_a_stale_lock_is_refused(self, bench: Bench, read_only: Bench, index: Index) -> None:
        bench.write(pyproject_toml=manifest(index, '"beta"'))
        bench.lock()
        bench.write(pyproject_toml=manifest(index, '"beta", "alpha"'))
        with pytest.raises(LockOutdated):
            read_only.lock()

    def test_a_rebuild_starts_from_nothing(self, bench: Bench, read_only: Bench, index: Index) -> None:
        bench.write(pyproject_toml=manifest(index, '"beta"'))
        read_only.build()
        strange = read_only.prefix().path / "strange"
        strange.touch()
        read_only.install(rebuild=True)
        assert read_only.installed() == {"beta": "1.0"}
        assert not strange.exists()
