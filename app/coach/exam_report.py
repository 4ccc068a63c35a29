"""What the starting-line exam reports of every frame, and its voice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.coach.exam_watch import UNKNOWN_SIDE
from app.coach.filters import NAN
from app.coach.report import NOT_JUDGED, Cue, FaultId
from app.coach.rules import CueSpec
from app.coach.separation import HeldPose, Separation

#: A line is said again after so long, so many times; then it is only shown.
REPEAT_S, MOST_REPEATS = 9.0, 5
#: Words are dead after this long.
EXPIRES_S = 2.0


class ExamPhase(StrEnum):
    """Where the exam is."""

    STAND_TALL = "stand_tall"
    FIRST_SIDE = "first_side"
    FEET_TOGETHER = "feet_together"
    OTHER_SIDE = "other_side"
    DRIFT = "drift"
    GOOD_AGAIN = "good_again"
    SQUEEZE = "squeeze"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class PassEvent:
    """A side was passed in this frame: the picture of this frame is the one to keep.

    Attributes:
        t_s: now. number: 1 or 2. side: the foot behind, "left", "right" or "unknown". pose: what was held.
    """

    t_s: float
    number: int
    side: str
    pose: HeldPose


@dataclass(frozen=True, slots=True)
class ExamReport:
    """Everything there is to show and say of one frame of the exam.

    Attributes:
        t_s: time. phase: where the exam is.
        instruction: what to do now: shown large, its first wording spoken when it came.
        say: to be spoken now, None mostly. fix: the fault's remedy in full while one is on, else "".
        hold_s, hold_goal_s: how long it has been held as it is to be, and how long it is to be.
        verdict: of the stance now: "good", a fault id, "not_judged".
        weight_shift: hip between rear (0) and front foot (1), for the bar that shows it; NaN unknown.
        passed: the feet that were behind in the sides passed so far. rear: the one that is behind now.
        paused_because: why nothing is judged in this frame, one line; "" while it goes on.
        pass_event: a side was passed in this very frame.
        kept: the poses held so far: good ones, then the wrong ones. separations: at the end, what can be told apart.
        wants_calibration: in this frame: have the coach take a new standing reference.
        detail: how the capture of the standing stands, one line.
    """

    t_s: float
    phase: ExamPhase
    instruction: CueSpec
    say: Cue | None = None
    fix: str = ""
    hold_s: float = 0.0
    hold_goal_s: float = 0.0
    verdict: str = NOT_JUDGED
    weight_shift: float = NAN
    passed: tuple[str, ...] = ()
    rear: str = UNKNOWN_SIDE
    paused_because: str = ""
    pass_event: PassEvent | None = None
    kept: tuple[HeldPose, ...] = ()
    separations: tuple[Separation, ...] = ()
    wants_calibration: bool = False
    detail: str = ""

    @property
    def finished(self) -> bool:
        """Whether the exam is over."""
        return self.phase is ExamPhase.DONE

    @property
    def not_separable(self) -> frozenset[FaultId]:
        """The faults that cannot be told apart here, and are not to be cued."""
        return frozenset(s.fault for s in self.separations if not s.separable)


class Voice:
    """Says a line when it comes up, and now and then again while it stays; never two lines at once."""

    def __init__(self) -> None:
        self._key = ""
        self._said_s = float("-inf")
        self._times = 0

    @property
    def spoke(self) -> bool:
        """Whether anything was said so far."""
        return bool(self._key)

    def say(self, t_s: float, key: str, spec: CueSpec, gap_s: float = 0.0) -> Cue | None:
        """Return what is to be spoken now for the line that stands, None mostly.

        Args:
            t_s: now.
            key: what the line is about; the words come anew when it changes.
            spec: the words.
            gap_s: least time since the last words.
        """
        since_s = t_s - self._said_s
        if key != self._key:
            if since_s < gap_s:
                return None
            self._key, self._times = key, 0
        elif since_s < REPEAT_S or self._times >= MOST_REPEATS:
            return None
        spoken = spec.spoken[self._times % len(spec.spoken)]
        self._times += 1
        self._said_s = t_s
        return Cue(spec.id, spoken, spec.shown, t_s, t_s + EXPIRES_S, spec.priority)
