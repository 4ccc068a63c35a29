"""Marching and running on the spot: one repetition for each foot that was lifted, the head under the roof or not.

The feet are not told apart: sum and difference of their heights, without its sign, rise and fall once for every foot
that is lifted, whatever the labels of the legs do.
"""

from __future__ import annotations

import itertools
import math
from collections import deque

from app.coach.drill_rules import DrillSpec
from app.coach.drill_signals import Look, Signals
from app.coach.filters import NAN, fit_quadratic, median
from app.coach.reps import GOOD_REP, Rep

#: A lift begins above the first share of the usual lift, risen by the second over the low before it, and ends below the
#: third of its own top.
UP_SHARE, RISE_SHARE, DOWN_SHARE = 0.55, 0.30, 0.60
OFFSET_SHARE = 0.4
#: The usual lift is the lower quartile of so many.
USUAL_OF = 7
#: Lifts are smoothed over so long to both sides.
HALF_WINDOW_S = 0.045
#: The head's height is the median over so long.
HEAD_S = 0.13
#: Walked away: from the place that is followed slowly, and within one step.
AWAY_BH, STEP_AWAY_BH, DRIFT_TAU_S = 0.16, 0.08, 3.0
#: Standing for so long after a step shows that it was none of walking.
SETTLED_AFTER_S = 0.6
#: Nothing lifted for so long: standing again.
IDLE_S = 1.6


class MarchSteps:
    """Counts lifted feet from an armed standing on."""

    hold_s = 0.0
    holding = False

    def __init__(self, spec: DrillSpec, roof_bh: float) -> None:
        self._spec = spec
        self._band = spec.band
        self._roof_bh = roof_bh
        self._recent: deque[Signals] = deque()
        self._lifts: deque[float] = deque(maxlen=USUAL_OF)
        self._times_s: deque[float] = deque(maxlen=9)
        self._up_s = NAN
        self._top, self._valley = 0.0, 1.0
        self._place_bh = self._up_place_bh = NAN
        # A step waits for the next one, or for standing: the first of walking off looks the same.
        self._landed_rep: Rep | None = None
        self._landed_place_bh = NAN
        self._heads: deque[tuple[float, float]] = deque()
        self._taken_s = -math.inf
        self.progress = 0.0
        self.head_below_roof_bh = NAN
        self.lost = False

    def drop(self) -> Rep | None:
        """Forget what is under way: nothing is counted."""
        self.__init__(self._spec, self._roof_bh)  # type: ignore[misc]  # the start state is defined in one place
        return None

    def finish(self) -> Rep | None:
        """End of the source: a foot in the air is no step; one that came down is, in the rhythm of those before."""
        times = list(self._times_s)[-2:]
        before = self._landed_rep if len(times) == 2 and times[1] - times[0] < IDLE_S else None
        self.drop()
        return before

    @property
    def moving(self) -> bool:
        """Whether feet are being lifted."""
        return bool(self._times_s) and self._taken_s - self._times_s[-1] < IDLE_S

    @property
    def cadence_spm(self) -> float:
        """Steps per minute of the newest steps, NaN for fewer than three."""
        if len(self._times_s) < 3:
            return NAN
        steps_s = [b - a for a, b in itertools.pairwise(self._times_s) if b - a < IDLE_S]
        return 60.0 * len(steps_s) / sum(steps_s) if steps_s else NAN

    def update(self, look: Look) -> Rep | None:
        """Take one frame; return the step whose foot came down in it, else None."""
        raw, zero = look.raw, look.zero
        recent = self._recent
        recent.append(raw)
        while raw.t_s - recent[0].t_s > 0.5:
            recent.popleft()
        head_bh = median(s.drop_bh for s in recent if raw.t_s - s.t_s <= HEAD_S) - zero.drop_bh
        self.head_below_roof_bh = head_bh - self._roof_bh
        self._heads.append((raw.t_s - HEAD_S / 2.0, head_bh))
        while raw.t_s - self._heads[0][0] > self._band["slowest_step_s"]:
            self._heads.popleft()
        place_bh = look.now.place_bh
        if self._place_bh != self._place_bh:
            self._place_bh = zero.place_bh
        if abs(place_bh - self._place_bh) > AWAY_BH:
            self.drop()
            self.lost = True
            return None
        if place_bh == place_bh:
            # Who marches drifts; who walks is gone before this has followed.
            share = min((raw.t_s - recent[0].t_s) / len(recent) / DRIFT_TAU_S, 0.1)
            self._place_bh += share * (place_bh - self._place_bh)
        if (waited := self._settled(raw.t_s, place_bh)) is not None or self.lost:
            return waited
        for sample in recent:
            # Each frame once, when its neighbours to both sides are there.
            if self._taken_s < sample.t_s <= raw.t_s - HALF_WINDOW_S:
                self._taken_s = sample.t_s
                lift_bh = self._lift_at(sample.t_s, zero)
                rep = self._lifted(sample.t_s, lift_bh) if lift_bh == lift_bh else None
                if rep is not None or self.lost:
                    return rep
        return None

    def _settled(self, t_s: float, place_bh: float) -> Rep | None:
        """Return the step before, once it is known that the runner has not walked off with it."""
        before = self._landed_rep
        again = self._up_s == self._up_s
        if before is None or not (again or t_s - before.end_s > SETTLED_AFTER_S):
            return None
        if abs(place_bh - self._landed_place_bh) > STEP_AWAY_BH:
            self.drop()
            self.lost = True
            return None
        self._landed_rep = None
        return before

    def _lift_at(self, at_s: float, zero: Signals) -> float:
        """Return the lift about a time, smoothed where there are frames enough; NaN where there are none."""
        near = [(s.t_s, lift_of(s, zero)) for s in self._recent if abs(s.t_s - at_s) <= HALF_WINDOW_S]
        known = [(t, lift) for t, lift in near if lift == lift]
        if len(known) < 4:
            return median(lift for _, lift in known)
        return fit_quadratic([t for t, _ in known], [lift for _, lift in known], at_s)[0]

    def _lifted(self, at_s: float, lift_bh: float) -> Rep | None:
        """Follow the lift; return the step that ended."""
        least_bh = self._band["least_lift_bh_pct"] / 100.0
        usual_bh = max(sorted(self._lifts)[len(self._lifts) // 4], least_bh) if self._lifts else least_bh
        self.progress = min(lift_bh / usual_bh, 1.0)
        if self._up_s != self._up_s:
            self._valley = min(self._valley, lift_bh)
            if lift_bh > max(UP_SHARE * usual_bh, least_bh, self._valley + RISE_SHARE * usual_bh):
                self._up_s, self._top, self._up_place_bh = at_s, lift_bh, self._place_bh
            return None
        self._top = max(self._top, lift_bh)
        if at_s - self._up_s > self._band["slowest_step_s"]:
            self._up_s, self._valley = NAN, lift_bh
            return None
        if lift_bh > DOWN_SHARE * self._top:
            return None
        self._valley = lift_bh
        start_s, self._up_s = self._up_s, NAN
        return self._landed(start_s, at_s)

    def _landed(self, start_s: float, at_s: float) -> Rep | None:
        """Keep the step whose foot is down again, unless it was one of walking; return the one kept before."""
        band = self._band
        down = [s for s in self._recent if abs(s.t_s - at_s) <= 2.0 * HALF_WINDOW_S]
        gone_bh = abs(median(s.place_bh for s in down) - self._up_place_bh)
        if 100.0 * median(s.apart_bh for s in down) > band["most_apart_bh_pct"] or gone_bh > STEP_AWAY_BH:
            self.drop()
            self.lost = True
            return None
        if self._times_s and at_s - self._times_s[-1] < band["fastest_step_s"]:
            return None
        self._lifts.append(self._top)
        self._times_s.append(at_s)
        # Running on the spot the head is highest between two lifts.
        head_bh = min((head for t, head in self._heads if start_s - HEAD_S <= t <= at_s and head == head), default=NAN)
        hit = 100.0 * (self._roof_bh - head_bh) > band["graze_bh_pct"]
        verdict = "roof" if hit else GOOD_REP
        before, self._landed_place_bh = self._landed_rep, self._up_place_bh
        self._landed_rep = Rep(
            number=0,
            start_s=start_s,
            end_s=at_s,
            depth=100.0 * head_bh,
            tempo=None,
            counted=True,
            verdict=verdict,
            good=("lift",) if hit else ("roof", "lift"),
            change=self._spec.change["roof"].spoken if hit else "",
            unit="bh_pct",
            values=(("lift_bh_pct", 100.0 * self._top),),
        )
        return before


def lift_of(s: Signals, zero: Signals) -> float:
    """Return how far one leg is lifted, BH, without telling the legs apart; about 0 in standing and in flight.

    Seen from above the floor the far foot stands higher by o. The difference of the heights is lift + o or lift - o,
    their sum rises by the lift and by twice a hop of the whole body: the smaller of sum and difference + o would be the
    lift of either foot, and o where both are in the air. With less of o the two stay further apart.

    The network draws the hidden far foot up with the near one that is lifted before it, so half the steps would be
    lost; but it sees the knees part, and they come together whenever the legs pass.
    """
    feet_bh = min(s.feet_sum_bh - zero.feet_sum_bh, s.lift_bh + OFFSET_SHARE * zero.lift_bh)
    return max(feet_bh, s.knees_bh - zero.knees_bh)
