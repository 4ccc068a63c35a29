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
#: Kept steps: more than anybody takes in the window.
MOST_STEPS = 60
#: Rows of `Series.values`.
TRUNK_LEAN, HIP_FLEXION, KNEE_FLEXION, HEAD = range(4)


class Series:
    """A ring of samples: time and four values each; NaN marks what was not measured."""

    def __init__(self) -> None:
        self._t_s = np.full(2 * CAPACITY, np.nan)
        self._values = np.full((4, 2 * CAPACITY), np.nan)
        self._steps: list[Step] = []
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
        """Remember when a step was, whether it hit the roof, and what was measured in it."""
        self._steps.append(step)
        del self._steps[:-MOST_STEPS]

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

    @property
    def first(self) -> int:
        """Which sample the window begins with; a multiple of `CAPACITY` is taken off now and then."""
        return self._first()

    def steps(self, hit: bool) -> FloatArray:
        """Times of the window's steps that did (or did not) hit the roof, (N,)."""
        return np.array([step.t_s for step in self._of_window() if step.hit is hit], dtype=np.float64)

    def step_values(self, row: int) -> tuple[FloatArray, FloatArray]:
        """Return (times, values) of the window's steps, (N,) each: what the step itself came to, as it is judged.

        Trunk lean is the mean of the step, drawn at its middle; hip and knee are those of midstance. The head has
        none: its peak is shown by the curve.
        """
        steps = self._of_window()
        if row == TRUNK_LEAN:
            found = [(step.t_s + step.duration_s / 2.0, step.trunk_lean_deg) for step in steps]
        elif row in (HIP_FLEXION, KNEE_FLEXION):
            hip = row == HIP_FLEXION
            found = [(step.t_s, step.hip_flexion_deg if hip else step.knee_flexion_deg) for step in steps]
        else:
            found = []
        pairs = np.array([pair for pair in found if math.isfinite(sum(pair))], dtype=np.float64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def recent(self, row: int, seconds_s: float) -> float:
        """Return the median of a row over the newest ``seconds_s``, NaN where nothing was measured."""
        newest = self.values[row][self.times_s >= self.now_s - seconds_s]
        newest = newest[np.isfinite(newest)]
        return float(np.median(newest)) if newest.size else math.nan

    def _of_window(self) -> list[Step]:
        first_s = self.now_s - WINDOW_S
        return [step for step in self._steps if step.t_s >= first_s]

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
