"""The starting-line exam over a clip: what was passed in it, and what can be told apart."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from app.coach.exam import Exam
from app.validation.document import number

if TYPE_CHECKING:
    from app.coach.exam_report import ExamReport, PassEvent
    from app.coach.model import CoachModel
    from app.session import Analysis


class ClipExam:
    """Sits the exam while a clip is analyzed, or follows the one that the session sits; a session's observer.

    Nobody listens to it in a clip, so it takes the standing that there is and goes by what was done.
    """

    def __init__(self, coach: CoachModel) -> None:
        self._coach = coach
        self._exam = Exam(coach.rules, fresh=False)
        self._last: ExamReport | None = None
        self._passes: list[PassEvent] = []
        self._pauses: list[tuple[float, float, str]] = []

    def __call__(self, analysis: Analysis) -> None:
        """Take one frame."""
        told = analysis.exam or self._exam.update(analysis.pose, analysis.report, self._coach.standing)
        if told.pass_event is not None:
            self._passes.append(told.pass_event)
        why = told.paused_because
        if why and self._last is not None and self._last.paused_because == why:
            self._pauses[-1] = (self._pauses[-1][0], told.t_s, why)
        elif why:
            self._pauses.append((told.t_s, told.t_s, why))
        self._last = told

    def part(self) -> dict[str, Any]:
        """Return what it came to, for the JSON."""
        last = self._last
        return {
            "phase": None if last is None else last.phase.value,
            "passed": [
                {
                    "number": event.number,
                    "foot_behind": event.side,
                    "t_s": number(event.t_s),
                    "values": {name: number(value) for name, value in asdict(event.pose.values).items()},
                }
                for event in self._passes
            ],
            "separations": [
                {
                    "fault": s.fault.value,
                    "separable": s.separable,
                    "distance_sd": number(s.distance_sd),
                    "from": s.from_what,
                    "measure": s.measure,
                }
                for s in (() if last is None else last.separations)
            ],
            "pauses": [
                {"start_s": number(start_s), "end_s": number(end_s), "because": why}
                for start_s, end_s, why in self._pauses
            ],
        }
