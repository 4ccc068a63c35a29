"""Rare facts on their way to ears and eyes: a bounded channel in which nothing stays past its time."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.coach.setup import SetupPhase

if TYPE_CHECKING:
    from app.coach.exam_report import ExamReport
    from app.coach.report import Activity, CoachReport, Cue, StandingStatus, Step
    from app.coach.setup import SetupReport

#: A step is told with its own step or not at all: running steps are 0.3-0.4 s apart.
STEP_LIFE_S = 1.0
#: The bump belongs to this very apex. Its age counts from the reading of the frame: analysis takes 25-60 ms, the
#: window looks up to 0.1 s later, and a bump later than this would land in the next step (0.3-0.4 s).
ROOF_HIT_LIFE_S = 0.25
#: A change of state (standing reference, activity) still matters a little later.
STATE_LIFE_S = 5.0
#: More waiting events than this means nobody listens: the oldest go.
MOST_EVENTS = 64


class EventKind(StrEnum):
    """What an event tells, and so which type its payload has."""

    CUE = "cue"
    STEP = "step"
    STANDING = "standing"
    ACTIVITY = "activity"
    ROOF_HIT = "roof_hit"


@dataclass(frozen=True, slots=True)
class RoofHit:
    """The head just went through the roof; ``t_s`` is the frame that confirmed it, some 0.1 s after the apex."""

    t_s: float


@dataclass(frozen=True, slots=True)
class Event:
    """One fact, on the frames' time axis.

    Attributes:
        t_s: time of the frame that brought it. expires_s: from then on it must not be played any more.
        payload: the `Cue`, `Step`, `StandingStatus`, `Activity` or `RoofHit`.

    """

    kind: EventKind
    t_s: float
    expires_s: float
    payload: Cue | Step | StandingStatus | Activity | RoofHit


def events_between(
    before: CoachReport | None, now: CoachReport, setup: SetupReport | None = None, exam: ExamReport | None = None
) -> list[Event]:
    """Return what is new in ``now``; ``before`` is the report of the previous frame (None at the first).

    ``setup``, ``exam``: what the set-up guide and the exam say of the same frame; their cues are told like the coach's.
    """
    new: list[Event] = []
    t_s = now.t_s
    if before is None or before.activity is not now.activity:
        new.append(Event(EventKind.ACTIVITY, t_s, t_s + STATE_LIFE_S, now.activity))
    # Progress alone is no event: it changes every frame of a capture and is drawn from the newest report.
    if before is None or _standing_key(before) != _standing_key(now):
        new.append(Event(EventKind.STANDING, t_s, t_s + STATE_LIFE_S, now.standing))
    if now.roof_hit:
        new.append(Event(EventKind.ROOF_HIT, t_s, t_s + ROOF_HIT_LIFE_S, RoofHit(t_s)))
    if now.step is not None:
        new.append(Event(EventKind.STEP, t_s, t_s + STEP_LIFE_S, now.step))
    # "Got it" while the guide still has things put right would be of a standing that is soon taken again.
    early = setup is not None and setup.phase in (SetupPhase.CHECKING, SetupPhase.COUNTDOWN)
    if now.cue is not None and not (early and now.cue.id == "standing"):
        new.append(Event(EventKind.CUE, t_s, now.cue.expires_s, now.cue))
    for say in (setup.say if setup is not None else None, exam.say if exam is not None else None):
        if say is not None:
            new.append(Event(EventKind.CUE, t_s, say.expires_s, say))
    return new


def _standing_key(report: CoachReport) -> tuple[str, bool, str]:
    return report.standing.source, report.standing.capturing, report.standing.message


class EventChannel:
    """A bounded channel; expired events are discarded when read, and counted.

    Age is told by the later of two clocks: the frames' own time, and for a live source the wall clock since
    the frame was read, so that a cue from before a stall (of the reader *or* of the analysis) is never played.
    """

    def __init__(self, wall_clock_counts: bool) -> None:
        self._wall_clock_counts = wall_clock_counts
        self._lock = threading.Lock()
        self._waiting: deque[tuple[float, Event]] = deque()
        self._expired = 0

    def put(self, event: Event, wall_s: float) -> None:
        """Add an event; ``wall_s``: when its frame was read, monotonic. The oldest goes where `MOST_EVENTS` wait."""
        with self._lock:
            if len(self._waiting) >= MOST_EVENTS:
                self._waiting.popleft()
                self._expired += 1
            self._waiting.append((wall_s, event))

    def drain(self, frame_s: float, wall_s: float) -> list[Event]:
        """Take every event still good at frame time ``frame_s`` and wall clock ``wall_s``, oldest first."""
        with self._lock:
            waiting, self._waiting = self._waiting, deque()
            good = [event for read_s, event in waiting if self._is_good(event, read_s, frame_s, wall_s)]
            self._expired += len(waiting) - len(good)
            return good

    def _is_good(self, event: Event, read_s: float, frame_s: float, wall_s: float) -> bool:
        if frame_s > event.expires_s:
            return False
        return not self._wall_clock_counts or wall_s - read_s <= event.expires_s - event.t_s

    @property
    def expired(self) -> int:
        """How many events were discarded unread."""
        return self._expired
