"""`Recall`: an observer of a session that remembers the set, for the delayed mirror and the review right after it."""

from __future__ import annotations

import math
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from app.coach.exam_report import ExamPhase
from app.coach.report import GOOD, NOT_JUDGED
from app.coach.rules import Rules, default_rules
from app.session.delay import KEPT_S, MOST_BYTES, WIDTH_PX, Shots
from app.session.frame_log import FrameLog
from app.session.moments import Moments
from app.session.set_record import NAN, ROOF, CueMark, HoldMark, SetKind, SetRecord, StepMark

if TYPE_CHECKING:
    from app.coach.report import Cue, Hold, Step
    from app.coach.reps import DrillId, Rep
    from app.coach.summary import CoachSummary
    from app.session.status import Analysis

__all__ = ["Recall", "SetRecord"]

#: So much is kept of each: three hours of steps, then the oldest go.
MOST_STEPS, MOST_OTHERS = 32_000, 8_000
#: A hold that is shorter is a pause in walking about.
LEAST_HOLD_S = 1.0
#: Among so many newest steps those behind a cue are looked for.
CUE_STEPS = 40
#: A gap that is longer than this is nobody's time.
LONGEST_FRAME_S = 0.5
#: A step follows another if it begins at the other's end to within this.
SAME_INSTANT_S = 0.05
#: So long a snapshot waits for pictures on their way; the newest few may then be missing.
SETTLE_S = 0.5
#: What was on in less than this share of the steps was a transition or chance.
OFTEN = 0.05
#: Counting aloud is no feedback.
_COUNTS = ("drill_count", "drill_hold_count", "drill_seconds")
_ON_PURPOSE = (ExamPhase.DRIFT, ExamPhase.SQUEEZE)


@dataclass(slots=True)
class _Marks:
    """What is remembered beside the poses and the pictures."""

    first_s: float = NAN
    last_s: float = NAN
    steps: list[StepMark] = field(default_factory=list)
    cues: list[CueMark] = field(default_factory=list)
    bumps_s: list[float] = field(default_factory=list)
    marks_s: list[float] = field(default_factory=list)
    holds: list[HoldMark] = field(default_factory=list)
    reps: list[Rep] = field(default_factory=list)
    unjudged_s: dict[str, float] = field(default_factory=dict)
    height_cm: float = NAN
    drill: DrillId | None = None
    hold: HoldMark | None = None
    roof_was_hit: bool = False


class Recall:
    """Remembers one set in bounded memory; called with every `Analysis` in the analysing thread (0.15 ms).

    Poses of the whole set (43 MB an hour at 60 fps), pictures of the newest minute (30 to 60 MB), steps, cues, holds,
    repetitions and the three best and worst moments with their pictures. Any thread may read.

    Args:
        rules: that the coach judges by; None: those that come with the app.
        width_px: of the kept pictures.
        kept_s: how long back pictures are kept. most_bytes: of them all.
        in_thread: False packs the pictures in the analysing thread, and leaves none out.

    """

    def __init__(
        self,
        rules: Rules | None = None,
        width_px: int = WIDTH_PX,
        kept_s: float = KEPT_S,
        most_bytes: int = MOST_BYTES,
        in_thread: bool = True,
    ) -> None:
        self.rules = rules or default_rules()
        self.shots = Shots(width_px, kept_s, most_bytes, in_thread)
        self._lock = threading.Lock()
        self._frames, self._marks = FrameLog(), _Marks()
        self._moments = Moments(self.rules, self.shots)

    def __call__(self, analysis: Analysis) -> None:
        """Take one analysed frame; one not later than the one before is passed over."""
        marks, t_s = self._marks, analysis.frame.t_s
        if t_s <= marks.last_s:
            return
        self.shots.add(analysis)
        with self._lock:
            marks = self._marks
            passed_s = t_s - marks.last_s
            marks.first_s = t_s if marks.first_s != marks.first_s else marks.first_s
            marks.last_s = t_s
            self._frames.add(analysis)
            why_not = analysis.report.not_judged_because
            if why_not and passed_s <= LONGEST_FRAME_S and (len(marks.unjudged_s) < 64 or why_not in marks.unjudged_s):
                marks.unjudged_s[why_not] = marks.unjudged_s.get(why_not, 0.0) + passed_s
            self._mark(analysis)

    # ---- reading ------------------------------------------------------------------------------------------------

    @property
    def last_s(self) -> float:
        """Time of the newest frame, NaN before the first."""
        return self._marks.last_s

    @property
    def bytes(self) -> int:
        """What poses and pictures take."""
        return self._frames.bytes + self.shots.bytes

    def delayed(self, seconds: float) -> Analysis | None:
        """Return the frame of so many seconds before the newest one, with its picture: the delayed mirror.

        None where the set has not lasted that long, or longer ago than pictures are kept.
        """
        shot = self.shots.at(self._marks.last_s - seconds)
        return shot.shown() if shot is not None else None

    def snapshot(self, summary: CoachSummary | None = None) -> SetRecord:
        """Return the set so far.

        Args:
            summary: of the same session: has the steps that were released in a row as the run was told, and the
                repetitions as the user has corrected them. None: without them.

        """
        self.shots.settle(SETTLE_S)
        with self._lock:
            marks = self._marks
            frames = self._frames.frames()
            steps, cues, bumps_s = list(marks.steps), tuple(marks.cues), tuple(marks.bumps_s)
            marks_s = tuple(marks.marks_s)
            open_hold = [marks.hold] if marks.hold is not None and _lasted(marks.hold.hold) else []
            holds, reps = (*marks.holds, *open_hold), tuple(marks.reps)
            unjudged = tuple(sorted(marks.unjudged_s.items(), key=lambda item: -item[1]))
            counts = Counter(mark.verdict for mark in steps)
            often = [about for about, n in counts.most_common() if n > OFTEN * len(steps)]
            if sum(mark.step.hit for mark in steps) > OFTEN * len(steps):
                often.append(ROOF)  # last: a fault that is on explains the hits
            moments = self._moments.chosen(often, open_hold[0].hold if open_hold else None)
            first_s, last_s, height_cm, drill = marks.first_s, marks.last_s, marks.height_cm, marks.drill
        if summary is not None:
            steps = _with_missing(steps, summary.steps, first_s)
            if summary.drill is not None and reps:
                reps = summary.drill.reps
                there = {rep.number for rep in reps}
                moments = tuple(m for m in moments if not m.number or m.number in there)
        return SetRecord(
            first_s=first_s,
            last_s=last_s,
            kind=_kind(steps, reps, holds, drill),
            steps=tuple(replace(mark, number=k + 1) for k, mark in enumerate(steps)),
            cues=cues,
            bumps_s=bumps_s,
            holds=holds,
            reps=reps,
            moments=moments,
            unjudged=unjudged,
            frames=frames,
            shots=tuple(self.shots.newest()),
            height_cm=height_cm,
            rules=self.rules,
            drill=drill,
            marks_s=marks_s,
        )

    # ---- life ---------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Forget everything: another set begins."""
        with self._lock:
            self._frames, self._marks = FrameLog(), _Marks()
            self._moments = Moments(self.rules, self.shots)
        self.shots.clear()

    def close(self) -> None:
        """End the packing thread; what is remembered stays readable. Idempotent."""
        self.shots.close()

    def mark(self) -> float:
        """Mark the newest frame, to find it again; return its time since the set began, s; NaN before the first."""
        with self._lock:
            marks = self._marks
            if math.isfinite(marks.last_s):
                _keep(marks.marks_s, marks.last_s, MOST_OTHERS)
            return marks.last_s - marks.first_s

    # ---- marking ------------------------------------------------------------------------------------------------

    def _mark(self, analysis: Analysis) -> None:
        """Keep what happened in this frame; called with the lock held."""
        marks, report = self._marks, analysis.report
        sample = report.sample
        if sample.head_below_standing_cm == sample.head_below_standing_cm and sample.head_below_standing_bh:
            marks.height_cm = sample.head_below_standing_cm / sample.head_below_standing_bh
        if report.roof_hit and not marks.roof_was_hit:
            _keep(marks.bumps_s, report.t_s, MOST_OTHERS)
        marks.roof_was_hit = report.roof_hit
        if report.step is not None:
            self._mark_step(report.step, analysis)
        cue = report.cue or (analysis.exam.say if analysis.exam is not None else None)
        if cue is not None and cue.id not in _COUNTS:
            _keep(marks.cues, self._with_steps(cue), MOST_OTHERS)
        self._mark_hold(analysis)
        if report.drill is not None:
            marks.drill = report.drill.drill
            if report.drill.new_rep and report.drill.last_rep is not None:
                _keep(marks.reps, report.drill.last_rep, MOST_OTHERS)
                self._moments.add_rep(report.drill.last_rep)
        if analysis.exam is not None and analysis.exam.pass_event is not None:
            event = analysis.exam.pass_event
            self._moments.add_pass(event.t_s, event.pose.end_s - event.pose.start_s, event.side)

    def _mark_step(self, step: Step, analysis: Analysis) -> None:
        report, steps = analysis.report, self._marks.steps
        before = steps[-1].step if steps else None
        if before is not None and abs(step.t_s - before.t_s - before.duration_s) > SAME_INSTANT_S:
            before = None
        fault = report.faults[0] if report.faults else None
        below_floor = report.tunnel is not None and report.tunnel.below_floor
        judged = report.verdict != NOT_JUDGED
        excess = self._moments.add_step(step, before, fault, judged, not (step.hit or below_floor))
        mark = StepMark(len(steps) + 1, step, report.verdict, fault, excess, below_floor, report.unsaid)
        _keep(steps, mark, MOST_STEPS)

    def _mark_hold(self, analysis: Analysis) -> None:
        """Follow the still stance; keep it when it has ended."""
        marks, hold = self._marks, analysis.report.hold
        before = marks.hold
        if before is not None and (hold is None or hold.start_s != before.hold.start_s):
            if _lasted(before.hold):
                _keep(marks.holds, before, MOST_OTHERS)
                self._moments.add_hold(before.hold, before.on_purpose)
            marks.hold = None
        if hold is not None:
            # The phase goes on before the runner has left what it asked for: so once shown wrong on purpose, it was.
            wrong = hold.verdict not in (GOOD, NOT_JUDGED)
            asked = analysis.exam is not None and analysis.exam.phase in _ON_PURPOSE
            earlier = before is not None and before.on_purpose and before.hold.start_s == hold.start_s
            marks.hold = HoldMark(hold, wrong and (asked or earlier))

    def _with_steps(self, cue: Cue) -> CueMark:
        """Find the steps behind a cue by their values: the coach numbers its steps anew with each task."""
        newest = [mark.step for mark in self._marks.steps[-CUE_STEPS:]]
        scales = {"peak_below_standing_bh": 100.0}
        spec = next((s for fault, s in self.rules.running.items() if fault.value == cue.because), None)
        for way in spec.ways if spec is not None else ():
            scales[way[0].measure] = way[0].scale
        best: list[tuple[float, float]] = []
        for measure, scale in scales.items():
            by_value = {getattr(step, measure) * scale: step.t_s for step in newest}
            found = [(by_value[value], value) for value in cue.values if value in by_value]
            best = max(best, found, key=len)
        return CueMark(cue, tuple(t_s for t_s, _ in best), tuple(value for _, value in best))


def _keep(kept: list, item: object, most: int) -> None:  # type: ignore[type-arg]  # of whatever it holds
    """Append, and drop the oldest eighth where there are too many."""
    kept.append(item)
    if len(kept) > most:
        del kept[: most // 8]


def _lasted(hold: Hold) -> bool:
    return hold.end_s - hold.start_s >= LEAST_HOLD_S and hold.verdict != NOT_JUDGED


def _with_missing(marks: list[StepMark], steps: tuple[Step, ...], first_s: float) -> list[StepMark]:
    """Return the marks with those of the coach's steps put in that no frame told of; nothing was judged by them."""
    known_s = {mark.step.t_s for mark in marks}
    since_s = first_s if math.isfinite(first_s) else -math.inf
    more = [StepMark(0, step) for step in steps if step.t_s not in known_s and step.t_s >= since_s]
    return sorted([*marks, *more], key=lambda mark: mark.step.t_s)


def _kind(steps: list[StepMark], reps: tuple[Rep, ...], holds: tuple[HoldMark, ...], drill: DrillId | None) -> SetKind:
    """Return what was done last: one session may go from a run to a drill."""
    ends_s = {
        SetKind.RUN: steps[-1].end_s if steps else -math.inf,
        SetKind.DRILL: reps[-1].end_s if reps else -math.inf,
        SetKind.STANCE: holds[-1].hold.end_s if holds else -math.inf,
    }
    last = max(ends_s, key=ends_s.__getitem__)
    if ends_s[last] > -math.inf:
        return last
    return SetKind.DRILL if drill is not None else SetKind.NOTHING
