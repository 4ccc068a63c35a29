"""When a foot meets the belt and leaves it, from the mean stride of the newest steps.

A single step at 30 frames a second with 10 mm of noise cannot place a contact to 10 ms. But running repeats itself:
laid over one another at their midstances, the frames of a dozen steps give the trunk's rise and fall finely, whatever
the frame rate. In that mean stride two instants are sharp, however noisy the frames: the fall has been braked to half
its fastest, and the rise has got to a third of its fastest. Contact begins some time before the one and ends some time
after the other, and that time follows stature and speed: who is smaller or faster is on the ground for less long.

No leg labels and no belt: the speed is how fast the lower foot goes back under the hip at midstance. The landmarks'
lag shifts both instants alike and cannot be told from the landmarks.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from app.coach.filters import NAN, median
from app.coach.geometry import seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.coach.geometry import Body
    from app.coach.types import FloatArray

#: Steps in the mean stride: two more than the ten a contact time is the median of, and both legs alike.
STEPS = 12
#: The mean stride reaches so far either side of midstance, s, in bins of this width; a local parabola of the half
#: window gives height and speed of the trunk (no smaller than 1.6 frames).
REACH_S, BIN_S, HALF_WINDOW_S = 0.23, 0.005, 0.05
HALF_WINDOW_FRAMES = 1.6
#: Until so many steps lie over one another the half window is at least so many frames.
FEW_STEPS, FEW_STEPS_FRAMES = 4, 2.6
#: The fastest fall and rise lie within this of midstance, s (beyond it the parabolas have one side only).
FASTEST_WITHIN_S = 0.175
#: A step is laid over the mean stride by its frames this near to midstance, and moved by no more than this, s.
ALIGN_S, MOST_SHIFT_S = 0.07, 0.03
#: The two sharp instants: shares of the fastest fall and of the fastest rise.
FALL_SHARE, RISE_SHARE = 0.5, 0.3
#: Contact before and after them, s: this times stature (m) / square root of speed (m/s), the form in which contact
#: times themselves follow size and speed; no constant time is needed beside it. One pair for all of: three real
#: runners on force plates (1.75-1.82 m, 3.7-4.0 m/s; the shared one, the other OpenSim treadmill runner, and one over
#: ground), virtual ones of 1.50-2.00 m at 2.5-4.5 m/s, and those seen by the network. Mean errors, ms, initial
#: contact / toe-off: real +5 / +1, -9 / +6, -9 / +3; virtual +2 / -3; through the network -2 / -3. Fitted without
#: the runner in question they are +8 / +2, -10 / +7, -10 / +3 of the real ones: that is what the next one may be off.
BEFORE_FALL, AFTER_RISE = 0.0905, 0.1265
#: The foot's speed is read in this part of the step, s from midstance, and counts within these, BH/s (1.4 to 7 m/s).
SPEED_FROM_S, SPEED_UNTIL_S = -0.04, 0.06
LEAST_BH_S, MOST_BH_S = 0.8, 4.0
#: Where the foot says nothing (running on the spot, feet hidden): 3.2 m/s.
USUAL_BH_S = 1.8
#: Where the stature is not known, m.
USUAL_HEIGHT_M = 1.75
#: Steps that differ by more than this ratio, or that lie further apart than this, belong to different runs.
SAME_RHYTHM, LONGEST_PAUSE_S = 1.3, 0.65

_GRID_S = np.arange(-round(REACH_S / BIN_S), round(REACH_S / BIN_S) + 1) * BIN_S
#: Where the lowest point of the mean stride is looked for.
_MIDDLE = slice(len(_GRID_S) // 4, len(_GRID_S) - len(_GRID_S) // 4)


@dataclass(frozen=True, slots=True, eq=False)
class _MeanStride:
    """Height and speed of the trunk (n,) over the time from midstance, on `_GRID_S`; NaN where not known."""

    y_px: FloatArray
    v_px_s: FloatArray
    lowest_s: float


class ContactClock:
    """Places the contacts of a run, one at a time, as their steps are completed."""

    def __init__(self, height_cm: float | None = None) -> None:
        self._height_m = USUAL_HEIGHT_M if height_cm is None else height_cm / 100.0
        self._steps: deque[FloatArray] = deque(maxlen=STEPS)
        self._speeds_bh_s: deque[float] = deque(maxlen=STEPS)
        self._mean: _MeanStride | None = None
        self._midstance_s = self._duration_s = NAN

    def contact(self, bodies: Iterable[Body], midstance_s: float, body_height_px: float) -> tuple[float, float]:
        """Return (initial contact, toe-off) of the stance around a midstance, s; NaN where not known.

        Args:
            bodies: the frames from REACH_S before the midstance to REACH_S after it, as far as they exist.
            midstance_s: the lowest trunk, later than that of the call before.
            body_height_px: BH.
        """
        self._keep_rhythm(midstance_s)
        near = [b for b in bodies if abs(b.t_s - midstance_s) <= REACH_S]
        if len(near) < 5:
            return NAN, NAN
        times_s = np.array([b.t_s - midstance_s for b in near])
        heights_px = np.array([b.trunk_y_px for b in near])
        middle = np.abs(times_s) <= ALIGN_S
        heights_px = heights_px - heights_px[middle].mean() if middle.any() else heights_px
        shift_s = 0.0 if self._mean is None else _shift_s(times_s[middle], heights_px[middle], self._mean)
        self._steps.append(_binned(times_s + shift_s, heights_px))
        self._speeds_bh_s.append(_foot_speed_px_s(near, midstance_s) / body_height_px)
        frame_s = (near[-1].t_s - near[0].t_s) / (len(near) - 1)
        frames = HALF_WINDOW_FRAMES if len(self._steps) >= FEW_STEPS else FEW_STEPS_FRAMES
        self._mean = _mean_stride(self._steps, max(HALF_WINDOW_S, frames * frame_s))
        before_s, after_s = self._offsets_s()
        anchor_s = midstance_s - shift_s
        return anchor_s + before_s, anchor_s + after_s

    def _keep_rhythm(self, midstance_s: float) -> None:
        """Start a new mean stride where this step is not of the run before."""
        duration_s = midstance_s - self._midstance_s
        other = max(duration_s, self._duration_s) > SAME_RHYTHM * min(duration_s, self._duration_s)
        if duration_s > LONGEST_PAUSE_S or other:
            self._steps.clear()
            self._speeds_bh_s.clear()
            self._mean = None
            duration_s = NAN
        self._midstance_s, self._duration_s = midstance_s, duration_s

    def _offsets_s(self) -> tuple[float, float]:
        """Return initial contact (negative) and toe-off, s from the midstance of the mean stride."""
        mean = self._mean
        if mean is None:
            return NAN, NAN
        speed_bh_s = median(self._speeds_bh_s)
        if not LEAST_BH_S <= speed_bh_s <= MOST_BH_S:
            speed_bh_s = USUAL_BH_S
        scale_s = math.sqrt(self._height_m / speed_bh_s)
        fall_s = -_reached_s(-mean.v_px_s[::-1], FALL_SHARE, -mean.lowest_s)
        rise_s = _reached_s(mean.v_px_s, RISE_SHARE, mean.lowest_s)
        return fall_s - BEFORE_FALL * scale_s, rise_s + AFTER_RISE * scale_s


def _reached_s(speed_px_s: FloatArray, share: float, from_s: float) -> float:
    """Return when, after ``from_s``, a speed on `_GRID_S` first gets to a share of its highest; NaN if never."""
    first, last = np.searchsorted(_GRID_S, (from_s, FASTEST_WITHIN_S)).tolist()
    later = speed_px_s[first:last]
    if later.size < 2:
        return NAN
    # NaN only where no bin is known.
    level = share * float(np.fmax.reduce(later))
    over = np.flatnonzero(later >= level)
    i = int(over[0]) + first if over.size else 0
    if i == 0 or not speed_px_s[i - 1] < level:
        return NAN
    rest = (level - speed_px_s[i - 1]) / (speed_px_s[i] - speed_px_s[i - 1])
    return float(_GRID_S[i - 1] + BIN_S * rest)


def _shift_s(times_s: FloatArray, heights_px: FloatArray, mean: _MeanStride) -> float:
    """Return what to add to a step's times so that its heights (n,) lie best on the mean stride, s.

    Least squares of height = mean + offset + shift * speed, the mean stride's lowest point being at 0: whatever the
    steps before it were off by is not handed on.
    """
    at_s = times_s + mean.lowest_s
    y_px, v_px_s = np.interp(at_s, _GRID_S, mean.y_px), np.interp(at_s, _GRID_S, mean.v_px_s)
    known = np.isfinite(y_px) & np.isfinite(v_px_s)
    if known.sum() < 4:
        return 0.0
    error_px, slope = (heights_px - y_px)[known], v_px_s[known]
    slope = slope - slope.mean()
    steepness = float(slope @ slope)
    shift_s = float(slope @ error_px) / steepness if steepness > 0.0 else 0.0
    return min(max(shift_s, -MOST_SHIFT_S), MOST_SHIFT_S)


def _binned(times_s: FloatArray, heights_px: FloatArray) -> FloatArray:
    """Return how many frames fall into each bin of `_GRID_S` and the sum of their heights (n, 2)."""
    bins = np.rint(times_s / BIN_S).astype(np.intp) + len(_GRID_S) // 2
    inside = (bins >= 0) & (bins < len(_GRID_S))
    counts = np.bincount(bins[inside], minlength=len(_GRID_S))
    return np.stack((counts, np.bincount(bins[inside], heights_px[inside], len(_GRID_S))), axis=1)


@lru_cache(maxsize=32)
def _powers_s(half_bins: int) -> FloatArray:
    """Return distance**p of every bin from every bin, 0 beyond the half window: (5 n, n), p = 0..4 in turn."""
    away_s = _GRID_S[None, :] - _GRID_S[:, None]
    near = np.abs(away_s) <= (half_bins + 0.5) * BIN_S
    return np.concatenate([np.where(near, away_s**p, 0.0) for p in range(5)])


def _mean_stride(steps: Iterable[FloatArray], half_window_s: float) -> _MeanStride | None:
    """Return the local parabola through the frames of all steps, laid over one another; None if nothing is known."""
    sums = _powers_s(round(half_window_s / BIN_S)) @ np.add.reduce(list(steps))
    s0, s1, s2, s3, s4 = sums[:, 0].reshape(5, -1)
    b0, b1, b2 = sums[:, 1].reshape(5, -1)[:3]
    c00, c01, c02 = s2 * s4 - s3 * s3, s1 * s4 - s3 * s2, s1 * s3 - s2 * s2
    det = s0 * c00 - s1 * c01 + s2 * c02
    det[det <= 1e-6 * s0 * s2 * s4] = NAN
    y_px = (b0 * c00 - b1 * c01 + b2 * c02) / det
    v_px_s = (s0 * (b1 * s4 - b2 * s3) - b0 * c01 + s2 * (s1 * b2 - s2 * b1)) / det
    middle = np.where(np.isnan(y_px[_MIDDLE]), np.inf, y_px[_MIDDLE])
    lowest = int(middle.argmin())
    if middle[lowest] == np.inf:
        return None
    return _MeanStride(y_px, v_px_s, float(_GRID_S[_MIDDLE][lowest]))


def _foot_speed_px_s(bodies: Iterable[Body], midstance_s: float) -> float:
    """Return how fast the lower foot goes back under the hip at midstance, px/s; NaN where it is not seen twice."""
    times_s, ahead_px = [], []
    for body in bodies:
        if SPEED_FROM_S <= body.t_s - midstance_s <= SPEED_UNTIL_S:
            leg = body.lower_leg
            if leg is not None:
                times_s.append(body.t_s)
                ahead_px.append((leg.toe if seen(leg.toe) else leg.ankle)[0] - body.hip[0])
    if len(times_s) < 2:
        return NAN
    middle_s = sum(times_s) / len(times_s)
    middle_px = sum(ahead_px) / len(ahead_px)
    spread = sum((t - middle_s) ** 2 for t in times_s)
    return -sum((t - middle_s) * (x - middle_px) for t, x in zip(times_s, ahead_px, strict=True)) / spread
