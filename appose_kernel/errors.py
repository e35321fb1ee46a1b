"""Every error a user can meet, and the hiding of secrets in what they say.

::

    ApposeKernelError                 code, message, remedy, detail
    ├── ManifestError
    │   ├── ManifestNotFound
    │   ├── ManifestInvalid           file, line
    │   │   └── PlatformUnsupported   the platforms that there are
    │   ├── ManifestConflict          the file changed since the client read it
    │   └── EditRefused               the edit cannot be made, or not without harm
    ├── EnvironmentNotFound           names what exists
    ├── EnvironmentNotBuilt           nothing has been built, or nothing by us
    ├── EnvironmentInUse              something runs in it, or builds it
    ├── ToolError
    │   ├── ToolNotFound
    │   ├── ToolTooOld                found, floor
    │   └── ToolFailed                argv, exit code
    ├── SolveError                    no set of packages satisfies the manifest
    ├── InstallError                  download, hash, link, disk
    ├── VerifyError                   files of the prefix are missing or damaged
    ├── LockOutdated                  a locked build, and a newer manifest
    ├── EngineUnsupported             the manifest key, and what can read it
    ├── BuildNotFound                 no build has this id
    ├── PlanNotFound                  no dry run has this id
    ├── BuildCancelled                somebody stopped the build
    ├── BuilderDied                   the build's process ended without a word
    ├── KernelMissing                 no ipykernel fits the environment, or it lacks the kernel
    ├── LaunchError                   the kernel's process did not come up
    └── KernelspecError               a kernelspec of this name is not ours to write or remove

``message`` says what happened and where, ``remedy`` what to do next, ``detail`` ends the story
with the last lines of the tool's own output. ``code`` is stable: machines may depend on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Each repetition has a bound: without one, a long line costs the square of its length.
_SECRETS = (
    # https://user:password@host and https://token@host
    (re.compile(r"(?<=://)[^/@\s\"']+(?=@)"), "****"),
    # anaconda.org's and quetz's tokens in the path: https://host/t/<token>/channel
    (re.compile(r"(\w{2,10}://[^\s\"']{1,300}?/t/)[^/\s\"']+"), r"\1****"),
    # the query of a signed download
    (re.compile(r"(https?://[^\s?\"']{1,2000})\?[^\s\"')>]+"), r"\1?****"),
    # NAME_TOKEN=value, "password": "value", Authorization: Bearer value
    (
        re.compile(
            r"(?i)(\b[\w-]{0,60}(?:token|password|passwd|secret|api_?key|authorization)[\"']?\s*[=:]\s*"
            r"[\"']?(?:bearer\s+|basic\s+)?)[^\s\"',;]+"
        ),
        r"\1****",
    ),
)


def redact(text: str) -> str:
    """Replace what looks like a credential with ``****``, for anything stored or shown."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class ApposeKernelError(Exception):
    """What went wrong (message), what to do about it (remedy), and the tool's last words (detail)."""

    code = "error"

    def __init__(self, message: str, *, remedy: str = "", detail: str = "") -> None:
        self.message = redact(message)
        self.remedy = redact(remedy)
        self.detail = redact(detail)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message

    def to_dict(self) -> dict[str, str]:
        return {
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            "detail": self.detail,
        }


class ManifestError(ApposeKernelError):
    code = "manifest"


class ManifestNotFound(ManifestError):
    code = "manifest-not-found"


class ManifestInvalid(ManifestError):
    """``file`` (and ``line``, counted from 1) cannot be understood."""

    code = "manifest-invalid"

    def __init__(
        self, file: Path, line: int | None, reason: str, *, remedy: str = "", detail: str = ""
    ) -> None:
        self.file = file
        self.line = line
        where = f"{file} line {line}" if line else str(file)
        super().__init__(f"{where}: {reason}", remedy=remedy, detail=detail)


class PlatformUnsupported(ManifestInvalid):
    """The manifest is fine, but the environment is for ``platforms``, not for the one asked about."""

    code = "platform-unsupported"

    def __init__(
        self, file: Path, line: int | None, reason: str, platforms: Sequence[str], *, remedy: str
    ) -> None:
        self.platforms = tuple(platforms)
        super().__init__(file, line, reason, remedy=remedy)


class ManifestConflict(ManifestError):
    """The manifest is not, or no longer, what an edit was made for; nothing was written."""

    code = "manifest-conflict"


class EditRefused(ManifestError):
    """An edit of a manifest cannot be made, or a new manifest; nothing was written.

    ``field`` names what of the request it is about; empty where that is not one thing.
    """

    code = "edit-refused"

    def __init__(self, message: str, *, remedy: str = "", detail: str = "", field: str = "") -> None:
        self.field = field
        super().__init__(message, remedy=remedy, detail=detail)

    def to_dict(self) -> dict[str, str]:
        return {**super().to_dict(), **({"field": self.field} if self.field else {})}


class EnvironmentNotFound(ApposeKernelError):
    code = "environment-not-found"

    def __init__(self, name: str, manifest: Path, existing: Sequence[str]) -> None:
        self.name = name
        super().__init__(
            f"{manifest} has no environment “{name}”.",
            remedy=f"It has: {', '.join(existing)}.",
        )


class EnvironmentNotBuilt(ApposeKernelError):
    code = "environment-not-built"


class EnvironmentInUse(ApposeKernelError):
    code = "environment-in-use"


class ToolError(ApposeKernelError):
    code = "tool"


class ToolNotFound(ToolError):
    code = "tool-not-found"


class ToolTooOld(ToolError):
    code = "tool-too-old"

    def __init__(self, tool: str, path: str, found: str, floor: str, *, remedy: str) -> None:
        super().__init__(f"{tool} {found} ({path}) is older than {floor}.", remedy=remedy)


class ToolFailed(ToolError):
    """A tool ended with a failure that nothing below recognises; without an exit code, it took too long."""

    code = "tool-failed"

    def __init__(
        self, argv: Sequence[str], exit_code: int | None, *, remedy: str = "", detail: str = ""
    ) -> None:
        self.argv = tuple(argv)
        self.exit_code = exit_code
        how = "took too long, and was stopped" if exit_code is None else f"ended with exit code {exit_code}"
        super().__init__(f"`{' '.join(argv)}` {how}.", remedy=remedy, detail=detail)


class SolveError(ApposeKernelError):
    code = "solve"


class InstallError(ApposeKernelError):
    code = "install"


class VerifyError(ApposeKernelError):
    code = "verify"


class LockOutdated(ApposeKernelError):
    code = "lock-outdated"


class EngineUnsupported(ApposeKernelError):
    code = "engine-unsupported"


class BuildNotFound(ApposeKernelError):
    code = "build-not-found"


class PlanNotFound(ApposeKernelError):
    code = "plan-not-found"


class BuildCancelled(ApposeKernelError):
    code = "build-cancelled"


class BuilderDied(ApposeKernelError):
    code = "builder-died"


class KernelMissing(ApposeKernelError):
    code = "kernel-missing"


class LaunchError(ApposeKernelError):
    code = "launch"


class KernelspecError(ApposeKernelError):
    code = "kernelspec"


def _family(base: type[ApposeKernelError]) -> dict[str, type[ApposeKernelError]]:
    found = {base.code: base}
    for child in base.__subclasses__():
        found |= _family(child)
    return found


def from_dict(data: Mapping[str, str]) -> ApposeKernelError:
    """The error that :meth:`ApposeKernelError.to_dict` wrote, as read from a build's log or the server."""
    cls = _family(ApposeKernelError).get(data["code"], ApposeKernelError)
    error = cls.__new__(cls)
    ApposeKernelError.__init__(
        error, data["message"], remedy=data.get("remedy", ""), detail=data.get("detail", "")
    )
    if isinstance(error, EditRefused):
        error.field = data.get("field", "")
    return error
