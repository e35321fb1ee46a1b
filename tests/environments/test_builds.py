"""Builds as those see them who want an environment."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import aclosing
from pathlib import Path

import pytest
import wheels
from stopping import STOPPER, WORDS, Stop
from wanting import build, builder_of, environment, tools_of, until, wanting

from appose_kernel.environments import buildlog, builds, store, verify
from appose_kernel.errors import (
    ApposeKernelError,
    BuildCancelled,
    BuilderDied,
    BuildNotFound,
    ManifestError,
    SolveError,
)
from appose_kernel.model import BuildOptions, Environment, Phase, State

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the doubles are POSIX scripts")


@pytest.fixture
def env(uv_project, wheel) -> Environment:
    """An environment of two packages; its Python stops where a test wants it to."""
    wheel("alpha", requires=["stopper"])
    wheel("stopper", files={"stopper.pth": "import stopper\n", "stopper.py": STOPPER})
    return environment(uv_project(["alpha"]))


@pytest.fixture
def plain(uv_project, wheel) -> Environment:
    wheel("alpha")
    return environment(uv_project(["alpha"]))


def imports(env: Environment, module: str) -> bool:
    done = subprocess.run(
        [store.place(env).python, "-c", f"import {module}"], capture_output=True, check=False
    )
    return done.returncode == 0


def damage(env: Environment) -> list[verify.Damage]:
    found = asyncio.run(verify.site(str(store.place(env).python), os.environ))
    return [d for dist in verify.packages(found) for d in verify.damage(found, dist, deep=True)]


def test_a_wanted_environment_gets_ready(plain: Environment) -> None:
    events = build(plain)
    assert [event.sequence for event in events] == list(range(len(events)))
    assert events[0].phase is Phase.QUEUED
    assert events[-1].phase is Phase.READY
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    order = list(Phase)
    phases = [event.phase for event in events if not event.step.output]
    assert phases == sorted(phases, key=order.index)
    stamp = builds.ready(environment(plain.workspace.root))
    assert stamp is not None
    assert stamp.build == events[0].build
    assert imports(plain, "alpha")
    assert damage(plain) == []


def test_a_ready_environment_needs_no_build(plain: Environment) -> None:
    build(plain)
    assert build(environment(plain.workspace.root)) == []


def test_a_rebuild_builds_what_is_ready(plain: Environment) -> None:
    first = build(plain)
    again = build(plain, BuildOptions(rebuild=True))
    assert again[-1].phase is Phase.READY
    assert again[-1].build != first[-1].build


def test_a_rebuild_ends_when_the_manifest_changes_meanwhile(stop: Stop, env: Environment, wheel) -> None:
    wheel("beta")

    async def scenario() -> None:
        stop.at("compiling")
        async with wanting(env, BuildOptions(rebuild=True)) as wanter:
            await until(lambda: stop.calls("compiling"))
            manifest = env.workspace.manifest
            manifest.write_text(manifest.read_text().replace("'alpha'", "'alpha', 'beta'"))
            (env.workspace.root / "uv.lock").unlink()
            stop.open()
            await wanter.task
            assert len(wanter.ids) == 2
            assert [event.phase for event in wanter.events if event.phase.ends] == [Phase.READY]

    asyncio.run(scenario())
    assert builds.ready(environment(env.workspace.root))
    assert imports(env, "beta")


def test_many_who_want_the_same_come_to_one_build(stop: Stop, env: Environment) -> None:
    async def scenario() -> None:
        stop.at("installing")
        async with wanting(env) as first:
            await until(lambda: stop.calls("installing"))
            async with wanting(env) as second, wanting(env) as third:
                await until(lambda: second.events and third.events)
                stop.open()
                await asyncio.gather(first.task, second.task, third.task)
                assert first.events == second.events == third.events

    asyncio.run(scenario())
    assert len(builds.recent()) == 1
    assert len(stop.calls("installing")) == 1


@pytest.mark.parametrize("option", ["rebuild", "exact"])
def test_who_wants_more_than_the_build_that_runs_gets_another_one(
    option: str, stop: Stop, env: Environment
) -> None:
    async def scenario() -> None:
        stop.at("installing")
        async with wanting(env) as first:
            await until(lambda: stop.calls("installing"))
            async with wanting(env, BuildOptions(**{option: True})) as second, wanting(env) as third:
                await until(lambda: second.events and third.events)
                stop.open()
                await asyncio.gather(first.task, second.task, third.task)
                assert first.events == third.events
                assert second.ids[0] == first.ids[0]
                assert len(second.ids) == 2
                assert [event.phase for event in second.events if event.phase.ends] == [Phase.READY]

    asyncio.run(scenario())
    does = {"rebuild": lambda call: "--reinstall" in call, "exact": lambda call: "--inexact" not in call}
    assert [does[option](call) for call in stop.calls("installing")] == [False, True]


def test_many_who_want_a_rebuild_come_to_one(stop: Stop, env: Environment) -> None:
    async def scenario() -> None:
        stop.at("installing")
        async with wanting(env, BuildOptions(rebuild=True)) as first:
            await until(lambda: stop.calls("installing"))
            async with wanting(env, BuildOptions(rebuild=True)) as second:
                await until(lambda: second.events)
                stop.open()
                await asyncio.gather(first.task, second.task)
                assert first.events == second.events

    asyncio.run(scenario())
    assert len(builds.recent()) == 1


#: What is said of another user's build.
FOREIGN = ["Another user is building project · default.", "project · default is ready."]

#: Come to the build that runs as the server does, fail to cancel it, and see its end.
START = """
import asyncio, sys
from pathlib import Path
from appose_kernel.environments import builds
from appose_kernel.errors import ApposeKernelError
from appose_kernel.workspaces import formats

async def told(id_):
    return [event.step.message async for event in builds.follow(id_)]

env = formats.environment(formats.open_workspace(Path(sys.argv[1])), "default")
id_ = asyncio.run(builds.start(env))
try:
    builds.cancel(id_)
except ApposeKernelError as error:
    print(error.message, flush=True)
print(*asyncio.run(told(id_)), *asyncio.run(told(id_)), sep="\\n")
assert [record.id for record in builds.recent()] == [id_]
"""


@pytest.fixture
def as_nobody(tmp_path: Path) -> list[str]:
    """What runs a command as another user, who may go to this test's folder."""
    if os.getuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root can be somebody else, with setpriv")
    for folder in (tmp_path, *tmp_path.parents):
        if "pytest-" in folder.name or folder == tmp_path:
            folder.chmod(folder.stat().st_mode | 0o055)
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    probe = [*command, sys.executable, "-c", "import appose_kernel"]
    if subprocess.run(probe, cwd="/", capture_output=True, check=False).returncode:
        pytest.skip("this Python is closed to other users")
    return command


@pytest.mark.parametrize("readable", [False, True])
def test_another_user_can_ask_for_a_build_that_runs_and_see_its_end(
    readable: bool, stop: Stop, env: Environment, as_nobody: list[str], tmp_path: Path
) -> None:
    home = tmp_path / "nobody"
    home.mkdir()
    os.chown(home, 65534, 65534)
    variables = {f"APPOSE_KERNEL_{kind}_DIR": str(home / kind) for kind in ("DATA", "STATE", "CACHE")}
    env.workspace.root.chmod(0o777)

    async def scenario() -> None:
        stop.at("installing")
        async with wanting(env) as first:
            await until(lambda: stop.calls("installing") and first.events)
            store.place(env).records.joinpath("lock").chmod(0o666)
            store.place(env).records.joinpath("spawn.lock").chmod(0o666)
            buildlog.folder().chmod(0o755 if readable else 0o700)
            other = subprocess.Popen(
                [*as_nobody, sys.executable, "-c", START, env.workspace.root],
                env={**os.environ, **variables},
                cwd="/",
                stdout=subprocess.PIPE,
                text=True,
            )
            assert other.stdout
            refused = await asyncio.to_thread(other.stdout.readline)
            assert refused.startswith("Another user is building project · default, and nobody else")
            stop.open()
            said = (await asyncio.to_thread(other.communicate))[0].splitlines()
            assert other.returncode == 0
            await first.task
            assert said[-1] == FOREIGN[-1]
            if not readable:
                assert said == [*FOREIGN, *FOREIGN]

    asyncio.run(scenario())


def test_a_build_of_another_user_is_waited_for_although_its_log_cannot_be_read(
    stop: Stop, env: Environment
) -> None:
    announcement = store.place(env).records / buildlog.CURRENT

    async def scenario() -> None:
        stop.at("installing")
        async with wanting(env) as first:
            await until(lambda: stop.calls("installing") and first.events)
            announced = json.loads(announcement.read_text())
            announcement.write_text(json.dumps(announced | {"folder": "/home/of/another"}))
            async with wanting(env) as second:
                await until(lambda: second.events)
                stop.open()
                await asyncio.gather(first.task, second.task)
                assert [event.step.message for event in second.events] == FOREIGN

    asyncio.run(scenario())
    assert builds.ready(environment(env.workspace.root))
    assert len(stop.calls("installing")) == 1


WANT = """
import asyncio, sys
from pathlib import Path
from appose_kernel.environments import builds
from appose_kernel.workspaces import formats

async def want(env):
    async for event in builds.want(env):
        pass
    assert builds.ready(env)

async def all(env, count):
    await asyncio.gather(*(want(env) for _ in range(count)))

env = formats.environment(formats.open_workspace(Path(sys.argv[1])), "default")
asyncio.run(all(env, int(sys.argv[2])))
"""


def want_elsewhere(env: Environment, count: int = 1) -> "subprocess.Popen[bytes]":
    """Another process in which ``count`` want ``env``."""
    return subprocess.Popen([sys.executable, "-c", WANT, env.workspace.root, str(count)], cwd="/")


@pytest.mark.parametrize(
    ("rounds", "count"), [(1, 3), pytest.param(10, 8, marks=[pytest.mark.nightly, pytest.mark.timeout(600)])]
)
def test_two_processes_make_one_build(rounds: int, count: int, uv_project, wheel, stop: Stop) -> None:
    wheel("alpha")
    for number in range(rounds):
        env = environment(uv_project(["alpha"], name=f"project{number}"))
        waiting = [want_elsewhere(env, count) for _ in range(2)]
        assert [process.wait(60) for process in waiting] == [0, 0]
        assert len(stop.calls("installing")) == len(builds.recent()) == number + 1


@pytest.mark.parametrize("phase", WORDS)
def test_a_build_can_be_cancelled_in_every_phase(phase: str, stop: Stop, env: Environment) -> None:
    async def scenario() -> None:
        stop.at(phase)
        async with wanting(env) as first, wanting(env) as second:
            await until(lambda: stop.calls(phase))
            await until(lambda: first.events and second.events)
            [id_] = first.ids
            assert tools_of(id_)
            began = time.monotonic()
            builds.cancel(id_)
            for wanter in (first, second):
                with pytest.raises(BuildCancelled, match="cancelled"):
                    await wanter.task
                assert wanter.events[-1].phase is Phase.CANCELLED
            assert time.monotonic() - began < 1
            assert tools_of(id_) == []

    asyncio.run(scenario())
    assert builds.status(env).state is State.NOT_BUILT
    stop.open()
    assert build(env)[-1].phase is Phase.READY
    assert damage(env) == []


def test_a_build_that_nobody_waits_for_is_stopped(stop: Stop, env: Environment) -> None:
    async def scenario() -> None:
        stop.at("installing")
        async with wanting(env) as wanter:
            await until(lambda: stop.calls("installing") and wanter.events)
            [id_] = wanter.ids
        events = [event async for event in builds.follow(id_)]
        assert events[-1].phase is Phase.CANCELLED
        assert "nobody waits" in events[-1].step.message
        assert tools_of(id_) == []

    asyncio.run(scenario())


def test_who_comes_when_a_build_is_being_given_up_gets_another_one(stop: Stop, env: Environment) -> None:
    async def scenario() -> None:
        stop.at("installing", stubborn=True)
        async with wanting(env) as first:
            await until(lambda: stop.calls("installing") and first.events)
        await until(lambda: stop.interrupted)
        async with wanting(env) as second:
            await until(lambda: second.events)
            stop.open()
            await second.task
            assert second.ids[0] == first.ids[0]
            assert len(second.ids) == 2
            assert [event.phase for event in second.events if event.phase.ends] == [Phase.READY]

    asyncio.run(scenario())


def test_who_is_killed_no_longer_waits(stop: Stop, env: Environment) -> None:
    stop.at("installing")
    wanter = want_elsewhere(env)

    async def scenario() -> None:
        await until(lambda: stop.calls("installing") and builds.recent())
        [record] = builds.recent()
        wanter.kill()
        wanter.wait()
        events = [event async for event in builds.follow(record.id)]
        assert events[-1].phase is Phase.CANCELLED

    asyncio.run(scenario())


def test_a_build_survives_those_who_wait_no_longer(stop: Stop, env: Environment) -> None:
    """The first, whose process started the builder, is killed with its whole process group."""
    stop.at("installing")
    first = subprocess.Popen(
        [sys.executable, "-c", WANT, env.workspace.root, "1"], cwd="/", start_new_session=True
    )

    async def scenario() -> None:
        await until(lambda: stop.calls("installing"))
        async with wanting(env) as second:
            await until(lambda: second.events)
            os.killpg(first.pid, signal.SIGKILL)
            first.wait()
            stop.open()
            await second.task
            assert len(second.ids) == 1

    asyncio.run(scenario())


def test_a_kept_build_goes_on_alone(stop: Stop, env: Environment) -> None:
    async def scenario() -> None:
        stop.at("installing")
        id_ = await builds.start(env)
        await until(lambda: stop.calls("installing"))
        builder = builder_of(id_)
        assert builds.status(env).state is State.BUILDING
        assert builds.status(env).build == id_
        # several looks at who waits
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(until(lambda: not builder.is_running()), 1)
        stop.open()
        events = [event async for event in builds.follow(id_)]
        assert events[-1].phase is Phase.READY

    asyncio.run(scenario())


def test_a_running_build_can_be_kept_afterwards(stop: Stop, env: Environment) -> None:
    async def scenario() -> None:
        stop.at("installing")
        async with wanting(env) as wanter:
            await until(lambda: wanter.events)
            assert await builds.start(env) == wanter.ids[0]
        stop.open()
        events = [event async for event in builds.follow(wanter.ids[0])]
        assert events[-1].phase is Phase.READY

    asyncio.run(scenario())


@pytest.mark.parametrize("phase", WORDS)
def test_after_a_killed_builder_all_is_built_from_scratch(phase: str, stop: Stop, env: Environment) -> None:
    async def scenario() -> None:
        stop.at(phase)
        async with wanting(env) as wanter:
            await until(lambda: stop.calls(phase) and wanter.events)
            [id_] = wanter.ids
            builder_of(id_).kill()
            assert tools_of(id_)  # without a builder they go on
            await until(lambda: len(wanter.ids) == 2)
            assert tools_of(id_) == []
            stop.open()
            await wanter.task
            assert [event.phase for event in wanter.events if event.phase.ends] == [Phase.READY]
        died = [event async for event in builds.follow(id_)][-1]
        assert died.phase is Phase.FAILED
        assert died.error is not None
        assert died.error["code"] == BuilderDied.code

    asyncio.run(scenario())
    assert ("--reinstall" in stop.calls("installing")[-1]) == (phase != "locking")
    assert damage(env) == []


def test_a_builder_that_is_killed_every_time_is_reported(stop: Stop, env: Environment) -> None:
    async def scenario() -> None:
        stop.at("locking")
        async with wanting(env) as wanter:
            for number in range(builds.ATTEMPTS):
                await until(lambda number=number: len(stop.calls("locking")) == number + 1)
                await until(lambda number=number: len(wanter.ids) == number + 1)
                builder_of(wanter.ids[-1]).kill()
            with pytest.raises(BuilderDied, match="cut short"):
                await wanter.task

    asyncio.run(scenario())
    status = builds.status(env)
    assert status.state is State.FAILED
    assert status.error is not None
    assert status.error["code"] == BuilderDied.code


def test_a_stopped_machine_ends_the_build_in_order(stop: Stop, env: Environment) -> None:
    async def scenario() -> None:
        stop.at("installing")
        async with wanting(env) as wanter:
            await until(lambda: stop.calls("installing") and wanter.events)
            builder_of(wanter.ids[0]).terminate()
            with pytest.raises(BuildCancelled):
                await wanter.task
            assert tools_of(wanter.ids[0]) == []

    asyncio.run(scenario())


def test_closing_the_generator_is_to_wait_no_longer(stop: Stop, env: Environment) -> None:
    async def scenario() -> None:
        stop.at("installing")
        async with aclosing(builds.want(env)) as events:
            id_ = (await anext(events)).build
            await until(lambda: stop.calls("installing"))
        last = [event async for event in builds.follow(id_)][-1]
        assert last.phase is Phase.CANCELLED

    asyncio.run(scenario())


def test_a_failing_build_raises_its_error_and_says_it_in_the_status(uv_project) -> None:
    folder = uv_project(["no-such-package"])
    env = environment(folder)
    with pytest.raises(SolveError) as caught:
        build(env)
    status = builds.status(env)
    assert status.state is State.FAILED
    assert status.error is not None
    assert status.error["message"] == caught.value.message
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text() + "# another try\n")
    assert builds.status(environment(folder)).state is State.NOT_BUILT


def test_a_manifest_that_breaks_before_the_builder_reads_it(plain: Environment) -> None:
    manifest = plain.workspace.manifest
    manifest.write_text(manifest.read_text() + "[broken")
    with pytest.raises(ManifestError, match="pyproject"):
        build(plain)


def test_nothing_in_the_current_folder_can_hide_our_modules(
    plain: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plain.workspace.root
    (root / "asyncio.py").write_text("raise SystemExit('not that one')")
    monkeypatch.chdir(root)
    assert build(plain)[-1].phase is Phase.READY


def test_a_file_that_a_terminal_left_out_is_noticed_and_mended(plain: Environment) -> None:
    build(plain)
    [module] = store.place(plain).path.rglob("alpha.py")
    module.unlink()
    (module.parent / "by-hand.py").touch()
    events = build(plain)
    assert any("from scratch" in event.step.message for event in events)
    assert module.exists()
    assert (module.parent / "by-hand.py").exists()


def test_a_package_with_a_wrong_record_can_be_used(uv_project, wheel, wheel_folder: Path) -> None:
    path = wheel("alpha", files={"alpha.py": "value = 1\n"})
    env = environment(uv_project(["alpha"]))
    rewrite_record(path, "alpha.py,", ",10", ",11")
    assert build(env)[-1].phase is Phase.READY
    assert [d.problem for d in damage(env)] == ["has 10 bytes instead of 11"]


def rewrite_record(wheel: Path, row: str, old: str, new: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for name, content in files.items():
        if name.endswith("RECORD"):
            lines = content.decode().splitlines()
            files[name] = "\n".join(
                line.replace(old, new) if line.startswith(row) else line for line in lines
            ).encode()
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)


@pytest.mark.parametrize("id_", ["20260101T000000-00000000", "../../etc/passwd", "", "x" * 1000])
def test_an_unknown_build_is_refused(id_: str) -> None:
    with pytest.raises(BuildNotFound):
        builds.find(id_)
    with pytest.raises(BuildNotFound):
        builds.cancel(id_)


def test_bytecode_is_part_of_the_build(plain: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    build(plain)
    assert list(store.place(plain).path.rglob("alpha.*.pyc"))


def test_files_that_are_compiled_are_counted(uv_project, wheel) -> None:
    wheel("many", files={f"many/module_{number}.py": "value = 1\n" for number in range(250)})
    events = build(environment(uv_project(["many"])))
    counted = [event for event in events if event.phase is Phase.COMPILING and event.step.total]
    assert len(counted) >= 3
    assert [event.step.done for event in counted][:2] == [100, 200]
    assert counted[-1].step.done == counted[-1].step.total >= 250
    assert counted[0].fraction < counted[1].fraction < counted[-1].fraction


def test_a_file_that_is_no_python_does_not_stop_the_build(uv_project, wheel) -> None:
    wheel("alpha", files={"alpha.py": "value = 1\n", "alpha_template.py": "class {{ name }}:\n"})
    env = environment(uv_project(["alpha"]))
    assert build(env)[-1].phase is Phase.READY
    assert list(store.place(env).path.rglob("alpha.*.pyc"))


def test_a_moved_workspace_is_built_from_scratch(stop: Stop, plain: Environment) -> None:
    build(plain)
    moved = plain.workspace.root.with_name("moved")
    plain.workspace.root.rename(moved)
    env = environment(moved)
    status = builds.status(env)
    assert status.state is State.DRIFTED
    assert status.reason == "the workspace was moved after the build"
    build(env)
    assert "--reinstall" in stop.calls("installing")[-1]


def test_an_environment_that_never_gets_ready_is_given_up(uv_project, wheel) -> None:
    folder = uv_project(["restless"])
    again = f"import pathlib; pathlib.Path({str(folder)!r}, '.python-versions').open('a').write('#')\n"
    wheel("restless", files={"restless.pth": again})
    with pytest.raises(ApposeKernelError, match="changes its files"):
        build(environment(folder))
    assert len(builds.recent()) == builds.ATTEMPTS
    assert builds.status(environment(folder)).state is State.DRIFTED


#: A build backend without dependencies, whose wheel has nothing but metadata.
BACKEND = """
from zipfile import ZipFile

def build_wheel(folder, settings=None, metadata=None):
    name, info = "source-1.0-py3-none-any.whl", "source-1.0.dist-info"
    with ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: source\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""


def test_a_build_wanted_by_a_notebook_tells_as_much_as_one_wanted_in_a_terminal(
    uv_project, wheel_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # jupyter_server sets it for its kernels, and uv prints less where it takes itself to be in a notebook
    monkeypatch.setenv("JPY_SESSION_NAME", str(wheel_folder / "notebook.ipynb"))
    wheels.write_source(wheel_folder, "source", backend=BACKEND)
    said = [event.step.message for event in build(environment(uv_project(["source"])))]
    assert any(message.startswith("Building source") for message in said)
