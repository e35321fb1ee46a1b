"""The provisioner: what it starts, through whom, and over which sockets."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import sys
import time
import venv
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase, KernelProvisionerFactory
from speaking import note
from traitlets.config import Config

from appose_kernel.environments import folders, stamp, store
from appose_kernel.errors import LaunchError
from appose_kernel.kernels import documents
from appose_kernel.kernels.listing import ApposeKernelSpecManager
from appose_kernel.kernels.provisioner import ApposeProvisioner
from appose_kernel.model import Environment
from appose_kernel.workspaces import formats

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(os.name == "nt", reason="the prefixes here are made with symbolic links"),
]

LAUNCHERS = Path(__file__).parent / "launchers"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The provisioners of these tests, as if they were installed."""
    monkeypatch.syspath_prepend(str(LAUNCHERS))
    KernelProvisionerFactory.clear_instance()
    yield
    KernelProvisionerFactory.clear_instance()


@pytest.fixture
def sockets() -> Path:
    return folders.runtime_dir()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return project(tmp_path / "root")


def project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "proj"\nversion = "1"\n')
    return folder


def environment(root: Path) -> Environment:
    return formats.environment(formats.open_workspace(root), "default")


def make_ready(root: Path) -> Environment:
    """A prefix as a build leaves it, with the ipykernel of these tests."""
    env = environment(root)
    prefix = store.place(env)
    store.prepare(prefix)
    venv.create(prefix.path, symlinks=True)
    for folder in stamp.site_packages(prefix):
        (folder / "tests.pth").write_text(
            "\n".join(path for path in sys.path if path.endswith("site-packages"))
        )
    note(env, UNWANTED=None)
    return env


def manager(root: Path, name: str = "appose.proj.default", **config: dict[str, Any]) -> AsyncKernelManager:
    listing = ApposeKernelSpecManager(root=str(root))
    return AsyncKernelManager(kernel_name=name, kernel_spec_manager=listing, config=Config(config))


def with_launcher(root: Path, launcher: str) -> AsyncKernelManager:
    return manager(root, ApposeProvisioner={"launcher": launcher})


async def prepared(kernel: AsyncKernelManager, **kwargs: Any) -> dict[str, Any]:
    """What the provisioner would launch."""
    kernel._launch_args = {}
    if kernel.provisioner is None:
        kernel.provisioner = provisioner(kernel)
    return await kernel.provisioner.pre_launch(**kwargs)


def provisioner(kernel: AsyncKernelManager) -> ApposeProvisioner:
    made = KernelProvisionerFactory.instance().create_provisioner_instance("1", kernel.kernel_spec, kernel)
    assert isinstance(made, ApposeProvisioner)
    return made


@asynccontextmanager
async def running(kernel: AsyncKernelManager, **kwargs: Any) -> AsyncIterator[AsyncKernelClient]:
    await kernel.start_kernel(**kwargs)
    client = kernel.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=30)
        yield client
    finally:
        client.stop_channels()
        await kernel.shutdown_kernel(now=True)


async def evaluated(client: AsyncKernelClient, expression: str) -> str:
    reply = await client.execute_interactive(
        "", user_expressions={"it": expression}, store_history=False, timeout=30
    )
    text: str = reply["content"]["user_expressions"]["it"]["data"]["text/plain"]
    return text


async def test_a_ready_environment_starts_its_own_python_directly(root: Path) -> None:
    env = make_ready(root)
    kernel = manager(root)
    environ = {**os.environ, "UNWANTED": "x", "PYTHONPATH": "/server", "MINE": "kept"}
    async with running(kernel, cwd=str(root), env=environ) as client:
        assert await evaluated(client, "__import__('sys').prefix") == repr(str(store.place(env).path))
        assert await evaluated(client, "__import__('os').getppid()") == str(os.getpid())
        found = await evaluated(
            client, "sorted(set(__import__('os').environ) & {'MINE', 'UNWANTED', 'PYTHONPATH'})"
        )
        assert found == "['MINE']"


async def test_an_environment_that_is_not_ready_starts_the_starter(root: Path) -> None:
    command = (await prepared(manager(root), env={"PYTHONPATH": "/server"}, cwd=str(root)))["cmd"]
    assert command[:3] == [sys.executable, "-m", "appose_kernel.start"]
    assert f"--manifest={root / 'pyproject.toml'}" in command
    assert command[-1].endswith(".json")


async def test_a_restart_looks_again(root: Path) -> None:
    kernel = manager(root)
    before = (await prepared(kernel, cwd=str(root)))["cmd"]
    env = make_ready(root)
    ready = (await prepared(kernel, cwd=str(root)))["cmd"]
    with (root / "pyproject.toml").open("a") as manifest:
        manifest.write('dependencies = ["six"]\n')
    changed = (await prepared(kernel, cwd=str(root)))["cmd"]
    assert before[0] == changed[0] == sys.executable
    assert ready[0] == str(store.place(env).python)
    assert before == changed


async def test_the_variables_of_the_caller_are_left_alone(root: Path) -> None:
    make_ready(root)
    mine = {"PYTHONPATH": "/server", "PATH": "/bin"}
    await prepared(manager(root), env=mine, cwd=str(root))
    assert mine == {"PYTHONPATH": "/server", "PATH": "/bin"}


async def test_the_workspace_of_the_notebook_wins_and_the_log_says_why(
    tmp_path: Path, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The kernelspec comes from one copy of a project, the notebook lies in another."""
    other = project(tmp_path / "copy")
    notebook = other / "n.ipynb"
    notebook.touch()
    kernel = manager(root)
    kernel.log = logging.getLogger("test")
    caplog.set_level(logging.INFO)
    command = (await prepared(kernel, env={"JPY_SESSION_NAME": str(notebook)}, cwd=str(root)))["cmd"]
    assert f"--manifest={other / 'pyproject.toml'}" in command
    assert str(other / "pyproject.toml") in caplog.text
    assert "the notebook's folder" in caplog.text


async def test_a_workspace_that_is_gone_is_told_by_the_starter(root: Path, tmp_path: Path) -> None:
    kernel = manager(root)
    expected = list(kernel.kernel_spec.argv)
    (root / "pyproject.toml").unlink()
    command = (await prepared(kernel, cwd=str(tmp_path)))["cmd"]
    assert command[:-1] == expected[:-1]


async def test_a_workspace_that_goes_between_two_starts_is_told_by_the_starter_too(root: Path) -> None:
    make_ready(root)
    kernel = manager(root)
    expected = list(kernel.kernel_spec.argv)
    assert (await prepared(kernel, cwd=str(root)))["cmd"][:-1] != expected[:-1]
    (root / "pyproject.toml").unlink()
    assert (await prepared(kernel, cwd=str(root)))["cmd"][:-1] == expected[:-1]
    assert kernel.provisioner.chosen is None


async def test_the_generic_kernel_is_that_of_the_folder(root: Path) -> None:
    env = make_ready(root)
    kernel = manager(root, "appose")
    assert (await prepared(kernel, cwd=str(root)))["cmd"][0] == str(store.place(env).python)
    assert kernel.provisioner.chosen == env


async def test_choosing_starts_no_process_and_leaves_the_loop_free(root: Path) -> None:
    make_ready(root)
    started: list[Any] = []
    sys.addaudithook(
        lambda event, arguments: started.append(arguments) if event == "subprocess.Popen" else None
    )
    slowest = 0.0

    async def beat() -> None:
        nonlocal slowest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0)
            slowest = max(slowest, time.perf_counter() - before)

    kernel = manager(root)
    await prepared(kernel, cwd=str(root))
    beating = asyncio.create_task(beat())
    for _ in range(10):
        await prepared(kernel, cwd=str(root))
    beating.cancel()
    print(f"the loop was held for {slowest * 1000:.1f} ms")
    assert slowest < 0.2
    assert started == []


async def test_a_path_that_jupyter_would_misread_goes_through_the_starter(tmp_path: Path) -> None:
    root = project(tmp_path / "a {prefix} $HOME 'q'")
    env = make_ready(root)
    kernel = manager(root)
    command = (await prepared(kernel, cwd=str(root)))["cmd"]
    assert command[:3] == [sys.executable, "-m", "appose_kernel.start"]
    async with running(manager(root), cwd=str(root)) as client:
        assert await evaluated(client, "__import__('sys').prefix") == repr(str(store.place(env).path))


@pytest.mark.parametrize("launcher", ["wrapping-launcher", "own-spec-launcher"])
async def test_any_provisioner_can_be_the_launcher(root: Path, launcher: str) -> None:
    env = make_ready(root)
    assert (
        str(store.place(env).python) in (await prepared(with_launcher(root, launcher), cwd=str(root)))["cmd"]
    )
    kernel = with_launcher(root, launcher)
    async with running(kernel, cwd=str(root)) as client:
        assert await evaluated(client, "__import__('sys').prefix") == repr(str(store.place(env).path))
        wrapped = await evaluated(client, "__import__('os').environ.get('WRAPPED')")
        assert wrapped == ("'yes'" if launcher == "wrapping-launcher" else "None")
        await kernel.interrupt_kernel()
        await kernel.restart_kernel()
        await client.wait_for_ready(timeout=30)
        assert await evaluated(client, "1 + 1") == "2"


async def test_every_member_of_a_provisioner_is_the_launchers(root: Path) -> None:
    kernel = with_launcher(root, "recording-launcher")
    ours = provisioner(kernel)
    theirs: Any = ours._inner
    assert theirs.parent is kernel
    assert theirs.kernel_spec is not ours.kernel_spec
    assert theirs.kernel_spec.metadata["kernel_provisioner"]["provisioner_name"] == "recording-launcher"
    assert ours.kernel_spec.metadata["kernel_provisioner"]["provisioner_name"] == "appose-provisioner"

    assert not ours.has_process
    await ours.pre_launch(cwd=str(root))
    assert await ours.launch_kernel(["cmd"]) == ours.connection_info == {"ip": "1.2.3.4"}
    assert ours.has_process
    await ours.post_launch(cwd="x")
    assert (await ours.poll(), await ours.wait()) == (41, 42)
    await ours.send_signal(2)
    for method in (ours.kill, ours.terminate, ours.shutdown_requested, ours.cleanup):
        await method(restart=True)
    assert theirs.calls[1:] == [
        ("launch_kernel", ["cmd"]),
        ("post_launch", {"cwd": "x"}),
        ("send_signal", 2),
        *((name, True) for name in ("kill", "terminate", "shutdown_requested", "cleanup")),
    ]
    assert (ours.get_shutdown_wait_time(1), ours.get_stable_start_time(1)) == (101, 1001)
    assert ours.resolve_path("x") == "/resolved/x"

    public = {
        name for name, _ in inspect.getmembers(KernelProvisionerBase) if name in vars(KernelProvisionerBase)
    }
    members = {name for name in public if not name.startswith("_")}
    assert members - {"kernel_spec", "kernel_id", "connection_info"} <= set(vars(ApposeProvisioner))


async def test_what_is_kept_of_a_provisioner_makes_it_again(root: Path) -> None:
    first = provisioner(with_launcher(root, "recording-launcher"))
    kept = await first.get_provisioner_info()
    second = provisioner(manager(root, "appose"))
    await second.load_provisioner_info(kept)
    theirs: Any = second._inner
    assert theirs.calls == [("load_provisioner_info", 7)]
    assert await second.get_provisioner_info() == kept
    assert (kept["environment"], kept["launcher"]) == ("default", "recording-launcher")


@pytest.mark.parametrize("launcher", ["appose-provisioner", "nonesuch"])
async def test_a_launcher_that_cannot_be_is_refused_with_the_ones_that_can(root: Path, launcher: str) -> None:
    with pytest.raises(LaunchError) as caught:
        provisioner(with_launcher(root, launcher))
    assert launcher in caught.value.message
    assert "local-provisioner" in caught.value.remedy
    assert "appose-provisioner" not in caught.value.remedy


async def test_a_kernel_here_has_sockets_of_its_own_and_leaves_none_behind(root: Path, sockets: Path) -> None:
    make_ready(root)
    kernel = manager(root)
    async with running(kernel, cwd=str(root)) as client:
        assert (kernel.transport, kernel.cache_ports) == ("ipc", False)
        address = kernel.ip
        names = sorted(path.name for path in sockets.iterdir())
        assert names == [f"{Path(address).name}-{number}" for number in range(1, 6)]
        assert sockets.stat().st_mode & 0o777 == 0o700
        await kernel.restart_kernel(newports=True)
        await client.wait_for_ready(timeout=30)
        assert await evaluated(client, "1 + 1") == "2"
        assert kernel.ip == address
    assert list(sockets.iterdir()) == []


async def test_a_killed_kernels_sockets_are_removed_too(root: Path, sockets: Path) -> None:
    make_ready(root)
    kernel = manager(root)
    async with running(kernel, cwd=str(root)):
        await kernel.signal_kernel(9)
        await kernel.provisioner.wait()
    assert list(sockets.iterdir()) == []


async def test_sockets_of_a_server_that_is_gone_are_swept(root: Path, sockets: Path) -> None:
    gone = sockets / "k4194999-0123abcd-1"
    alive = sockets / f"k{os.getpid()}-0123abcd-1"
    other = sockets / "something-else"
    for path in (gone, alive, other):
        path.touch()
    await prepared(manager(root), cwd=str(root))
    assert not gone.exists()
    assert alive.exists()
    assert other.exists()


@pytest.mark.parametrize("config", [{"transport": "tcp"}, {"ip": "127.0.0.1"}, {"shell_port": 50001}])
async def test_what_the_user_configured_of_the_transport_stays(root: Path, config: dict[str, Any]) -> None:
    kernel = manager(root, KernelManager=config)
    await prepared(kernel, cwd=str(root))
    assert kernel.transport == "tcp"
    await kernel.provisioner.cleanup()


async def test_sockets_need_no_cache_of_ports(root: Path) -> None:
    kernel = manager(root, KernelManager={"cache_ports": True})
    await prepared(kernel, cwd=str(root))
    assert kernel.transport == "ipc"
    assert sorted(kernel.ports) == [1, 2, 3, 4, 5]


async def test_another_launcher_chooses_its_own_transport(root: Path) -> None:
    kernel = with_launcher(root, "recording-launcher")
    await prepared(kernel, cwd=str(root))
    assert kernel.transport == "tcp"


async def test_a_runtime_folder_too_deep_for_sockets_means_ports(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_ready(root)
    monkeypatch.setenv("APPOSE_KERNEL_RUNTIME_DIR", str(tmp_path / ("d" * 100)))
    kernel = manager(root)
    async with running(kernel, cwd=str(root)) as client:
        assert kernel.transport == "tcp"
        assert await evaluated(client, "1 + 1") == "2"


async def test_our_provisioner_is_the_one_that_is_installed() -> None:
    assert KernelProvisionerFactory.instance().get_provisioner_entries()[documents.PROVISIONER]
