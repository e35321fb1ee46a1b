"""What the front says about a kernel that is not there yet: what that kernel said of itself the last time.

JupyterLab saves the language's details into the notebook, so they had better be the environment's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..environments import folders, own_kernels
from ..model import Environment
from ..workspaces import names

#: What any Python kernel says, for an environment that has never run.
GENERIC: Mapping[str, Any] = {
    "status": "ok",
    "protocol_version": "5.4",
    "implementation": "ipython",
    "implementation_version": "",
    "language_info": {
        "name": "python",
        "version": "3",
        "mimetype": "text/x-python",
        "file_extension": ".py",
        "pygments_lexer": "ipython3",
        "codemirror_mode": {"name": "ipython", "version": 3},
        "nbconvert_exporter": "python",
    },
    "banner": "The environment is being built. What you type runs when it is ready.",
    "help_links": [],
    "debugger": True,
    "supported_features": ["debugger"],
}


def recall(environment: Environment | None, kernel: str | None) -> dict[str, Any]:
    """The content of a ``kernel_info_reply`` for ``environment``; the front asks when it starts.

    ``kernel`` is one that its prefix brings itself.
    """
    known: dict[str, Any] = {}
    if environment is not None:
        known = _unheard(environment, kernel)
        with contextlib.suppress(OSError, ValueError):
            known = json.loads(_path(environment, kernel).read_text(encoding="utf-8"))
    # Encryption is between the client and the process that runs now, which offers none.
    return {key: value for key, value in {**GENERIC, **known}.items() if key != "supported_encryption"}


def _unheard(environment: Environment, kernel: str | None) -> dict[str, Any]:
    """What to say of a kernel of another language that has never run."""
    built = own_kernels.built(environment)
    own = built.first if kernel is None else None
    for name, found in built.kernels.items():
        if kernel is not None and names.is_own_kernel(name, kernel):
            own = found
    if own is None and kernel is None:
        return {}
    language = own.language if own else ""
    info = {"name": language, "version": "", "mimetype": "text/plain", "file_extension": ".txt"}
    return {
        "implementation": language,
        "language_info": info,
        "debugger": False,
        "supported_features": [],
    }


def remember(environment: Environment, kernel: str | None, content: Mapping[str, Any]) -> None:
    """Keep the kernel's own reply for the next time; the front calls this when its kernel first answers."""
    path = _path(environment, kernel)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        json.dump(content, file)
    Path(file.name).replace(path)


def _path(environment: Environment, kernel: str | None) -> Path:
    own = f"\0{kernel}" if kernel else ""
    key = f"{environment.workspace.manifest.resolve()}\0{environment.name}{own}".encode()
    return folders.state_dir() / "kernel-info" / f"{hashlib.sha256(key).hexdigest()[:24]}.json"
