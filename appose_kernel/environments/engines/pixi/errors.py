"""What pixi's failures mean: one table from its words to our errors.

pixi has no error codes that hold, so its texts are matched: those of its sources and of its issues, which
each row names. A text that no row knows is a ToolFailed with pixi's last words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ....errors import (
    ApposeKernelError,
    EngineUnsupported,
    InstallError,
    LockOutdated,
    ManifestInvalid,
    SolveError,
    ToolError,
)
from ....process import TAIL
from ..base import unexplained


@dataclass(frozen=True, slots=True)
class _Row:
    """``pattern`` is searched in pixi's words from "Error:" on; the texts may name its groups."""

    error: type[ApposeKernelError]
    pattern: str
    message: str
    remedy: str


_NETWORK = "Check the network, the proxy and the channel's address, then build again."
_READ = "See pixi's own words below."

#: The first row that matches wins: what is special stands above what is general.
TABLE = (
    _Row(
        InstallError,
        r"No space left on device|os error 28\b|Disk quota exceeded|os error 122\b",
        "the disk is full.",
        "Free some space (`pixi clean cache` empties pixi's cache), then build again.",
    ),
    _Row(  # https://github.com/prefix-dev/pixi/issues/6488, in older versions issues/5293
        ToolError,
        r"requires pixi '?(?P<wanted>[^'\n]+?)'?, but (?:you have pixi|I am) (?P<found>\S+)",
        "it asks for pixi {wanted}, and {path} is {found}.",
        "Install a version that fits, for instance by `pixi self-update --version …`.",
    ),
    _Row(  # crates/pixi_core/src/lock_file/mod.rs; rattler_lock's ParseCondaLockError::IncompatibleVersion
        ToolError,
        r"(?:newer lock.?file format version|lock.?file version is) (?P<wanted>\d+)",
        "its lock is of the format {wanted}, which {path} is too old for.",
        "Update pixi, for instance by `pixi self-update`.",
    ),
    _Row(  # https://github.com/prefix-dev/pixi/issues/4504, since 0.71 in other words: issues/5256
        LockOutdated,
        r"lock.?file not up-to-date with the (?:workspace|project)",
        "pixi.lock is older than {manifest.name}.",
        "Run `jupyter appose lock` to bring it up to date.",
    ),
    _Row(
        LockOutdated,
        r"(?i)(?:failed to|could not) (?:load|read|parse)(?: the)? lock.?file|invalid lock.?file",
        "pixi.lock cannot be read.",
        "Restore it (a merge may have left its marks), or remove it and run `jupyter appose lock`.",
    ),
    _Row(  # https://github.com/prefix-dev/pixi/issues/5760, pydata/xarray#11136
        EngineUnsupported,
        r"(?P<what>[Tt]he (?:workspace|environment '[^']+')) does not support '(?P<platform>[^']+)'",
        "{what} is not made for this machine ({platform}).",
        "Choose another environment, or add the platform: `pixi workspace platform add {platform}`.",
    ),
    _Row(  # https://github.com/prefix-dev/pixi/issues/3280
        InstallError,
        r"Virtual package '(?P<what>[^']+)' does not match",
        "it needs {what}, which this machine does not have.",
        "Choose another environment, or set the CONDA_OVERRIDE_… variable for what pixi overlooks.",
    ),
    _Row(
        ManifestInvalid,
        r"unknown environment '(?P<what>[^']+)'",
        "pixi finds no environment “{what}” in it.",
        "See whether the manifest was changed meanwhile.",
    ),
    _Row(  # https://github.com/prefix-dev/pixi/issues/4213
        InstallError,
        r"failed to fetch (?P<what>\S+)(?s:.*)[Hh]ash mismatch|[Hh]ash mismatch for `?(?P<other>[^`\s]+)",
        "what was downloaded for {what} has another hash than the lock says.",
        "The file on the channel was replaced or is damaged. If you trust it, run `jupyter appose lock`.",
    ),
    _Row(  # https://github.com/prefix-dev/pixi/issues/2757
        InstallError,
        r"invalid peer certificate: (?P<why>[^\n]+)",
        "the TLS certificate of {host} is not trusted ({why}).",
        "If your network has a certificate authority of its own, name its file in SSL_CERT_FILE, or set "
        "`tls-root-certs` in pixi's configuration.",
    ),
    _Row(  # https://github.com/tuna/issues/issues/2267
        InstallError,
        r"HTTP status \w+ error \((?P<status>[^)]+)\) for url \((?P<url>[^)]+)\)",
        "the server answered “{status}” for {url}.",
        "Build again later, or check the channel's address and `pixi auth login`.",
    ),
    _Row(  # https://github.com/prefix-dev/pixi/issues/3773
        InstallError,
        r"dns error|failed to lookup address",
        "the name {host} cannot be looked up (DNS).",
        _NETWORK,
    ),
    _Row(  # https://github.com/prefix-dev/pixi/issues/2336
        InstallError,
        r"error sending request|client error|operation timed out|error decoding response body",
        "{host} cannot be reached, or does not send all of a file.",
        _NETWORK,
    ),
    _Row(
        InstallError,
        r"[Ff]ailed to build `?(?P<what>[^`\s]+)",
        "{what} is built from source, and its build failed.",
        "See the end of its output below; often a compiler or a system library is missing.",
    ),
    _Row(  # RoboStack/ros-kilted#77; PyPI: rerun-io/examples-monorepo#34
        SolveError,
        r"Cannot solve the request|requirements are unsatisfiable|failed to solve (?:the|requirements)",
        "no set of packages satisfies the requirements.",
        "Loosen one of the requirements that pixi names below.",
    ),
    _Row(  # pixi_core::activation
        InstallError,
        r"Failed to run activation script",
        "one of its activation scripts failed.",
        "Run it in a terminal (`pixi shell`), and mend it.",
    ),
    _Row(
        InstallError,
        r"(?:Permission denied|Read-only file system) \(os error",
        "pixi may not write one of its files.",
        "Make the folder that pixi names below writable for you.",
    ),
    _Row(
        InstallError,
        r"failed to (?:fetch|link|unlink|extract|install|update|download) ",
        "its packages cannot be installed.",
        f"{_READ} Build again; if that fails too, empty pixi's cache: `pixi clean cache`.",
    ),
    _Row(ManifestInvalid, r"(?:╭─|,-)\[", "pixi cannot read it.", "Correct what pixi names below."),
)

#: What miette draws at the start of a line (further in, it is the solver's own); where a snippet is from.
_FRAME = re.compile(r"^\s{0,2}(?:×|x(?= )|[├╰]─▶|\||`->|\|->|│)\s?(?:\s*×\s)?")
_PLACE = re.compile(r"(?:╭─|,-)\[(?P<file>.+?):(?P<line>\d+):\d+\]")


def classify(
    manifest: Path, path: Path, argv: Sequence[str], code: int | None, said: Sequence[str]
) -> ApposeKernelError:
    """The error that a failed pixi (``path``) means, its own explanation as detail; code None: too slow."""
    detail = "\n".join(_shortened(list(explanation(said))))
    for row in TABLE:
        if match := re.search(row.pattern, detail):
            return _error(row, manifest, path, match, detail)
    return unexplained(argv, code, detail)


def explanation(said: Sequence[str]) -> Iterator[str]:
    """pixi's error without the lines and arrows drawn around it; all that it said where there is none."""
    start = next((n for n, line in enumerate(said) if re.match(r"Error:", line)), None)
    if start is None:
        yield from said[-TAIL:]
        return
    first = re.sub(r"^Error:\s*", "", said[start])
    for line in [first, *said[start + 1 :]]:
        if text := _FRAME.sub("", line, count=1).rstrip():
            yield text


def _shortened(lines: list[str]) -> list[str]:
    """Without the middle of a long text: its start says what failed, its end how."""
    return lines if len(lines) <= 2 * TAIL else [*lines[:TAIL], "…", *lines[-TAIL:]]


def _error(row: _Row, manifest: Path, path: Path, match: re.Match[str], detail: str) -> ApposeKernelError:
    url = re.search(r"https?://(?:[^/@\s]*@)?([^/\s)`]+)", detail)
    words = {**match.groupdict(), "manifest": manifest, "path": path}
    words |= {"host": url[1] if url else "the channel"}
    if words.get("other"):
        words["what"] = words["other"]
    message, remedy = row.message.format_map(words), row.remedy.format_map(words)
    if row.error is ManifestInvalid:
        place = _PLACE.search(detail)
        line = int(place["line"]) if place and Path(place["file"]).name == manifest.name else None
        return ManifestInvalid(manifest, line, message, remedy=remedy, detail=detail)
    return row.error(f"{manifest}: {message}", remedy=remedy, detail=detail)
