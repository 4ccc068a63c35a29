"""Keeps the one running session; opening, starting and stopping happen in a worker thread, never in the window.

A camera may take seconds to open and to stop, so the window only asks (`run`, `halt`) and looks at every refresh
whether it is done (`poll`). Asking again before the last wish was fulfilled replaces it.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Final

from app.coach.errors import WorldError
from app.ui.side_work import SideWork
from app.ui.words import mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.session import Session
    from app.ui.choice import Choice

logger = logging.getLogger(__name__)

#: How long the closing window waits for the session to end; a driver or a network that hangs is left behind.
END_WAIT_S: Final = 1.0

Cameras = tuple[tuple[int | str, str], ...]


def error_line(error: BaseException) -> str:
    """Return one line for the banner, in English: the world's fault as it is, ours with a hint that it is ours."""
    if isinstance(error, WorldError):
        return str(error)
    words = mark("Something went wrong inside Hinge Coach ({kind}). The log file has the details.")
    return words.format(kind=type(error).__name__)


def no_cameras() -> Cameras:
    """Return an empty list: for a window that offers no camera."""
    return ()


class SessionHost:
    """Owns the session. All methods are for the UI thread and return at once, `close` apart."""

    def __init__(
        self,
        make_session: Callable[[Choice], Session],
        list_cameras: Callable[[], Sequence[tuple[int | str, str]]],
    ) -> None:
        self._make_session = make_session
        self._list_cameras = list_cameras
        self._work, self._looks = SideWork("session switch"), SideWork("camera list")
        self._wish = 0  # number of the newest wish; the worker drops older ones
        self._live: Session | None = None  # worker thread only
        self._change: Future[Session | None] | None = None
        self._cameras: Future[Cameras] | None = None
        self._closed = threading.Event()
        self.session: Session | None = None
        self.error = ""
        self.error_is_ours = False
        self.starting = False  # what the newest wish is: a start, not a halt

    @property
    def busy(self) -> bool:
        """Whether a change is under way."""
        return self._change is not None

    def run(self, choice: Choice) -> None:
        """Stop what runs and start a session for ``choice``."""
        self._ask(choice)

    def halt(self) -> None:
        """Stop what runs."""
        self._ask(None)

    def poll(self) -> bool:
        """Take over a finished change; True where there was one."""
        if self._change is None or not self._change.done():
            return False
        change, self._change = self._change, None
        error = change.exception()
        if error is None:
            self.session = change.result()
        else:
            self.session, self.error, self.starting = None, error_line(error), False
            self.error_is_ours = ours = not isinstance(error, WorldError)
            logger.error("the source did not start: %s", error, exc_info=error if ours else None)
        return True

    def look_for_cameras(self) -> None:
        """Begin to list the cameras, unless that is under way."""
        if self._cameras is None and not self._closed.is_set():
            self._cameras = self._looks.submit(lambda: tuple(self._list_cameras()))

    def cameras(self) -> Cameras | None:
        """Return the cameras once, when they have been listed (none where that failed), else None."""
        if self._cameras is None or not self._cameras.done():
            return None
        looked, self._cameras = self._cameras, None
        error = looked.exception()
        if error is not None:
            logger.error("the cameras could not be listed: %s", error)
            return ()
        return looked.result()

    def close(self, timeout_s: float = END_WAIT_S) -> bool:
        """Stop everything and wait for it; idempotent. False where a session does not end in ``timeout_s``."""
        if not self._closed.is_set():
            self._ask(None)
            self._closed.set()
        if self._change is not None:
            try:
                self._change.exception(timeout_s)
            except (TimeoutError, CancelledError):
                logger.error("the session did not stop within %.1f s", timeout_s)
                self._work.close(0.0, drop=True)
                self._looks.close(0.0, drop=True)
                return False
            self.poll()
        self._work.close()
        self._looks.close(0.0, drop=True)
        return True

    def _ask(self, choice: Choice | None) -> None:
        if self._closed.is_set():
            return
        self._wish += 1
        self.starting = choice is not None
        self.session, self.error = None, ""
        self._change = self._work.submit(self._fulfil, choice, self._wish)

    def _fulfil(self, choice: Choice | None, wish: int) -> Session | None:
        """Run in the worker thread."""
        old, self._live = self._live, None
        if old is not None:
            old.stop()
            del old  # it is let go of before the next one is made
        if choice is None or wish != self._wish or self._closed.is_set():
            return None
        session = self._make_session(choice)
        if wish != self._wish or self._closed.is_set():
            session.stop()  # another wish came meanwhile: no camera is opened for nothing
            return None
        session.start()
        self._live = session
        return session
