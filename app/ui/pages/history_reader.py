"""Reads the kept sessions in a thread of its own, so that the window never waits for the disk.

The thread is there only while there is something to read. Of waiting wishes the newest story goes first; digests come
last, the newest wish first.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.coach.errors import WorldError
from app.ui.host import error_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.ui.pages.history_port import HistoryPort

logger = logging.getLogger(__name__)

#: More digests than this do not wait: those asked for first are given up, and asked for again when they are seen.
MOST_WAITING = 400
#: Closing waits at least so long for a note: opening a large history anew takes some tenths of a second.
NOTE_WAIT_S = 1.5
#: Between two digests the thread leaves the interpreter to the window.
BREATH_S = 0.02


class HistoryReader(QObject):
    """Reads from one port. All methods are for the UI thread and return at once, `wait` apart.

    Attributes:
        rows_read: emits all sessions, newest first. story_read: a `Story`. digest_read: a `Digest`.
        row_read: one session's row. noted: the id of a session, its new row, and the note as it was typed.
        not_noted: the id of a session whose note could not be kept, and why.
        deleted: the id of a session that is gone, and lines to tell of it. failed: one line on what went wrong.
        busy: whether an answer is still to come.

    """

    rows_read = Signal(object)
    story_read = Signal(object)
    digest_read = Signal(object)
    row_read = Signal(object)
    noted = Signal(str, object, str)
    not_noted = Signal(str, str)
    deleted = Signal(str, object)
    failed = Signal(str)
    _done = Signal()

    def __init__(self, port: HistoryPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._port = port
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._rows = self._rest = False
        self._story = ""
        self._row = ""
        self._notes: dict[str, str] = {}
        self._noting = False
        self._deletes: list[str] = []
        self._digests: dict[str, None] = {}
        self.busy = False
        # It is sent after all answers, so it also comes after them.
        self._done.connect(self._rested)

    def ask_rows(self) -> None:
        """Read the list."""
        with self._lock:
            self._rows, self._rest = True, False
        self._go()

    def ask_story(self, session: str) -> None:
        """Read one session; a wish for another one that still waits is dropped."""
        with self._lock:
            self._story, self._rest = session, False
        self._go()

    def ask_digests(self, sessions: Iterable[str]) -> None:
        """Read the digests of sessions, the first of them first."""
        with self._lock:
            for session in reversed(list(sessions)):
                self._digests.pop(session, None)
                self._digests[session] = None
            while len(self._digests) > MOST_WAITING:
                del self._digests[next(iter(self._digests))]
            self._rest = False
        self._go()

    def ask_row(self, session: str) -> None:
        """Read what the list shows of one session."""
        with self._lock:
            self._row, self._rest = session, False
        self._go()

    def write_note(self, session: str, text: str) -> None:
        """Keep a note; of two for one session the newer one."""
        with self._lock:
            self._notes[session] = text
            self._rest = False
        self._go()

    def delete(self, session: str) -> None:
        """Delete a session for good."""
        with self._lock:
            self._deletes.append(session)
            self._notes.pop(session, None)
            self._digests.pop(session, None)
            self._story = "" if self._story == session else self._story
            self._rest = False
        self._go()

    def rest(self) -> None:
        """Let go of the files: nobody looks. What waits to be read is given up, what is to be changed is not."""
        with self._lock:
            self._row = ""
            self._rows, self._story, self._rest = False, "", True
            self._digests.clear()
        self._go()

    def close(self, timeout_s: float = 2.0) -> bool:
        """Stop reading and let go of the files; False: the disk does not answer."""
        self.rest()
        with self._lock:
            unkept = self._noting or bool(self._notes)
        return self.wait(max(timeout_s, NOTE_WAIT_S) if unkept else timeout_s)

    def wait(self, timeout_s: float = 10.0) -> bool:
        """Wait until there is nothing left to read; False: there still is."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
        return thread is None or not thread.is_alive()

    # ---- in the thread of its own -------------------------------------------------------------------------------

    def _rested(self) -> None:
        with self._lock:
            self.busy = self._thread is not None

    def _go(self) -> None:
        with self._lock:
            self.busy = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="history", daemon=True)
                self._thread.start()

    def _next(self) -> tuple[str, str] | None:
        """Return what to do next and with which session; None: nothing, the thread ends."""
        with self._lock:
            if self._notes:
                session = next(iter(self._notes))
                return "note", session
            if self._deletes:
                return "delete", self._deletes.pop(0)
            if self._rows:
                self._rows = False
                return "rows", ""
            if self._row:
                row, self._row = self._row, ""
                return "row", row
            if self._story:
                story, self._story = self._story, ""
                return "story", story
            if self._digests:
                return "digest", self._digests.popitem()[0]
            if self._rest:
                self._rest = False
                return "rest", ""
            self._thread = None
            return None

    def _work(self) -> None:
        try:
            while (wish := self._next()) is not None:
                self._do(*wish)
            self._done.emit()
        except RuntimeError as error:  # the page was closed: Qt's half of this object is gone
            logger.info("reading the history ended: %s", error)

    def _do(self, what: str, session: str) -> None:
        try:
            if what == "rows":
                self.rows_read.emit(self._port.rows())
            elif what == "story":
                self.story_read.emit(self._port.story(session))
            elif what == "digest":
                self.digest_read.emit(self._port.digest(session))
                time.sleep(BREATH_S)
            elif what == "row":
                self.row_read.emit(self._port.row(session))
            elif what == "note":
                self._write(session)
            elif what == "delete":
                self.deleted.emit(session, self._port.delete(session))
            else:
                self._port.close()
        except WorldError as error:
            self._tell(what, session, error)
        except RuntimeError:
            raise
        except Exception as error:
            logger.exception("the history")
            self._tell(what, session, error)

    def _write(self, session: str) -> None:
        with self._lock:
            text, self._noting = self._notes.pop(session), True
        try:
            row = self._port.write_note(session, text)
        finally:
            self._noting = False
        self.noted.emit(session, row, text)

    def _tell(self, what: str, session: str, error: Exception) -> None:
        logger.warning("the history, %s %s: %s", what, session, error)
        # A session whose numbers cannot be read has none in the list; why is told when it is opened.
        if what == "note":
            self.not_noted.emit(session, error_line(error))
        elif what not in ("digest", "row"):
            self.failed.emit(error_line(error))
