"""A build as a cell shows it: what is built, how far it is, for how long, and the tool's last line."""

from __future__ import annotations

import time
from html import escape

from ..environments import folders
from ..model import BuildEvent, Environment, Phase

#: Characters of the tool's last line: more would wrap.
LINE = 90
#: Percent of the bar that moves along it while nobody can know how far the build is, and its places a second.
PIECE, PACE = 20, 2

_HTML = """\
<div style="font-family: var(--jp-ui-font-family, sans-serif); font-size: var(--jp-ui-font-size1, 13px); \
color: var(--jp-ui-font-color1, inherit); padding: 4px 0; line-height: 1.5">
<div>Building <b>{title}</b> · {doing}</div>
<div role="progressbar" aria-label="Building {title}" aria-valuemin="0" aria-valuemax="100"{now} \
style="max-width: 420px; height: 5px; margin: 4px 0; border-radius: 2px; overflow: hidden; \
background: var(--jp-layout-color3, #bdbdbd)">
<div style="margin-left: {left}%; width: {width}%; height: 100%; \
background: var(--jp-brand-color1, #1976d2)"></div></div>
<div style="font-size: var(--jp-ui-font-size0, 11px); color: var(--jp-ui-font-color2, #616161)">\
{details} Your cell runs when it is ready. Interrupt to wait no longer.</div>
</div>"""


class Progress:
    """Folds the events of a build, and says what to show of them. The front holds one."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._started = time.time()
        self._step = "waiting for the build"
        self._sizes = ""
        self._output = ""
        self._fraction = 0.0
        self._measured = False
        self._phase: Phase | None = None

    def add(self, event: BuildEvent) -> None:
        step = event.step
        if event.sequence == 0:
            self._started = event.time
        if step.output and not folders.are_named_in(step.message):
            self._output = step.message
        if not step.output or step.phase is not self._phase:
            self._step = phrase(event)
            self._sizes = _sizes(step.bytes_done, step.bytes_total)
        self._fraction, self._measured, self._phase = event.fraction, event.measured, step.phase

    def launched(self) -> None:
        """The environment is ready, its kernel starts."""
        self._step, self._sizes, self._output = "starting the kernel", "", ""
        self._fraction, self._measured = 1.0, True

    def bundle(self) -> dict[str, str]:
        """What a display message carries: rich for a notebook, one line for everything else."""
        percent = round(100 * self._fraction)
        seconds = max(0.0, time.time() - self._started)
        elapsed = _clock(seconds)
        # as ARIA has it: https://www.w3.org/TR/wai-aria-1.2/#progressbar
        now = f' aria-valuenow="{percent}"' if self._measured else ""
        left = 0 if self._measured else int(seconds * PACE) * PIECE % 100
        title = self._environment.title
        said = f"{percent} %, " if self._measured else ""
        details = [elapsed, self._sizes, self._output[:LINE]]
        return {
            "text/html": _HTML.format(
                title=escape(title),
                doing=escape(self._step),
                now=now,
                left=left,
                width=percent if self._measured else PIECE,
                details=" · ".join(escape(part) for part in details if part) + " ·",
            ),
            "text/plain": f"Building {title}: {self._step} ({said}{elapsed})",
        }


def phrase(event: BuildEvent) -> str:
    """``downloading 61 of 142 packages``, or the phase and what its step says."""
    step = event.step
    if step.done is not None and step.total:
        counted = "files" if step.phase is Phase.COMPILING else "packages"
        return f"{step.phase.value} {step.done} of {step.total} {counted}"
    said = step.message
    if said and step.phase is Phase.VERIFYING:  # all is verified, and now something else is done
        return said
    if not said or step.output or step.phase is Phase.QUEUED or said.lower() == step.phase.value:
        return step.phase.value
    return f"{step.phase.value} · {said}"


def _sizes(done: int | None, total: int | None) -> str:
    if done is None:
        return ""
    if not total:
        return _megabytes(done)
    return f"{_megabytes(done)} of {_megabytes(total)}"


def _megabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
