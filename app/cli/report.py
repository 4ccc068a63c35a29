"""``hingecoach report``: one session as a page that needs nothing else."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import options
from app.coach.errors import WorldError

if TYPE_CHECKING:
    from app.store.history import History
    from app.store.report.tongue import Tongue

STDOUT = "-"


def report(
    session: Annotated[
        str,
        typer.Argument(
            metavar="SESSION", help="Id of a session, or the beginning of it; last is the newest.", show_default=False
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            help="Where the page goes (- is stdout; default: hingecoach-SESSION.html here).",
            metavar="FILE.html",
            show_default=False,
        ),
    ] = None,
    language: Annotated[str, typer.Option("--language", help="Of the page: en or es.", metavar="CODE")] = "en",
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    data_dir: options.DataDir = None,
) -> None:
    """Write a session as one page: what went well, the one thing to work on, the numbers."""
    from app.cli import places, runners
    from app.store.history import History
    from app.store.report.tongue import tongue_of

    places.require_name("SESSION", session)
    places.require_name("-o", output)
    if show and output == STDOUT:
        raise WorldError("--open needs a file to open: leave -o - out.")
    if output not in (None, STDOUT):
        check_place(output)
    tongue, folder = tongue_of(language), runners.folder_of(data_dir)
    places.check_places(places.kept_in(folder), {"-o": output})
    with History(folder) as history:
        for line in history.notices:
            typer.echo(line, err=True)
        path, html = _made(history, session, output, tongue)
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(html)
        sys.stdout.buffer.flush()
        return
    from app.store.atomic import write_bytes

    write_bytes(path, html)
    typer.echo(f"Written: {path}", err=True)
    if show:
        open_page(path)


def _made(history: "History", session: str, output: str | None, tongue: "Tongue") -> tuple[Path | None, bytes]:
    """Return where the page goes, None for stdout, and its bytes. Raises WorldError."""
    from app.store.report.page import encoded, session_page

    found = history.find(session).id
    if output == STDOUT:
        return None, encoded(session_page(history, found, tongue))
    path = Path(f"hingecoach-{found}.html") if output is None else Path(output).expanduser()
    return path, encoded(session_page(history, found, tongue))


def check_place(name: str | None) -> None:
    """Raise WorldError unless a page can be written there."""
    from app.store.atomic import require_writable

    if name is not None and name != STDOUT:
        require_writable(Path(name))


def open_page(path: Path) -> None:
    """Show a file in the user's browser. Raises WorldError where there is none."""
    import webbrowser

    place = path.absolute().as_uri()
    try:
        opened = webbrowser.open(place)
    except webbrowser.Error:
        opened = False
    if not opened:
        raise WorldError(f"No browser could be opened: open {path} yourself.")
