"""What conda lets people write for a package, as a MatchSpec that strict parsers take too.

conda guesses (``numpy 1.26`` is exactly 1.26, ``numpy=1.26`` is 1.26.*, ``numpy=1.26=h0`` exactly again);
a strict parser wants ``name version build`` with an operator before each version.
https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SPEC = re.compile(
    r"""(?:(?P<channel>[^\s\[=<>!~]+)::)?
    (?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*) \s*
    (?P<rest>[^\[]*?) \s*
    (?P<brackets>\[[^\[\]]*\])?""",
    re.VERBOSE,
)
_ARCHIVE = re.compile(
    r"(?:https?|file)://\S+/(?P<name>[^/\s]+)-[^-/\s]+-[^-/\s]+\.(?:conda|tar\.bz2)(?:#\w+)?"
)
_CLAUSE = re.compile(r"(?P<operator>[<>]=?|[=!~]=|=|)(?P<version>[A-Za-z0-9_.!+*-]+)")
_BUILD = re.compile(r"[A-Za-z0-9_.+*^$-]+|\*")


@dataclass(frozen=True, slots=True)
class CondaSpec:
    """``text`` is the MatchSpec; ``version`` the part of it that limits the version, empty for any."""

    name: str
    text: str
    version: str = ""
    channel: str | None = None


def parse(written: str) -> CondaSpec | None:
    """What ``written`` means; None if it means nothing."""
    if archive := _ARCHIVE.fullmatch(written):
        return CondaSpec(archive["name"].lower(), written)
    match = _SPEC.fullmatch(written)
    parts = _version_and_build(match["rest"]) if match else None
    if match is None or parts is None:
        return None
    version, build = parts
    name, channel = match["name"].lower(), match["channel"]
    text = " ".join(filter(None, (name, version or ("*" if build else ""), build)))
    text = f"{channel}::{text}" if channel else text
    return CondaSpec(name, text + (match["brackets"] or ""), version, channel and _without_subdir(channel))


def _without_subdir(channel: str) -> str:
    """``conda-forge`` of ``conda-forge/linux-64``."""
    return re.sub(r"/(?:noarch|(?:linux|osx|win|emscripten)-\w+)$", "", channel)


def _version_and_build(rest: str) -> tuple[str, str] | None:
    """The version in a strict parser's terms, and the build; both may be empty."""
    if not rest:
        return "", ""
    tight = re.sub(r"\s*([,|])\s*", r"\1", re.sub(r"([<>=!~])\s+", r"\1", rest))
    version, _, build = tight.partition(" ")
    if not build and (exact := re.fullmatch(r"(={1,2})([^=<>!~,|]+)=([^=]+)", version)):
        # with a build behind it, a single `=` means exactly this version too
        version, build = exact[2], exact[3]
    if build and not _BUILD.fullmatch(build):
        return None
    clauses = [part if part in (",", "|") else _clause(part) for part in re.split(r"([,|])", version)]
    return None if None in clauses else ("".join(filter(None, clauses)), build)


def _clause(written: str) -> str | None:
    match = _CLAUSE.fullmatch(written)
    if match is None:
        return None
    operator, version = match["operator"], match["version"]
    starred = re.sub(r"\.?\*$", "", version)
    if "*" in starred or (not starred and operator not in ("", "=")):
        return None
    if not starred:
        return "*"
    if operator in ("<", "<=", ">", ">=", "~="):
        return f"{operator}{starred}"
    if operator == "!=":
        return f"!={starred}.*" if starred != version else f"!={version}"
    begins = operator == "=" or starred != version
    return f"{starred}.*" if begins else f"=={version}"
