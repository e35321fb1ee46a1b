"""New workspaces: the text of a small manifest from what somebody asks for, and its file.

What cannot be made, or not without harm, is refused with :class:`EditRefused`, which names the entry that
is wrong; then nothing has been written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import EditRefused
from ...model import Workspace
from .. import files, formats, specs
from ..pep508 import is_name, normalized, python_problem
from ..specs import Typed
from . import texts
from .texts import Wanted

#: The file of each format that can be made.
FILES = {"pixi": "pixi.toml", "uv": "pyproject.toml", "conda": "environment.yml"}
#: Beside which files a new one would be in the way, or never be read.
_RIVALS = {
    "pixi": ("pixi.toml",),
    "uv": ("pyproject.toml", "pixi.toml"),
    "conda": ("environment.yml", "environment.yaml"),
}
CHANNEL = "conda-forge"

_PYTHON = re.compile(r"[0-9]+(?:\.[0-9]+){0,2}")
_CHANNEL = re.compile(r"[^\s\"'`\\<>|*?#]+(?<!:)")


@dataclass(frozen=True, slots=True)
class Draft:
    """A new workspace, as asked for.

    ``format`` is a key of :data:`FILES`. ``python`` is ``3.12``, or ``>=3.10``, or empty for none in
    particular. ``packages`` and ``pypi`` are as people type them; the first come from conda's channels, or
    from PyPI where the format is ``uv``. Without ``channels`` it is conda-forge. ``cuda`` adds what makes the
    difference between an environment with and one without CUDA.
    """

    format: str
    name: str
    python: str = ""
    packages: tuple[str, ...] = ()
    pypi: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    cuda: bool = False


@dataclass(frozen=True, slots=True)
class Drafted:
    """The manifest of a draft: its file's name, its text, and what its author should know of it."""

    file_name: str
    text: str
    notes: tuple[str, ...] = ()


def compose(draft: Draft) -> Drafted:
    """The manifest that ``draft`` asks for; nothing is written. Raises EditRefused."""
    if draft.format not in FILES:
        raise EditRefused(
            f"A manifest of the format “{draft.format}” cannot be made here.",
            remedy=f"Choose one of: {', '.join(FILES)}.",
            field="format",
        )
    _check_name(draft.name)
    text, notes = texts.WRITERS[draft.format](_wanted(draft))
    return Drafted(FILES[draft.format], text, notes)


def write(folder: Path, draft: Draft) -> Path:
    """Make the manifest that :func:`compose` shows in ``folder``, which is made too if need be.

    Never writes over a file. Raises EditRefused, also where a manifest there stands in the way.
    """
    drafted = compose(draft)
    check_folder(folder, draft)
    file = folder / drafted.file_name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files.create(file, drafted.text.encode())
    except FileExistsError:
        if folder.is_dir():
            raise _occupied(folder, file.name) from None
        raise _impossible(file, f"{folder} is a file") from None
    except OSError as error:
        raise _impossible(file, error.strerror or str(error)) from error
    return file


def _impossible(file: Path, reason: str) -> EditRefused:
    return EditRefused(
        f"{file} cannot be made: {reason}.",
        remedy="Choose a folder that you may write to, on a disk with room.",
        field="folder",
    )


def check_folder(folder: Path, draft: Draft) -> None:
    """Raises EditRefused where a manifest in ``folder`` stands in the way of that of ``draft``."""
    for name in files.present(folder, _RIVALS[draft.format]):
        raise _occupied(folder, name.name)
    if draft.format == "pixi":
        for found in formats.all_in(folder):
            if isinstance(found, Workspace) and found.format in ("pixi", "uv"):
                raise _occupied(folder, found.manifest.name)


def _occupied(folder: Path, name: str) -> EditRefused:
    return EditRefused(
        f"{folder} has a {name} already; nothing was written.",
        remedy="Choose another folder, or change what is there.",
        field="folder",
    )


def _check_name(name: str) -> None:
    if is_name(name):
        return
    likely = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-_.")
    raise EditRefused(
        f"Name: `{name}` cannot be a workspace's name." if name.strip() else "Name: it is empty.",
        remedy="Use letters, digits, `-`, `_` and `.`, with a letter or digit at both ends"
        + (f", such as `{likely}`." if likely else "."),
        field="name",
    )


def _wanted(draft: Draft) -> Wanted:
    from_conda = draft.format != "uv"
    conda = _typed("conda", draft.packages, "packages") if from_conda else ()
    from_pypi = "pypi" if from_conda else "packages"
    pypi = _typed("pypi", draft.pypi if from_conda else (*draft.packages, *draft.pypi), from_pypi)
    python = _python(draft, from_conda)
    if from_conda and python is not None:
        conda = (python, *conda)
    _check_once(conda, "packages")
    _check_once(pypi, from_pypi, markers=draft.format != "pixi")
    if any(package.name == "python" for package in pypi):
        raise EditRefused(
            "Package `python`: PyPI has no Python.",
            remedy="Write its version into the field for it.",
            field=from_pypi,
        )
    return Wanted(
        name=draft.name,
        python=python.spec if python is not None else "",
        conda=conda,
        pypi=pypi,
        channels=tuple(dict.fromkeys(_channels(draft))),
        cuda=draft.cuda,
        platform=formats.host_platform(),
    )


def _python(draft: Draft, from_conda: bool) -> Typed | None:
    """The Python that is asked for, in conda's terms or PyPI's; None where any will do."""
    written = draft.python.strip()
    if not written:
        return None
    bare = _PYTHON.fullmatch(written) is not None
    if from_conda:
        found = specs.check("conda", f"python={written}" if bare else f"python {written}")
    elif bare:
        found = Typed("python", f"=={written}" if written.count(".") == 2 else f"=={written}.*")
    else:
        found = Typed("python", written, python_problem(written) or "")
    if not found.ok or not found.spec:
        raise EditRefused(
            f"Python: `{written}` is no version.",
            remedy="Write it like `3.12`, or `>=3.10,<3.13`.",
            field="python",
        )
    return found


def _typed(kind: str, texts: Sequence[str], field: str) -> tuple[Typed, ...]:
    return tuple(dict.fromkeys(_checked(kind, text, field) for text in texts))


def _checked(kind: str, text: str, field: str) -> Typed:
    found = specs.check(kind, text)
    if not found.ok:
        raise EditRefused(f"Package `{text}`: {found.message}", remedy="Correct or remove it.", field=field)
    return found


def _check_once(packages: Sequence[Typed], field: str, *, markers: bool = False) -> None:
    """``markers``: whether a package may stand there for one platform, and again for another."""
    seen: dict[str, Typed] = {}
    for package in packages:
        other = seen.setdefault(normalized(package.name), package)
        if other is not package and not (markers and ";" in package.spec and ";" in other.spec):
            raise EditRefused(
                f"Package `{package.name}`: it is there twice, as `{_written(other)}` and as"
                f" `{_written(package)}`.",
                remedy="Remove one of them.",
                field=field,
            )


def _written(package: Typed) -> str:
    return f"{package.name} {package.spec}".strip()


def _channels(draft: Draft) -> Iterator[str]:
    for channel in draft.channels or (CHANNEL,):
        if not _CHANNEL.fullmatch(channel):
            raise EditRefused(
                f"Channel `{channel}`: this is no channel.",
                remedy="Write its name, such as `conda-forge`, or its URL.",
                field="channels",
            )
        yield channel
