"""Whether a clip plays slower than life, told by the runner's own motion.

A slowed clip has no running step in it for the rest of the coach: its steps last too long. What makes running running
(the trunk is high while the feet are apart, a belt carries the lower foot back, all of it in rhythm; `guard`) does not
depend on the speed of time. So the same is looked for at the speed of life and 2, 4, 8 ... times slower, then faster:
where it is found only there, nobody runs at such a cadence, and the factor follows from the one people do run at.

Measured: two filmed runners (168 and 141 steps/min) slowed 2, 4, 8, 16 times are told so with the true factor, and one
who walks, twelve kinds of standing, drilling and fidgeting, and the same slowed are not (`tests/coach/test_slowmo.py`).

Time series are of shape (n,), in the clip's own seconds.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.coach.geometry import body_from_pose
from app.coach.guard import BELT_ON_BH, MOVING_TRUNK_BH, RUN_ON_CORRELATION
from app.coach.types import Facing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.coach.types import BodyPose, FloatArray

#: Cadences of people who run, steps/min: jogging 140, middle distance 200 (biomechanics B); outside, nobody does.
LEAST_SPM, MOST_SPM, USUAL_SPM = 120.0, 240.0, 168.0
#: The factors that phones have: 60, 120, 240, 480 and 960 frames a second played at 30.
FACTORS = (2.0, 4.0, 8.0, 16.0, 32.0)
#: A clip that plays too fast: slow motion undone that was none.
FASTER = (0.5, 0.25, 0.125)
#: What is looked at at once, s of life: three steps; every so much; so many in a row say the same.
WINDOW_S, HOP_S, IN_A_ROW = 1.2, 0.3, 3
#: The window is resampled at this rate, per s of life.
SAMPLES_HZ = 40.0
#: Longest gap in the poses that is bridged, s of life.
MOST_GAP_S = 0.15
#: How alike one step and the next must be (autocorrelation): the distance of the ankles, the height of the trunk.
SPLIT_RHYTHM, TRUNK_RHYTHM = 0.5, 0.3
#: Least travel of the ankles' distance, BH: running .35 and more, fidgeting twice as much as usual .20 at most.
SPLIT_TRAVEL_BH = 0.26
#: Periods of steps in a row differ by no more.
PERIOD_RATIO = 1.25
#: Trunk and leg together, share of the body height (biomechanics A: .288 + .491).
TRUNK_AND_LEG_BH = 0.78
#: Five minutes at 60 frames a second; of a longer clip the newest count.
MOST_SAMPLES = 18_000
_T, _TRUNK, _SPLIT, _AHEAD, _SIZE = range(5)


@dataclass(frozen=True, slots=True)
class SlowMotion:
    """A clip that does not play at the speed of life.

    Attributes:
        cadence_spm: steps a minute as it plays.
        factor: how many times slower than life, the likeliest of `FACTORS` and `FASTER`.
    """

    cadence_spm: float
    factor: float


class SlowMotionWatch:
    """Collects what the motion says; a few numbers a frame, of the newest `MOST_SAMPLES` frames."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float, float, float, float]] = deque(maxlen=MOST_SAMPLES)

    def add(self, pose: BodyPose) -> None:
        """Take the pose of one frame; those without trunk and legs are left out."""
        if not pose.seen:
            return
        body = body_from_pose(pose, Facing.RIGHT)
        a, b = body.legs
        lower = a if a.ankle[1] < b.ankle[1] else b
        size_px = (body.trunk_px + body.leg_length_px()) / TRUNK_AND_LEG_BH
        sample = (body.t_s, body.trunk_y_px, body.split_px, lower.ankle[0] - body.hip[0], size_px)
        if all(map(math.isfinite, sample)):
            self._samples.append(sample)

    def slow_motion(self) -> SlowMotion | None:
        """Return what the poses so far say, None where they show no running at a wrong speed."""
        if len(self._samples) < 2:
            return None
        samples = np.array(self._samples).T
        if _cadence_spm(samples, 1.0) is not None:
            return None
        for factor in (*FACTORS, *FASTER):
            if (cadence_spm := _cadence_spm(samples, factor)) is not None:
                return SlowMotion(cadence_spm, likeliest_factor(cadence_spm))
        return None


def slow_motion(poses: Iterable[BodyPose]) -> SlowMotion | None:
    """Return how much slower than life the runner of these poses moves, None where nothing says so."""
    watch = SlowMotionWatch()
    for pose in poses:
        watch.add(pose)
    return watch.slow_motion()


def likeliest_factor(cadence_spm: float) -> float:
    """Return which of the usual factors makes a cadence most like that of people who run."""
    return min((*FASTER, *FACTORS), key=lambda factor: abs(math.log(factor * cadence_spm / USUAL_SPM)))


def _cadence_spm(samples: FloatArray, factor: float) -> float | None:
    """Return the cadence as the clip plays if somebody runs in it ``factor`` times slowed, else None.

    Args:
        samples: (5, n) rows `_T` ... `_SIZE`.
        factor: clip seconds per second of life.
    """
    times_s = samples[_T] / factor
    most = math.ceil((times_s[-1] - times_s[0] - WINDOW_S + 1e-6) / HOP_S)
    # Where no frame is nobody looks: the times of a damaged clip may lie years apart.
    hops = np.unique(np.floor((times_s - times_s[0]) / HOP_S))
    needed, row, last_hop = min(IN_A_ROW, most), list[float](), -1.0
    for hop in hops[hops < most].tolist():
        period_s = _step_period_s(times_s, samples, float(times_s[0]) + hop * HOP_S)
        alone, last_hop = hop - last_hop > 1.0, hop
        if period_s is None or alone or (row and not row[0] / PERIOD_RATIO <= period_s <= row[0] * PERIOD_RATIO):
            row = []
        if period_s is not None:
            row.append(period_s)
        if len(row) == needed:
            return 60.0 / (factor * float(np.median(row)))
    return None


def _step_period_s(times_s: FloatArray, samples: FloatArray, start_s: float) -> float | None:
    """Return how long a step lasts in the window from ``start_s``, s of life; None where nobody runs there."""
    first, last = np.searchsorted(times_s, (start_s - MOST_GAP_S, start_s + WINDOW_S + MOST_GAP_S))
    around_s = times_s[first:last]
    if around_s.size < 8 or np.diff(around_s).max() > MOST_GAP_S:
        return None
    at_s = start_s + np.arange(0.0, WINDOW_S, 1.0 / SAMPLES_HZ)
    trunk, split, ahead = (
        np.interp(at_s, around_s, samples[row, first:last] / samples[_SIZE, first:last].mean())
        for row in (_TRUNK, _SPLIT, _AHEAD)
    )
    # A body that comes nearer or goes away is no rhythm.
    trunk, split = _without_trend(trunk), _without_trend(split)
    low, high = np.quantile(ahead, (0.05, 0.95))
    if high - low < BELT_ON_BH or np.ptp(split) < SPLIT_TRAVEL_BH or np.ptp(trunk) < MOVING_TRUNK_BH:
        return None
    if float(np.corrcoef(trunk, split)[0, 1]) < RUN_ON_CORRELATION:
        return None  # walking
    lag = _first_peak(_alike(split))
    if lag is None or not LEAST_SPM <= 60.0 * SAMPLES_HZ / lag <= MOST_SPM:
        return None
    around = _alike(trunk)[max(lag - 2, 0) : lag + 3]
    return lag / SAMPLES_HZ if float(around.max()) >= TRUNK_RHYTHM else None


def _without_trend(values: FloatArray) -> FloatArray:
    """Return values less the straight line through them."""
    at = np.arange(values.size, dtype=np.float64)
    slope, offset = np.polyfit(at, values, 1)
    return np.asarray(values - (slope * at + offset))


def _alike(values: FloatArray) -> FloatArray:
    """Return the correlation of a series with itself, shifted by 0 ... two thirds of its length."""
    most = 2 * values.size // 3
    return np.array([_correlation(values[: values.size - lag], values[lag:]) for lag in range(most)])


def _correlation(a: FloatArray, b: FloatArray) -> float:
    """Return the correlation of two equally long series, 0 where one is constant."""
    a, b = a - a.mean(), b - b.mean()
    size = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / size if size > 0.0 else 0.0


def _first_peak(alike: FloatArray) -> int | None:
    """Return the first shift, after it has fallen, at which a series is like itself again; None where none is."""
    fallen = False
    for lag in range(1, alike.size - 1):
        fallen = fallen or alike[lag] < 0.0
        if fallen and alike[lag] >= SPLIT_RHYTHM and alike[lag - 1] <= alike[lag] >= alike[lag + 1]:
            return lag
    return None
