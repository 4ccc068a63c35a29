"""The tunnel: a roof over the head that is the runner's own, lowered gently, hit or cleared step by step.

Heights are named by how far they lie *below the standing head* (its top, else the ear), fraction of body height:
larger = lower.
Rules and numbers: coaching.md ("The tunnel") and biomechanics A ("Tunnel roof: what to implement").
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from app.coach.filters import NAN, median

#: Green steps that a provisional roof needs; a runner who has none after so many steps, or still too few after so many
#: more, meets the goal itself.
PROVISIONAL_STEPS = 5
WITHOUT_GREEN_STEPS, WITH_FEW_GREEN_STEPS = 12, 40
#: Green steps a personal roof is made of, and the least room above their median peak. It settles until the first
#: stretch of 40 is over: a median of 24 is off by 2 mm (SD) and up to 5, one of 64 (biomechanics A: 20 to 30 s) by 1.
#: Those 5 mm are how far the median may move by settling: beyond them it is the runner who has moved.
PERSONAL_STEPS = 24
SETTLE_MOST_BH = 0.003
SETTLING_STEPS, SETTLING_STRETCHES = 120, 3
LEAST_MARGIN_BH = 0.009
#: The room grows with the scatter of the runner's own peaks, to so many SDs of their upper half, but not so far that
#: 25 mm (1.4 % BH at 178 cm) disappear in it. What 0.9 % BH for everybody does to good runners: ADR 0009.
MARGIN_SDS = 2.8
MOST_MARGIN_BH = 0.013
#: Gentle lowering: after so many steps with at least this share clear, by this much.
LOWER_EVERY_STEPS = 40
LOWER_SHARE_CLEAR = 0.9
LOWER_BY_BH = 0.0015
#: A standing stature is 6 feet where none was told: an inch is then 1.4 % BH.
DEFAULT_HEIGHT_CM = 182.9
#: The roof cue: hits among the last eight steps that switch it on, and off (with the eight's median this far below).
#: On only where the three come in a row or the eight's median has come up to this share of the margin: of good
#: runners' chance hits three in eight happen now and then, and their usual step stays where it was.
HITS_ON, HITS_OFF = 3, 1
NEAR_SHARE = 0.4
OFF_BELOW_BH = 0.003
#: A rise: the mean of so many newest peaks lies above the usual peak by so many SDs of such a mean, within bounds.
#: Single peaks scatter by 5 to 9 mm: a mean of three tells an inch within three steps (100 %) and calls one wrongly
#: less than once in five minutes, single peaks six times (`hingecoach validate`, "A rise of 25 mm").
RISE_STEPS = 3
RISE_SDS = 3.3
RISE_LEAST_BH, RISE_MOST_BH = 0.0070, 0.0084
#: The floor lies this far below the runner's own usual lowest head: his scatter is 0.25 to 0.4 % BH, virtual or real,
#: knees bent by 10 deg more sink 1.8 %, folding (an over-lean of 14 deg) 3.1 %, while a drifted pelvis sinks 0.9 %.
FLOOR_BELOW_USUAL_BH = 0.016
#: Whoever collapses from the first step on is told by the knees: mean of two neighbouring steps at midstance, deg.
#: Green is 39 to 52 (D2); through the network good runners reach 56, over-leaning ones 58.
FLOOR_KNEE_DEG = 60.0


@dataclass(frozen=True, slots=True)
class TunnelResult:
    """The tunnel over the session; cm are NaN without a stature.

    Attributes:
        steps, hits: steps counted, and those whose head went through the roof.
        longest_clean_steps: steps in a row that were inside, under the roof and over the floor.
        below_floor: steps that sank through the floor, or with the knees bent too far.
        clean_steps: steps that were inside.
    """

    roof_below_standing_cm: float
    steps: int
    hits: int
    longest_clean_steps: int
    below_floor: int = 0
    clean_steps: int = 0

    @property
    def share_inside(self) -> float:
        """Share of the counted steps that were inside the tunnel, 0..1; NaN without any."""
        return self.clean_steps / self.steps if self.steps else NAN


class TunnelTracker:
    """Keeps the roof and the floor, and counts the steps between them."""

    def __init__(self, goal_below_standing_bh: float) -> None:
        self.goal_bh = goal_below_standing_bh
        self.roof_bh = goal_below_standing_bh
        #: Lowest the head may sink, below standing; NaN until the roof is personal.
        self.floor_bh = NAN
        self.personal = False
        self.steps = self.hits = self.below_floor = self.clean_steps = 0
        self.clean_run = self.longest_clean_run = 0
        self.too_many_hits = self.risen = self.collapsed = False
        #: The roof that the newest step was held against; NaN before the roof counts.
        self.roof_at_step_bh = NAN
        self.margin_bh = LEAST_MARGIN_BH
        self._rise_bh = RISE_LEAST_BH
        self._first_middle_bh = NAN
        self._green: deque[tuple[float, float]] = deque(maxlen=SETTLING_STEPS)
        self._stretches = 0
        self._seen = 0
        self._knee_before_deg = NAN
        self._last8: deque[tuple[bool, float]] = deque(maxlen=8)
        self._stretch: list[tuple[bool, float]] = []

    @property
    def share_inside(self) -> float:
        """Share of the counted steps that were inside the tunnel, 0..1; NaN without any."""
        return self.clean_steps / self.steps if self.steps else NAN

    def new_run(self) -> None:
        """Another run begins: roof and counts stay, what the last steps of the one before did is forgotten."""
        self._last8.clear()
        self._knee_before_deg = NAN
        self.too_many_hits = self.risen = self.collapsed = False

    @property
    def hits_of_last_8(self) -> int:
        """Hits among the newest eight counted steps."""
        return sum(hit for hit, _ in self._last8)

    def result(self, height_cm: float | None) -> TunnelResult:
        """Return what the tunnel came to so far."""
        roof_cm = self.roof_bh * (height_cm or NAN)
        return TunnelResult(roof_cm, self.steps, self.hits, self.longest_clean_run, self.below_floor, self.clean_steps)

    @property
    def judging(self) -> bool:
        """Whether the roof is known well enough for a hit to count."""
        if len(self._green) >= PROVISIONAL_STEPS:
            return True
        return self._seen >= (WITH_FEW_GREEN_STEPS if self._green else WITHOUT_GREEN_STEPS)

    def is_hit(self, peak_below_standing_bh: float, doubt_bh: float = 0.0) -> bool:
        """Return whether a head peak is through the roof as it stands now, by more than the doubt about it."""
        return self.judging and peak_below_standing_bh + doubt_bh < self.roof_bh

    def add_step(
        self,
        peak_below_standing_bh: float,
        green: bool,
        trough_below_standing_bh: float = NAN,
        knee_flexion_deg: float = NAN,
        doubt_bh: float = 0.0,
    ) -> bool:
        """Take one step; return whether it hit the roof.

        Args:
            peak_below_standing_bh: its highest head.
            green: whether it was judged good.
            trough_below_standing_bh: its lowest head; NaN where not known.
            knee_flexion_deg: at midstance; NaN where not known.
            doubt_bh: of the heights, while the runner drifts: a hit is certain or none.
        """
        if peak_below_standing_bh != peak_below_standing_bh:
            return False
        self._seen += 1
        knees_deg = (knee_flexion_deg + self._knee_before_deg) / 2.0
        self._knee_before_deg = knee_flexion_deg
        self.collapsed = trough_below_standing_bh > self.floor_bh or knees_deg > FLOOR_KNEE_DEG
        if green and not self.collapsed:
            self._settle(peak_below_standing_bh, trough_below_standing_bh)
        if not self.judging:
            return False
        self.roof_at_step_bh = self.roof_bh
        hit = self.is_hit(peak_below_standing_bh, doubt_bh)
        self._count(hit, peak_below_standing_bh)
        return hit

    def _settle(self, peak_bh: float, trough_bh: float) -> None:
        """Find the personal roof and floor from good steps; until there are enough, a provisional roof."""
        if self._stretches >= SETTLING_STRETCHES or (self.personal and (self.risen or self.too_many_hits)):
            return
        self._green.append((peak_bh, trough_bh))
        if len(self._green) < PROVISIONAL_STEPS:
            return
        peaks_bh = [peak for peak, _ in self._green]
        middle_bh, scatter_bh = median(peaks_bh), upper_scatter(peaks_bh)
        if len(self._green) <= PERSONAL_STEPS:
            self._first_middle_bh = middle_bh
        first_bh = self._first_middle_bh
        middle_bh = min(max(middle_bh, first_bh - SETTLE_MOST_BH), first_bh + SETTLE_MOST_BH)
        self.margin_bh = min(max(MARGIN_SDS * scatter_bh, LEAST_MARGIN_BH), MOST_MARGIN_BH)
        self._rise_bh = min(max(RISE_SDS * scatter_bh / RISE_STEPS**0.5, RISE_LEAST_BH), RISE_MOST_BH)
        usual_bh = middle_bh - self.margin_bh
        if len(self._green) >= PERSONAL_STEPS:
            # Already below the goal: it stays there. Above it: it starts there and comes down.
            self.roof_bh = usual_bh
            self.floor_bh = median(trough for _, trough in self._green) + FLOOR_BELOW_USUAL_BH
            self.personal = True
        else:
            self.roof_bh = min(self.goal_bh, usual_bh)

    def _count(self, hit: bool, peak_bh: float) -> None:
        self.steps += 1
        self.hits += hit
        self.below_floor += self.collapsed
        inside = not (hit or self.collapsed)
        self.clean_steps += inside
        self.clean_run = self.clean_run + 1 if inside else 0
        self.longest_clean_run = max(self.longest_clean_run, self.clean_run)
        self._last8.append((hit, peak_bh))
        self._judge_hits()
        if not self.personal or self.collapsed:
            # Who is under the roof because he collapsed has not earned a lower one.
            return
        self._stretch.append((hit, peak_bh))
        if len(self._stretch) >= LOWER_EVERY_STEPS:
            self._stretches += 1
            if self._stretches >= SETTLING_STRETCHES:
                self._lower()
            self._stretch.clear()

    def _judge_hits(self) -> None:
        """Switch the spoken cue: chance hits leave the usual step well under the roof; standing up takes it along."""
        usual_bh = median(peak for _, peak in self._last8)
        near = usual_bh < self.roof_bh + NEAR_SHARE * self.margin_bh
        self.risen = self._is_risen()
        in_a_row = list(self._last8)[-HITS_ON:]
        if self.hits_of_last_8 >= HITS_ON and (near or all(hit for hit, _ in in_a_row)):
            self.too_many_hits = True
        elif self.hits_of_last_8 <= HITS_OFF and usual_bh > self.roof_bh + OFF_BELOW_BH:
            self.too_many_hits = False

    def _is_risen(self) -> bool:
        """Whether the newest peaks lie above the usual ones; a single one, however high, is no rise."""
        newest = [peak for _, peak in self._last8][-RISE_STEPS:]
        if not self.personal or len(newest) < RISE_STEPS:
            return False
        usual_bh = self.roof_bh + self.margin_bh
        rises = [min(usual_bh - peak, 2.0 * self._rise_bh) for peak in newest]
        return sum(rises) / RISE_STEPS > self._rise_bh

    def _lower(self) -> None:
        """Lower the roof a little where the runner cleared it and has sunk far enough, and the floor with it.

        It follows him down and keeps the margin: lowered into the natural scatter of his own steps (SD 8-10 mm),
        it would call good running a fault.
        """
        clear = 1.0 - sum(hit for hit, _ in self._stretch) / len(self._stretch)
        usual_bh = median(peak for _, peak in self._stretch)
        lowered_bh = min(self.roof_bh + LOWER_BY_BH, self.goal_bh)
        if clear >= LOWER_SHARE_CLEAR and self.roof_bh < lowered_bh <= usual_bh - self.margin_bh:
            self.floor_bh += lowered_bh - self.roof_bh
            self.roof_bh = lowered_bh


def upper_scatter(peaks_below: Sequence[float]) -> float:
    """Return the robust SD of peaks on their upper side, the one towards the roof: peaks are not symmetric.

    Root mean square distance from the median, single ones cut off at three times the usual SD (1.4826 MAD).

    Args:
        peaks_below: how far they lie below something, any unit.
    """
    middle = median(peaks_below)
    most = 3.0 * 1.4826 * median(abs(peak - middle) for peak in peaks_below)
    above = [min(middle - peak, most) for peak in peaks_below if peak <= middle]
    return math.sqrt(sum(rise * rise for rise in above) / len(above))


def goal_below_standing_bh(tunnel_drop_cm: float, height_cm: float | None) -> float:
    """Return the chosen drop as a fraction of body height."""
    return tunnel_drop_cm / (height_cm or DEFAULT_HEIGHT_CM)
