"""A build as it shows on stderr: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from typing import Protocol

from ..model import BuildEvent, Environment, Phase
from . import answers

#: A plain line about an unchanged phase comes at most this often, in seconds.
PLAIN_INTERVAL = 5.0


class Display(Protocol):
    """Shows the events of one build; entered before the first and left after the last."""

    def __enter__(self) -> Display: ...

    def __exit__(self, *_: object) -> None: ...

    def show(self, event: BuildEvent) -> None: ...


def display(environment: Environment, *, quiet: bool) -> Display:
    """What fits stderr: nothing, plain lines, or a bar."""
    if quiet:
        return Quiet()
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from .bar import Bar  # noqa: PLC0415  (rich takes longer to import than a ready `build` to run)

        return Bar(environment)
    return Lines(environment)


def counts(event: BuildEvent) -> str:
    """``3 of 12, 1.2 MB of 4.5 MB``, as far as the step says."""
    step = event.step
    parts = []
    if step.done is not None and step.total:
        parts.append(f"{step.done} of {step.total}")
    if step.bytes_done is not None:
        of = f" of {answers.size(step.bytes_total)}" if step.bytes_total else ""
        parts.append(f"{answers.size(step.bytes_done)}{of}")
    return ", ".join(parts)


class Quiet:
    """With ``--json``, and where an environment is ready anyway."""

    def __enter__(self) -> Quiet:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, event: BuildEvent) -> None:
        pass


class Lines:
    """For logs and pipes: a line when the phase changes, and now and then within a long one."""

    def __init__(self, environment: Environment) -> None:
        self._title = environment.title
        self._phase = ""
        self._last = 0.0

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, event: BuildEvent) -> None:
        step = event.step
        if event.phase is Phase.READY and (notes := step.message.partition(" is ready. ")[2]):
            answers.note(f"{self._title}: {notes}")
        if event.phase.ends or step.output:
            return
        now = time.monotonic()
        if step.phase.value == self._phase and now - self._last < PLAIN_INTERVAL:
            return
        self._phase, self._last = step.phase.value, now
        message = "" if step.phase is Phase.QUEUED else step.message
        said = ", ".join(filter(None, [counts(event), message]))
        known = f"{event.fraction:4.0%} " if event.measured else ""
        answers.note(f"{self._title}: {known}{self._phase}{f' ({said})' if said else ''}")
