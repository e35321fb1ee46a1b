"""The keys that pixi's tables have, and what to say of others.

pixi refuses every key it does not know, and learns new ones with every other release. So a key that looks
like one of ours misspelt is an error, where any other key is left to the pixi that knows it; except in the
tables whose every key decides what is installed.
https://pixi.prefix.dev/latest/reference/pixi_manifest/
"""

from __future__ import annotations

from collections.abc import Set

from ..spelling import nearest
from ..tables import Table

TARGET = frozenset(
    {
        "dependencies",
        "host-dependencies",
        "build-dependencies",
        "constraints",
        "pypi-dependencies",
        "dev",
        "tasks",
        "activation",
    }
)
FEATURE = TARGET | {
    "channels",
    "channel-priority",
    "solve-strategy",
    "platforms",
    "system-requirements",
    "target",
    "pypi-options",
}
#: What an environment's own table may say beside naming features.
INLINE = FEATURE - {"host-dependencies", "build-dependencies"}
ENVIRONMENT = INLINE | {"features", "solve-group", "no-default-feature"}
MANIFEST = TARGET | {
    "$schema",
    "workspace",
    "project",
    "package",
    "feature",
    "environments",
    "target",
    "system-requirements",
    "pypi-options",
    "exclude-newer",
    "pypi-exclude-newer",
    "tool",
}
WORKSPACE = frozenset(
    {
        "name",
        "version",
        "description",
        "authors",
        "channels",
        "channel-priority",
        "solve-strategy",
        "exclude-newer",
        "platforms",
        "license",
        "license-file",
        "readme",
        "homepage",
        "repository",
        "documentation",
        "conda-pypi-map",
        "pypi-options",
        "s3-options",
        "preview",
        "build-variants",
        "build-variants-files",
        "requires-pixi",
        "target",
        "dependencies",
    }
)
PYPI_OPTIONS = frozenset(
    {
        "index-url",
        "extra-index-urls",
        "find-links",
        "no-build-isolation",
        "index-strategy",
        "no-build",
        "no-binary",
        "dependency-overrides",
        "prerelease-mode",
        "skip-wheel-filename-check",
    }
)


def check(table: Table, known: Set[str]) -> None:
    """Refuse the keys of ``table`` that look like misspelt ones of ``known``."""
    for key in table.data:
        # `__cuda` and the like are names of virtual packages
        if key not in known and not key.startswith("__") and (meant := nearest(key, known)):
            raise table.invalid(
                f"`{key}` is not a key that pixi knows.", key, remedy=f"Did you mean `{meant}`?"
            )
