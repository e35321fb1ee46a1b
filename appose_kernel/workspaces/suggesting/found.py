"""What has been found for a draft so far, and what could not be taken over."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ...errors import redact
from .. import specs
from ..creating import Draft
from ..pep508 import normalized

_ELSEWHERE = "where it comes from can be written into the new file"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``notes`` say what is a guess, and what could not be taken over."""

    draft: Draft
    notes: tuple[str, ...]


@dataclass
class Found:
    """Packages, as a draft takes them."""

    conda: list[str] = field(default_factory=list)
    pypi: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Notes are shown: what looks like a credential is not."""
        if (shown := redact(text)) not in self.notes:
            self.notes.append(shown)

    def leave_out(self, written: str, why: str = _ELSEWHERE) -> None:
        self.note(f"`{written}` is left out: {why}.")

    def has(self, name: str) -> bool:
        return not self._names.keys().isdisjoint((kind, normalized(name)) for kind in ("conda", "pypi"))

    def add_channel(self, channel: str) -> None:
        """Take over a channel, unless its URL holds a credential: manifests are shared."""
        if redact(channel) == channel:
            self.channels.append(channel)
        else:
            self.leave_out(channel, "its URL holds a credential, which belongs to `pixi auth login`")

    def add(self, kind: str, written: str) -> None:
        """Take over a package of ``conda`` or ``pypi``, where a draft has room for it."""
        typed = specs.check(kind, written)
        if not typed.ok:
            self.leave_out(written)
            return
        if kind == "pypi" and normalized(typed.name) == "python":
            self.leave_out(written, "PyPI has no Python")
            return
        first = self._names.setdefault((kind, normalized(typed.name)), written)
        into = self.conda if kind == "conda" else self.pypi
        if first is written:
            into.append(written)
        elif first != written:
            self.leave_out(written, f"`{first}` is there already")

    def suggestion(self, format: str, name: str, python: str = "") -> Suggestion:
        """``name`` may be any text; the draft's is one that a workspace can have."""
        likely = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-_.")
        draft = Draft(
            format=format,
            name=likely or "workspace",
            python=python,
            packages=tuple(self.pypi if format == "uv" else self.conda),
            pypi=() if format == "uv" else tuple(self.pypi),
            channels=tuple(dict.fromkeys(self.channels)),
        )
        return Suggestion(draft, tuple(self.notes))
