"""Whether the markers of a ``.trc`` file can be a person in metres and seconds, and where in space they are.

A file whose Units or Time column is wrong parses well and would be judged to nonsense in all silence.
"""

from __future__ import annotations

import numpy as np

from app.capture.source import CaptureError
from app.coach.types import FloatArray, Landmark

#: Ear or shoulder to foot of anybody, from a small child to the tallest, bent or upright, m.
BODY_HEIGHT_M = (0.8, 2.6)
#: The Time column may differ so much from DataRate (frames left out or rates rounded); ms for s is 1000.
TIME_STEP_FACTOR = 5.0
MAX_SPAN_M = 100.0  # a lab or a sprint track; more means wrong units

#: The tenths of the used samples at either end are not trusted to tell where the body is.
_TRUSTED_PERCENTILES = (10.0, 90.0)
#: How far outside of the trusted samples a sample may lie, in their span, and at least in m.
_REACH_SPANS = 1.0
_REACH_M = 1.0

_L = Landmark
_HEAD = (_L.LEFT_EAR, _L.RIGHT_EAR, _L.LEFT_SHOULDER, _L.RIGHT_SHOULDER)
_FEET = (_L.LEFT_ANKLE, _L.RIGHT_ANKLE, _L.LEFT_HEEL, _L.RIGHT_HEEL, _L.LEFT_TOE, _L.RIGHT_TOE)
_USED = (*_HEAD, _L.LEFT_HIP, _L.RIGHT_HIP, _L.LEFT_KNEE, _L.RIGHT_KNEE, *_FEET)


def require_body_height(xy_m: FloatArray, name: str) -> None:
    """Raise CaptureError where the median height of the body over the frames is no person's.

    Args:
        xy_m: (n, LANDMARK_COUNT, 2) X, Y in m, NaN missing.
        name: what error messages call the file.
    """
    heads_m, feet_m = xy_m[:, _HEAD, 1], xy_m[:, _FEET, 1]
    whole = np.isfinite(heads_m).any(axis=1) & np.isfinite(feet_m).any(axis=1)
    if not whole.any():
        return
    height_m = float(np.median(np.nanmax(heads_m[whole], axis=1) - np.nanmin(feet_m[whole], axis=1)))
    if not BODY_HEIGHT_M[0] <= height_m <= BODY_HEIGHT_M[1]:
        raise CaptureError(f"{name}: the markers are {height_m:.3g} m high: check Units in its header (m or mm).")


def require_seconds(times_s: FloatArray, rate_hz: float, name: str) -> None:
    """Raise CaptureError where the (n,) times are far from the header's rate, as they are not in s."""
    if len(times_s) < 2 or rate_hz <= 0.0:
        return
    factor = float(np.median(np.diff(times_s))) * rate_hz
    if not 1.0 / TIME_STEP_FACTOR <= factor <= TIME_STEP_FACTOR:
        raise CaptureError(f"{name}: the Time column does not fit DataRate {rate_hz:g}: it must be in seconds.")


def span_of(xy_m: FloatArray, name: str) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and highest (X, Y) in m of the body, whatever a few stray samples say.

    The samples of the markers that the coach uses tell where the body is; of all markers' samples those near it
    count.

    Args:
        xy_m: (n, LANDMARK_COUNT, 2) X, Y in m, NaN missing.
        name: what error messages call the file.

    Raises:
        CaptureError: the body spans more than `MAX_SPAN_M` or is too far off for px to keep the mm.
    """
    used_m = xy_m[:, _USED].reshape(-1, 2)
    low_m, high_m = np.nanpercentile(used_m, _TRUSTED_PERCENTILES, axis=0)
    reach_m = np.maximum(_REACH_SPANS * (high_m - low_m), _REACH_M)
    near = (xy_m >= low_m - reach_m) & (xy_m <= high_m + reach_m)
    near_m = np.where(near.all(axis=2, keepdims=True), xy_m, np.nan)
    low_m, high_m = np.nanmin(near_m, axis=(0, 1)), np.nanmax(near_m, axis=(0, 1))
    span_m = float(np.max(high_m - low_m))
    if not span_m <= MAX_SPAN_M:
        raise CaptureError(f"{name} spans {span_m:.0f} m: check Units in its header (m or mm) and stray markers.")
    if max(np.abs(low_m).max(), np.abs(high_m).max()) > 1e6:
        raise CaptureError(f"{name} lies over 1000 km from its origin: check Units in its header (m or mm).")
    return low_m, high_m


def without_far_strays(xy_m: FloatArray, low_m: FloatArray, high_m: FloatArray) -> FloatArray:
    """Return the positions with those missing that lie over `MAX_SPAN_M` outside of the span: nobody's limb."""
    with np.errstate(invalid="ignore"):
        far = ((xy_m < low_m - MAX_SPAN_M) | (xy_m > high_m + MAX_SPAN_M)).any(axis=2, keepdims=True)
    return np.where(far, np.nan, xy_m)
