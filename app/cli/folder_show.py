"""What is seen of a folder of clips while it is analyzed: a bar for every clip at work and one for all of them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.capture.source import one_line
from app.cli.folder_summary import Row
from app.cli.folder_worker import Failed
from app.cli.terminal import notice, shows_progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.cli.folder_clips import Job
    from app.cli.folder_jobs import Watcher
    from app.cli.folder_worker import Done

#: So many letters of a clip's name stand before its bar.
NAME_LETTERS = 32


class Lines:
    """One line for each clip when it is over, on stderr: where there is no terminal."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._over = 0

    def began(self, number: int, place: int) -> None:
        """Say nothing."""

    def got_on(self, number: int, place: int, what: str, done: int, total: int | None) -> None:
        """Say nothing."""

    def ended(self, number: int, place: int, outcome: Done | Failed) -> None:
        """Tell what the clip came to."""
        self._over += 1
        row = Row.of(self._jobs[number], outcome)
        notice(f"{self._over}/{len(self._jobs)} {one_line(row.clip, 200)}: {row.told}")


class Nothing(Lines):
    """Tells nothing, for --quiet."""

    def ended(self, number: int, place: int, outcome: Done | Failed) -> None:
        """Say nothing."""


class Bars:
    """Bars on a terminal; a clip that failed is told above them at once.

    The time left is judged by the clips' sizes in bytes: clips of one camera take as long as they are large.
    """

    def __init__(self, jobs: Sequence[Job], at_once: int, progress: Progress) -> None:
        self._jobs = jobs
        self._progress = progress
        self._bars = [progress.add_task("", total=None, visible=False) for _ in range(at_once)]
        self._all = progress.add_task(self._words(0), total=sum(job.clip.size for job in jobs))
        self._shares = [0.0] * len(jobs)
        self._over = 0

    def _words(self, over: int) -> str:
        return f"{over} of {len(self._jobs)} clips"

    def began(self, number: int, place: int) -> None:
        """Give the clip its bar."""
        name = one_line(self._jobs[number].clip.name, NAME_LETTERS)
        self._progress.reset(self._bars[place], visible=True, description=escape(name))
        self._progress.tasks[place].total = None  # rich takes a None here for "as it was"

    def got_on(self, number: int, place: int, what: str, done: int, total: int | None) -> None:
        """Move its bar, and that of all."""
        self._progress.tasks[place].total = total
        self._progress.update(self._bars[place], completed=done)
        if total and what == "Analyzing":
            self._advance(number, min(1.0, done / total))

    def ended(self, number: int, place: int, outcome: Done | Failed) -> None:
        """Take its bar away."""
        self._over += 1
        self._progress.update(self._bars[place], visible=False)
        self._progress.update(self._all, description=self._words(self._over))
        self._advance(number, 1.0)
        if isinstance(outcome, Failed):
            name = one_line(self._jobs[number].clip.name, 200)
            self._progress.console.print(f"{name}: {outcome.why}", markup=False, highlight=False, soft_wrap=True)

    def _advance(self, number: int, share: float) -> None:
        # A second attempt begins anew, but what is done is done.
        more = max(0.0, share - self._shares[number])
        self._shares[number] += more
        self._progress.advance(self._all, more * self._jobs[number].clip.size)


@contextmanager
def watching(jobs: Sequence[Job], at_once: int, quiet: bool) -> Iterator[Watcher]:
    """Give who is to be told how the jobs get on."""
    if quiet:
        yield Nothing(jobs)
    elif not shows_progress():
        yield Lines(jobs)
    else:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            yield Bars(jobs, at_once, progress)
