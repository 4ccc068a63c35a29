"""What happens hands-free: after the set-up comes the run, a set ends when the runner has left, the camera rests."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.coach.report import Activity
from app.coach.setup import SetupPhase

if TYPE_CHECKING:
    from app.session import Analysis

#: Nobody in view for so long ends a set of running; in an exam or drill, which pause and go on, later.
LEFT_S: Final = 8.0
LEFT_PAUSED_S: Final = 45.0
#: So much running, or anything counted, makes a set: who only walked through the picture has not been here.
LEAST_RUN_S: Final = 10.0
#: Nobody for so long without a set: the camera is let go of.
IDLE_S: Final = 300.0
#: "All set" is read, or heard, before the next screen comes.
AFTER_SETUP_S: Final = 2.0
#: A longer step between two frames is a gap, not time that somebody ran.
_GAP_S: Final = 0.5


class Turn(StrEnum):
    """What is to happen by itself."""

    SET_OVER = "set_over"
    IDLE = "idle"
    SETUP_DONE = "setup_done"


class Attendance:
    """Follows the analyses of one session, on the frames' own time."""

    def __init__(self) -> None:
        self._ran_s = 0.0
        self._did_something = False
        self._seen_s = self._last_s = self._set_up_s = float("nan")

    @property
    def has_set(self) -> bool:
        """Whether there is something to look back at."""
        return self._ran_s >= LEAST_RUN_S or self._did_something

    def follow(self, analysis: Analysis) -> Turn | None:
        """Take one analysis; return what is to happen now, None mostly."""
        report = analysis.report
        t_s = report.t_s
        passed_s = t_s - self._last_s
        self._last_s = t_s
        if self._seen_s != self._seen_s or passed_s < 0.0:
            self._seen_s = t_s
        paused = analysis.exam is not None or report.drill is not None
        self._did_something |= bool(analysis.exam is not None and analysis.exam.kept)
        self._did_something |= bool(report.drill is not None and report.drill.reps)
        if report.activity is not Activity.NOBODY:
            if report.activity is Activity.RUNNING and 0.0 < passed_s < _GAP_S:
                self._ran_s += passed_s
            self._seen_s = t_s
            return Turn.SETUP_DONE if self._has_been_set_up(analysis) else None
        gone_s = t_s - self._seen_s
        if self.has_set and gone_s >= (LEFT_PAUSED_S if paused else LEFT_S):
            return Turn.SET_OVER
        return Turn.IDLE if gone_s >= IDLE_S else None

    def _has_been_set_up(self, analysis: Analysis) -> bool:
        """Whether the set-up has been done for long enough to have been seen or heard; who runs needs none."""
        report = analysis.report
        runs = report.activity is Activity.RUNNING and report.standing.source != "none"
        if analysis.setup is None or not (runs or analysis.setup.phase is SetupPhase.DONE):
            self._set_up_s = float("nan")
        elif self._set_up_s != self._set_up_s:
            self._set_up_s = report.t_s
        return report.t_s - self._set_up_s >= AFTER_SETUP_S
