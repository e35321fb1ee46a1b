"""What one command line came to."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from appose_kernel.environments import stamp
from appose_kernel.model import Prefix

SCRIPT = Path(sys.executable).with_name("jupyter-appose")


@dataclass(frozen=True)
class Answer:
    """What one command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on stdout, less its version."""
        data: dict[str, Any] = json.loads(self.out)
        assert data.pop("version") == 1
        return data

    @property
    def error(self) -> dict[str, str]:
        error: dict[str, str] = self.json["error"]
        assert error.keys() == {"code", "message", "remedy", "detail"}
        return error


#: Runs a command line: its arguments, and for the script its folder and variables.
Appose: TypeAlias = Callable[..., Answer]
#: The fixtures `uv_project` and `wheel`: they write something and return where it is.
Factory: TypeAlias = Callable[..., Path]


def site_packages(prefix: str) -> Path:
    """The folder that a prefix's packages are installed into."""
    return next(stamp.site_packages(Prefix(Path(prefix), Path(prefix))))
