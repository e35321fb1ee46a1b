"""A draft from a notebook: from what it says itself, else from what it installs and imports."""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

from ...errors import EditRefused
from .. import files
from ..script import block, notebooks
from . import import_names
from .found import Found, Suggestion

_INSTALL = re.compile(
    r"\s*[%!]\s*(?:(?:\S*python[\d.]*|\{sys\.executable\})\s+-m\s+|uv\s+)?"
    r"(?P<tool>pip3?|conda|mamba|micromamba)\s+install\s+(?P<rest>.+)"
)
#: Their options that a value follows.
_VALUED = frozenset(
    {"-r", "--requirement", "--constraint", "-e", "--editable", "-t", "--target", "-f", "--find-links"}
    | {"-i", "--index-url", "--extra-index-url", "-n", "--name", "-p", "--prefix", "--solver"}
)
_CHANNEL = ("-c", "--channel")
_SHELL = frozenset({"&&", "||", "|", ";", ">", "2>", "&"})
#: Lines that are IPython's and not Python's: magics, shell commands, questions, and values of these.
_NOT_PYTHON = re.compile(r"(\s*)(?:[%!?]|\w[\w, ]*=\s*[%!]|\w[\w.]*\?{1,2}\s*$)")
#: Cell magics whose cell is Python.
_TRANSPARENT = re.compile(r"\s*%%(?:time|timeit|capture|prun)\b.*")
#: Characters of a line that nobody has typed: Python itself takes the square of its length for some.
_LONG = 10_000
_IMPORT = re.compile(r"\s*(?:import|from)\s+([A-Za-z_][\w.]*)")


def suggest(notebook: Path) -> Suggestion:
    own = notebooks.block(notebook)
    if own is not None:
        return _from_block(notebook, own)
    notebooks.demand_whole(notebook)
    document = notebooks.parse(notebook, files.read_text(notebook, notebooks.MAX_BYTES))
    _demand_python(notebook, document)
    cells = [_python_lines(cell) for cell in notebooks.code_cells(document)]
    found = Found()
    for line in (line for cell in cells for line in cell):
        _take_install(line, found)
    _take_imports(notebook.parent, _imports(cells), found)
    return found.suggestion("pixi" if found.conda else "uv", notebook.stem)


def _from_block(notebook: Path, own: notebooks.Block) -> Suggestion:
    found, script = Found(), block.parse(own)
    for text in script.dependencies:
        found.add("pypi", text)
    for source in script.sources:
        found.note(f"Where `{source.package}` comes from is left out: write it into the new file.")
    for index in script.indexes:
        found.leave_out(index.url, "an index is written into the new file")
    return found.suggestion("uv", notebook.stem, script.python)


def _demand_python(notebook: Path, document: dict[str, Any]) -> None:
    metadata: Any = document.get("metadata")
    for key, inner in (("language_info", "name"), ("kernelspec", "language")):
        table = metadata.get(key) if isinstance(metadata, dict) else None
        language = table.get(inner) if isinstance(table, dict) else None
        if isinstance(language, str) and language.lower() not in ("python", "ipython"):
            raise EditRefused(
                f"{notebook} is written in {language}: what its imports need is known for Python alone.",
                remedy="Begin with an empty draft.",
            )


def _python_lines(cell: str) -> list[str]:
    """The lines of a cell; none of one in another language."""
    lines = [line for line in cell.splitlines() if len(line) < _LONG]
    if lines and _TRANSPARENT.fullmatch(lines[0]):
        return lines[1:]
    return [] if cell.lstrip().startswith("%%") else lines


def _take_install(line: str, found: Found) -> None:
    match = _INSTALL.fullmatch(line)
    if match is None:
        return
    kind = "pypi" if match["tool"].startswith("pip") else "conda"
    words = takewhile(lambda word: word not in _SHELL, _words(match["rest"]))
    for word in words:
        if word in _VALUED or word in _CHANNEL:
            value = next(words, "")
            if word in _CHANNEL and kind == "conda":
                found.add_channel(value)
            elif kind == "pypi":
                found.leave_out(f"{word} {value}")
        elif not word.startswith("-"):
            found.add(kind, word)


def _words(rest: str) -> Iterator[str]:
    try:
        return iter(shlex.split(rest, comments=True))
    except ValueError:  # a quote that is never closed
        return iter(rest.split())


def _take_imports(folder: Path, modules: Iterable[str], found: Found) -> None:
    guesses: dict[str, str] = {}
    for module in modules:
        first = module.partition(".")[0]
        if import_names.is_at_hand(module):
            continue
        if files.present(folder, (f"{first}.py", f"{first}/__init__.py")):
            found.note(f"`{first}` is beside the notebook, and no package.")
        elif (package := import_names.package(module)) is None:
            found.note(f"Which package `{module}` comes from is not known.")
        elif not found.has(package):
            found.add("pypi", package)
            guesses[package] = first
    if guesses:
        shown = (
            f"`{package}`" if package == module else f"`{package}` (for `{module}`)"
            for package, module in guesses.items()
        )
        found.note(f"Guessed from what the notebook imports: {', '.join(shown)}.")


def _imports(cells: Iterable[list[str]]) -> list[str]:
    """The modules that cells import, each once, in their order; ``from a import b`` may mean ``a.b``."""
    return list(dict.fromkeys(module for cell in cells for module in _modules(cell)))


def _modules(cell: list[str]) -> Iterator[str]:
    code = [f"{match[1]}pass" if (match := _NOT_PYTHON.match(line)) else line for line in cell]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the notebook's code, which is not ours
            tree = ast.parse("\n".join(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield from (match[1] for line in code if (match := _IMPORT.match(line)))
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
