"""What uv's failures mean: one table from its words to our errors.

uv has no error codes, so its texts are matched. Each row is reached by a test that provokes the
failure in the real uv; a text that no row knows is a ToolFailed with uv's last lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ....errors import (
    ApposeKernelError,
    InstallError,
    LockOutdated,
    ManifestInvalid,
    SolveError,
    ToolNotFound,
)
from ....process import TAIL
from ..base import unexplained


@dataclass(frozen=True, slots=True)
class _Row:
    """``pattern`` is searched in uv's output from "error:" on; the texts may name its groups."""

    error: type[ApposeKernelError]
    pattern: str
    message: str
    remedy: str


_NETWORK = "Check the network, the proxy and the index's address, then build again."

#: The first row that matches wins: what is special stands above what is general.
TABLE = (
    _Row(
        InstallError,
        r"No space left on device|os error 28\b|Disk quota exceeded|os error 122\b",
        "the disk is full.",
        "Free some space (`uv cache clean` empties uv's cache), then build again.",
    ),
    _Row(
        InstallError,
        r"Failed to initialize cache at `(?P<path>[^`]+)`",
        "uv's cache {path} cannot be written.",
        "Make it writable, or set UV_CACHE_DIR and add that name to `c.Settings.pass_variables`.",
    ),
    _Row(
        InstallError,
        r"Hash mismatch for `(?P<what>[^`]+)`",
        "what was downloaded for {what} has another hash than the lock or the index says.",
        "The file on the index was replaced or is damaged. If you trust it, run `{relock}`.",
    ),
    _Row(
        InstallError,
        r"Failed to download `(?P<what>[^`]+)`"
        r"(?s:.*)(?:Failed to extract archive|error decoding response body)",
        "the download of {what} was cut off or damaged.",
        "Build again. If that fails too, the file on the index is damaged, or a proxy changes it.",
    ),
    _Row(
        InstallError,
        r"invalid peer certificate: (?P<why>[^\n]+)",
        "the TLS certificate of {host} is not trusted ({why}).",
        "If your network has a certificate authority of its own, name its file in SSL_CERT_FILE.",
    ),
    _Row(
        InstallError,
        r"HTTP status \w+ error \((?P<status>[^)]+)\) for url \((?P<url>[^)]+)\)",
        "the index answered “{status}” for {url}.",
        "Build again later, or check the index's address and your credentials for it.",
    ),
    _Row(
        InstallError,
        r"dns error|failed to lookup address",
        "the name {host} cannot be looked up (DNS).",
        _NETWORK,
    ),
    _Row(
        InstallError,
        r"client error|error sending request|operation timed out",
        "{host} cannot be reached.",
        _NETWORK,
    ),
    _Row(
        SolveError,
        r"No solution found when resolving(?s:.*?)"
        r"\b(?P<what>[\w.-]+)\s+was\s+not\s+found\s+in\s+the\s+package\s+registry",
        "the index has no package that is called `{what}`.",
        "Check how it is spelt; or name the index that has it.",
    ),
    _Row(
        SolveError,
        r"No solution found when resolving",
        "no set of packages satisfies the requirements.",
        "Loosen one of the requirements that uv names below.",
    ),
    _Row(
        SolveError,
        r"(?P<what>\w+ .+ are incompatible with the declared conflicts): ",
        "{what}.",
        "Only one of them fits into an environment: see `tool.uv.conflicts` in {manifest.name}.",
    ),
    _Row(
        ManifestInvalid,
        r"(?P<what>(?:Extra|Group) `[^`]+` is not defined in .+)",
        "{what}.",
        "Define it there, or run `jupyter appose lock` if the lock is older than the manifest.",
    ),
    _Row(
        LockOutdated,
        r"The lockfile at `(?P<lock>[^`]+)` needs to be updated",
        "{lock} is older than {manifest.name}.",
        "Run `jupyter appose lock` to bring it up to date.",
    ),
    _Row(
        LockOutdated,
        r"Unable to find lockfile at `(?P<lock>[^`]+)`",
        "there is no {lock}, and a frozen build needs one.",
        "Run `jupyter appose lock` to make it, or build without `--frozen`.",
    ),
    _Row(
        LockOutdated,
        r"Failed to parse `(?P<lock>[^`]*uv\.lock)`",
        "{lock} cannot be read.",
        "Restore it (a merge may have left its marks), or remove it and run `jupyter appose lock`.",
    ),
    _Row(
        ManifestInvalid,
        r"Couldn't parse requirement in `|Failed to parse:? ",
        "uv cannot read it.",
        "Correct what uv names below.",
    ),
    _Row(
        ManifestInvalid,
        r"Distribution not found at: (?:file://)?(?P<what>.+)",
        "it names {what}, which does not exist.",
        "Correct the path, or bring the file there.",
    ),
    _Row(
        ManifestInvalid,
        r"(?P<what>The Python request from `\.python-version` resolved to .+, which is incompatible .+)",
        "{what}.",
        "Change `.python-version` or `requires-python`.",
    ),
    _Row(
        ToolNotFound,
        r"No interpreter found for (?P<what>.+?) in ",
        "there is no {what} on this machine.",
        "Install it, or change `requires-python`.",
    ),
    _Row(
        ToolNotFound,
        r"Failed to inspect Python interpreter from [^`]*`(?P<what>[^`]+)`",
        "no Python that fits was found, and {what} does not work.",
        "Mend or remove that interpreter, or install another.",
    ),
    _Row(
        InstallError,
        r"Failed to build `(?P<what>[^`]+)`",
        "{what} is built from source, and its build failed.",
        "See the end of its output below; often a compiler or a system library is missing.",
    ),
    _Row(
        InstallError,
        r"Distribution `(?P<what>\S+) @[^`]*` can't be installed",
        "{what} has neither a wheel for this platform nor a source.",
        "Choose a version that supports this platform, or limit the requirement by a marker.",
    ),
    _Row(
        InstallError,
        r"(?:Permission denied|Read-only file system) \(os error",
        "uv may not write one of its files.",
        "Make the folder that uv names below writable for you.",
    ),
)


def classify(
    manifest: Path,
    argv: Sequence[str],
    code: int | None,
    said: Sequence[str],
    relock: str = "jupyter appose lock",
) -> ApposeKernelError:
    """The error that a failed uv means, with uv's own explanation as detail; code None: it took too long.

    ``relock`` is the command that makes the lock anew which uv has worked by.
    """
    detail = "\n".join(_explanation(said))
    for row in TABLE:
        if match := re.search(row.pattern, detail):
            return _error(row, manifest, match, detail, relock)
    return unexplained(argv, code, detail)


def _error(row: _Row, manifest: Path, match: re.Match[str], detail: str, relock: str) -> ApposeKernelError:
    url = re.search(r"https?://(?:[^/@\s]*@)?([^/\s)`]+)", detail)
    host = url[1] if url else "the index"
    words = {**match.groupdict(), "manifest": manifest, "host": host, "relock": relock}
    message, remedy = row.message.format_map(words), row.remedy.format_map(words)
    if row.error is ManifestInvalid:
        line = re.search(r"at line (\d+)", detail)
        number = int(line[1]) if line else None
        return ManifestInvalid(manifest, number, message, remedy=remedy, detail=detail)
    return row.error(f"{manifest}: {message}", remedy=remedy, detail=detail)


def _explanation(said: Sequence[str]) -> Sequence[str]:
    """From "error:" on, without the middle of a long text: its start says what failed, its end how."""
    start = next((n for n, line in enumerate(said) if line.startswith("error:")), None)
    if start is None:
        return said[-TAIL:]
    lines = said[start:]
    return lines if len(lines) <= 2 * TAIL else [*lines[:TAIL], "…", *lines[-TAIL:]]
