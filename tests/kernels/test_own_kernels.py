"""Kernels of other languages, which a prefix brings: how they are offered, and how they run."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import clients
import pytest
import speaking
from clients import Kernel
from conda_channel import Channel, serve
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_core.paths import jupyter_data_dir

from appose_kernel.environments import builds, store
from appose_kernel.kernels import documents, kernelspecs
from appose_kernel.kernels.listing import ApposeKernelSpecManager
from appose_kernel.model import Environment
from appose_kernel.workspaces import formats, names

if TYPE_CHECKING:
    from conftest import ProjectFactory, WheelFactory

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the prefixes here are made with symbolic links")

Ask = Callable[[str], str]


def listing(root: Path) -> ApposeKernelSpecManager:
    return ApposeKernelSpecManager(
        root=str(root), kernel_dirs=[str(Path(jupyter_data_dir(), "kernels"))], ensure_native_kernel=False
    )


def starter(env: Environment, kernel: str = "") -> list[str]:
    return documents.starter(env, names.workspace_slug(env.workspace), kernel)


def waiting(kernel: Kernel) -> str:
    """Run a cell that waits for an interrupt; returns when it does."""
    cell = kernel.execute("wait")
    kernel.publication(lambda m: clients.of(cell, m) and m["msg_type"] == "stream")
    return cell


# --- what is offered


def test_the_kernels_of_a_built_prefix_are_listed_beside_its_own(tmp_path: Path) -> None:
    env = speaking.make_ready(tmp_path / "lab", tongue=speaking.MESSAGES, **{"julia-1.9": speaking.SIGNALS})
    specs = listing(tmp_path).get_all_specs()
    assert list(specs) == [
        *("appose", "appose.lab.default", "appose.lab.default.julia-1.9", "appose.lab.default.tongue")
    ]
    spec = specs["appose.lab.default.tongue"]["spec"]
    assert (spec["display_name"], spec["language"]) == ("lab · default · Tongue", "tongue")
    assert spec["interrupt_mode"] == "message"
    assert specs["appose.lab.default.julia-1.9"]["spec"]["interrupt_mode"] == "signal"
    assert "debugger" not in spec["metadata"]
    assert spec["metadata"]["kernel_provisioner"]["config"] == {
        "workspace": "lab",
        "environment": "default",
        "manifest": str(env.workspace.manifest),
        "kernel": "tongue",
    }
    assert listing(tmp_path).get_kernel_spec("appose.lab.default.tongue").to_dict() == spec
    assert specs["appose.lab.default"]["spec"]["language"] == "python"


def test_a_prefix_without_python_offers_its_first_kernel_as_the_environments(tmp_path: Path) -> None:
    speaking.make_ready(tmp_path / "lab", python=False, tongue=speaking.MESSAGES)
    spec = listing(tmp_path).get_kernel_spec("appose.lab.default")
    assert (spec.display_name, spec.language, spec.interrupt_mode) == ("lab · default", "tongue", "message")


def test_a_new_build_shows_in_the_next_list(tmp_path: Path) -> None:
    env = speaking.make_ready(tmp_path / "lab", tongue=speaking.SIGNALS)
    manager = listing(tmp_path)
    assert "appose.lab.default.tongue" in manager.get_all_specs()
    folder = store.place(env).path / "share/jupyter/kernels"
    (folder / "tongue").rename(folder / "language")
    speaking.note(env)
    assert set(manager.get_all_specs()) == {"appose", "appose.lab.default", "appose.lab.default.language"}


def test_a_kernel_keeps_its_own_logos(tmp_path: Path) -> None:
    env = speaking.make_ready(tmp_path / "lab", tongue=speaking.SIGNALS, plain=speaking.SIGNALS)
    folder = store.place(env).path / "share/jupyter/kernels"
    (folder / "tongue" / "logo-64x64.png").write_bytes(b"its own")
    specs = listing(tmp_path).get_all_specs()
    assert specs["appose.lab.default.tongue"]["resource_dir"] == str(folder / "tongue")
    assert specs["appose.lab.default.plain"]["resource_dir"] == str(documents.RESOURCES)
    registered = kernelspecs.register(env).parent
    assert (registered / "appose.lab.default.tongue" / "logo-64x64.png").read_bytes() == b"its own"
    assert (registered / "appose.lab.default.plain" / "logo-svg.svg").is_file()


def test_what_is_registered_comes_and_goes_with_what_is_built(tmp_path: Path) -> None:
    env = speaking.make_ready(tmp_path / "lab", tongue=speaking.MESSAGES)
    kernelspecs.offer(env, pytest.fail)
    assert [known.name for known in kernelspecs.of(env)] == [
        "appose.lab.default",
        "appose.lab.default.tongue",
    ]
    spec = KernelSpecManager().get_kernel_spec("appose.lab.default.tongue")
    assert (spec.language, spec.interrupt_mode, spec.argv[-3]) == ("tongue", "message", "--kernel=tongue")
    shutil.rmtree(store.place(env).path / "share")
    speaking.note(env)
    kernelspecs.offer(env, pytest.fail)
    assert [known.name for known in kernelspecs.of(env)] == ["appose.lab.default"]


# --- how they run


@contextmanager
def running(env: Environment, kernel: str = "", transport: str = "tcp", **traits: Any) -> Iterator[Kernel]:
    with clients.running(starter(env, kernel), env.workspace.root, transport, **traits) as started:
        started.ready()
        yield started


@pytest.fixture
def lab(tmp_path: Path) -> Environment:
    return speaking.make_ready(tmp_path / "lab", quiet=speaking.MESSAGES, tongue=speaking.SIGNALS)


def test_the_starter_becomes_the_kernel_with_its_variables(lab: Environment) -> None:
    prefix = store.place(lab).path
    with running(lab, "tongue") as kernel:
        assert str(speaking.TONGUE) in kernel.process.cmdline()
        assert kernel.text(kernel.execute("FOLDER")).strip() == str(prefix / "share/jupyter/kernels/tongue")
        assert kernel.text(kernel.execute("WHERE")).strip() == f"{prefix}/x ${{NOBODYS}}"
        cell = waiting(kernel)
        kernel.manager.interrupt_kernel()
        assert kernel.reply(cell)["content"]["ename"] == "Interrupted"


def test_a_kernel_that_hears_messages_is_interrupted_by_one(lab: Environment) -> None:
    with running(lab, "quiet") as kernel:
        assert str(speaking.TONGUE) in kernel.process.cmdline()
        cell = waiting(kernel)
        kernel.ask("control", "interrupt_request", {})
        assert kernel.reply(cell)["content"]["ename"] == "Interrupted"


@pytest.mark.parametrize("name", ["quiet", "tongue"])
def test_where_a_client_wants_sockets_the_front_stays_between(lab: Environment, name: str) -> None:
    with running(lab, name, "ipc") as kernel:
        assert str(speaking.TONGUE) in kernel.child.cmdline()
        assert kernel.text(kernel.execute("FOLDER")).strip().endswith(f"kernels/{name}")
        cell = waiting(kernel)
        os.kill(kernel.process.pid, signal.SIGINT)
        assert kernel.reply(cell)["content"]["ename"] == "Interrupted"
        assert kernel.text(kernel.execute("FOLDER")).strip().endswith(name)


def test_who_does_not_know_that_a_kernel_hears_messages_may_send_signals(tmp_path: Path) -> None:
    env = speaking.make_ready(tmp_path / "lab", python=False, quiet=speaking.MESSAGES)
    with running(env) as kernel:
        cell = waiting(kernel)
        kernel.manager.interrupt_kernel()
        assert kernel.reply(cell)["content"]["ename"] == "Interrupted"


def test_a_kernel_that_the_build_took_away_is_told_with_what_there_is(lab: Environment) -> None:
    with running(lab, "fortran") as kernel:
        content = kernel.refusal()
    assert "no kernel “fortran”" in content["evalue"]
    assert "It has: ipykernel, quiet, tongue." in "\n".join(content["traceback"])


def test_a_program_that_is_nowhere_is_told(tmp_path: Path) -> None:
    lost = {**speaking.SIGNALS, "argv": ["no-such-program", "{connection_file}"]}
    env = speaking.make_ready(tmp_path / "lab", lost=lost)
    with running(env, "lost") as kernel:
        assert "“no-such-program” is neither in the environment nor on PATH" in kernel.refusal()["evalue"]


def test_the_front_speaks_the_language_of_the_kernel_that_it_stands_in_for(
    lab: Environment, isolated: Path
) -> None:
    manifest = lab.workspace.manifest
    manifest.write_text(
        manifest.read_text() + 'dependencies = ["nonesuch-nowhere"]\n[tool.uv]\nno-index = true\n'
    )
    with running(lab, "tongue") as kernel:
        info = kernel.reply(kernel.client.kernel_info())["content"]
        assert info["language_info"]["name"] == "tongue"
        assert info["supported_features"] == []


# --- through the provisioner


async def scenario(kernel: AsyncKernelManager, cwd: Path, code: str) -> str:
    """Start, run a cell, restart, run it again, interrupt one, and end; what the cells printed."""
    printed = []
    await kernel.start_kernel(cwd=str(cwd))
    try:
        for again in (False, True):
            if again:
                await kernel.restart_kernel(now=True)
            client = kernel.client()
            client.start_channels()
            await client.wait_for_ready(timeout=clients.PATIENCE)
            await client.execute_interactive(
                code,
                timeout=clients.PATIENCE,
                output_hook=lambda m: printed.append(m["content"].get("text", "")),
            )
            client.stop_channels()
    finally:
        await kernel.shutdown_kernel(now=True)
    return "".join(printed)


@pytest.mark.parametrize(
    ("name", "python"), [("appose.lab.default.quiet", True), ("appose.lab.default", False), ("appose", False)]
)
def test_the_provisioner_starts_it_as_the_servers_child_over_tcp(
    tmp_path: Path, name: str, python: bool
) -> None:
    env = speaking.make_ready(tmp_path / "lab", python=python, quiet=speaking.MESSAGES)
    kernel = AsyncKernelManager(kernel_name=name, kernel_spec_manager=listing(tmp_path))
    printed = asyncio.run(scenario(kernel, env.workspace.root, "FOLDER"))
    assert printed.split() == [str(store.place(env).path / "share/jupyter/kernels/quiet")] * 2
    assert kernel.transport == "tcp"
    assert kernel.kernel_spec is not None
    assert kernel.kernel_spec.argv[1] == str(speaking.TONGUE)
    assert kernel.kernel_spec.interrupt_mode == "message"


@pytest.mark.parametrize(
    ("name", "transport"), [("appose.lab.default.quiet", "tcp"), ("appose.lab.default", "ipc")]
)
def test_the_front_of_a_kernel_of_another_language_takes_tcp_for_it(
    tmp_path: Path, name: str, transport: str
) -> None:
    env = speaking.make_ready(tmp_path / "lab", quiet=speaking.SIGNALS)
    with env.workspace.manifest.open("a") as manifest:
        manifest.write("\n# changed since it was built\n")
    kernel = KernelManager(kernel_name=name, kernel_spec_manager=listing(tmp_path))
    argv, _ = kernel.pre_start_kernel()
    kernel.cleanup_connection_file()
    assert "appose_kernel.start" in argv
    assert kernel.transport == transport


def test_a_connection_over_sockets_that_an_earlier_start_chose_is_kept(tmp_path: Path) -> None:
    """The environment had Python before it was built anew: its front took sockets."""
    env = speaking.make_ready(tmp_path / "lab", python=False, tongue=speaking.SIGNALS)
    kernel = AsyncKernelManager(kernel_name="appose.lab.default", kernel_spec_manager=listing(tmp_path))
    kernel.transport, kernel.ip = "ipc", str(store.folders.runtime_dir() / "k0-earlier")
    kernel.cache_ports = False
    assert asyncio.run(scenario(kernel, env.workspace.root, "FOLDER")).split()[1].endswith("tongue")


# --- from a channel


@contextmanager
def conda_environment(folder: Path, files: dict[str, str]) -> Iterator[Environment]:
    """An environment of one package with these files, which a channel serves until the end of the block."""
    channel = Channel(folder / "channel")
    channel.package("only", files={"bin/only": "only", **files})
    channel.index()
    manifest = folder / "spoken" / "environment.yml"
    manifest.parent.mkdir()
    with serve(channel.folder) as url:
        manifest.write_text(f"name: spoken\nchannels:\n- {url}\ndependencies:\n- only\n")
        yield formats.environments(formats.open_workspace(manifest))[0]


def test_a_conda_environment_without_python_runs_the_kernel_that_it_brings(tmp_path: Path) -> None:
    spec = {"share/jupyter/kernels/tongue/kernel.json": json.dumps(speaking.SIGNALS)}
    with conda_environment(tmp_path, spec) as env, running(env, transport="ipc") as kernel:
        prefix = store.place(env).path
        assert kernel.text(kernel.execute("FOLDER")).strip() == str(prefix / "share/jupyter/kernels/tongue")
        name = names.kernel_name(env)
        assert listing(tmp_path).get_kernel_spec(name).language == "tongue"


def test_a_conda_environment_in_which_nothing_can_be_started_says_so(tmp_path: Path) -> None:
    with conda_environment(tmp_path, {}) as env, running(env) as kernel:
        assert "neither Python nor a kernel of its own" in kernel.refusal()["evalue"]


# --- a real one

BASH = {
    "argv": ["python", "-m", "bash_kernel", "-f", "{connection_file}"],
    "display_name": "Bash",
    "language": "bash",
    "env": {"GREETING": "hello from ${VIRTUAL_ENV}"},
}


def test_a_real_kernel_of_another_language_is_built_listed_run_and_interrupted(
    uv_project: ProjectFactory, wheel: WheelFactory, wheel_folder: Path
) -> None:
    spec = "bash_spec-1.0.data/data/share/jupyter/kernels/bash/kernel.json"
    wheel("bash-spec", files={spec: json.dumps(BASH)}, requires=["bash_kernel==0.10.0"])
    flat = f'[[tool.uv.index]]\nname = "flat"\nurl = "{wheel_folder.as_uri()}"\nformat = "flat"'
    folder = uv_project(["bash-spec"], name="lab", index='url = "https://pypi.org/simple"', more=flat)
    env = formats.environment(formats.open_workspace(folder), "default")

    async def build() -> None:
        async with aclosing(builds.want(env)) as events:
            async for _ in events:
                pass

    asyncio.run(build())
    kernelspecs.offer(env, pytest.fail)
    kernel = KernelManager(kernel_name="appose.lab.default.bash")
    kernel.start_kernel(cwd=str(folder))
    client = kernel.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=clients.PATIENCE)
        printed: list[str] = []
        client.execute_interactive(
            "echo $GREETING; which python",
            output_hook=lambda m: printed.append(m["content"].get("text", "")),
            timeout=clients.PATIENCE,
        )
        prefix = store.place(env).path
        assert "".join(printed).split("\n")[:2] == [f"hello from {prefix}", f"{prefix}/bin/python"]
        cell = client.execute("echo waits; sleep 600")
        while "waits" not in str(client.get_iopub_msg(timeout=clients.PATIENCE)["content"]):
            pass
        kernel.interrupt_kernel()
        while (reply := client.get_shell_msg(timeout=clients.PATIENCE))["parent_header"]["msg_id"] != cell:
            pass
        assert reply["content"]["status"] != "ok"
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)
