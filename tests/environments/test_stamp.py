import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from wanting import environment

from appose_kernel.environments import inputs, stamp, store
from appose_kernel.model import Activation, Environment, Prefix, Stamp, StampState

LIGHT = """
import sys
sys.path[:] = [folder for folder in sys.path if not folder.endswith("-packages")] + [{package!r}]
before = set(sys.modules)
from appose_kernel.environments import stamp
third_party = set(sys.modules) - before - set(sys.stdlib_module_names)
print(sorted({{name.partition(".")[0] for name in third_party}} - set(sys.stdlib_module_names)))
print(sorted({{"asyncio", "subprocess", "tempfile", "logging", "typing_extensions"}} & set(sys.modules)))
"""


@pytest.fixture
def env(uv_project) -> Environment:
    """An environment whose prefix looks like a venv, and is stamped as ready."""
    env = environment(uv_project(extras={"cuda": []}), "cuda")
    prefix = store.place(env)
    store.prepare(prefix)
    (prefix.path / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    (prefix.path / "pyvenv.cfg").touch()
    prefix.python.parent.mkdir(exist_ok=True)
    prefix.python.touch()
    found = inputs.fingerprint(env)
    stamp.write(
        prefix,
        Stamp(
            state=StampState.READY,
            digest=inputs.digest_of(found),
            engine="uv",
            build="20260101T000000-00000000",
            time=1.5,
            inputs=found,
            seal=stamp.seal(prefix),
            activation=Activation(str(prefix.python), (str(prefix.scripts),), {"A": "1", "B": None}),
        ),
    )
    return env


def change(env: Environment, **fields: object) -> None:
    prefix = store.place(env)
    found = stamp.read(prefix)
    assert found is not None
    stamp.write(prefix, replace(found, **fields))


def test_a_stamp_is_read_as_it_was_written(env: Environment) -> None:
    prefix = store.place(env)
    found = stamp.ready(env)
    assert found is not None
    assert found.activation == Activation(str(prefix.python), (str(prefix.scripts),), {"A": "1", "B": None})
    stamp.write(prefix, found)
    assert stamp.read(prefix) == found


def test_nothing_is_left_beside_a_stamp(env: Environment) -> None:
    assert sorted(path.name for path in store.place(env).records.iterdir()) == ["stamp.json", "waiting"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"state": "ready"}', '{"state": "?", "digest": ""}', "\xff"]
)
def test_garbage_is_no_stamp(env: Environment, text: str) -> None:
    (store.place(env).records / "stamp.json").write_text(text, encoding="latin-1")
    assert stamp.read(store.place(env)) is None
    assert stamp.ready(env) is None


def test_a_prefix_that_is_being_built_is_not_ready(env: Environment) -> None:
    change(env, state=StampState.BUILDING)
    assert stamp.ready(env) is None


def test_an_overlay_has_to_be_there(env: Environment, tmp_path: Path) -> None:
    change(env, overlay=str(tmp_path))
    assert stamp.ready(env)
    change(env, overlay=str(tmp_path / "gone"))
    assert stamp.ready(env) is None


def test_a_changed_manifest_needs_a_build(env: Environment) -> None:
    manifest = env.workspace.manifest
    before = manifest.read_text()
    manifest.write_text(before + "\n")
    assert stamp.ready(env) is None
    manifest.write_text(before)
    assert stamp.ready(env)


def test_a_lock_that_appears_needs_a_build(env: Environment) -> None:
    (env.workspace.root / "uv.lock").touch()
    assert stamp.ready(env) is None


def test_a_large_file_is_known_by_its_size_and_time_and_not_read(env: Environment) -> None:
    lock = env.workspace.root / "uv.lock"
    with lock.open("wb") as file:
        file.truncate(inputs.LARGE + 1)
    before = inputs.digest(env)
    assert inputs.digest(env) == before
    os.utime(lock, (1, 1))
    assert inputs.digest(env) != before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_a_named_pipe_is_not_waited_for(env: Environment) -> None:
    os.mkfifo(env.workspace.root / ".python-version")
    assert stamp.ready(env)


def test_hardware_that_is_pretended_counts(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", "12.4")
    assert stamp.ready(env) is None


def test_another_environment_has_another_digest(env: Environment) -> None:
    other = environment(env.workspace.root)
    assert inputs.digest(env) != inputs.digest(other)


@pytest.mark.parametrize("what", ["package", "interpreter", "venv"])
def test_a_tool_that_changes_the_prefix_breaks_the_seal(env: Environment, what: str) -> None:
    prefix = store.place(env)
    if what == "package":
        (prefix.path / "lib" / "python3.11" / "site-packages" / "new").mkdir()
    elif what == "interpreter":
        prefix.python.unlink()
    else:
        (prefix.path / "pyvenv.cfg").unlink()
    assert stamp.ready(env) is None


def test_a_kernel_start_imports_only_what_it_needs() -> None:
    package = Path(stamp.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-I", "-c", LIGHT.format(package=str(package))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "['appose_kernel']\n[]\n", done.stderr


def test_the_seal_of_a_conda_prefix_breaks_with_its_packages_and_holds_through_pixi_run(
    tmp_path: Path,
) -> None:
    prefix = Prefix(tmp_path, tmp_path / "records", conda=True)
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "r-base-4.4-0.json").write_text("{}")
    before = stamp.seal(prefix)
    assert before
    (tmp_path / "conda-meta" / "pixi").write_text("{}")
    assert stamp.seal(prefix) == before
    (tmp_path / "conda-meta" / "r-base-4.4-0.json").rename(tmp_path / "conda-meta" / "r-base-4.5-0.json")
    assert stamp.seal(prefix) != before
