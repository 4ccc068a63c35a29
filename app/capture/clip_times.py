"""What the times of a clip's frames say about it, for one line to the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from app.coach.types import FloatArray

#: Fewer frames say nothing.
LEAST_FRAMES = 20
#: An interval that differs from the median by more is another one; more of these than the share is a varying rate.
#: Phones in the dark and screen recorders do that; a dropped frame now and then is nothing to tell.
OTHER_LENGTH, VARYING_SHARE = 0.3, 0.1
#: A clip at two speeds: so much between them, changing at most so often, each for so much of the frames.
TWO_SPEEDS_RATIO, MOST_CHANGES, LEAST_SHARE = 3.0, 6, 0.05


def rate_notice(times_s: FloatArray, name: str) -> str:
    """Return what is to be told of a varying frame rate, "" for nothing.

    Args:
        times_s: (n,) of the frames, increasing, s.
        name: of the clip.
    """
    intervals_s = np.diff(np.asarray(times_s, dtype=np.float64))
    if intervals_s.size < LEAST_FRAMES:
        return ""
    median_s = float(np.median(intervals_s))
    others = np.abs(intervals_s / median_s - 1.0) > OTHER_LENGTH
    if others.mean() <= VARYING_SHARE:
        return ""
    short_s, long_s = (float(value) for value in np.quantile(intervals_s, (0.02, 0.98)))
    low, high = f"{1.0 / long_s:.0f}", f"{1.0 / short_s:.0f}"
    slow = intervals_s > np.sqrt(short_s * long_s)
    share, changes = float(slow.mean()), int(np.count_nonzero(np.diff(slow)))
    two_speeds = long_s >= TWO_SPEEDS_RATIO * short_s and changes <= MOST_CHANGES
    if two_speeds and LEAST_SHARE <= share <= 1.0 - LEAST_SHARE:
        return (
            f"{name} goes on at {low} and {high} frames a second: if one part of it is in slow motion, cut it out "
            "and take it by itself."
        )
    return f"{name} has between {low} and {high} frames a second: the true times of the frames are used."
