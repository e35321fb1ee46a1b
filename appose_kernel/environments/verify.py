"""Whether a prefix holds every file that its packages say they have: exit code 0 of an installer does not
mean it."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import process
from ..errors import ApposeKernelError, VerifyError

#: Asked of the prefix's own interpreter, which thereby shows that it starts.
_QUESTION = """
import json, sys, sysconfig
paths = sysconfig.get_paths()
print(json.dumps({
    "prefix": sys.prefix,
    "folders": sorted({paths["purelib"], paths["platlib"]}),
}))
"""
#: Damaged files that an error names.
NAMED = 5


@dataclass(frozen=True, slots=True)
class Site:
    """What an interpreter says of itself; ``folders`` are those that packages are installed into."""

    prefix: str
    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not what its package's RECORD says; ``lost`` where it is absent or empty."""

    file: Path
    problem: str
    lost: bool


async def site(python: str, environ: Mapping[str, str]) -> Site:
    """Start the interpreter and ask it; raises :class:`VerifyError` where it does not start."""
    try:
        answer = json.loads(await process.output([python, "-I", "-c", _QUESTION], env=environ))
    except (ApposeKernelError, ValueError) as error:
        raise VerifyError(
            f"The environment's interpreter {python} does not start.",
            remedy="Build the environment from scratch: `jupyter appose build --rebuild`.",
            detail=getattr(error, "detail", "") or str(error),
        ) from error
    return Site(answer["prefix"], tuple(Path(folder) for folder in answer["folders"]))


def distributions(found: Site) -> list[Path]:
    """The ``.dist-info`` folders of what is installed."""
    return sorted(path for folder in found.folders for path in folder.glob("*.dist-info"))


def damage(found: Site, distribution: Path, *, deep: bool = False) -> Iterator[Damage]:
    """What is wrong with the files of one distribution: size always, content where ``deep``.

    Bytecode is left out, as the interpreter rewrites it; so is what lies outside the prefix.
    """
    record = distribution / "RECORD"
    try:
        rows = list(csv.reader(record.read_text(encoding="utf-8").splitlines()))
    except FileNotFoundError:
        # of system packages and of very old installers; an installer killed half-way leaves METADATA out too
        if not (distribution / "METADATA").exists():
            yield Damage(record, "is missing", lost=True)
        return
    for name, digest, size in (row for row in rows if len(row) == 3):
        file = Path(os.path.normpath(distribution.parent / name))
        if file != record and file.suffix != ".pyc" and file.is_relative_to(found.prefix):
            yield from _check(file, digest, size, deep=deep)


def _check(file: Path, digest: str, size: str, *, deep: bool) -> Iterator[Damage]:
    try:
        found = file.stat().st_size
    except OSError:
        yield Damage(file, "is missing", lost=True)
        return
    if size.isdigit() and found != int(size):
        yield Damage(file, f"has {found} bytes instead of {size}", lost=found == 0)
    elif deep and digest and not _matches(file, digest):
        yield Damage(file, "has other content than was installed", lost=False)


def _matches(file: Path, expected: str) -> bool:
    algorithm, _, encoded = expected.partition("=")
    with file.open("rb") as content:
        found = hashlib.new(algorithm)
        while block := content.read(2**20):
            found.update(block)
    return base64.urlsafe_b64encode(found.digest()).rstrip(b"=").decode() == encoded


def complain(found: Sequence[Damage], prefix: Path) -> VerifyError:
    """The error that names the first damaged files."""
    names = [f"{damage.file} {damage.problem}" for damage in found]
    more = f"\n… and {len(names) - NAMED} more" if len(names) > NAMED else ""
    count = "1 installed file is" if len(names) == 1 else f"{len(names)} installed files are"
    return VerifyError(
        f"{count} damaged in {prefix}: {names[0]}.",
        remedy="Build the environment from scratch: `jupyter appose build --rebuild`.",
        detail="\n".join(names[:NAMED]) + more,
    )
