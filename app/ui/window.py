"""Open the window and run Qt until it is closed."""

from __future__ import annotations

import logging
import platform
import signal
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from app import keep_opencv_out_of_qt
from app.coach.errors import WorldError
from app.store.assets import asset_path
from app.ui.app_icon import app_icon
from app.ui.audio import CueAudio, open_audio
from app.ui.choice import SourceKind
from app.ui.fonts import fonts_problem
from app.ui.host import no_cameras
from app.ui.language import install_language
from app.ui.main_window import MainWindow
from app.ui.prefs import Prefs, default_settings
from app.ui.screens import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType, TracebackType

    from PySide6.QtCore import QSettings

    from app.session import Session
    from app.ui.choice import Choice
    from app.ui.outfit import Outfit

logger = logging.getLogger(__name__)

__all__ = ["MainWindow", "binding_problem", "run_window"]

DONE, OUR_BUG, WORLD_FAULT, INTERRUPTED = 0, 1, 2, 130
PROBE_CALLS = 200


def run_window(
    make_session: Callable[[Choice], Session],
    choice: Choice,
    seconds: float | None = None,
    *,
    settings: QSettings | None = None,
    list_cameras: Callable[[], Sequence[tuple[int | str, str]]] = no_cameras,
    notice: str = "",
    restore: bool = False,
    outfit: Outfit | None = None,
    guided: bool = False,
) -> int:
    """Show the window until it is closed, or for ``seconds``; return the exit code of the contract.

    Ask ``app.ui.display.display_problem()`` first: Qt ends the process where there is no display.

    Args:
        make_session: builds (does not start) the session for a choice; called in a worker thread.
        choice: what to look at first.
        seconds: close by itself after this time; then a source that failed gives exit code 2.
        settings: where habits are remembered; None = the user's own.
        list_cameras: (index or name, words) of every camera; called in a worker thread.
        notice: a few words for the status line, e.g. the model's name.
        restore: prefer the source of last time to ``choice``.
        outfit: people, files and facts about the app; None: nobody is known and nothing is kept.
        guided: begin with the set-up, as far as the choice leaves that open.

    Raises:
        WorldError: the installed PySide6 would crash with this Python.

    """
    problem = binding_problem()
    if problem:
        raise WorldError(problem)
    settings = settings if settings is not None else default_settings()
    app = _application()
    # Before anything is built: words are translated as they are put in.
    install_language(app, Prefs(settings).language)
    sounds, speech, silent = open_audio(asset_path)
    window = MainWindow(
        make_session,
        choice,
        settings=settings,
        list_cameras=list_cameras,
        audio=CueAudio(sounds, speech, time.monotonic),
        notice="  ·  ".join(part for part in (notice, silent) if part),
        autostart=False,
        outfit=outfit,
    )
    if restore:
        window.reconsider(_as_last_time(window))
    if guided and window.current is Screen.RUN and window.choice.kind is not SourceKind.FILE:
        window.go_to(Screen.SETUP)
    ended = _run_until_closed(app, window, seconds)
    failed = window.failed_by_us
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if ended == DONE and seconds is not None and failed is not None:
        return OUR_BUG if failed else WORLD_FAULT
    return ended


def _as_last_time(window: MainWindow) -> Choice:
    """Return the window's choice with the source of last time: what was told now goes before what is remembered.

    Who ran last time runs again, unless somebody was told or picked since, or he is not known any more.
    """
    told = window.choice
    last = window.prefs.last_choice(told)
    known = {person.name for person in window.outfit.people.list()}
    picked = window.prefs.value("runner") is not None
    runner = told.runner or (last.runner if last.runner in known and not picked else "")
    return replace(told, kind=last.kind, camera=last.camera, act=last.act, path=last.path, runner=runner)


def _application() -> QCoreApplication:
    """Return the application, made ready to show our window."""
    keep_opencv_out_of_qt()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if isinstance(app, QApplication):
        app.setApplicationName("Hinge Coach")
        app.setStyle("Fusion")
        app.setDesktopFileName("hingecoach")  # by which a Linux desktop finds name and icon
        app.setWindowIcon(app_icon())
    if fonts_problem():
        logger.warning(fonts_problem())
    return app


def _run_until_closed(app: QCoreApplication, window: MainWindow, seconds: float | None) -> int:
    """Show the window and run Qt; return the exit code as far as the window alone knows it."""
    ended = _End()
    end = QTimer(window, singleShot=True)
    end.timeout.connect(window.close)
    if seconds is not None:
        end.start(round(seconds * 1000))
    with _interrupts(window, ended), _bugs_told(ended):
        window.show()
        window.outfit.begin()
        window.start()
        logger.info("window shown, entering the main loop")
        app.exec()
    end.stop()
    window.close()
    return ended.code


def binding_problem() -> str:
    """Return why this PySide6 must not be used with this Python, "" where it may.

    PySide6 6.12.0 loses a reference to None at every call without a result on Python before 3.12 (measured: -1000
    in 1000 calls) and so ends the process after some seconds, without a traceback.
    """
    probe, before = QObject(), sys.getrefcount(None)
    for _ in range(PROBE_CALLS):
        probe.setObjectName("")
    lost = before - sys.getrefcount(None)
    if lost < PROBE_CALLS // 2:
        return ""
    return (
        f"PySide6 {PySide6.__version__} does not work with Python {platform.python_version()}: "
        "pip install 'PySide6-Essentials<6.12' 'PySide6-Addons<6.12', or use Python 3.12 or newer"
    )


class _End:
    """The exit code so far; the first reason counts."""

    def __init__(self) -> None:
        self.code = DONE

    def because(self, code: int) -> None:
        self.code = self.code or code


@contextmanager
def _interrupts(window: MainWindow, ended: _End) -> Iterator[None]:
    """Close the window on Ctrl+C (Python sees the signal at the next timer tick)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        ended.because(INTERRUPTED)
        window.close()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _bugs_told(ended: _End) -> Iterator[None]:
    """Log an exception that leaves a slot, once per kind, and end with exit code 1; the window goes on."""
    seen: set[str] = set()

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        ended.because(OUR_BUG)
        if str(error) not in seen:
            seen.add(str(error))
            logger.error("a bug in the window", exc_info=(kind, error, trace))

    before, sys.excepthook = sys.excepthook, told
    try:
        yield
    finally:
        sys.excepthook = before
