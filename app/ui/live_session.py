"""The running session as the window has it: what it is made with, what is pulled from it, what is left of it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.coach.report import Cue, Step
from app.session import Phase, RoofHit
from app.session.memory import GivesBack, give_back
from app.session.recall import Recall
from app.ui.attendance import Attendance, Turn
from app.ui.choice import SourceKind
from app.ui.hearing import Hearing
from app.ui.host import SessionHost
from app.ui.screens import Screen
from app.ui.slow_motion import SlowMotionNotice
from app.ui.tasks import task_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.coach.model import CoachModel
    from app.coach.summary import CoachSummary
    from app.session import Analysis, ExamPicture, Session, Task
    from app.session.judging import Records
    from app.session.recall import SetRecord
    from app.ui.audio import CueAudio
    from app.ui.choice import Choice
    from app.ui.keeping import Keeping

#: No new picture for so long: it is told, large and by a tone, as a runner reads no status line.
NO_PICTURE_S = 1.5
#: How long the edge of the picture shows a roof hit.
HIT_SHOWN_S = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Pulled:
    """What was new since the last pull.

    Attributes:
        analysis: the newest, None: no newer one. steps: finished since. turn: what is to happen by itself now.

    """

    analysis: Analysis | None
    steps: tuple[Step, ...] = ()
    turn: Turn | None = None


class Wake(QObject):
    """An observer of the session: tells the window that there is something new, at once.

    The window's own pulse comes up to 16 ms later. Signals that come while one waits are left out.
    """

    ready = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.waits = False

    def __call__(self, _analysis: Analysis) -> None:
        """Run in the analysing thread."""
        if not self.waits:
            self.waits = True
            self.ready.emit()


class LiveSession:
    """Owns the host of the session and everything that follows it. All methods are for the UI thread.

    Attributes:
        cue: the newest cue decided, old or not. screen: the live screen that the session judges for.

    Args:
        make_session: builds (does not start) the session for a choice; called in a worker thread.
        list_cameras: (index or name, words) of the cameras; called in a worker thread.
        audio: what is heard. keeping: what is kept of the starting line.

    """

    def __init__(
        self,
        make_session: Callable[[Choice], Session],
        list_cameras: Callable[[], Sequence[tuple[int | str, str]]],
        audio: CueAudio,
        keeping: Keeping,
    ) -> None:
        self._make_session = make_session
        self.host = SessionHost(self._made, list_cameras)
        self.hearing, self.keeping = Hearing(audio), keeping
        self.wake, self.slow_motion = Wake(), SlowMotionNotice()
        self._recall: Recall | None = None  # made by the host's worker
        self._records: Records | None = None  # likewise; asked after the end, too
        self._live_source = True
        self._begin()
        self.screen = Screen.RUN

    def _begin(self) -> None:
        self.cue: Cue | None = None
        self._attendance = Attendance()
        self._hit_until_s = -math.inf
        self._pictured_s, self._away = math.inf, False
        self._taken: tuple[ExamPicture, ...] = ()
        self._turned: Choice | None = None  # turned to while the session was being opened
        self._summary: CoachSummary | None = None

    def _made(self, choice: Choice) -> Session:
        """Run in the host's worker thread, when the session before has ended."""
        self._forget_recall()
        self._records = None
        session = self._make_session(choice)
        give_back()  # only now whoever makes them has let go of the session before, too
        coaches = session.coaches()
        recall = Recall(coaches[0].rules if coaches else None)
        for observe in (recall, self.wake, GivesBack()):
            session.observe(observe)
        if (watching := self.slow_motion.follow(choice)) is not None:
            session.observe(watching)
        session.turn_to(task_for(self.screen, choice))
        self._recall, self._records = recall, session.records
        return session

    # ---- what the window wants ------------------------------------------------------------------------------------

    @property
    def session(self) -> Session | None:
        """The session that runs or has ended, None where there is none."""
        return self.host.session

    @property
    def running(self) -> bool:
        """Whether a session runs or is about to."""
        if self.session is None:
            return self.host.busy and self.host.starting
        return self.session.status().phase in (Phase.STARTING, Phase.RUNNING)

    @property
    def hit(self) -> bool:
        """Whether the head has just gone through the roof."""
        return time.monotonic() < self._hit_until_s

    @property
    def has_set(self) -> bool:
        """Whether there is something to look back at."""
        return self._attendance.has_set

    def run(self, choice: Choice, screen: Screen) -> None:
        """Start a new session for a live screen (a running one is stopped first)."""
        self._begin()
        self.hearing.begin()
        self.screen = screen
        self._live_source = choice.kind is not SourceKind.FILE
        self.keeping.begin(choice.runner)
        self.host.run(choice)

    def halt(self) -> None:
        """Stop."""
        if self.session is not None:
            self._summary = self.session.summary()
        self.host.halt()
        self.hearing.end()

    def turn_to(self, screen: Screen, choice: Choice, anew: bool = False) -> None:
        """Go on for another live screen, or for the same one with another drill or ``anew``."""
        if screen is self.screen and not anew:
            return
        another_set = not (self.screen is Screen.SETUP and screen is Screen.RUN)
        self.screen, self.cue = screen, None
        if self.session is None:
            self._turned = choice
            return
        make, recall = task_for(screen, choice), self._recall

        def turn(coach: CoachModel) -> Task:
            # Here, not at once: the frame under way is still of the set before.
            if another_set and recall is not None:
                recall.clear()
                self._attendance = Attendance()
            return make(coach)

        self.session.turn_to(turn)

    def pull(self) -> Pulled:
        """Take the newest analysis and the waiting events."""
        session, self.wake.waits = self.session, False
        if session is None:
            return Pulled(None)
        if self._turned is not None:
            # Whether the worker had made its task before or after the screen changed is not known.
            session.turn_to(task_for(self.screen, self._turned))
            self._turned = None
        analysis, turn = session.latest(), None
        if analysis is not None:
            self._pictured_s = time.monotonic()
            if analysis.report.cue is not None:
                self.cue = analysis.report.cue
            self.hearing.follow(analysis)
            turn = self._attendance.follow(analysis) if self._live_source else None
            self._take_pictures(session, analysis)
        steps = []
        for event in session.events():
            if isinstance(event.payload, Step):
                steps.append(event.payload)
            elif isinstance(event.payload, RoofHit):
                self._hit_until_s = time.monotonic() + HIT_SHOWN_S
            elif isinstance(event.payload, Cue):
                self.cue = event.payload
            self.hearing.take(event)
        return Pulled(analysis, tuple(steps), turn)

    def picture_away(self, running: bool) -> bool:
        """Return whether a session that runs (``running``) has had no new picture for a while; lets it be heard."""
        away = running and time.monotonic() - self._pictured_s > NO_PICTURE_S
        if away is not self._away and (away or running):
            self.hearing.audio.signal("stop" if away else "start")
        self._away = away
        return away

    def late(self, seconds: float) -> Analysis | None:
        """Return the analysis of so long ago, with its own picture; None while there is none."""
        recall = self._recall  # the worker may take it away
        return recall.delayed(seconds) if recall is not None else None

    def record(self) -> SetRecord | None:
        """Return what is remembered of the newest set, None before the first."""
        recall = self._recall
        return recall.snapshot(self.summary) if recall is not None else None

    @property
    def summary(self) -> CoachSummary | None:
        """What the newest set came to, None before the first."""
        return self.session.summary() if self.session is not None else self._summary

    @property
    def recorded(self) -> str:
        """Id of the newest set in the history, "" where it is not kept."""
        records = self._records
        return records.session if records is not None else ""

    @property
    def recording_notice(self) -> str:
        """What is wrong with the newest recording, in English, "" for nothing; after the end, too."""
        records = self._records
        return records.notice if records is not None else ""

    def mark(self) -> float:
        """Mark this moment; return its time since the set began, s; NaN where nothing runs."""
        session, recall = self.session, self._recall
        if session is None or recall is None or session.status().phase is not Phase.RUNNING:
            return math.nan
        at_s = recall.mark()
        if math.isfinite(at_s):
            session.mark()
        return at_s

    def close(self) -> None:
        """Stop everything and wait for it; idempotent."""
        self.host.close()
        self._forget_recall()
        self.keeping.close()

    def _forget_recall(self) -> None:
        recall, self._recall = self._recall, None
        if recall is not None:
            recall.close()

    def _take_pictures(self, session: Session, analysis: Analysis) -> None:
        """Keep what the exam has newly passed; after a turn a frame or two may still be of the exam before."""
        if analysis.exam is None:
            return
        pictures = session.exam_pictures()
        for picture in pictures:
            if picture not in self._taken:  # by identity
                self.keeping.take(picture)
        self._taken = pictures
