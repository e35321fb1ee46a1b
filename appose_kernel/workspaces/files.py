"""The only place where this wing touches the disk, and the memory of what was read.

Formats read through these functions. While :func:`recording` is on, every file and folder that was
looked at is noted with its signature; an answer holds as long as its notes are :func:`unchanged`.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from ..errors import ManifestInvalid, ManifestNotFound

MAX_BYTES = 2**20

#: Folders of packages and caches, never of somebody's own work.
VENDORED = frozenset({"node_modules", "site-packages", "dist-packages", "__pycache__", "__pypackages__"})
#: What marks a folder as an installed prefix.
_PREFIX_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})

#: A file that changed so shortly before it was read may change again within the same clock tick,
#: unseen (https://git-scm.com/docs/racy-git).
_RACY_NS = 100_000_000

Found = TypeVar("Found")


class Signature(NamedTuple):
    """What a file or folder looks like from outside; the same signature means the same content, and that the
    same people may read it (POSIX: permissions change ``ctime_ns``)."""

    mtime_ns: int
    ctime_ns: int
    size: int
    device: int
    inode: int

    @property
    def identity(self) -> tuple[int, int]:
        """Which file it is, whatever path or symbolic link led to it."""
        return self.device, self.inode

    @property
    def settled(self) -> bool:
        """False if it was taken so shortly after a change that the next one might look the same."""
        return self.mtime_ns >= 0


_notes: ContextVar[dict[Path, Signature | None] | None] = ContextVar("notes", default=None)
_remembered: dict[tuple[Path, Callable[[Path], Any]], tuple[Signature | None, Any]] = {}


def signature(path: Path) -> Signature | None:
    """The signature of what is at ``path`` now; None where nothing is."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return Signature(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_dev, found.st_ino)


@contextmanager
def recording() -> Iterator[dict[Path, Signature | None]]:
    """Note what is looked at inside the ``with`` block, in this thread or task."""
    notes: dict[Path, Signature | None] = {}
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


def unchanged(notes: Mapping[Path, Signature | None]) -> bool:
    return all(signature(path) == noted for path, noted in notes.items())


def note(path: Path) -> Signature | None:
    """Record ``path``, before it is read."""
    found = signature(path)
    if found and abs(time.time_ns() - found.mtime_ns) < _RACY_NS:
        found = found._replace(mtime_ns=-1)
    notes = _notes.get()
    if notes is not None:
        notes.setdefault(path, found)
    return found


def remembered(path: Path, read: Callable[[Path], Found]) -> Found:
    """What ``read`` makes of the file or folder at ``path``, read again only where that looks different.

    Who is given it must not change it. ``read`` may look at nothing else, and is to be a plain function.
    """
    now = note(path)
    known = _remembered.get((path, read))
    if known is None or known[0] != now:
        known = now, read(path)
        if now is None or now.settled:
            _remembered[path, read] = known
    found: Found = known[1]
    return found


def exists(path: Path) -> bool:
    return note(path) is not None


def absolute(path: Path) -> Path:
    """``path`` from the root and without ``..``; symbolic links stay, for they are what people know."""
    return Path(os.path.abspath(path))  # noqa: PTH100  (Path.resolve would follow the links)


def display_name(folder: Path) -> str:
    """A folder's name as text; bytes that are none show as ``�``."""
    return os.fsencode(folder.name).decode("utf-8", "replace") or "workspace"


def is_below(path: Path, folder: Path) -> bool:
    """Whether ``path`` is in ``folder``, wherever symbolic links lead."""
    return path.resolve().is_relative_to(folder.resolve())


def is_file(path: Path) -> bool:
    """As ``Path.is_file``, which raises below a folder that one may not enter."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def present(folder: Path, names: Iterable[str]) -> list[Path]:
    """Which of these files there are in ``folder``, in the order of their names."""
    # a Path for each file that is not there would take longer than all the rest of a listing
    base = os.path.join(folder, "")  # noqa: PTH118
    return [folder / name for name in names if os.path.exists(base + name)]  # noqa: PTH110


def read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """The text of a manifest: UTF-8, with or without a byte order mark, at most ``limit`` bytes."""
    return decode(path, read_bytes(path, limit)).removeprefix("\ufeff")


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a manifest, at most ``limit``. Raises ManifestNotFound or ManifestInvalid."""
    note(path)
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            # Opening a named pipe would wait for ever.
            kind = "a folder" if stat.S_ISDIR(mode) else "no regular file"
            raise ManifestInvalid(path, None, f"this is {kind}.", remedy="Put a text file in its place.")
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise ManifestNotFound(f"{path} does not exist.") from None
    except OSError as error:
        raise ManifestInvalid(
            path, None, f"this file cannot be read: {error.strerror}.", remedy="Check its permissions."
        ) from error
    if len(raw) > limit:
        raise ManifestInvalid(
            path,
            None,
            f"this file is larger than {limit // 2**20} MiB, too large for a manifest.",
            remedy="Make it smaller.",
        )
    return raw


def replace_text(path: Path, text: str) -> None:
    """As :func:`replace`, for text."""
    replace(path, text.encode())


def replace(path: Path, raw: bytes) -> None:
    """Put ``raw`` in a file's place in one step: whoever reads it, or dies here, sees all or nothing of it.

    A link stays a link, and a file's group and permissions stay; a new file is its owner's alone. May raise
    OSError.
    """
    target = path.resolve()
    with drafted(target, raw) as draft:
        with suppress(FileNotFoundError):
            _dress(draft, target.stat())
        draft.replace(target)
    _flush(target.parent)


def create(path: Path, raw: bytes) -> None:
    """Make a file that is not there yet. Raises OSError; FileExistsError where something is."""
    with path.open("xb") as file:
        try:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise


@contextmanager
def drafted(target: Path, raw: bytes) -> Iterator[Path]:
    """A file beside ``target`` that holds ``raw``, on the disk and for the owner's eyes only; removed after
    the ``with`` block unless that has renamed it."""
    draft = target.with_name(f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  (a descriptor has no Path)
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _dress(draft: Path, like: os.stat_result) -> None:
    if hasattr(os, "chown") and draft.stat().st_gid != like.st_gid:
        with suppress(PermissionError):  # a group that the user is not in
            os.chown(draft, -1, like.st_gid)
    draft.chmod(stat.S_IMODE(like.st_mode))


def _flush(folder: Path) -> None:
    """Make a rename last through a power cut, where folders can be opened to say so."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def decode(path: Path, raw: bytes) -> str:
    """The text of a manifest's bytes, a byte order mark included. Raises ManifestInvalid."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ManifestInvalid(
            path,
            raw.count(b"\n", 0, error.start) + 1,
            f"the byte 0x{raw[error.start]:02x} is not UTF-8 text.",
            remedy="Save the file with the encoding UTF-8.",
        ) from None


def folders(path: Path) -> tuple[str, ...]:
    """Names of the folders in ``path`` that may hold somebody's work, sorted; none if it cannot be listed."""
    return remembered(path, _scan)


def _scan(path: Path) -> tuple[str, ...]:
    names = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name in _PREFIX_MARKS:
                    return ()
                if not entry.name.startswith(".") and entry.name not in VENDORED and entry.is_dir():
                    names.append(entry.name)
    except OSError:
        return ()
    return tuple(sorted(names))
