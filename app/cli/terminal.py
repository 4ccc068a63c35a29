"""What a terminal shows while work goes on: progress with time left, notices and questions, all on stderr."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from app.coach.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def notice(line: str) -> None:
    """Print one line for the user on stderr."""
    typer.echo(line, err=True)


def shows_progress() -> bool:
    """Return whether stderr is a terminal, where bars can be drawn."""
    return sys.stderr is not None and sys.stderr.isatty()


def may_delete(what: str) -> bool:
    """Return whether the user wants it deleted for good. Raises WorldError where nobody can be asked."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise WorldError(f"Nothing was deleted: {what}. Nobody can be asked here; say --yes if you mean it.")
    if typer.confirm(f"Delete {what}? It cannot be brought back.", err=True):
        return True
    typer.echo("Nothing was deleted.")
    return False


@contextmanager
def counting(what: str, total: int | None, show: bool = True) -> Iterator[Callable[[], None]]:
    """Give a function to call once per piece of work; shows a bar where stderr is a terminal and ``show``."""
    if not (show and shows_progress()):
        yield lambda: None
        return
    from rich.console import Console  # not before there are bars to be shown
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)


@contextmanager
def fetching(
    keep: Callable[[str], None] | None = None,
) -> Iterator[tuple[Callable[[int, int | None, str], None], Callable[[str], None]]]:
    """Give (progress, say) for fetching a model: a bar in bytes, and lines that ``keep`` gets as well."""

    def say(line: str) -> None:
        notice(line)
        if keep is not None and not line.startswith("Fetching"):
            keep(line)

    if not shows_progress():
        yield (lambda _done, _total, _what: None), say
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("", total=None)

    def progress(done: int, total: int | None, what: str) -> None:
        bar.start()  # at the first piece only: where nothing is fetched, nothing is drawn
        bar.update(task, completed=done, total=total, description=what)

    try:
        yield progress, say
    finally:
        bar.stop()
