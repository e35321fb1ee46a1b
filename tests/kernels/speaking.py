"""Prefixes that bring kernels of another language, ready to be started."""

from __future__ import annotations

import json
import sys
import time
import venv
from pathlib import Path
from typing import Any

from appose_kernel.environments import inputs, own_kernels, stamp, store
from appose_kernel.model import Activation, Environment, Stamp, StampState
from appose_kernel.workspaces import formats

TONGUE = Path(__file__).parents[1] / "fake_tools" / "kernel_of_another_language.py"

#: The kernelspecs of kernels that hear signals, and that hear messages.
SIGNALS: dict[str, Any] = {
    "argv": [sys.executable, str(TONGUE), "--folder={resource_dir}", "--signals", "{connection_file}"],
    "display_name": "Tongue",
    "language": "tongue",
    "env": {"WHERE": "${VIRTUAL_ENV}/x ${NOBODYS}"},
}
MESSAGES = {
    **SIGNALS,
    "argv": [sys.executable, str(TONGUE), "--folder={resource_dir}", "{connection_file}"],
    "interrupt_mode": "message",
}


def write(prefix: Path, **kernels: Any) -> Path:
    """Write kernelspecs into a prefix, by name; returns their folder."""
    folder = prefix / "share" / "jupyter" / "kernels"
    for name, document in kernels.items():
        (folder / name).mkdir(parents=True)
        text = document if isinstance(document, str) else json.dumps(document)
        (folder / name / "kernel.json").write_text(text, encoding="utf-8")
    return folder


def make_ready(root: Path, *, python: bool = True, **kernels: Any) -> Environment:
    """An environment as a build leaves it, whose prefix brings these kernels."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text('[project]\nname = "lab"\nversion = "1"\n')
    env = formats.environment(formats.open_workspace(root), "default")
    prefix = store.place(env)
    store.prepare(prefix)
    if not prefix.path.exists():
        venv.create(prefix.path, symlinks=True)
    write(prefix.path, **kernels)
    note(env, python=python)
    return env


def note(env: Environment, *, python: bool = True, **variables: str | None) -> None:
    """Write the stamp of what is in the prefix now; ``variables`` are further ones of its activation."""
    prefix = store.place(env)
    stamp.write(
        prefix,
        Stamp(
            state=StampState.READY,
            digest=inputs.digest(env),
            engine="uv",
            build="20260101T000000-00000000",
            time=time.time(),
            seal=stamp.seal(prefix),
            activation=Activation(
                python=str(prefix.python) if python else "",
                path=(str(prefix.scripts),),
                variables={"VIRTUAL_ENV": str(prefix.path), **variables},
            ),
            kernels=own_kernels.find(prefix),
        ),
    )
