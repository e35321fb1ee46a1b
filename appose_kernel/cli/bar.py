"""A build on a terminal, drawn by rich. Apart from the rest because importing rich takes its time."""

from __future__ import annotations

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, Task, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from ..environments import folders
from ..model import BuildEvent, Environment
from .progress import counts


class _Percent(TaskProgressColumn):
    """Nothing where nobody can know: the bar itself moves then."""

    def render(self, task: Task) -> Text:
        return super().render(task) if task.total is not None else Text("")


class Bar:
    """Phase, bar, counts and elapsed time, and under them the log's last line.

    All of it goes when the build ends: the command's own result says the rest.
    """

    def __init__(self, environment: Environment) -> None:
        console = Console(stderr=True)
        self._title = environment.title
        self._line = Text(style="dim", no_wrap=True, overflow="ellipsis")
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            _Percent(),
            TextColumn("{task.fields[counts]}", markup=False),
            TimeElapsedColumn(),
            console=console,
        )
        self._task = self._progress.add_task(self._title, total=None, counts="")
        self._live = Live(Group(self._progress, self._line), console=console, transient=True)

    def __enter__(self) -> Bar:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, event: BuildEvent) -> None:
        if event.step.message and not folders.are_named_in(event.step.message):
            self._line.plain = f"  {event.step.message}"
        if not event.step.output:
            self._progress.update(
                self._task,
                description=f"{self._title}: {event.phase.value}",
                completed=event.fraction,
                total=1.0 if event.measured else None,
                counts=counts(event),
            )
