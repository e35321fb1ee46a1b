"""The shells that activate a prefix, and how each of them writes what must be done in it.

Values are quoted as rattler quotes them, for pixi's users write them for that
(https://github.com/conda/rattler/blob/main/crates/rattler_shell/src/shell/mod.rs).
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ..model import WINDOWS


class Shell(Protocol):
    """Writes the lines of an activation, each of which changes the variables of the shell itself.

    The script that :meth:`command` puts into ``desk`` writes files there: into ``at`` the number of the line
    that it has come to, in the end the number of lines; into ``output`` what the lines print; into
    ``failed`` the numbers of those that failed, where the shell says so; into ``environ`` the variables
    after all of them, for :meth:`parsed`.
    """

    #: Of the scripts that this shell can call.
    ending: str

    def literal(self, value: str) -> str: ...

    def expanding(self, value: str) -> str:
        """``value``, in which the shell fills in variables."""
        ...

    def set(self, name: str, quoted: str) -> str: ...

    def prepend_path(self, entries: Sequence[str]) -> str: ...

    def call(self, script: Path) -> str: ...

    def command(self, desk: Path, lines: Sequence[str], environ: Mapping[str, str]) -> list[str]: ...

    def reading(self, script: Path, environ: Mapping[str, str]) -> list[str]:
        """The command that fails if ``script`` cannot be read, and says why; nothing of it is run."""
        ...

    def parsed(self, dump: bytes) -> dict[str, str]: ...


class Sh:
    """bash, which pixi runs and for which packages write their scripts; sh where there is no bash."""

    ending = ".sh"

    def literal(self, value: str) -> str:
        return shlex.quote(value)

    def expanding(self, value: str) -> str:
        if "$" not in value:
            return shlex.quote(value)
        escaped = value.replace('"', '\\"')
        return f'"{escaped}"'

    def set(self, name: str, quoted: str) -> str:
        return f"export {name}={quoted}"

    def prepend_path(self, entries: Sequence[str]) -> str:
        return f'export PATH={shlex.quote(":".join(entries))}:"$PATH"'

    def call(self, script: Path) -> str:
        return f". {shlex.quote(str(script))}"

    def command(self, desk: Path, lines: Sequence[str], environ: Mapping[str, str]) -> list[str]:
        names = ("at", "output", "failed", "environ")
        at, output, failed, dump = (shlex.quote(str(desk / name)) for name in names)
        # not by the pipe: what a script leaves running would hold it open
        text = [f"exec >|{output} 2>&1"]
        for number, line in enumerate(lines):
            text += [f"printf {number} >|{at}", line, f"[ $? = 0 ] || printf '{number} ' >>{failed}"]
            text.append("set +eu")  # what a script demands of itself is not demanded of the next one
        # -0 is for values of several lines; macOS learnt it with version 13
        text += [
            f"/usr/bin/env -0 >|{dump} || /usr/bin/env >|{dump} || exit",
            f"printf {len(lines)} >|{at}",
            "",
        ]
        script = desk / "activation.sh"
        script.write_bytes(os.fsencode("\n".join(text)))
        return [*_bash_or_sh(environ), str(script)]

    def reading(self, script: Path, environ: Mapping[str, str]) -> list[str]:
        return [*_bash_or_sh(environ), "-n", str(script)]

    def parsed(self, dump: bytes) -> dict[str, str]:
        separator = b"\0" if b"\0" in dump else b"\n"
        pairs = (entry.partition(b"=") for entry in dump.split(separator))
        return {os.fsdecode(name): os.fsdecode(value) for name, equals, value in pairs if equals}


def _bash_or_sh(environ: Mapping[str, str]) -> list[str]:
    bash = shutil.which("bash", path=environ["PATH"])
    return [bash, "--noprofile", "--norc"] if bash else ["/bin/sh"]


class Cmd:
    """Windows' own shell."""

    ending = ".bat"

    def literal(self, value: str) -> str:
        return value.replace("%", "%%")

    def expanding(self, value: str) -> str:
        return value

    def set(self, name: str, quoted: str) -> str:
        return f'@SET "{name}={quoted}"'

    def prepend_path(self, entries: Sequence[str]) -> str:
        return self.set("PATH", self.literal(";".join(entries)) + ";%PATH%")

    def call(self, script: Path) -> str:
        return f'@CALL "{self.literal(str(script))}"'

    def command(self, desk: Path, lines: Sequence[str], environ: Mapping[str, str]) -> list[str]:
        at, output, dump = (f'"{self.literal(str(desk / name))}"' for name in ("at", "output", "environ"))
        text = ["@ECHO OFF", "@CHCP 65001 > NUL"]
        for number, line in enumerate(lines):
            # without a space before it, the number would be that of a file handle
            text += [f"@> {at} ECHO {number}", f"{line} >> {output} 2>&1"]
        text += [f"@SET > {dump}", f"@> {at} ECHO {len(lines)}", ""]
        script = desk / "activation.bat"
        script.write_text("\r\n".join(text), encoding="utf-8", newline="")
        return [environ.get("COMSPEC", "cmd.exe"), "/D", "/C", str(script)]

    def reading(self, script: Path, environ: Mapping[str, str]) -> list[str]:
        return [environ.get("COMSPEC", "cmd.exe"), "/D", "/C", "exit"]  # it reads a line when it comes to it

    def parsed(self, dump: bytes) -> dict[str, str]:
        """Names are in capitals, as in ``os.environ``: Windows does not tell them apart."""
        pairs = (line.partition("=") for line in dump.decode("utf-8", "replace").splitlines())
        return {name.upper(): value for name, _, value in pairs if name}


SHELL: Shell = Cmd() if WINDOWS else Sh()
