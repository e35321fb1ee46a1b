"""Manifests as bytes on the disk: read with their digest, edited, written in one step, given back.

A digest is the SHA-256 of a file's bytes, in hex. Who edits names the digest of what he has read; where the
file holds other bytes by now, :class:`ManifestConflict` is raised and nothing is written. The bytes that
every write replaces are kept in a ``history`` folder, which only its user can read: a manifest may hold
credentials in its URLs.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import EditRefused, ManifestConflict, ManifestNotFound
from . import editors, files
from .edits import Edit
from .outline import Outlined

#: How many earlier states of one manifest are kept, the newest ones.
KEPT = 50

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Content:
    """A manifest as it is: ``text`` has its byte order mark and its own line endings."""

    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What edits would make of a manifest; ``digest`` is of the bytes before."""

    before: str
    after: Outlined
    digest: str


@dataclass(frozen=True, slots=True)
class Written:
    """The digests of the bytes now, and of those before, which :func:`restore` takes."""

    digest: str
    before: str


def read(file: Path) -> Content:
    """A manifest with its digest. Raises ManifestNotFound, or ManifestInvalid for what is no text, or is
    larger than 1 MiB."""
    raw = files.read_bytes(file)
    return Content(files.decode(file, raw), digest(raw))


def demand(file: Path, expected: str) -> Content:
    """A manifest that has the digest ``expected``. Raises ManifestConflict, and what :func:`read` raises."""
    now = read(file)
    _demand(file, now.digest, expected)
    return now


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def preview(editor: editors.Editor, file: Path, expected: str, edits: Sequence[Edit]) -> Preview:
    """What ``edits`` make of the manifest that has the digest ``expected``; nothing is written.

    Raises ManifestConflict, EditRefused, and what :func:`read` raises.
    """
    now = demand(file, expected)
    after = editors.apply(editor, file, now.text, edits)
    if len(after.text.encode()) > files.MAX_BYTES:
        raise EditRefused(
            f"{file} would become larger than {files.MAX_BYTES // 2**20} MiB, too large for a manifest.",
            remedy="Remove something from it first.",
        )
    return Preview(now.text, after, now.digest)


def save(
    editor: editors.Editor, file: Path, expected: str, edits: Sequence[Edit], *, history: Path
) -> Written:
    """As :func:`preview`, and write the outcome. Raises EditRefused too where the file cannot be written."""
    with _alone(file, history) as earlier:
        found = preview(editor, file, expected, edits)
        return _write(file, found.before.encode(), found.after.text.encode(), earlier)


def restore(file: Path, expected: str, to: str, *, history: Path) -> Written:
    """Give a manifest that has the digest ``expected`` the exact bytes back that had the digest ``to``.

    Raises ManifestConflict, ManifestNotFound where those bytes are not (or no longer) kept, EditRefused
    where the file cannot be written, and what :func:`read` raises.
    """
    with _alone(file, history) as earlier:
        now = files.read_bytes(file)
        _demand(file, digest(now), expected)
        return _write(file, now, _kept(file, earlier, to), earlier)


def _demand(file: Path, found: str, expected: str) -> None:
    if found != expected:
        raise ManifestConflict(
            f"{file} was changed by somebody else since it was read; nothing was written.",
            remedy="Look at how it is now, then make your change again.",
        )


def _write(file: Path, before: bytes, after: bytes, earlier: Path) -> Written:
    written = Written(digest(after), digest(before))
    if written.digest == written.before:
        return written
    try:
        file.open("r+b").close()  # a rename would also replace a file that is read-only
        _keep(earlier, written.before, before)
        # Other programs know nothing of our lock: look once more, just before.
        _demand(file, digest(files.read_bytes(file)), written.before)
        files.replace(file, after)
    except OSError as error:
        raise _unwritable(file, error.strerror or str(error)) from error
    return written


def _unwritable(file: Path, reason: str) -> EditRefused:
    return EditRefused(
        f"{file} cannot be written: {reason}. It is as it was.",
        remedy="Check the permissions of the file and its folder, and that the disk is not full; or edit a"
        " copy of the workspace.",
    )


@contextmanager
def _alone(file: Path, history: Path) -> Iterator[Path]:
    """The folder of a manifest's earlier bytes, while no other process of ours writes that manifest."""
    from filelock import FileLock  # noqa: PLC0415  (17 ms, and only who writes needs it)

    earlier = history / hashlib.sha256(os.fsencode(file.resolve())).hexdigest()[:32]
    try:
        history.mkdir(mode=0o700, parents=True, exist_ok=True)
        earlier.mkdir(mode=0o700, exist_ok=True)
        lock = FileLock(earlier / "lock", mode=0o600)
        lock.acquire()
    except OSError as error:
        raise EditRefused(
            f"{file} is as it was, because its bytes cannot be kept in {earlier}: {error.strerror}.",
            remedy="Make room on that disk, or correct the permissions of that folder.",
        ) from error
    try:
        yield earlier
    finally:
        lock.release()


def _keep(earlier: Path, name: str, raw: bytes) -> None:
    """Put ``raw`` with the newest of the earlier bytes, and let the oldest go."""
    files.replace(earlier / name, raw)
    states = [entry for entry in earlier.iterdir() if _DIGEST.fullmatch(entry.name)]
    for old in sorted(states, key=lambda entry: entry.stat().st_mtime_ns, reverse=True)[KEPT:]:
        with suppress(OSError):
            old.unlink()


def _kept(file: Path, earlier: Path, name: str) -> bytes:
    try:
        raw = (earlier / name).read_bytes() if _DIGEST.fullmatch(name) else b""
    except FileNotFoundError:
        raw = b""
    if digest(raw) != name:
        raise ManifestNotFound(
            f"This earlier state of {file} is not kept: the newest {KEPT} are.",
            remedy="Correct the file as it is now.",
        )
    return raw
