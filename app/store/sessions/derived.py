"""What of a session is looked up and drawn, made from the coach's reports: the same live and in a re-judging."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from app.coach.report import NOT_JUDGED, Activity, CoachReport, Cue, Step
from app.coach.summary import LONGEST_FRAME_S, CoachSummary
from app.store.sessions.chunks import KeptEvent
from app.store.sessions.errors import DamagedError

COACH = "coach"
#: The mark that an exam has begun or ended; and that of a moment the runner or the coach wants to find again.
EXAM, MOMENT = "exam", "moment"
#: What the exam says when both sides are passed.
BOTH_PASSED = "exam_both"


@dataclass(frozen=True, slots=True)
class ToldCue:
    """One thing that was said or shown.

    Attributes:
        frame: of the session, from 0. t_s: its time. teller: "coach", "setup" or "exam".
        id, spoken, shown: as of `Cue`. evidence: why: {"fault", "steps", "values", "value", "threshold", "unit"}.
    """

    frame: int
    t_s: float
    teller: str
    id: str
    spoken: str
    shown: str
    evidence: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class FaultSpell:
    """A fault from when it came on until it went, and the strongest value in between."""

    fault: str
    start_s: float
    end_s: float
    value: float
    threshold: float
    unit: str


@dataclass(slots=True)
class Derived:
    """Collects steps, cues, spells of faults and marks.

    Attributes:
        exam: whether an exam has the say now, not the coach.
        verdicts: what was told at the step of each time.
    """

    exam: bool = False
    frames: int = 0
    duration_s: float = 0.0
    running_s: float = 0.0
    last_s: float = math.nan
    verdicts: dict[float, str] = field(default_factory=dict)
    steps: list[tuple[Step, str]] = field(default_factory=list)
    cues: list[ToldCue] = field(default_factory=list)
    faults: list[FaultSpell] = field(default_factory=list)
    marks: list[KeptEvent] = field(default_factory=list)
    _on: dict[str, FaultSpell] = field(default_factory=dict)
    _first_s: float = math.nan

    def frame(self, report: CoachReport, t_s: float) -> None:
        """Take the report of the next frame, which was of time ``t_s``."""
        if not t_s <= self.last_s:
            self._take_time(report, t_s)
            if report.step is not None:
                self.steps.append((report.step, report.verdict))
                self.verdicts[report.step.t_s] = report.verdict
            if report.cue is not None and not self.exam:
                self.cues.append(told_cue(self.frames, COACH, report.cue))
            if report.faults or self._on:
                self._take_faults(report)
        self.frames += 1

    def event(self, event: KeptEvent) -> None:
        """Take an event that is no frame. Raises DamagedError for words that are none."""
        if event.kind == "told":
            self.cues.append(_told(event))
        else:
            if event.name == EXAM and event.kind == "mark":
                self.exam = bool(event.value)
            self.marks.append(event)

    @property
    def moments_s(self) -> tuple[float, ...]:
        """Times of the moments that somebody marked."""
        return moments_s(self.marks)

    @property
    def passed_exam(self) -> bool:
        """Whether both sides of a starting-line exam were passed: what comes after is wrong on purpose."""
        return any(cue.teller == EXAM and cue.id == BOTH_PASSED for cue in self.cues)

    def finish(self) -> None:
        """End the spells that last."""
        for name in list(self._on):
            self._went(name)

    def _take_time(self, report: CoachReport, t_s: float) -> None:
        if self.last_s != self.last_s:
            self._first_s = t_s
        elif t_s - self.last_s <= LONGEST_FRAME_S and report.activity is Activity.RUNNING:
            self.running_s += t_s - self.last_s
        self.last_s = t_s
        self.duration_s = t_s - self._first_s

    def _take_faults(self, report: CoachReport) -> None:
        now = {fault.id.value: fault for fault in report.faults}
        for name in [name for name in self._on if name not in now]:
            self._went(name)
        for name, fault in now.items():
            before = self._on.get(name)
            start_s = self.last_s if before is None else before.start_s
            value = fault.value
            if before is not None and abs(before.value - before.threshold) > abs(value - fault.threshold):
                value = before.value
            self._on[name] = FaultSpell(name, start_s, self.last_s, value, fault.threshold, fault.unit)

    def _went(self, name: str) -> None:
        self.faults.append(replace(self._on.pop(name), end_s=self.last_s))


def moments_s(marks: Iterable[KeptEvent]) -> tuple[float, ...]:
    """Return the times of the moments that somebody marked, in order."""
    found = [mark.t_s for mark in marks if mark.kind == "mark" and mark.name == MOMENT]
    return tuple(sorted(t_s for t_s in found if math.isfinite(t_s)))


def _told(event: KeptEvent) -> ToldCue:
    """Return the cue that an event tells of. Raises DamagedError."""
    told = event.value if isinstance(event.value, dict) else {}
    cue, spoken, shown, evidence = (told.get(name) for name in ("id", "spoken", "shown", "evidence"))
    known = told.keys() <= {"id", "spoken", "shown", "evidence"}
    if not (known and isinstance(cue, str) and isinstance(spoken, str) and isinstance(shown, str)):
        raise DamagedError("what was said in the session cannot be read")
    try:
        f"{cue}{spoken}{shown}".encode()
    except UnicodeEncodeError:  # a lone surrogate can be kept nowhere
        raise DamagedError("what was said in the session cannot be read") from None
    return ToldCue(event.frame, event.t_s, event.name, cue, spoken, shown, evidence)


def told_cue(frame: int, teller: str, cue: Cue) -> ToldCue:
    """Return a cue with its evidence, None where it is praise or set-up."""
    evidence = None
    if cue.because:
        evidence = {
            "fault": cue.because,
            "steps": list(cue.steps),
            "values": [_plain(value) for value in cue.values],
            "value": _plain(cue.value),
            "threshold": _plain(cue.threshold),
            "unit": cue.unit,
        }
    return ToldCue(frame, cue.t_s, teller, cue.id, cue.spoken, cue.shown, evidence)


def judged_steps(summary: CoachSummary, verdicts: dict[float, str]) -> list[tuple[Step, str]]:
    """Return all steps of a session with the verdict told at each; those that ended with another one share its."""
    steps: list[tuple[Step, str]] = []
    verdict = NOT_JUDGED
    for step in reversed(summary.steps):
        verdict = verdicts.get(step.t_s, verdict)
        steps.append((step, verdict))
    return steps[::-1]


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
