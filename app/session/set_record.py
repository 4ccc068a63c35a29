"""What is remembered of a set, as it stood when it was asked for: steps, cues, holds, repetitions, best and worst.

Plain facts; the words are the window's. Times are the frames' own seconds, as everywhere.
"""

from __future__ import annotations

import bisect
import math
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from app.coach.report import GOOD, NOT_JUDGED
from app.coach.rules import Rules, default_rules
from app.session.delay import Shot, nearest
from app.session.judging import GAP_FRAMES, GAP_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.coach.report import ActiveFault, Cue, Hold, Step
    from app.coach.reps import DrillId, Rep
    from app.coach.types import FloatArray
    from app.session.frame_log import Frames
    from app.session.status import Analysis

NAN = float("nan")
#: A picture this near to the instant asked for is shown for it.
PICTURE_NEAR_S = 0.1
#: Two instants nearer than this are one.
SAME_S = 1e-4
#: In less nothing can be told of anybody.
LEAST_S = 2.0
ROOF = "roof"
#: One hit is chance; the policy speaks of two.
LEAST_HITS = 2


class SetKind(StrEnum):
    """What was mostly done."""

    RUN = "run"
    DRILL = "drill"
    STANCE = "stance"
    NOTHING = "nothing"


class Best(StrEnum):
    """Whether a moment is one of the best or of the worst."""

    BEST = "best"
    WORST = "worst"


@dataclass(frozen=True, slots=True)
class StepMark:
    """One running step, and what was said of it.

    Attributes:
        number: from 1. step: its measures.
        verdict: "good", a fault id, or "not_judged": of the newest eight steps up to this one.
        fault: with its deciding value, None without one.
        excess: how far this step and the one before lie past the fault's threshold, in its unit; NaN without them.
        below_floor: whether it collapsed.
        unsaid: why no cue followed it, "" where one did or nothing is known.

    """

    number: int
    step: Step
    verdict: str = NOT_JUDGED
    fault: ActiveFault | None = None
    excess: float = NAN
    below_floor: bool = False
    unsaid: str = ""

    @property
    def end_s(self) -> float:
        """When it ended, s."""
        return self.step.t_s + self.step.duration_s


@dataclass(frozen=True, slots=True)
class CueMark:
    """One cue and the steps behind it, by their times (as many of them as are known), each with its value."""

    cue: Cue
    steps_s: tuple[float, ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldMark:
    """One still stance; ``on_purpose``: it was shown wrong on purpose, in the exam."""

    hold: Hold
    on_purpose: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One of the best or the worst moments.

    Attributes:
        best: which of both. t_s: the instant to look at. start_s, end_s: of the step, the hold or the repetition.
        about: a fault id, "roof", "good", "passed" (a side of the exam), or the verdict of a repetition.
        excess: how far past the threshold (worst), or how good (best): the larger, the further up.
        value, threshold, unit: what decided; NaN and "" where it is no number. measure: its name.
        higher: whether too high is the fault.
        number: of the repetition, 0 for others. words: what is to be changed, where a drill said it.
        on_purpose: it was shown wrong on purpose.
        shot: the picture.

    """

    best: Best
    t_s: float
    start_s: float
    end_s: float
    about: str
    excess: float
    value: float = NAN
    threshold: float = NAN
    unit: str = ""
    measure: str = ""
    higher: bool = True
    number: int = 0
    words: str = ""
    on_purpose: bool = False
    shot: Shot | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SetRecord:
    """A whole set.

    Attributes:
        first_s, last_s: times of its first and its last frame.
        kind: what was mostly done. marks_s: the moments that somebody marked.
        steps, cues, holds, reps: in order of time. bumps_s: when the head went through the roof.
        moments: the worst ones, the worst first; then the best ones, the best first. At most three each.
        unjudged: reasons why nothing was judged, the longest first, each with its seconds.
        height_cm: of the runner, NaN unknown. rules: that judged. drill: that was done, None for none.
        frames: all poses. shots: the pictures there are, oldest first.

    """

    first_s: float
    last_s: float
    kind: SetKind
    steps: tuple[StepMark, ...]
    cues: tuple[CueMark, ...]
    bumps_s: tuple[float, ...]
    holds: tuple[HoldMark, ...]
    reps: tuple[Rep, ...]
    moments: tuple[Moment, ...]
    unjudged: tuple[tuple[str, float], ...]
    frames: Frames = field(repr=False)
    shots: tuple[Shot, ...] = field(repr=False)
    height_cm: float = NAN
    rules: Rules = field(default_factory=default_rules, repr=False)
    drill: DrillId | None = None
    marks_s: tuple[float, ...] = ()
    _instants_s: list[float] = field(default_factory=list, init=False, repr=False)

    @property
    def duration_s(self) -> float:
        """From the first frame to the last; 0 without any."""
        return self.last_s - self.first_s if math.isfinite(self.first_s) else 0.0

    @property
    def gaps_s(self) -> tuple[tuple[float, float], ...]:
        """From when until when no picture was judged: the camera was away, or something hung."""
        times_s = self.frames.times_s
        apart_s = np.diff(times_s)
        if not apart_s.size:
            return ()
        gaps = np.flatnonzero(apart_s > max(GAP_S, GAP_FRAMES * float(np.median(apart_s))))
        return tuple((float(times_s[k]), float(times_s[k + 1])) for k in gaps)

    @property
    def too_short(self) -> bool:
        """Whether there is nothing to look at."""
        return self.kind is SetKind.NOTHING and self.duration_s < LEAST_S

    @property
    def pictured_from_s(self) -> float:
        """From when on there are pictures all along; infinite where there are none."""
        return next((shot.t_s for shot in self.shots if shot.jpeg), math.inf)

    def moments_of(self, best: Best) -> tuple[Moment, ...]:
        """Return the best or the worst moments, the most telling first."""
        return tuple(moment for moment in self.moments if moment.best is best)

    def fault_counts(self) -> Counter[str]:
        """Return how many steps each fault was on in, "good" for those without one; or holds, or repetitions."""
        if self.kind is SetKind.RUN:
            return Counter(mark.verdict for mark in self.steps if mark.verdict != NOT_JUDGED)
        if self.kind is SetKind.DRILL:
            return Counter(rep.verdict for rep in self.reps)
        return Counter(mark.hold.verdict for mark in self.holds if not mark.on_purpose)

    def main_fault(self) -> str:
        """Return what was wrong most often (a fault id, "roof" or the verdict of a repetition), "" for nothing."""
        wrong = [(n, about) for about, n in self.fault_counts().items() if about != GOOD]
        if not wrong:
            running = self.kind is SetKind.RUN
            return ROOF if running and sum(mark.step.hit for mark in self.steps) >= LEAST_HITS else ""
        return max(wrong)[1]

    def step_at(self, t_s: float) -> StepMark | None:
        """Return the step under way at an instant, or one that is as near as its picture may be."""
        after = bisect.bisect_right(self.steps, t_s, key=lambda mark: mark.step.t_s)
        near = self.steps[max(after - 1, 0) : after + 1]
        off_s = {m.number: max(m.step.t_s - t_s, t_s - m.end_s, 0.0) for m in near}
        mark = min(near, key=lambda m: off_s[m.number], default=None)
        return mark if mark is not None and off_s[mark.number] <= PICTURE_NEAR_S else None

    def steps_between(self, after_s: float, until_s: float) -> tuple[StepMark, ...]:
        """Return the steps that ended in a stretch of time."""
        first = bisect.bisect_right(self.steps, after_s, key=lambda mark: mark.end_s)
        last = bisect.bisect_right(self.steps, until_s, key=lambda mark: mark.end_s)
        return self.steps[first:last]

    def hold_at(self, t_s: float) -> Hold | None:
        """Return the still stance of an instant."""
        return next((m.hold for m in self.holds if m.hold.start_s <= t_s <= m.hold.end_s), None)

    def frame_at(self, t_s: float) -> Analysis | None:
        """Return the frame nearest to an instant: with its picture where one is kept, else landmarks only."""
        shot = self._shot_at(t_s)
        return shot.shown() if shot is not None else self.frames.at(t_s, self.hold_at(t_s))

    def picture_of(self, moment: Moment) -> Analysis | None:
        """Return the frame of one of the moments."""
        shot = moment.shot
        return shot.shown() if shot is not None and shot.ready else self.frame_at(moment.t_s)

    def instant_s(self, t_s: float) -> float:
        """Return the time of the frame that `frame_at` shows for an instant."""
        instants_s = self._instants()
        after = bisect.bisect_left(instants_s, t_s)
        return min(instants_s[max(after - 1, 0) : after + 1], key=lambda at_s: abs(at_s - t_s), default=t_s)

    def next_s(self, t_s: float, frames: int = 1) -> float:
        """Return the time of the frame so many further on (negative: back) that can be shown; ends at the ends."""
        instants_s = self._instants()
        if not instants_s:
            return t_s
        here = bisect.bisect_left(instants_s, t_s - SAME_S)
        on_it = here < len(instants_s) and abs(instants_s[here] - t_s) <= SAME_S
        there = here + frames - (0 if on_it or frames < 0 else 1)
        return instants_s[min(max(there, 0), len(instants_s) - 1)]

    def _shot_at(self, t_s: float) -> Shot | None:
        after = bisect.bisect_left(self.shots, t_s, key=lambda shot: shot.t_s)
        near = [shot for shot in self.shots[max(after - 1, 0) : after + 1] if shot.jpeg]
        near += [m.shot for m in self.moments if m.shot is not None and m.shot.jpeg and abs(m.shot.t_s - t_s) <= SAME_S]
        shot = nearest(near, t_s)
        return shot if shot is not None and abs(shot.t_s - t_s) <= PICTURE_NEAR_S else None

    def _instants(self) -> Sequence[float]:
        """Return the times that can be shown: of the pictures where there are such, else of all frames."""
        if not self._instants_s:
            shots_s = [shot.t_s for shot in self.shots if shot.jpeg]
            kept_s = [moment.shot.t_s for moment in self.moments if moment.shot is not None and moment.shot.jpeg]
            times_s: FloatArray = self.frames.times_s
            if shots_s:
                outside = (times_s < shots_s[0] - PICTURE_NEAR_S) | (times_s > shots_s[-1] + PICTURE_NEAR_S)
                times_s = np.concatenate([times_s[outside], shots_s])
            times_s = np.unique(np.concatenate([times_s, kept_s]))
            self._instants_s.extend(times_s.tolist())
        return self._instants_s
