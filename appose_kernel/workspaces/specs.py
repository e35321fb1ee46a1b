"""A package as somebody types it into a field, and what to say at the field while it is none.

PyPI's packages are PEP 508 requirements (https://peps.python.org/pep-0508/), conda's are MatchSpecs as its
users write them (https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html). What a
package can have beside a version (a URL, a build, a channel of its own) is written in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, Specifier

from .conda import match_specs
from .pep508 import is_name

_IN_THE_FILE = "edit it in the file."
_PLACE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|(?:git|hg|svn|bzr)\+|file:|\.{0,2}[/\\]|~[/\\]|[A-Za-z]:\\")
_PYPI = re.compile(
    r"(?P<name>[^\s\[\]<>=!~^;,@()]+)\s*(?P<rest>(?:\[(?P<extras>[^\]]*)\])?\s*(?P<versions>[^;]*)(?:;(?P<marker>.*))?)",
    re.DOTALL,
)
#: A part between commas: `>=2`, and what people write instead of it.
_OPERATOR = re.compile(r"\s*(?P<operator>[<>=!~^]*)\s*(?P<version>.*?)\s*", re.DOTALL)
#: https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html#version-ordering
_CONDA_VERSION = re.compile(
    r"(?:[0-9]+!)?[0-9A-Za-z]+(?:[._-][0-9A-Za-z]+)*_?(?:\+[0-9A-Za-z]+(?:[._][0-9A-Za-z]+)*)?"
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A package's ``name`` and ``spec``, both as a manifest writes them; an empty ``spec`` takes any version.

    ``message`` says what is wrong; it is empty where nothing is.
    """

    name: str = ""
    spec: str = ""
    message: str = ""

    @property
    def ok(self) -> bool:
        return not self.message


def check(kind: str, text: str) -> Typed:
    """What ``text`` means as a package of ``kind`` ``pypi`` or ``conda``. Raises nothing."""
    written = text.strip()
    if not written:
        return Typed(message="Type the name of a package, such as `numpy`.")
    if _PLACE.match(written):
        return Typed(message=f"A package that comes from a URL or a folder: {_IN_THE_FILE}")
    return _pypi(written) if kind == "pypi" else _conda(written)


def _pypi(written: str) -> Typed:
    match = _PYPI.fullmatch(written)
    if match is None or not is_name(match["name"]):
        return Typed(message=_no_name(match["name"] if match else written))
    if match["versions"].startswith("@"):
        return Typed(message=f"A package that comes from a URL or a folder: {_IN_THE_FILE}")
    if message := _pypi_problem(match):
        return Typed(match["name"], message=message)
    return Typed(match["name"], re.sub(r"\(([^()]*)\)(?=\s*(?:;|$))", r"\1", match["rest"], count=1).strip())


def _no_name(written: str) -> str:
    return (
        f"`{written}` is no name of a package: it has letters, digits, `-`, `_` and `.`, and begins and ends"
        " with a letter or digit."
    )


def _pypi_problem(match: re.Match[str]) -> str:
    if match["versions"].startswith("["):
        return "The bracket `[` is never closed."
    for extra in (match["extras"] or "").split(","):
        if extra.strip() and not is_name(extra.strip()):
            return f"`{extra.strip()}` is no name of an extra."
    if message := next(_clause_problems(match["versions"]), ""):
        return message
    if match["marker"] is not None and (message := _marker_problem(match["marker"].strip())):
        return message
    try:
        Requirement(match[0])
    except InvalidRequirement as error:
        return f"`{match[0]}` is no requirement: {str(error).partition(chr(10))[0].strip()}."
    return ""


def _clause_problems(versions: str) -> Iterator[str]:
    inside = versions.strip()
    if inside.startswith("(") and inside.endswith(")"):
        inside = inside[1:-1]
    for clause in inside.split(",") if inside else ():
        if not _is_clause(clause.strip()):
            yield _clause_problem(clause)


def _clause_problem(clause: str) -> str:
    match = _OPERATOR.fullmatch(clause)
    operator, version = (match["operator"], match["version"]) if match else ("", clause.strip())
    written = clause.strip()
    if not version:
        return f"A version is missing after `{written}`." if written else "A version is missing at the comma."
    if operator in ("=", "") and _is_clause(f"=={version}"):
        return f"Write `=={version}` for exactly this version, or `>={version}` for this one or newer."
    if operator == "^" and _is_clause(f"=={version}"):
        return f"`^` is not known to Python packages: write `>={version}` and, after a comma, an upper bound."
    bare = version.removesuffix(".*")
    if operator in ("<", "<=", ">", ">=", "~=") and bare != version and _is_clause(f"=={bare}"):
        return f"`.*` goes with `==` and `!=` alone: write `{operator}{bare}`."
    if operator == "~=" and _is_clause(f"=={version}"):
        return f"`{written}` needs a second number: write `~={version}.0`, or `>={version}`."
    return f"`{written}` is no version: write it like `>=2,<3`."


def _is_clause(text: str) -> bool:
    try:
        Specifier(text)
    except InvalidSpecifier:
        return False
    return True


def _marker_problem(marker: str) -> str:
    if not marker:
        return "A marker is missing after `;`, such as `sys_platform == 'linux'`."
    try:
        Marker(marker)
    except InvalidMarker:
        return f"`{marker}` is no marker: write it like `sys_platform == 'linux'`."
    return ""


def _conda(written: str) -> Typed:
    if "::" in written:
        channel, _, rest = written.partition("::")
        return Typed(
            message=f"A package that comes from a channel of its own: add the channel `{channel}` and type"
            f" `{rest.strip()}`, or {_IN_THE_FILE}"
        )
    if "[" in written:
        return Typed(message=f"A package with more than a version: {_IN_THE_FILE}")
    found = match_specs.parse(written)
    if found is None:
        return _no_match(written)
    for clause in filter(None, re.split(r"[,|]", found.version)):
        version = clause.lstrip("<>=!~").removesuffix(".*")
        if version != "*" and not (_CONDA_VERSION.fullmatch(version) and re.search("[0-9]", version)):
            shown = clause if clause in written else version
            return Typed(found.name, message=f"`{shown}` is no version: write it like `>=2,<3`.")
    if found.text not in (found.name, f"{found.name} {found.version}"):
        return Typed(found.name, message=f"A package with a build of its own: {_IN_THE_FILE}")
    return Typed(found.name, found.version)


def _no_match(written: str) -> Typed:
    match = re.match(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?=[\s<>=!~,|^]|$)", written)
    if match is None:
        return Typed(
            message=f"`{written}` is no name of a package: it has letters, digits, `-`, `_` and `.`."
        )
    rest = written[match.end() :].strip()
    if re.fullmatch(r"[<>=!~]+", rest):
        return Typed(match[0], message=f"A version is missing after `{rest}`.")
    return Typed(match[0], message=f"`{rest}` is no version: write it like `>=2,<3`.")
