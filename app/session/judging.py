"""What a session judges by: the coach, and beside it the set-up guide or the starting-line exam.

One session may go through several tasks (set-up, a run, the exam, a drill) while the camera and the network go on.
Everything here belongs to the analysing thread, `summary` apart, which the session locks.
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from app.coach.drill_model import DrillModel
from app.coach.exam import Exam
from app.session.guiding import Guiding
from app.store.sessions.derived import MOMENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.coach.exam_report import ExamReport
    from app.coach.model import CoachModel
    from app.coach.report import CoachReport
    from app.coach.reps import LoggedRep
    from app.coach.setup import SetupGuide, SetupReport
    from app.coach.summary import CoachSummary
    from app.coach.types import BodyPose, Frame
    from app.session.status import Analysis

#: The mark that no picture was judged for so many seconds, before the first one that was again.
GAP = "gap"
#: Pictures further apart than this, and than so many usual intervals, are a gap (a camera of 1 fps has none).
GAP_S, GAP_FRAMES, USUAL_MOST_S = 0.5, 4.0, 2.0


class Others(Protocol):
    """What counts other people; used in the analysing thread alone."""

    def count(self, frame: Frame, pose: BodyPose) -> int:
        """Return how many there are beside the one of ``pose``."""

    def rest(self) -> None:
        """Let go of what it holds until it is asked again."""

    def close(self) -> None:
        """Let go of what it holds."""


class Records(Protocol):
    """What records the coaches of a session."""

    def follow(self, coach: CoachModel) -> None:
        """Record this coach from its first frame on."""

    def __call__(self, analysis: Analysis) -> None:
        """Take one analysis: an observer."""

    def mark(self, name: str, value: Any = None) -> None:
        """Mark this moment; ``value``: plain JSON."""

    @property
    def session(self) -> str:
        """Id of the newest recording, "" where there is none."""

    @property
    def notice(self) -> str:
        """What is wrong, "" where all is well."""

    def close(self) -> object:
        """The session has ended."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be judged.

    Attributes:
        coach: the judge. guide: watches the set-up beside it, None: nobody does.
        exam: the starting-line exam, which the coach is in its mode for; None: none is sat.

    """

    coach: CoachModel
    guide: SetupGuide | None = None
    exam: Exam | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What there is to say about one frame."""

    report: CoachReport
    setup: SetupReport | None
    exam: ExamReport | None


class Judging:
    """Runs a `Task` frame by frame.

    Args:
        task: the first one.
        others: counts other people for the guide, None: nobody does; closed with `close`.
        records: records every coach, None: nothing is recorded; closed with `close`.

    """

    def __init__(self, task: Task, others: Others | None = None, records: Records | None = None) -> None:
        self._others, self.records = others, records
        self._last_s = self._frame_s = math.nan
        self.coach = task.coach
        #: Every coach so far, replaced and never changed: any thread may read it.
        self.coaches: tuple[CoachModel, ...] = ()
        self.turn_to(task)

    def turn_to(self, task: Task) -> None:
        """Judge by another task from the next frame on; a coach that is left counts what was still open."""
        if self.coach is not task.coach:
            self.coach.finish()
        self.coach = task.coach
        if task.coach not in self.coaches:
            self.coaches = (*self.coaches, task.coach)
            if self.records is not None:
                self.records.follow(task.coach)
        count = self._others.count if self._others is not None else None
        self.guiding = Guiding(task.guide, count) if task.guide is not None else None
        if self._others is not None and task.guide is None:
            self._others.rest()
        self.exam = task.exam

    def ask_guide(self, request: Callable[[SetupGuide], None]) -> None:
        """Call ``request`` with the set-up guide; nothing where there is none."""
        if self.guiding is not None:
            request(self.guiding.guide)

    def restart_exam(self) -> None:
        """Begin the exam anew, with standing tall; nothing where none is sat."""
        if self.exam is not None:
            self.coach.never_cue(frozenset())
            self.exam = Exam(self.coach.rules)

    def mark(self) -> None:
        """Mark this moment in the recording."""
        if self.records is not None:
            self.records.mark(MOMENT)

    def _notice_gap(self, t_s: float) -> None:
        """Mark in the recording where no picture was judged for a while: the camera was away, or something hung."""
        passed_s, self._last_s = t_s - self._last_s, t_s
        if not passed_s > 0.0:
            return
        usual_s = min(passed_s, USUAL_MOST_S)
        self._frame_s = usual_s if math.isnan(self._frame_s) else self._frame_s
        if passed_s > max(GAP_S, GAP_FRAMES * self._frame_s) and self.records is not None:
            self.records.mark(GAP, {"seconds": round(passed_s, 2)})
        self._frame_s += 0.1 * (usual_s - self._frame_s)

    def update(self, frame: Frame, pose: BodyPose, camera_fps: float) -> Judged:
        """Take one frame.

        Args:
            frame: the picture.
            pose: the body found in it.
            camera_fps: frames read per second, of which fewer may have been analysed; NaN unknown.

        """
        self._notice_gap(pose.t_s)
        report = self.coach.update(pose)
        setup = exam = None
        if self.guiding is not None:
            setup = self.guiding.update(frame, pose, report, self.coach, camera_fps)
        if self.exam is not None:
            exam = self.exam.sit(self.coach, pose, report)
            # One voice: while the exam is on it is the exam's.
            report = replace(report, cue=None)
        return Judged(report, setup, exam)

    def all_coaches(self) -> tuple[CoachModel, ...]:
        """Return every coach so far, oldest first."""
        return self.coaches

    def drill_log(self) -> tuple[LoggedRep, ...]:
        """Return every attempt of the present drill, () outside of one."""
        return self.coach.drill.log.entries if isinstance(self.coach, DrillModel) else ()

    def finish(self) -> None:
        """The source has ended: count what is still open."""
        self.coach.finish()

    def close(self) -> None:
        """Let go of what is held, all of it even where some of it fails; the disk may take seconds."""
        with ExitStack() as held:
            if self.records is not None:
                held.callback(self.records.close)
            if self._others is not None:
                held.callback(self._others.close)

    def summary(self) -> CoachSummary:
        """Return what the present coach has come to."""
        return self.coach.summary()
