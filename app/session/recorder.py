"""Records a session while it runs: poses, requests, steps, cues. It may fail; the session goes on."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
import weakref
from collections import deque
from dataclasses import asdict
from datetime import datetime
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from app.coach.errors import WorldError
from app.session.filming import Filming
from app.session.mailbox import taken
from app.store import paths
from app.store.sessions.chunks import Chunk, KeptEvent
from app.store.sessions.derived import EXAM, Derived, told_cue
from app.store.sessions.errors import HistoryError
from app.store.sessions.recording import Recording
from app.store.sessions.requests import listen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.coach.model import CoachModel
    from app.coach.report import CoachReport, Cue
    from app.coach.summary import CoachSummary
    from app.coach.types import BodyPose
    from app.pose.estimator import Tracking
    from app.session.status import Analysis
    from app.store.session_facts import SessionFacts
    from app.store.sessions.start import SessionStart

logger = logging.getLogger(__name__)

#: A chunk is written this often: whoever is killed loses less than a second. Every so often the disk is asked to keep
#: it through a loss of power, too.
WRITE_EVERY_S, SYNC_EVERY_S = 0.4, 5.0
#: More frames than this waiting means that the disk does not take them: ten minutes at 60 fps, some 40 MB.
MOST_WAITING = 36_000
#: How long closing waits for the disk.
CLOSE_WAIT_S = 15.0
_KEPT = "What was recorded until then is kept."
_NO_ANSWER = "The disk does not answer, the session could not be closed."
#: Recorders that are not closed yet, of the whole process.
_open: weakref.WeakSet[SessionRecorder] = weakref.WeakSet()


def settle(timeout_s: float) -> bool:
    """Have everything written that any recorder of this process still holds; False: the disk was too slow.

    For the end of the process, which takes writing threads with it. A session that could not be closed by then is
    closed at the next start.
    """
    deadline_s = time.monotonic() + timeout_s
    recorders = tuple(_open)
    for recorder in recorders:
        recorder.flush(max(0.0, deadline_s - time.monotonic()))
    settled = [one.closing_ends(max(0.0, deadline_s - time.monotonic())) for one in recorders]
    return all(settled)


class SessionRecorder:
    """Records what one coach judges; an observer of the session.

    In the thread of the coach things are only put into a queue; a thread of its own writes them. Its life: made before
    the session starts, `close` when it has ended; one that is never closed is recovered at the next start.

    Args:
        coach: what judges; made of ``start.recipe``, before its first frame.
        start: what is known of the session.
        data_folder: of the app; None: `paths.data_folder`.
        worth: whether a session that came to this is to be kept.
        video: keep the pictures, too. Without them all goes on where they cannot be kept.
        at_once: False: file and database are opened by the writing thread, and `notice` says where that fails.

    Raises:
        HistoryError: nothing can be recorded; the session can go on without.
        ValueError: the coach has taken a frame already: that could not be repeated.

    """

    def __init__(
        self,
        coach: CoachModel,
        start: SessionStart,
        data_folder: Path | None = None,
        worth: Callable[[CoachSummary], bool] = lambda _: True,
        video: bool = False,
        at_once: bool = True,
    ) -> None:
        if coach.summary().frames:
            raise ValueError("a session is recorded from its first frame on")
        folder = data_folder if data_folder is not None else paths.data_folder()
        self._recording = Recording(folder, start, datetime.now(), at_once)
        #: What keeps the pictures, None: nothing does.
        self.film = Filming(self._recording.folder, there=at_once) if video else None
        self._coach, self._start, self._worth = coach, start, worth
        self._derived = Derived()
        self._queue: deque[tuple[BodyPose, CoachReport] | KeptEvent] = deque()
        self._frames, self._t_s = 0, float("nan")
        self._tracking: Tracking | None = None
        self._exam = False
        self._ended = False
        self._document: dict[str, Any] | None = None
        self._notice = " ".join(self._recording.notices)
        self._failed = self._over = self._left = self._unwanted = False
        self._wake, self._closing = threading.Event(), False
        self._flushes: SimpleQueue[threading.Event] = SimpleQueue()
        self._rows_wait = False
        #: Whether there were frames, and nothing of them was worth keeping.
        self.unkept = False
        #: Processor time of the writing thread so far, s.
        self.writer_cpu_s = 0.0
        self._thread = threading.Thread(target=self._write_all, name="recorder", daemon=True)
        self._closed = threading.Event()
        self._handing = threading.Lock()  # who ends it: the one who closes it, or the writing thread
        self._written = False
        self._stop_listening = listen(coach, self._took, self._asked)
        self._thread.start()
        _open.add(self)

    @property
    def id(self) -> str:
        """The session's id in the history."""
        return self._recording.id

    @property
    def notice(self) -> str:
        """One line on what is wrong with the recording, "" while all is well."""
        return self._notice or (self.film.notice if self.film is not None else "")

    # ---- in the thread of the coach -----------------------------------------------------------------

    def __call__(self, analysis: Analysis) -> None:
        """Keep what the coach does not see: the picture, what set-up guide and exam say, the totals of tracking."""
        if self.film is not None and not (self._failed or self._over):
            self.film.add(analysis.frame)
        self._tracking = analysis.tracking
        if (analysis.exam is not None) is not self._exam:
            self._exam = not self._exam
            self.mark(EXAM, self._exam)
        if analysis.setup is not None and analysis.setup.say is not None:
            self._told("setup", analysis.setup.say)
        if analysis.exam is not None and analysis.exam.say is not None:
            self._told("exam", analysis.exam.say)

    def mark(self, name: str, value: Any = None) -> None:
        """Mark this moment, e.g. because the user asked for it; from any thread. ``value``: plain JSON."""
        self._put(KeptEvent(self._frames, self._t_s, "mark", name, value))

    def flush(self, timeout_s: float = CLOSE_WAIT_S) -> bool:
        """Have everything written that waits now; from any thread. False: it was not, see `notice`."""
        flushed = threading.Event()
        self._flushes.put(flushed)
        self._wake.set()
        return self._thread.is_alive() and flushed.wait(timeout_s) and not self._failed

    def _took(self, pose: BodyPose, report: CoachReport) -> None:
        self._frames += 1
        self._t_s = pose.t_s
        self._put((pose, report))

    def _asked(self, name: str, arguments: list[Any]) -> None:
        self._put(KeptEvent(self._frames, self._t_s, "request", name, arguments))

    def _told(self, teller: str, cue: Cue) -> None:
        told = asdict(told_cue(self._frames - 1, teller, cue))
        frame, t_s, teller = told.pop("frame"), told.pop("t_s"), told.pop("teller")
        self._put(KeptEvent(frame, t_s, "told", teller, told))

    def _put(self, item: tuple[BodyPose, CoachReport] | KeptEvent) -> None:
        if self._failed or self._over:
            return
        if len(self._queue) >= MOST_WAITING:
            self._fail("The disk is too slow, recording stopped.")
            return
        self._queue.append(item)

    # ---- in the thread of its own -------------------------------------------------------------------

    def _write_all(self) -> None:
        synced_s, ends = time.monotonic(), False
        flushes: list[threading.Event] = []
        try:
            if not self._recording.opened and not self._open():
                ends = True
                if self.film is not None:
                    self.film.close()  # pictures wait there
            while not ends and not self._failed:
                self._wake.wait(WRITE_EVERY_S)
                self._wake.clear()
                ends = self._closing
                flushes.extend(taken(self._flushes))
                self._write()
                while flushes:
                    flushes.pop().set()
                if time.monotonic() - synced_s >= SYNC_EVERY_S:
                    self._recording.sync()
                    synced_s = time.monotonic()
                self.writer_cpu_s = time.thread_time()
        except HistoryError as error:
            logger.warning("recording: %s", error)
            gone = not self._recording.folder.exists()
            self._fail(f"Recording stopped: {error}", "" if gone else _KEPT)
        except Exception:  # whatever it is, the session goes on
            logger.exception("recording")
            self._fail("Recording stopped by a fault of the program; the log says which.")
        if self._failed:
            self._queue.clear()
        with self._handing:
            self._written, left = True, self._left
        if left:
            self._end(None, None)
        self.writer_cpu_s = time.thread_time()
        for flushed in (*flushes, *taken(self._flushes)):
            flushed.set()

    def _open(self) -> bool:
        """Begin the recording; False where it cannot be."""
        try:
            self._recording.open()
        except HistoryError as error:
            logger.warning("not recorded: %s", error)
            self._failed, self._notice = True, f"This session is not recorded: {error}"
            return False
        except Exception:  # whatever it is, the session goes on
            logger.exception("not recorded")
            self._failed = True
            self._notice = "This session is not recorded, by a fault of the program; the log says which."
            return False
        self._notice = " ".join(self._recording.notices)
        if self.film is not None:
            self.film.begin()
        return True

    def _write(self) -> None:
        """Write what waits: poses first, as the rest is made from them. Raises HistoryError where these cannot be."""
        poses: list[BodyPose] = []
        reports: list[CoachReport] = []
        events: list[KeptEvent] = []
        order: list[KeptEvent | None] = []
        for _ in range(len(self._queue)):
            item = self._queue.popleft()
            if isinstance(item, KeptEvent):
                events.append(item)
                order.append(item)
            else:
                poses.append(item[0])
                reports.append(item[1])
                order.append(None)
        if not order:
            return
        tracking = {} if self._tracking is None else asdict(self._tracking)
        self._recording.append(Chunk(poses, events, tracking))
        frames = iter(zip(reports, poses, strict=True))
        for event in order:
            if event is not None:
                self._derived.event(event)
            else:
                report, pose = next(frames)
                self._derived.frame(report, pose.t_s)
        self._write_rows()

    def _write_rows(self) -> None:
        """Write the rows; where another instance is in the way, a little later."""
        try:
            self._recording.write_rows(self._derived)
        except (HistoryError, sqlite3.Error) as error:
            # Whatever is wrong with the database: the poses are the truth, and rows can be made from them later.
            if not self._rows_wait:
                logger.warning("rows of the recording wait: %s", error)
            self._rows_wait = True
        else:
            self._rows_wait = False

    def _fail(self, line: str, kept: str = _KEPT) -> None:
        self._failed = True
        self._notice = f"{line} {kept}".rstrip()

    # ---- the end ------------------------------------------------------------------------------------

    def close(self, summary: CoachSummary | None = None, facts: SessionFacts | None = None) -> dict[str, Any] | None:
        """Write the rest and what the session came to; return the contract's JSON of it.

        Call it once the session has ended. None is returned, and `notice` says why, where it could not be written in
        full; the session is then closed at the next start from what was kept. Where the disk does not answer, the
        writing thread closes it as soon as it does. Where nothing was judged, or nothing worth keeping, nothing stays.

        Args:
            summary: of the coach, None: it is asked now.
            facts: what the coach does not know; None: what is known from the start.

        """
        left = self._left
        if self._stop() and not left:
            self._end(summary, facts)
        self._stop_listening()
        self._closed.set()
        return self._document

    def closing_ends(self, timeout_s: float) -> bool:
        """Wait for the end of a closing that is under way; True where none is, too."""
        if self._left:
            self._thread.join(timeout_s)
            return not self._thread.is_alive()
        return not self._closing or self._closed.wait(timeout_s)

    def leave(self) -> None:
        """The coach has made way for another one: have the recording closed by its own thread. `close` waits for it."""
        self._left = self._over = self._closing = True
        self._wake.set()

    def discard(self) -> None:
        """Leave nothing of the session; nothing happens once it was closed (`History.delete` deletes it then)."""
        self._unwanted = True
        if self._stop() and not self._ended:
            self._discard()
        self._stop_listening()
        self._closed.set()

    def _stop(self) -> bool:
        """End the writing thread; return whether it has ended. Where it hangs, the rest is its own: see `leave`."""
        self._over = self._closing = True
        self._wake.set()
        self._thread.join(CLOSE_WAIT_S)
        with self._handing:
            ended = not self._thread.is_alive() or (self._written and not self._left)
            self._left = self._left or not ended
        if not ended:
            logger.warning("recording: %s", _NO_ANSWER)
            self._notice = self._notice or _NO_ANSWER
        return ended

    def _end(self, summary: CoachSummary | None, facts: SessionFacts | None) -> None:
        if self._ended:
            return
        if self._unwanted:
            self._discard()
            return
        self._ended = True
        if self.film is not None:
            self.film.close()
        if self._failed:
            self._recording.close()
            return
        try:
            summary = summary or self._coach.summary()
            wanted = bool(self._derived.moments_s) or bool(self._recording.note())
            if not self._frames or not (wanted or self._worth(summary)):
                self.unkept = self._frames > 0
                self._discard()
                return
            self._derived.finish()
            facts = facts or self._start.facts({} if self._tracking is None else asdict(self._tracking))
            self._document = self._recording.finish(self._derived, summary, facts, self._coach.standing)
            self._notice = "" if self._notice == _NO_ANSWER else self._notice
        except WorldError as error:
            self._fail(f"The session could not be closed: {error}")
        except Exception:  # as above; it is recovered at the next start
            logger.exception("closing a recording")
            self._fail("The session could not be closed by a fault of the program; the log says which.")
        finally:
            self._recording.close()

    def _discard(self) -> None:
        self._ended = True
        if self.film is not None:
            self.film.close()
        try:
            self._recording.discard()
        except HistoryError as error:
            self._notice = str(error)
