"""What py-rattler's failures mean: one table from its words to our errors.

Its exceptions say little more than their text, so that is matched. Each row is reached by a test that
provokes the failure in the real py-rattler.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ...errors import ApposeKernelError, InstallError, SolveError

PIXI = "Install pixi (https://pixi.prefix.dev, or `jupyter appose doctor --install-pixi`), then build again."

#: To lock in this way helps also where a pixi.lock, which we do not write, does what the manifest asks for.
_OWN = "run `jupyter appose lock --own`, for a lock that only appose-kernel uses"
REPLACED = f"The file in the channel was replaced or is damaged. If you trust it, {_OWN}; then build again."
GONE = f"To have versions chosen that are there, {_OWN}; then build again."


@dataclass(frozen=True, slots=True)
class _Row:
    """``pattern`` is searched in the exception's text; the texts may name its groups."""

    error: type[ApposeKernelError]
    pattern: str
    message: str
    remedy: str


_FETCH = r"(?s:.*?)failed to fetch (?P<what>\S+)(?s:.*?)"
_LOG_IN = (
    "Log in with `pixi auth login`, or name a file of credentials in RATTLER_AUTH_FILE; then build again."
)

#: The first row that matches wins: what is special stands above what is general.
TABLE = (
    _Row(
        InstallError,
        r"No space left on device|os error 28\b|Disk quota exceeded|os error 122\b",
        "the disk is full.",
        "Free some space, then build again.",
    ),
    _Row(
        InstallError,
        rf"{_FETCH}hash mismatch when extracting (?P<url>\S+) to ",
        "what {url} gave for {what} has another hash than the lock says.",
        REPLACED,
    ),
    _Row(
        InstallError,
        r"HTTP status client error \((?P<status>40[13] [^)]+)\) for url \((?P<url>[^)]+)\)",
        "the channel answered “{status}” for {url}.",
        _LOG_IN,
    ),
    _Row(
        InstallError,
        rf"{_FETCH}HTTP status client error \((?P<status>404 [^)]+)\) for url \((?P<url>[^)]+)\)",
        "{what} is no longer in its channel: “{status}” for {url}.",
        GONE,
    ),
    _Row(
        InstallError,
        r"could not find subdir '[^']+' in channel '(?P<url>[^']+)'",
        "there is no channel at {url}.",
        "Correct the channel's name or address in the manifest.",
    ),
    _Row(
        InstallError,
        r"HTTP status \w+ error \((?P<status>[^)]+)\) for url \((?P<url>[^)]+)\)",
        "the channel answered “{status}” for {url}.",
        "Build again later, or check the channel's address.",
    ),
    _Row(
        InstallError,
        r"for url \((?P<url>[^)]+)\)(?s:.*)invalid peer certificate: (?P<why>[^\n]+)",
        "the TLS certificate of {url} is not trusted ({why}).",
        "If your network has a certificate authority of its own, see pixi's `tls-root-certs`.",
    ),
    _Row(
        InstallError,
        r"(?:error sending request|builder error|error decoding response body) for url \((?P<url>[^)]+)\)",
        "{url} cannot be reached.",
        "Check the network, the proxy and the channel's address, then build again.",
    ),
    _Row(
        InstallError,
        r"(?:Permission denied|Read-only file system) \(os error",
        "a file or folder may not be written.",
        "Make writable for you what is named below.",
    ),
    _Row(
        InstallError,
        rf"{_FETCH}(?:header missing|unexpected end|corrupt|invalid|Invalid|failed to unpack|end of file)",
        "the download of {what} was cut off or damaged.",
        "Build again. If that fails too, the file in the channel is damaged, or a proxy changes it.",
    ),
    _Row(
        SolveError,
        r"Cannot solve the request because of: ",
        "no set of conda packages satisfies the requirements.",
        "Loosen one of the requirements that are named below.",
    ),
)


def explanation(error: BaseException) -> str:
    """py-rattler's own, of what cannot be solved or anything else."""
    return str(error).removeprefix("Cannot solve the request because of: ").strip()


def told(error: BaseException, manifest: Path) -> ApposeKernelError:
    """``error`` as one of ours, with py-rattler's explanation as detail."""
    if isinstance(error, ApposeKernelError):
        return error
    said = str(error)
    for row in TABLE:
        if match := re.search(row.pattern, said):
            words = {name: value or "" for name, value in match.groupdict().items()}
            message = f"{manifest}: {row.message.format_map(words)}"
            return row.error(message, remedy=row.remedy, detail=explanation(error))
    if not isinstance(error, Exception):
        return InstallError(
            f"{manifest}: py-rattler gave up ({type(error).__name__}).",
            remedy=f"This is a defect of py-rattler; pixi itself may do better. {PIXI}",
            detail=said,
        )
    return InstallError(
        f"{manifest}: py-rattler failed ({type(error).__name__}).",
        remedy="See its own words below.",
        detail=said,
    )
