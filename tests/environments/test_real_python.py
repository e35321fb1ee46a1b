"""A kernel in an interpreter that conda has really put somewhere else, library and all."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import conda_channel
import pytest
import real_python
from cells import running, value
from wanting import build, environment

from appose_kernel.environments import builds, store
from appose_kernel.kernels import launch

MODULES = ("ssl", "sqlite3", "ctypes", "lzma", "hashlib", "zoneinfo", "multiprocessing")


@pytest.mark.nightly
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="other systems' programs are relocated in another way")
@pytest.mark.skipif(str(real_python.BASE) in ("/usr", "/usr/local"), reason="the system's own interpreter")
def test_a_kernel_runs_in_an_interpreter_that_was_relocated(tmp_path: Path) -> None:
    try:
        socket.create_connection(("pypi.org", 443), timeout=5).close()
    except OSError:
        pytest.skip("PyPI cannot be reached, and the kernel comes from there")
    channel = conda_channel.Channel(tmp_path / "channel")
    real_python.write(channel)
    channel.noarch("alpha")
    folder = tmp_path / "project"
    folder.mkdir()
    with conda_channel.serve(channel.index().folder) as url:
        lines = ["name: moved", f"channels: [{url}]", "dependencies: [python, alpha]"]
        (folder / "environment.yml").write_text("\n".join(lines))
        env = environment(folder)
        build(env)
    stamp = builds.ready(env)
    assert stamp is not None
    prefix = str(store.place(env).path)
    with running(stamp, launch.variables(stamp, os.environ)) as client:
        assert value(client, "[__import__('sys').prefix, __import__('sys').base_prefix]") == [prefix, prefix]
        assert value(client, "__import__('os').__file__").startswith(prefix)
        assert value(client, "__import__('alpha').__version__") == "1.0"
        loaded = value(client, "[line for line in open('/proc/self/maps') if 'libpython' in line]")
        assert all(prefix in line for line in loaded)
        for module in MODULES:
            assert value(client, f"__import__({module!r}).__name__") == module
