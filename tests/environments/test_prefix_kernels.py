"""Which kernels a prefix brings, as its files tell."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from wanting import environment

from appose_kernel.environments import own_kernels, stamp, store
from appose_kernel.errors import KernelMissing
from appose_kernel.model import Activation, Environment, OwnKernel, Prefix, Stamp, StampState

R = {"argv": ["R", "--args", "{connection_file}"], "display_name": "R", "language": "R"}
IPYKERNEL = {
    "argv": ["python", "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "Python 3 (ipykernel)",
    "language": "python",
}


@pytest.fixture
def prefix(tmp_path: Path) -> Prefix:
    return Prefix(tmp_path / "prefix", tmp_path / "records")


def write(prefix: Prefix, name: str, document: Any) -> Path:
    folder = prefix.path / "share" / "jupyter" / "kernels" / name
    folder.mkdir(parents=True)
    text = document if isinstance(document, str) else json.dumps(document)
    (folder / "kernel.json").write_text(text, encoding="utf-8")
    return folder


def test_a_kernelspec_is_read_as_it_is(prefix: Prefix) -> None:
    argv = ["{prefix}/bin/x", "-r", "{resource_dir}/r", "--connection={connection_file}"]
    document = {
        "argv": argv,
        "display_name": "X",
        "language": "x",
        "interrupt_mode": "message",
        "env": {"A": "${B}"},
    }
    folder = write(prefix, "x", document)
    assert own_kernels.find(prefix) == {
        "x": OwnKernel(
            argv=(f"{prefix.path}/bin/x", "-r", f"{folder}/r", "--connection={connection_file}"),
            display_name="X",
            language="x",
            interrupt_mode="message",
            variables={"A": "${B}"},
        )
    }


def test_what_a_kernelspec_leaves_out_is_as_with_jupyter(prefix: Prefix) -> None:
    write(prefix, "bare", {"argv": ["x", "{connection_file}"]})
    assert own_kernels.find(prefix) == {"bare": OwnKernel(("x", "{connection_file}"), "bare", "")}


def test_kernels_are_sorted_by_name(prefix: Prefix) -> None:
    for name in ("xcpp17", "ir", "xcpp11"):
        write(prefix, name, R)
    assert list(own_kernels.find(prefix)) == ["ir", "xcpp11", "xcpp17"]


def test_ipykernels_and_our_own_kernelspecs_are_left_out(prefix: Prefix) -> None:
    write(prefix, "python3", IPYKERNEL)
    write(prefix, "spark", {**IPYKERNEL, "env": {"SPARK_HOME": "/spark"}})
    write(prefix, "appose", {**R, "metadata": {"appose": {"workspace": None}}})
    assert list(own_kernels.find(prefix)) == ["spark"]


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[",
        "[]",
        "1",
        "{}",
        {"argv": []},
        {"argv": ["x"]},
        {"argv": "x"},
        {"argv": [1, "{connection_file}"]},
    ],
)
def test_what_is_no_kernelspec_is_logged_and_hides_no_other(
    prefix: Prefix, document: Any, caplog: pytest.LogCaptureFixture
) -> None:
    write(prefix, "broken", document)
    write(prefix, "ir", R)
    with caplog.at_level(logging.WARNING):
        assert list(own_kernels.find(prefix)) == ["ir"]
    assert "broken" in caplog.text


def test_a_prefix_without_kernels_has_none(prefix: Prefix) -> None:
    assert own_kernels.find(prefix) == {}


@pytest.fixture
def env(uv_project) -> Environment:
    return environment(uv_project())


def test_a_prefix_in_which_nothing_can_be_started_is_refused_with_a_remedy(env: Environment) -> None:
    with pytest.raises(KernelMissing, match="neither Python nor a kernel") as caught:
        own_kernels.demand(env, {})
    assert str(env.workspace.manifest) in caught.value.remedy
    own_kernels.demand(env, {"ir": OwnKernel((), "R", "R")})


def note(env: Environment, python: str, **kernels: OwnKernel) -> Stamp:
    prefix = store.place(env)
    store.prepare(prefix)
    activation = Activation(python, ("bin",), {"A": None}, {"LD_LIBRARY_PATH": "/x:{before}"})
    found = Stamp(StampState.READY, "", "uv", "", 1.0, activation=activation, kernels=kernels)
    stamp.write(prefix, found)
    return found


def test_a_stamp_with_kernels_is_read_as_it_was_written(env: Environment) -> None:
    kernel = OwnKernel(("R", "{connection_file}"), "R", "R", "message", {"A": "1"})
    written = note(env, "python", ir=kernel)
    assert stamp.read(store.place(env)) == written


def test_what_was_built_last_is_told_also_when_it_is_out_of_date(env: Environment) -> None:
    listing = own_kernels.Listing()
    kernel = OwnKernel(("R", "{connection_file}"), "R", "R")

    def both() -> list[own_kernels.Built]:
        listing.begin()
        return [own_kernels.built(env), listing.built(env)]

    assert both() == [own_kernels.Built({}, None)] * 2
    note(env, "python", ir=kernel)
    assert both() == [own_kernels.Built({"ir": kernel}, None)] * 2
    note(env, "", ir=kernel, z=kernel)
    assert both() == [own_kernels.Built({"ir": kernel, "z": kernel}, kernel)] * 2
    stamp.write(store.place(env), replace(note(env, "", ir=kernel), state=StampState.BUILDING))
    assert both() == [own_kernels.Built({"ir": kernel}, kernel)] * 2
