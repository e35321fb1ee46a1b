"""What a kernel start tells: lines for the log of whoever started it, and errors as a cell shows them."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from ..errors import ApposeKernelError, BuildCancelled, KernelMissing, LaunchError
from ..model import Environment

RED, BOLD, OFF = "\x1b[31m", "\x1b[1m", "\x1b[0m"
#: Lines of a tool's output that a cell shows.
LINES = 20
RESTART = "Restart the kernel to try again."


def say(line: str) -> None:
    """A line for the log of whoever started the kernel."""
    print(f"appose-kernel: {line}", file=sys.stderr, flush=True)


def unexpected(error: Exception) -> LaunchError:
    """A mistake of ours, as something that a cell can show."""
    import traceback  # noqa: PLC0415  (a kernel that starts has no use for it)

    return LaunchError(
        f"appose-kernel made a mistake: {type(error).__name__}: {error}",
        remedy="Please report this, with the lines below.",
        detail="".join(traceback.format_exception(error)).rstrip(),
    )


def interrupted(*, built: bool, kept: bool) -> BuildCancelled:
    """What to say to somebody who does not wait for a kernel.

    ``built``: only its start was left; ``kept``: the build was asked for by itself, and goes on alone.
    """
    if built:
        return BuildCancelled("You interrupted the start of its kernel. Nothing has to be built again.")
    if kept:
        return BuildCancelled(
            "You interrupted only your waiting for it. The build goes on, because it was started by itself.",
            remedy="Cancel it under “Builds” in the sidebar if it is not wanted.",
        )
    return BuildCancelled("You interrupted it. The build ends, unless somebody else waits for it too.")


def headline(error: ApposeKernelError, environment: Environment | None, *, built: bool = False) -> str:
    """What has failed, in one sentence."""
    if environment is None:
        return "The kernel cannot start."
    name = environment.title
    if isinstance(error, BuildCancelled):
        return f"{name} is ready, but its kernel is not started." if built else f"{name} is not built yet."
    if isinstance(error, (LaunchError, KernelMissing)):
        return f"The kernel of {name} cannot start."
    return f"{name} could not be built."


@dataclass(frozen=True, slots=True)
class CellError:
    """The content of an ``error`` message."""

    ename: str
    evalue: str
    traceback: tuple[str, ...]

    def content(self) -> dict[str, object]:
        return {"ename": self.ename, "evalue": self.evalue, "traceback": list(self.traceback)}


def cell_error(error: ApposeKernelError, headline: str, after: str = RESTART) -> CellError:
    """``error`` as the front answers a cell with it; ``after`` ends what to do."""
    # bold alone: Jupyter's bold red is the least readable colour on its dark error background
    lines = [f"{BOLD}{headline}{OFF}"]
    lines += [f"{RED}{line}{OFF}" for line in error.message.splitlines()]
    lines += [*error.remedy.splitlines(), after]
    if error.detail:
        lines += ["", *error.detail.splitlines()[-LINES:]]
    said = " ".join(filter(None, (headline, error.message, error.remedy)))
    return CellError(type(error).__name__, said, tuple(lines))
