import asyncio
import os
from pathlib import Path

import conda_channel
import pytest
import rattler
import wheels
from wanting import build, environment

from appose_kernel.environments import store, verify
from appose_kernel.environments.verify import Damage, Site
from appose_kernel.errors import VerifyError
from appose_kernel.model import Prefix

BACKEND = """
import shutil
def build_editable(folder, config_settings=None, metadata_directory=None):
    return shutil.copy({wheel!r}, folder).rpartition("/")[2]
"""


@pytest.fixture
def prefix(uv_project, wheel) -> Prefix:
    wheel("alpha", files={"alpha.py": "value = 1\n", "empty.py": ""})
    env = environment(uv_project(["alpha"]))
    build(env)
    return store.place(env)


def site(prefix: Prefix) -> Site:
    return asyncio.run(verify.site(str(prefix.python), os.environ))


def damage(prefix: Prefix, *, deep: bool = False) -> list[Damage]:
    found = site(prefix)
    return [d for dist in verify.packages(found) for d in verify.damage(found, dist, deep=deep)]


def file(prefix: Prefix, name: str) -> Path:
    [found] = prefix.path.rglob(name)
    return found


def test_an_interpreter_says_what_it_is(prefix: Prefix) -> None:
    found = site(prefix)
    assert file(prefix, "alpha.py").parent in found.folders


def test_a_whole_prefix_has_no_damage(prefix: Prefix) -> None:
    assert damage(prefix, deep=True) == []


def test_a_missing_file_is_damage(prefix: Prefix) -> None:
    module = file(prefix, "alpha.py")
    module.unlink()
    assert damage(prefix) == [Damage(module, "is missing", lost=True)]


def test_a_truncated_file_is_damage(prefix: Prefix) -> None:
    module = file(prefix, "alpha.py")
    module.unlink()
    module.write_text("value")
    assert damage(prefix) == [Damage(module, "has 5 bytes instead of 10", lost=False)]
    module.write_text("")
    assert damage(prefix) == [Damage(module, "has 0 bytes instead of 10", lost=True)]


def test_other_content_of_the_same_size_is_found_by_its_hash(prefix: Prefix) -> None:
    module = file(prefix, "alpha.py")
    module.unlink()
    module.write_text("value = 2\n")
    assert damage(prefix) == []
    assert damage(prefix, deep=True) == [Damage(module, "has other content than was installed", lost=False)]


def test_bytecode_may_be_absent(prefix: Prefix) -> None:
    for path in prefix.path.rglob("*.pyc"):
        path.unlink()
    assert damage(prefix, deep=True) == []


def test_what_lies_outside_of_the_prefix_is_left_out(prefix: Prefix) -> None:
    record = next(path for path in prefix.path.rglob("RECORD") if "alpha" in str(path))
    with record.open("a") as file:
        file.write("/no/such/file,sha256=x,10\n../../../../../../elsewhere,,\nodd line\n")
    assert damage(prefix, deep=True) == []
    with record.open("a") as file:
        file.write("../../../bin/missing,,\n")
    assert [found.file.name for found in damage(prefix)] == ["missing"]


def test_an_empty_distribution_was_half_installed(prefix: Prefix) -> None:
    info = file(prefix, "alpha-1.0.dist-info")
    (info / "RECORD").unlink()
    assert damage(prefix) == []
    (info / "METADATA").unlink()
    assert [found.file.name for found in damage(prefix)] == ["RECORD"]


def test_an_editable_project_is_whole(uv_project) -> None:
    backend = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]'
    folder = uv_project(more=backend)
    made = wheels.write(folder, "project", "0.1", files={"project.pth": f"{folder}/src\n"})
    (folder / "backend.py").write_text(BACKEND.format(wheel=str(made)))
    env = environment(folder)
    build(env)
    assert file(store.place(env), "direct_url.json")
    assert damage(store.place(env), deep=True) == []


def test_an_interpreter_that_does_not_start_is_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no libpython >&2\nexit 127\n")
    broken.chmod(0o755)
    with pytest.raises(VerifyError, match="does not start") as caught:
        asyncio.run(verify.site(str(broken), os.environ))
    assert caught.value.detail == "no libpython"


def test_an_error_names_the_first_files(tmp_path: Path) -> None:
    found = [Damage(tmp_path / f"{number}.py", "is missing", lost=True) for number in range(7)]
    error = verify.complain(found, tmp_path)
    assert error.message.startswith("7 installed files are damaged")
    assert "4.py is missing" in error.detail
    assert error.detail.endswith("… and 2 more")


@pytest.fixture
def conda(tmp_path: Path) -> Prefix:
    """A conda prefix, and a distribution in it that conda does not know of."""
    conda_channel.write_standard(tmp_path / "channel")

    async def install() -> None:
        with conda_channel.serve(tmp_path / "channel") as url:
            platforms = [conda_channel.host(), "noarch"]
            records = await rattler.solve([url], ["tool", "act"], platforms=platforms)
            await rattler.install(
                records, tmp_path / "prefix", cache_dir=tmp_path / "cache", show_progress=False
            )

    asyncio.run(install())
    prefix = Prefix(tmp_path / "prefix", tmp_path / "records", conda=True)
    info = file(prefix, "tool-1.0.dist-info").with_name("gamma-1.0.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Name: gamma\n")
    (info / "RECORD").write_text("gamma.py,,5\ngamma-1.0.dist-info/METADATA,,12\n")
    (info.parent / "gamma.py").write_text("x = 1")
    return prefix


def test_conda_packages_are_looked_at_by_condas_own_records(conda: Prefix) -> None:
    names = [package.name for package in verify.packages(site(conda))]
    assert names == [*sorted(p.name for p in conda.path.glob("conda-meta/*.json")), "gamma-1.0.dist-info"]
    assert damage(conda, deep=True) == []


@pytest.mark.parametrize("name", ["tool.py", "run-tool", "where", "python3", "gamma.py"])
def test_a_missing_file_of_a_conda_prefix_is_damage(conda: Prefix, name: str) -> None:
    path = file(conda, name)
    path.unlink()
    assert damage(conda) == [Damage(path, "is missing", lost=True)]


def test_a_changed_file_of_a_conda_prefix_is_damage_to_a_close_look(conda: Prefix) -> None:
    changed = [file(conda, name) for name in ("act.sh", "where")]
    for path in changed:
        text = path.read_text()
        path.unlink()  # it is linked to the cache
        path.write_text(text.swapcase())
    assert damage(conda) == []
    assert {found.file for found in damage(conda, deep=True)} == set(changed)


def test_a_conda_record_that_cannot_be_read_is_damage(conda: Prefix) -> None:
    record = file(conda, "act-1.0-0.json")
    record.write_text('{"paths_da')
    assert damage(conda) == [Damage(record, "cannot be read", lost=True)]
