"""Bars drawn into the picture: where the lean comes from, where the weight is, where the foot lands.

`SceneBars` keeps what one frame does not hold (the newest steps, the ground under the feet) and says what is to be
shown as a `BarValues`; `paint_bars` draws that. A disc is right, a triangle points the way to move, a hollow square is
not judged yet.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.coach.filters import median
from app.coach.geometry import body_from_pose, seen
from app.coach.report import Activity, FaultId
from app.coach.rules import Rules, default_rules
from app.coach.standing import LEG_LENGTH_BH
from app.ui.overlay_base import body_height_px
from app.ui.theme import Tone

if TYPE_CHECKING:
    from app.coach.report import CoachReport, Step
    from app.coach.types import BodyPose
    from app.session import Analysis

#: So many newest steps are shown as their median, and fewer than the second say nothing ("eight-step medians").
STEPS, LEAST_STEPS = 8, 6
#: A step is old after this long: the runner has stopped or was not seen.
STEP_OLD_S = 6.0
#: A delayed mirror shows frames up to 10 s old: so long steps are kept. Time that goes back further is another session.
BACK_S = 15.0
#: The ground is where the lowest foot was, and the hip where it was on the average, in this time: about three steps.
LOOK_BACK_S = 1.0
#: The hip's share of the lean that is a hinge: good .50-.60, over-lean up to .68, from the ankles up to .40 (medians of
#: virtual runners through the network, `coach.steps`); between, it is not told.
HINGE_SHARE, ANKLE_SHARE = 0.45, 0.40
#: Weight shift of a good starting line: .66 posed; upright .41, squeezed .83, drifted .89 (virtual runner, table D1).
STANCE_SHIFT = (0.52, 0.78)


@dataclass(frozen=True, slots=True)
class LeanSplit:
    """Where the lean comes from: the hip's share 0..1, and how that is."""

    hip_share: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class GroundBar:
    """What is drawn on the ground, in image px, x as in the image.

    Attributes:
        row_px: the ground. body_height_px: the scale.
        rear_px, front_px: where the rear and the front foot are: the ankles of a stance; in running the toe as it
            leaves the ground and the ankle at its furthest reach.
        hip_px: where the hip is between them.
        good_px: (from, to) where the hip of a stance, the landing foot of a runner, should be.
        tone: how that is. correction: way to move, +1 image right, -1 left, 0 none.
        landing: True where the front foot is what is judged (running), False where it is the hip (stance).

    """

    row_px: float
    body_height_px: float
    rear_px: float
    front_px: float
    hip_px: float
    good_px: tuple[float, float]
    tone: Tone
    correction: float
    landing: bool


@dataclass(frozen=True, slots=True)
class BarValues:
    """What the bars of one frame show; None = not shown."""

    split: LeanSplit | None
    ground: GroundBar | None


class SceneBars:
    """Keeps the newest steps and the ground, and turns them into bars."""

    def __init__(self, rules: Rules | None = None) -> None:
        self._rules = rules or default_rules()
        #: In the order of time; those of a delayed picture come again, and late.
        self._steps: list[Step] = []
        self._now_s = -math.inf
        #: (time, lowest foot row, hip x) of the newest frames.
        self._places: deque[tuple[float, float, float]] = deque()
        self._values = BarValues(None, None)

    @property
    def values(self) -> BarValues:
        """What is to be shown for the newest frame that was followed."""
        return self._values

    def clear(self) -> None:
        """Forget everything: another session begins."""
        self._steps.clear()
        self._places.clear()
        self._now_s = -math.inf
        self._values = BarValues(None, None)

    def show_step(self, step: Step) -> None:
        """Take a finished running step; the same one again changes nothing."""
        if all(step.t_s != known.t_s for known in self._steps):
            insort(self._steps, step, key=lambda known: known.t_s)
            newest_s = self._steps[-1].t_s
            self._steps = [known for known in self._steps if newest_s - known.t_s <= BACK_S + STEP_OLD_S]

    def follow(self, analysis: Analysis) -> None:
        """Take a frame; its own step, where it has one, counts as shown."""
        report, pose = analysis.report, analysis.pose
        if report.t_s < self._now_s - BACK_S:
            self.clear()
        self._now_s = report.t_s
        if report.step is not None:
            self.show_step(report.step)
        self._follow_ground(pose, report)
        if not pose.seen or not self._places:
            self._values = BarValues(None, None)
            return
        height_px = body_height_px(report, pose)
        if report.activity is Activity.RUNNING:
            self._values = BarValues(self._split(), self._landing(report, height_px))
        else:
            self._values = BarValues(None, self._weight_shift(analysis, height_px))

    def _follow_ground(self, pose: BodyPose, report: CoachReport) -> None:
        places = self._places
        if places and not 0.0 <= pose.t_s - places[-1][0] <= LOOK_BACK_S:
            places.clear()
        body = body_from_pose(pose, report.facing)
        lowest_y = body.lowest_y_px
        if lowest_y == lowest_y and seen(body.hip):
            places.append((pose.t_s, -lowest_y, report.facing.sign * body.hip[0]))
        while places and pose.t_s - places[0][0] > LOOK_BACK_S:
            places.popleft()

    @property
    def _recent(self) -> list[Step]:
        """The newest steps as of now."""
        return [s for s in self._steps if 0.0 <= self._now_s - s.t_s <= STEP_OLD_S][-STEPS:]

    @property
    def _ground_px(self) -> float:
        return max(row_px for _, row_px, _ in self._places)

    def _split(self) -> LeanSplit | None:
        known = [s for s in self._recent if math.isfinite(s.hip_share)]
        if not known:
            return None
        share = median(s.hip_share for s in known)
        tone = Tone.CALM
        if len(known) >= LEAST_STEPS:
            tone = Tone.GOOD if share >= HINGE_SHARE else Tone.OFF if share < ANKLE_SHARE else Tone.CALM
        return LeanSplit(share, tone)

    def _landing(self, report: CoachReport, height_px: float) -> GroundBar | None:
        known = [s for s in self._recent if math.isfinite(s.reach_ll) and s.reach_of_travel > 0.0]
        if not known or not height_px > 0.0:
            return None
        spec = self._rules.running[FaultId.OVERSTRIDE]
        travel = median(s.reach_of_travel for s in known)
        active = any(fault.id is FaultId.OVERSTRIDE for fault in report.faults)
        tone = Tone.CALM
        if len(known) >= LEAST_STEPS or active:
            tone = Tone.OFF if active or spec.past(travel, active) else Tone.GOOD
        leg_px = LEG_LENGTH_BH * height_px
        reach_px = median(s.reach_ll for s in known) * leg_px
        # The share of this runner's way that is too far, on the ground.
        limit_px = reach_px * (spec.on / spec.scale) / travel
        shifts = [s.weight_shift for s in known if 0.0 < s.weight_shift < 0.95]
        shift = median(shifts) if shifts else 0.5
        sign, hip_px = report.facing.sign, sum(x for _, _, x in self._places) / len(self._places)
        return GroundBar(
            row_px=self._ground_px,
            body_height_px=height_px,
            rear_px=hip_px - sign * reach_px * shift / (1.0 - shift),
            front_px=hip_px + sign * reach_px,
            hip_px=hip_px,
            good_px=(hip_px, hip_px + sign * limit_px),
            tone=tone,
            correction=-sign if tone is Tone.OFF else 0.0,
            landing=True,
        )

    def _weight_shift(self, analysis: Analysis, height_px: float) -> GroundBar | None:
        report = analysis.report
        body = body_from_pose(analysis.pose, report.facing)
        front, rear = body.front_leg, body.rear_leg
        if report.activity is not Activity.STANCE or front is None or rear is None or front is rear:
            return None
        if not height_px > 0.0:
            return None
        shift = _stance_shift(analysis)
        span_px = front.ankle[0] - rear.ankle[0]
        if not math.isfinite(shift):
            shift = (body.hip[0] - rear.ankle[0]) / span_px if span_px > 0.02 * height_px else math.nan
        if not math.isfinite(shift):
            return None
        least, most = STANCE_SHIFT
        sign = report.facing.sign
        tone = Tone.GOOD if least <= shift <= most else Tone.OFF
        rear_px = sign * rear.ankle[0]
        return GroundBar(
            row_px=self._ground_px,
            body_height_px=height_px,
            rear_px=rear_px,
            front_px=rear_px + sign * span_px,
            hip_px=rear_px + sign * span_px * shift,
            good_px=(rear_px + sign * span_px * least, rear_px + sign * span_px * most),
            tone=tone,
            correction=0.0 if tone is Tone.GOOD else sign * (1.0 if shift < least else -1.0),
            landing=False,
        )


def _stance_shift(analysis: Analysis) -> float:
    """Return the weight shift of the exam, else of the hold; NaN without either."""
    if analysis.exam is not None and math.isfinite(analysis.exam.weight_shift):
        return analysis.exam.weight_shift
    hold = analysis.report.hold
    return hold.values.weight_shift if hold is not None else math.nan
