"""The log of each build: one JSON line per event in ``<state folder>/builds/<id>.jsonl``.

The builder appends, and once it is dead or another user's :mod:`.joining` in its stead; fronts, the
server and the command line read. Beside it lie ``<id>.json``
(what is built, where), ``<id>.err`` (what the builder's process itself said), and the wishes
``<id>.cancel`` and ``<id>.kept``.
"""

from __future__ import annotations

import json
import os
import re
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import ApposeKernelError, BuilderDied, BuildNotFound, redact
from ..model import BuildEvent, BuildOptions, Phase, Prefix, Step
from ..workspaces import files
from . import folders, records

#: Among a prefix's records, names its newest build.
CURRENT = "current.json"
#: The part of the whole that each phase takes.
BANDS = {
    Phase.QUEUED: (0.0, 0.0),
    Phase.LOCKING: (0.0, 0.05),
    Phase.RESOLVING: (0.05, 0.1),
    Phase.DOWNLOADING: (0.1, 0.6),
    Phase.INSTALLING: (0.6, 0.8),
    Phase.VERIFYING: (0.8, 0.85),
    Phase.COMPILING: (0.85, 0.99),
    Phase.READY: (1.0, 1.0),
}
#: Characters of one message, and of what an error quotes; bytes of a log that a tool's output may fill.
MESSAGE_LIMIT = 4000
DETAIL_LIMIT = 20_000
OUTPUT_LIMIT = 16 * 2**20
#: Bytes that are read at once, also from the end of a log to find its last event: more than any event has.
CHUNK = 2**20

_DEFAULT = BuildOptions()
_ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """What a build is for, and how. ``folder`` holds its log and what lies beside it."""

    id: str
    folder: Path
    manifest: Path
    environment: str
    title: str
    prefix: Prefix
    time: float
    options: BuildOptions = _DEFAULT

    def file(self, suffix: str) -> Path:
        return self.folder / f"{self.id}{suffix}"

    @property
    def log(self) -> Path:
        return self.file(".jsonl")

    def to_dict(self) -> dict[str, Any]:
        return {
            "build": self.id,
            "folder": str(self.folder),
            "manifest": str(self.manifest),
            "environment": self.environment,
            "title": self.title,
            "prefix": str(self.prefix.path),
            "records": str(self.prefix.records),
            "time": self.time,
            "options": asdict(self.options),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> BuildRecord:
        return cls(
            id=data["build"],
            folder=Path(data["folder"]),
            manifest=Path(data["manifest"]),
            environment=data["environment"],
            title=data["title"],
            prefix=Prefix(Path(data["prefix"]), Path(data["records"])),
            time=data["time"],
            options=BuildOptions(**data.get("options", {})),
        )


def folder() -> Path:
    return folders.state_dir() / "builds"


def create(
    manifest: Path, environment: str, title: str, prefix: Prefix, options: BuildOptions = _DEFAULT
) -> BuildRecord:
    """A new build, which has no event yet; the one who is about to start a builder calls it."""
    now = time.time()
    build = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(now))}-{uuid.uuid4().hex[:8]}"
    record = BuildRecord(build, folder(), manifest, environment, title, prefix, now, options)
    record.folder.mkdir(parents=True, exist_ok=True)
    records.write(record.file(".json"), record.to_dict())
    return record


def find(build: str) -> BuildRecord:
    """The build with this id, which may come from the network."""
    data = records.read(folder() / f"{build}.json") if _ID.fullmatch(build) else None
    if data is None:
        raise BuildNotFound(
            f"There is no build “{build[:60]}”.", remedy="Old builds are forgotten; start a new one."
        )
    return BuildRecord.from_dict(data)


def announce(record: BuildRecord, digest: str) -> None:
    """Name ``record`` as the build of its prefix, of inputs with this digest. Only the builder calls it."""
    records.write(record.prefix.records / CURRENT, record.to_dict() | {"digest": digest})


def announced(prefix: Prefix) -> tuple[BuildRecord, str] | None:
    """The newest build of ``prefix``, perhaps another user's, and the digest of its inputs."""
    return files.remembered(prefix.records / CURRENT, _announced)


def _announced(file: Path) -> tuple[BuildRecord, str] | None:
    data = records.read(file) or {}
    try:
        return BuildRecord.from_dict(data), data["digest"]
    except (KeyError, TypeError):
        return None


def recent(limit: int | None = None) -> list[BuildRecord]:
    """The newest builds of this user, newest first."""
    ids = sorted((path.stem for path in folder().glob("*.json") if _ID.fullmatch(path.stem)), reverse=True)
    found = []
    for build in ids[:limit]:
        with suppress(BuildNotFound):  # it was discarded a moment ago
            found.append(find(build))
    return found


def read(build: str, offset: int = 0) -> tuple[list[BuildEvent], int]:
    """The events from byte ``offset`` on, at most a chunk of them, and the offset to go on from."""
    return read_from(find(build), offset)


def read_from(record: BuildRecord, offset: int = 0) -> tuple[list[BuildEvent], int]:
    """As :func:`read`. A log that is not there yet, or belongs to another user, has no events."""
    try:
        with record.log.open("rb") as file:
            file.seek(offset)
            chunk = file.read(CHUNK)
    except (FileNotFoundError, PermissionError, ValueError):  # the last: no file has such an offset
        return [], offset
    whole = chunk[: chunk.rfind(b"\n") + 1]  # a last line may be half written
    return _parse(whole), offset + len(whole)


def read_before(build: str, end: int | None = None) -> tuple[list[BuildEvent], int, int]:
    """A chunk of the events before byte ``end`` (None: the newest), and where they begin and end."""
    try:
        with find(build).log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            stop = size if end is None else min(end, size)
            start = file.seek(max(0, stop - CHUNK))
            chunk = file.read(stop - start)
    except (FileNotFoundError, PermissionError):
        return [], 0, 0
    first = chunk.find(b"\n") + 1 if start else 0  # it may begin in the middle of a line
    rest = chunk.rfind(b"\n") + 1
    return _parse(chunk[first:rest]), start + first, start + max(first, rest)


def last(record: BuildRecord) -> BuildEvent | None:
    """The newest event of a build; None before the first."""
    return files.remembered(record.log, _last)


def _last(log: Path) -> BuildEvent | None:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - CHUNK))
            chunk = file.read(CHUNK)
    except (FileNotFoundError, PermissionError):
        return None
    return next(filter(None, map(_event, reversed(chunk.splitlines()))), None)


def is_readable(record: BuildRecord) -> bool:
    """Whether this user may follow the build; another user's home is usually closed."""
    return os.access(record.folder, os.R_OK | os.X_OK)


def is_foreign(record: BuildRecord) -> bool:
    """Whether the build that runs is another user's, in whose folder its wishes would have to be."""
    newest = announced(record.prefix)
    return newest is not None and newest[0].id == record.id and not os.access(newest[0].folder, os.W_OK)


def ended(record: BuildRecord) -> bool:
    event = last(record)
    return event is not None and event.phase.ends


def cut_short(record: BuildRecord) -> bool:
    """Whether the builder died: nothing was said, or another process said so."""
    event = last(record)
    return event is None or not event.phase.ends or (event.error or {}).get("code") == BuilderDied.code


def cancel(record: BuildRecord) -> None:
    """Ask the builder to stop; it looks several times a second."""
    record.file(".cancel").touch()


def cancel_asked(record: BuildRecord) -> bool:
    return record.file(".cancel").exists()


def keep(record: BuildRecord) -> None:
    """Ask the builder to go on when nobody waits. Another user's need not listen to us: it goes on for
    as long as somebody waits there."""
    with suppress(PermissionError, FileNotFoundError):
        record.file(".kept").touch()


def kept(record: BuildRecord) -> bool:
    return record.file(".kept").exists()


def discard(record: BuildRecord) -> None:
    """Forget a build: its log and what lies beside it. Of another user's, only that it was adopted."""
    for path in folder().glob(f"{record.id}.*"):
        path.unlink(missing_ok=True)


def _parse(chunk: bytes) -> list[BuildEvent]:
    return [event for line in chunk.splitlines() if (event := _event(line))]


def _event(line: bytes) -> BuildEvent | None:
    """The event of one line; None where a full disk or a kill cut it short."""
    try:
        return BuildEvent.from_dict(json.loads(line))
    except (ValueError, KeyError, TypeError):
        return None


class Log:
    """Appends to the log of one build."""

    def __init__(self, record: BuildRecord) -> None:
        self._build = record.id
        before = last(record)
        self._sequence = before.sequence + 1 if before else 0
        self._fraction = before.fraction if before else 0.0
        self._file = os.open(record.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._size = os.fstat(self._file).st_size
        self._torn = self._size > 0  # it may end in a half-written line: begin a new one
        self._full = False

    def add(self, step: Step, error: ApposeKernelError | None = None) -> None:
        """Append one event with a single write, so that a reader sees all of it or none."""
        if step.output and self._size > OUTPUT_LIMIT:
            if self._full:
                return
            self._full = True
            step = replace(step, message="(The output goes on, and is no longer kept.)")
        self._fraction = max(self._fraction, _fraction(step))
        event = BuildEvent(
            build=self._build,
            sequence=self._sequence,
            time=time.time(),
            fraction=round(self._fraction, 4),
            step=replace(step, message=redact(step.message[:MESSAGE_LIMIT])),
            error={name: text[-DETAIL_LIMIT:] for name, text in error.to_dict().items()} if error else None,
        )
        line = (b"\n" if self._torn else b"") + json.dumps(event.to_dict()).encode() + b"\n"
        written = os.write(self._file, line)
        self._torn = written < len(line)
        self._size += written
        self._sequence += 1

    def close(self) -> None:
        os.close(self._file)


def _fraction(step: Step) -> float:
    low, high = BANDS.get(step.phase, (0.0, 0.0))
    for done, total in ((step.bytes_done, step.bytes_total), (step.done, step.total)):
        if done is not None and total:
            return low + (high - low) * min(1.0, done / total)
    return low
