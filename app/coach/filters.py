"""Small filters on time-stamped samples; dt always comes from the timestamps, never from a frame rate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from app.coach.types import Measure

NAN = float("nan")


def fit_quadratic(times_s: Sequence[float], values: Sequence[float], at_s: float) -> tuple[float, float, float]:
    """Return (value, slope, curvature) at ``at_s`` of the least-squares parabola through the samples.

    A symmetric local parabola (Savitzky-Golay, for uneven times) has no lag and keeps the height of peaks.
    Falls back to a line for fewer than three distinct samples, to the mean for one; NaN for none.
    """
    n = len(times_s)
    if n == 0:
        return NAN, NAN, NAN
    s1 = s2 = s3 = s4 = b0 = b1 = b2 = 0.0
    for t, y in zip(times_s, values, strict=True):
        d = t - at_s
        dd = d * d
        s1 += d
        s2 += dd
        s3 += dd * d
        s4 += dd * dd
        b0 += y
        b1 += y * d
        b2 += y * dd
    det = n * (s2 * s4 - s3 * s3) - s1 * (s1 * s4 - s3 * s2) + s2 * (s1 * s3 - s2 * s2)
    if n >= 3 and det > 1e-9 * max(n * s2 * s4, 1e-300):
        c0 = (b0 * (s2 * s4 - s3 * s3) - s1 * (b1 * s4 - s3 * b2) + s2 * (b1 * s3 - s2 * b2)) / det
        c1 = (n * (b1 * s4 - s3 * b2) - b0 * (s1 * s4 - s3 * s2) + s2 * (s1 * b2 - b1 * s2)) / det
        c2 = (n * (s2 * b2 - s3 * b1) - s1 * (s1 * b2 - b1 * s2) + b0 * (s1 * s3 - s2 * s2)) / det
        return c0, c1, 2.0 * c2
    spread = n * s2 - s1 * s1
    if n >= 2 and spread > 0.0:
        slope = (n * b1 - s1 * b0) / spread
        return (b0 - slope * s1) / n, slope, 0.0
    return b0 / n, 0.0, 0.0


def peak_near(
    samples: Sequence[tuple[float, float]], around_s: float, search_s: float, half_window_s: float
) -> tuple[float, float]:
    """Return (time, height) of the highest point near ``around_s``, sub-frame.

    The highest sample within ``search_s`` is refined by the vertex of the parabola through its neighbours
    within ``half_window_s``, which also averages the noise that a plain maximum would pick up.
    (NaN, NaN) where there are no samples.
    """
    near = [(t, y) for t, y in samples if abs(t - around_s) <= search_s and y == y]
    if not near:
        return NAN, NAN
    t_top = max(near, key=lambda sample: sample[1])[0]
    local = [(t, y) for t, y in samples if abs(t - t_top) <= half_window_s and y == y]
    value, slope, curvature = fit_quadratic([t for t, _ in local], [y for _, y in local], t_top)
    if curvature < 0.0:
        shift = min(max(-slope / curvature, -half_window_s), half_window_s)
        return t_top + shift, value + slope * shift + 0.5 * curvature * shift * shift
    return t_top, value


def median(values: Iterable[float]) -> float:
    """Return the median of the known values, NaN where there is none."""
    known = sorted(v for v in values if v == v)
    if not known:
        return NAN
    middle = len(known) // 2
    return known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2.0


def measure(values: Iterable[float], unit: str = "") -> Measure | None:
    """Return the median of the known values with its 95 % interval, or None where none is known.

    The interval is that of a median of normal scatter: +-1.96 * 1.2533 * SD / sqrt(n), with the SD taken
    robustly as 1.4826 * MAD (a single sample has no interval: it is its own bounds).
    """
    known = np.array([v for v in values if v == v], dtype=np.float64)
    if known.size == 0:
        return None
    middle = float(np.median(known))
    scatter = 1.4826 * float(np.median(np.abs(known - middle)))
    half = 1.96 * 1.2533 * scatter / math.sqrt(known.size)
    return Measure(middle, (middle - half, middle + half), int(known.size), unit)
