"""Opening the window with everything it is given: sessions for choices, the list of cameras."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

import app as package
from app.coach.errors import WorldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.session import Session
    from app.ui.choice import Choice

DONE, WORLDS_FAULT = 0, 2
#: How long the process outlives its window where a slow disk has not taken yet what was recorded.
SETTLE_S = 8.0
#: Qt platforms without a screen; they warn, in Qt's unnamed category, that a window has no size hints there.
_WITHOUT_SCREEN = ("offscreen", "minimal")


def open_window(
    make_session: Callable[[Choice], Session],
    choice: Choice,
    seconds: float | None = None,
    restore: bool = False,
    *,
    data_dir: str | None = None,
    guided: bool = False,
) -> int:
    """Show the window until it is closed or for ``seconds``; return the exit code.

    Ask `app.cli.display.why_no_window` first. A window that ends on a source that failed says so on stderr, too, and
    is the world's fault.

    Args:
        make_session: builds the session for a choice.
        choice: what to look at first.
        seconds: close by itself after this time.
        restore: begin with the source of last time.
        data_dir: where runners, pictures and sessions are; None: where the app keeps its data.
        guided: begin with the set-up.

    Raises:
        WorldError: there is no window to be had with this PySide6, or ``data_dir`` is no folder's name.

    """
    _quiet_without_screen()
    with _kept_for_good():
        package.keep_opencv_out_of_qt()
        from app.cli.runners import folder_of
        from app.session.recorder import settle
        from app.ui.awake import KeepAwake
        from app.ui.outfit import Outfit
        from app.ui.window import run_window

    newest = _Newest(make_session)
    outfit = Outfit(folder_of(data_dir), awake=KeepAwake())
    code = run_window(
        newest.make, choice, seconds, list_cameras=_cameras, restore=restore, outfit=outfit, guided=guided
    )
    if not settle(SETTLE_S):
        typer.echo("hingecoach: the disk is slow; the session is closed at the next start.", err=True)
    if unkept := newest.unkept():
        typer.echo(f"Note: {unkept}", err=True)
    if code in (DONE, WORLDS_FAULT) and (problem := newest.problem()):
        typer.echo(f"hingecoach: {problem}", err=True)
        return WORLDS_FAULT
    return code


@contextmanager
def _kept_for_good() -> Iterator[None]:
    """Look for no garbage among what the block makes, now or later: modules stay to the end.

    What Python makes for them is looked through again and again while it is made, a twelfth of all that the imports
    cost; and later at each full collection, with the window standing still.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


class _Newest:
    """Makes sessions and remembers how the newest fares."""

    def __init__(self, make_session: Callable[[Choice], Session]) -> None:
        self._make_session = make_session
        self._session: Session | None = None
        self._refusal = ""

    def make(self, choice: Choice) -> Session:
        """Return a new session. Raises WorldError where there is none for the choice."""
        self._session, self._refusal = None, ""
        try:
            self._session = self._make_session(choice)
        except WorldError as error:
            self._refusal = str(error)
            raise
        return self._session

    def unkept(self) -> str:
        """Return why nothing was kept of the newest session, "" where something was or nothing was to be."""
        from app.cli.recording import LEAST_STEPS
        from app.session.recordings import Recordings

        records = self._session.records if self._session is not None else None
        if not isinstance(records, Recordings) or not records.unkept:
            return ""
        return f"the last session is not kept: under {LEAST_STEPS} steps, no stance held, no repetition."

    def problem(self) -> str:
        """Return the world's fault that ended the newest session, "" where none did."""
        if self._session is None:
            return self._refusal
        status = self._session.status()
        return "" if status.error_is_ours else status.error


def _quiet_without_screen() -> None:
    """Keep Qt's warning about size hints off stderr where no screen is asked for; the user's own rules stay."""
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in _WITHOUT_SCREEN:
        os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")


def _cameras() -> list[tuple[int | str, str]]:
    from app.capture.cameras import list_cameras

    return [(camera.index, camera.name or f"Camera {camera.index}") for camera in list_cameras()]
