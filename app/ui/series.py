"""The last seconds of the live numbers, in arrays of fixed length (no Qt)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from app.coach.report import FormSample, Step
    from app.coach.types import FloatArray

#: Shown seconds of the strips.
WINDOW_S = 10.0
#: Kept samples: the window at 60 per second, and a little more for the left edge.
CAPACITY = 720
#: Time jumps larger than this are drawn as a gap, not bridged by a line.
GAP_S = 0.5
#: Rows of `Series.values`.
TRUNK_LEAN, HIP_FLEXION, KNEE_FLEXION, HEAD = range(4)


class Series:
    """A ring of samples: time and four values each; NaN marks what was not measured."""

    def __init__(self) -> None:
        self._t_s = np.full(2 * CAPACITY, np.nan)
        self._values = np.full((4, 2 * CAPACITY), np.nan)
        self._steps: list[tuple[float, bool]] = []
        self._end = 0
        self._start_s = math.nan
        self.head_in_cm = False

    def clear(self) -> None:
        """Forget everything."""
        self._steps.clear()
        self._end = 0
        self._start_s = math.nan
        self.head_in_cm = False

    def add(self, sample: FormSample) -> None:
        """Add a frame's numbers. Time running backwards (a new source) clears; a jump leaves a gap."""
        if self._end and sample.t_s <= self._t_s[self._end - 1]:
            self.clear()
        if not self.head_in_cm and math.isfinite(sample.head_below_standing_cm):
            self.head_in_cm = True
            self._values[HEAD] = np.nan
        if self._end and sample.t_s - self._t_s[self._end - 1] > GAP_S:
            self._put((self._t_s[self._end - 1] + sample.t_s) / 2, (math.nan,) * 4)
        head = sample.head_below_standing_cm if self.head_in_cm else 100.0 * sample.head_below_standing_bh
        if not self._end:
            self._start_s = sample.t_s
        # Drawn upwards: above standing is positive.
        self._put(sample.t_s, (sample.trunk_lean_deg, sample.hip_flexion_deg, sample.knee_flexion_deg, -head))

    def add_step(self, step: Step) -> None:
        """Remember when a step was and whether it hit the roof."""
        self._steps.append((step.t_s, step.hit))
        del self._steps[:-60]

    @property
    def start_s(self) -> float:
        """Time of the first sample since `clear`, NaN without one."""
        return self._start_s

    @property
    def now_s(self) -> float:
        """Time of the newest sample, NaN without one."""
        return float(self._t_s[self._end - 1]) if self._end else math.nan

    @property
    def times_s(self) -> FloatArray:
        """Times of the kept samples of the window, (N,)."""
        return self._t_s[self._first() : self._end]

    @property
    def values(self) -> FloatArray:
        """(4, N): trunk lean, hip flexion, knee flexion in deg; head above standing in cm or % of body height."""
        return self._values[:, self._first() : self._end]

    def steps(self, hit: bool) -> FloatArray:
        """Times of the window's steps that did (or did not) hit the roof, (N,)."""
        first_s = self.now_s - WINDOW_S
        return np.array([t_s for t_s, was_hit in self._steps if was_hit is hit and t_s >= first_s], dtype=np.float64)

    def recent(self, row: int, seconds_s: float) -> float:
        """Return the median of a row over the newest ``seconds_s``, NaN where nothing was measured."""
        newest = self.values[row][self.times_s >= self.now_s - seconds_s]
        newest = newest[np.isfinite(newest)]
        return float(np.median(newest)) if newest.size else math.nan

    def _first(self) -> int:
        start = max(0, self._end - CAPACITY)
        return start + int(np.searchsorted(self._t_s[start : self._end], self.now_s - WINDOW_S))

    def _put(self, t_s: float, values: tuple[float, ...]) -> None:
        if self._end == 2 * CAPACITY:
            self._t_s[:CAPACITY] = self._t_s[CAPACITY:]
            self._values[:, :CAPACITY] = self._values[:, CAPACITY:]
            self._end = CAPACITY
        self._t_s[self._end] = t_s
        self._values[:, self._end] = values
        self._end += 1
