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
from typing import Any

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
#: What to do about damage that a build found.
REMEDY = "Build the environment from scratch: `jupyter appose build --rebuild`."
#: Damaged files that an error names.
NAMED = 5


@dataclass(frozen=True, slots=True)
class Site:
    """A prefix, and the folders that its interpreter's packages are installed into; none without one."""

    prefix: str
    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not what its package says; ``lost`` where it is absent or empty."""

    file: Path
    problem: str
    lost: bool


@dataclass(frozen=True, slots=True)
class _Expected:
    """What a package says of a file, as far as it does: bytes, and a digest as RECORD writes it."""

    file: Path
    size: int | None = None
    digest: str = ""
    link: bool = False


async def site(python: str, environ: Mapping[str, str]) -> Site:
    """Start the interpreter and ask it; raises :class:`VerifyError` where it does not start."""
    try:
        answer = json.loads(await process.output([python, "-I", "-c", _QUESTION], env=environ))
    except (ApposeKernelError, ValueError) as error:
        raise VerifyError(
            f"The environment's interpreter {python} does not start.",
            remedy=REMEDY,
            detail=getattr(error, "detail", "") or str(error),
        ) from error
    return Site(answer["prefix"], tuple(Path(folder) for folder in answer["folders"]))


def packages(found: Site) -> list[Path]:
    """What says which files there are: conda's records, and the ``.dist-info`` folders of other installers.

    A conda package's own ``.dist-info`` lists what was there when it was built, so it is left out.
    """
    conda = sorted(Path(found.prefix, "conda-meta").glob("*.json"))
    owned = {Path(found.prefix, name) for record in conda for name in _recorded(record).get("files", ())}
    others = sorted(path for folder in found.folders for path in folder.glob("*.dist-info"))
    return [*conda, *(path for path in others if path / "METADATA" not in owned)]


def damage(found: Site, package: Path, *, deep: bool = False) -> Iterator[Damage]:
    """What is wrong with the files of one package: size always, content where ``deep``.

    Bytecode is left out, as the interpreter rewrites it; so is what lies outside the prefix.
    """
    try:
        expected = list(_of_conda(found, package) if package.suffix == ".json" else _of_record(package))
    except FileNotFoundError:
        # of system packages and of very old installers; an installer killed half-way leaves METADATA out too
        if not (package / "METADATA").exists():
            yield Damage(package / "RECORD", "is missing", lost=True)
        return
    except (ValueError, LookupError):
        yield Damage(package, "cannot be read", lost=True)
        return
    for each in expected:
        if each.file.suffix != ".pyc" and each.file.is_relative_to(found.prefix):
            yield from _check(each, deep=deep)


def _of_record(distribution: Path) -> Iterator[_Expected]:
    """https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file"""
    record = distribution / "RECORD"
    for name, digest, size in (row for row in csv.reader(_lines(record)) if len(row) == 3):
        file = Path(os.path.normpath(distribution.parent / name))
        if file != record:
            yield _Expected(file, int(size) if size.isdigit() else None, digest)


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def _of_conda(found: Site, record: Path) -> Iterator[_Expected]:
    """Of a file that the prefix's path was written into, the size is that in the package, and not ours.

    https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html
    """
    for entry in json.loads(record.read_text(encoding="utf-8"))["paths_data"]["paths"]:
        file = Path(found.prefix, entry["_path"])
        if entry["path_type"] == "softlink":
            yield _Expected(file, link=True)
        elif entry["path_type"] != "directory":
            rewritten = "prefix_placeholder" in entry
            digest = entry.get("sha256_in_prefix") or (None if rewritten else entry.get("sha256"))
            size = None if rewritten else entry.get("size_in_bytes")
            yield _Expected(file, size, f"sha256={_encoded(bytes.fromhex(digest))}" if digest else "")


def _recorded(record: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # its damage is told where its files are looked at
    return data


def _check(expected: _Expected, *, deep: bool) -> Iterator[Damage]:
    file = expected.file
    try:
        found = file.lstat() if expected.link else file.stat()
    except OSError:
        yield Damage(file, "is missing", lost=True)
        return
    if expected.size is not None and found.st_size != expected.size:
        yield Damage(file, f"has {found.st_size} bytes instead of {expected.size}", lost=found.st_size == 0)
    elif deep and expected.digest and not _matches(file, expected.digest):
        yield Damage(file, "has other content than was installed", lost=False)


def _matches(file: Path, expected: str) -> bool:
    algorithm, _, encoded = expected.partition("=")
    with file.open("rb") as content:
        found = hashlib.new(algorithm)
        while block := content.read(2**20):
            found.update(block)
    return _encoded(found.digest()) == encoded


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def complain(found: Sequence[Damage], prefix: Path, *, remedy: str = REMEDY) -> VerifyError:
    """The error that names the first damaged files."""
    names = [f"{damage.file} {damage.problem}" for damage in found]
    more = f"\n… and {len(names) - NAMED} more" if len(names) > NAMED else ""
    count = "1 installed file is" if len(names) == 1 else f"{len(names)} installed files are"
    return VerifyError(
        f"{count} damaged in {prefix}: {names[0]}.",
        remedy=remedy,
        detail="\n".join(names[:NAMED]) + more,
    )
