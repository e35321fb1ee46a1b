"""The running interpreter with its standard library as a conda package that works wherever it is put."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from conda_channel import MINOR, PLACEHOLDER, SITE_PACKAGES, VERSION, Channel, File, Link, Program

BASE = Path(sys.base_prefix)
#: Folders and files of the standard library that no kernel needs.
_LEFT_OUT = re.compile(
    r"(^|/)(site-packages|dist-packages|__pycache__|tests?|idlelib|lib2to3|turtledemo|tkinter|ensurepip|config-[^/]*)/"
    r"|\.a$|_test[^/]*\.so$|_tkinter[^/]*\.so$"
)


def write(channel: Channel) -> Path:
    """Write the package; some tens of megabytes."""
    files: dict[str, File] = {path.relative_to(BASE).as_posix(): _content(path) for path in _paths()}
    files[f"{SITE_PACKAGES}/README.txt"] = ""
    for name in ("python", "python3"):
        files[f"bin/{name}"] = Link(f"python{MINOR}")
    return channel.package("python", VERSION, files, python_site_packages_path=SITE_PACKAGES)


def _paths() -> Iterator[Path]:
    yield BASE / "bin" / f"python{MINOR}"
    yield from BASE.glob("lib/libpython*.so*")
    for folder, _, names in os.walk(BASE / "lib" / f"python{MINOR}"):
        paths = [Path(folder, name) for name in names]
        yield from (path for path in paths if not _LEFT_OUT.search(path.relative_to(BASE).as_posix()))


def _content(path: Path) -> File:
    if path.is_symlink():
        return Link(str(path.readlink()))
    data = path.read_bytes()
    if data.startswith(b"\x7fELF"):
        return Program(_relocatable(path, data))
    if b"\0" not in data:
        data = data.replace(os.fsencode(BASE), PLACEHOLDER.encode())
    return Program(data) if os.access(path, os.X_OK) else data


def _relocatable(path: Path, data: bytes) -> bytes:
    """Have the program look for its libraries relative to itself, as conda's packages do."""
    before = os.fsencode(BASE / "lib") + b"\0"
    after = b"$ORIGIN/" + os.fsencode(os.path.relpath(BASE / "lib", path.parent))
    assert before not in data or len(after) < len(before), "this interpreter is too near to the root"
    return data.replace(before, after.ljust(len(before), b"\0"))
