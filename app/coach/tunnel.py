"""The tunnel: a roof over the head that is the runner's own, lowered gently, hit or cleared step by step.

Heights are named by how far they lie *below the standing head* (its top, else the ear), fraction of body height:
larger = lower.
Rules and numbers: coaching.md ("The tunnel") and biomechanics A ("Tunnel roof: what to implement").
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from app.coach.filters import NAN, median

#: Green steps that a provisional roof needs; a runner who has none after so many steps meets the goal itself.
PROVISIONAL_STEPS = 5
WITHOUT_GREEN_STEPS = 12
#: Green steps a personal roof is made of, and the least room above their median peak.
PERSONAL_STEPS = 24
LEAST_MARGIN_BH = 0.009
#: The room grows with the scatter of the runner's own peaks and of their measurement, to so many SDs: at 2.5 a good
#: step hits by chance once in 160, and three of eight do once in 10 hours.
MARGIN_SDS = 2.5
MOST_MARGIN_BH = 0.018
#: Gentle lowering: after so many steps with at least this share clear, by this much.
LOWER_EVERY_STEPS = 40
LOWER_SHARE_CLEAR = 0.9
LOWER_BY_BH = 0.0015
#: A standing stature is 6 feet where none was told: an inch is then 1.4 % BH.
DEFAULT_HEIGHT_CM = 182.9
#: The roof cue: hits among the last eight steps that switch it on (with all eight near it), and off.
HITS_ON, HITS_OFF = 3, 1
#: A rise: the mean of so many newest peaks lies above the usual peak by so many SDs of such a mean, within bounds.
#: Single peaks scatter by 5 to 9 mm: a mean of three tells an inch within three steps (100 %) and calls one wrongly
#: less than once in five minutes, single peaks six times (`hingecoach validate`, "A rise of 25 mm").
RISE_STEPS = 3
RISE_SDS = 3.3
RISE_LEAST_BH, RISE_MOST_BH = 0.0070, 0.0084


@dataclass(frozen=True, slots=True)
class TunnelResult:
    """The tunnel over the session; cm are NaN without a stature."""

    roof_below_standing_cm: float
    steps: int
    hits: int
    longest_clean_steps: int


class TunnelTracker:
    """Keeps the roof and counts the steps under it."""

    def __init__(self, goal_below_standing_bh: float) -> None:
        self.goal_bh = goal_below_standing_bh
        self.roof_bh = goal_below_standing_bh
        self.personal = False
        self.steps = 0
        self.hits = 0
        self.clean_run = 0
        self.longest_clean_run = 0
        self.too_many_hits = False
        self.risen = False
        self.margin_bh = LEAST_MARGIN_BH
        self._rise_bh = RISE_LEAST_BH
        self._green: list[float] = []
        self._seen = 0
        self._last8: deque[tuple[bool, float]] = deque(maxlen=8)
        self._stretch: list[tuple[bool, float]] = []

    @property
    def hits_of_last_8(self) -> int:
        """Hits among the newest eight counted steps."""
        return sum(hit for hit, _ in self._last8)

    def result(self, height_cm: float | None) -> TunnelResult:
        """Return what the tunnel came to so far."""
        return TunnelResult(self.roof_bh * (height_cm or NAN), self.steps, self.hits, self.longest_clean_run)

    @property
    def judging(self) -> bool:
        """Whether the roof is known well enough for a hit to count."""
        return len(self._green) >= PROVISIONAL_STEPS or self._seen >= WITHOUT_GREEN_STEPS

    def is_hit(self, peak_below_standing_bh: float) -> bool:
        """Return whether a head peak is through the roof as it stands now."""
        return self.judging and peak_below_standing_bh < self.roof_bh

    def add_step(self, peak_below_standing_bh: float, green: bool) -> bool:
        """Take one step's head peak; ``green``: it was judged good. Return whether it hit the roof."""
        if peak_below_standing_bh != peak_below_standing_bh:
            return False
        self._seen += 1
        self._settle(peak_below_standing_bh, green)
        if not self.judging:
            return False
        hit = peak_below_standing_bh < self.roof_bh
        self._count(hit, peak_below_standing_bh)
        return hit

    def _settle(self, peak_bh: float, green: bool) -> None:
        """Find the personal roof from green steps; until there are enough, a provisional one."""
        if self.personal:
            return
        if green:
            self._green.append(peak_bh)
        if len(self._green) >= PROVISIONAL_STEPS:
            scatter_bh = _scatter_bh(self._green)
            self.margin_bh = min(max(MARGIN_SDS * scatter_bh, LEAST_MARGIN_BH), MOST_MARGIN_BH)
            self._rise_bh = min(max(RISE_SDS * scatter_bh / RISE_STEPS**0.5, RISE_LEAST_BH), RISE_MOST_BH)
            usual_bh = median(self._green) - self.margin_bh
            if len(self._green) >= PERSONAL_STEPS:
                # Already below the goal: it stays there. Above it: it starts there and comes down.
                self.roof_bh = usual_bh
                self.personal = True
            else:
                self.roof_bh = min(self.goal_bh, usual_bh)

    def _count(self, hit: bool, peak_bh: float) -> None:
        self.steps += 1
        self.hits += hit
        self.clean_run = 0 if hit else self.clean_run + 1
        self.longest_clean_run = max(self.longest_clean_run, self.clean_run)
        self._last8.append((hit, peak_bh))
        # Chance hits leave the usual step well under the roof; a runner who stands up takes it along.
        near = median(peak for _, peak in self._last8) < self.roof_bh + 0.5 * self.margin_bh
        self.risen = self._is_risen()
        if self.hits_of_last_8 >= HITS_ON and near:
            self.too_many_hits = True
        elif self.hits_of_last_8 <= HITS_OFF:
            self.too_many_hits = False
        if not self.personal:
            return
        self._stretch.append((hit, peak_bh))
        if len(self._stretch) >= LOWER_EVERY_STEPS:
            self._lower()
            self._stretch.clear()

    def _is_risen(self) -> bool:
        """Whether the newest peaks lie above the usual ones; a single one, however high, is no rise."""
        newest = [peak for _, peak in self._last8][-RISE_STEPS:]
        if not self.personal or len(newest) < RISE_STEPS:
            return False
        usual_bh = self.roof_bh + self.margin_bh
        rises = [min(usual_bh - peak, 2.0 * self._rise_bh) for peak in newest]
        return sum(rises) / RISE_STEPS > self._rise_bh

    def _lower(self) -> None:
        """Lower the roof a little where the runner cleared it and has sunk far enough.

        It follows him down and keeps the margin: lowered into the natural scatter of his own steps (SD 8-10 mm),
        it would call good running a fault.
        """
        clear = 1.0 - sum(hit for hit, _ in self._stretch) / len(self._stretch)
        usual_bh = median(peak for _, peak in self._stretch)
        lowered_bh = min(self.roof_bh + LOWER_BY_BH, self.goal_bh)
        if clear >= LOWER_SHARE_CLEAR and self.roof_bh < lowered_bh <= usual_bh - self.margin_bh:
            self.roof_bh = lowered_bh


def _scatter_bh(peaks_bh: Sequence[float]) -> float:
    """Return the robust SD (1.4826 MAD) of peaks."""
    middle = median(peaks_bh)
    return 1.4826 * median(abs(peak - middle) for peak in peaks_bh)


def goal_below_standing_bh(tunnel_drop_cm: float, height_cm: float | None) -> float:
    """Return the chosen drop as a fraction of body height."""
    return tunnel_drop_cm / (height_cm or DEFAULT_HEIGHT_CM)
