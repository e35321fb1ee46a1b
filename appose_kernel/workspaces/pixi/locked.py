"""Whether a workspace asks for something that its pixi.lock certainly does not have, from the files alone.

Versions are not compared: that takes py-rattler, in a process. What is found is certain; what is not found is
not.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...errors import ManifestError
from ...model import Environment
from .. import files, formats

#: A lock is larger than a manifest.
MAX_BYTES = 2**26


def is_outgrown(environments: list[Environment], lock: Path) -> bool:
    """Whether the lock lacks one of the environments that can run here, or a conda package that one names."""
    try:
        text = files.read_text(lock, MAX_BYTES)
        return "\nenvironments:\n" in text and any(_lacks(text, env) for env in environments)
    except ManifestError:
        return False


def _lacks(text: str, env: Environment) -> bool:
    """A package's line ends with ``/name-version-build.conda``."""
    specs = formats.compose(env, formats.host_platform()).specs
    named = {spec.name.lower() for spec in specs if spec.kind == "conda" and not spec.name.startswith("__")}
    there = re.search(rf"(?m)^  [\"']?{re.escape(env.name)}[\"']?:", text)
    return bool(named) and (there is None or any(f"/{name}-" not in text for name in named))
