"""The grid on which poses are kept: positions in steps of `GRID_PX`, visibilities in 255 steps.

A coach whose session is kept judges what is kept: every pose is put on the grid before (`on_grid`). So a replay sees
bit for bit what the live coach saw. Exact float64 would take 76 MB an hour of 60 fps, which no compression shrinks; on
the grid it is about 20.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.coach.types import BodyPose, FloatArray

#: A power of two, so that every step is an exact float. The network itself is good to some px; 1/256 px moves no angle
#: of a body of 100 px by more than 0.01 degrees.
STEPS_PER_PX = 256
GRID_PX = 1.0 / STEPS_PER_PX
#: No picture is so large; beyond it differences of positions would not fit 32 bits.
MOST_PX = float(2**21)
VISIBILITY_STEPS = 255


def on_grid(pose: BodyPose) -> BodyPose:
    """Return the pose as it is kept.

    What is no finite position becomes NaN, what lies beyond `MOST_PX` its border.
    """
    xy_px = pose.xy_px * STEPS_PER_PX
    np.rint(xy_px, out=xy_px)
    xy_px *= GRID_PX
    xy_px += 0.0  # whole numbers know no -0.0
    visibility = np.rint(pose.visibility * VISIBILITY_STEPS) / VISIBILITY_STEPS
    if (np.abs(xy_px) > MOST_PX).any():  # rare: the way of `to_steps` costs twice as much
        xy_px = from_steps(*to_steps(pose.xy_px))
    if not ((visibility >= 0.0) & (visibility <= 1.0)).all():
        visibility = from_bytes(to_bytes(pose.visibility))
    # numpy's float is rounded otherwise than Python's when it is written.
    return replace(pose, t_s=float(pose.t_s), xy_px=xy_px, visibility=visibility)


def to_steps(xy_px: FloatArray) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return positions in grid steps, 0 where there is none, and where there is none (NaN, infinite)."""
    missing = ~np.isfinite(xy_px)
    steps = np.rint(np.clip(np.where(missing, 0.0, xy_px), -MOST_PX, MOST_PX) * STEPS_PER_PX)
    return steps.astype(np.int32), missing


def from_steps(steps: NDArray[np.int32], missing: NDArray[np.bool_]) -> FloatArray:
    """Return the positions in px that `to_steps` was given, rounded to the grid."""
    xy_px: FloatArray = steps * np.float64(GRID_PX)
    xy_px[missing] = np.nan
    return xy_px


def to_bytes(visibility: FloatArray) -> NDArray[np.uint8]:
    """Return visibilities 0..1 as whole numbers 0..255; NaN counts as 0."""
    known = np.where(np.isfinite(visibility), visibility, 0.0)
    codes: NDArray[np.uint8] = np.rint(np.clip(known, 0.0, 1.0) * VISIBILITY_STEPS).astype(np.uint8)
    return codes


def from_bytes(codes: NDArray[np.uint8]) -> FloatArray:
    """Return the visibilities of `to_bytes`."""
    visibility: FloatArray = codes / float(VISIBILITY_STEPS)
    return visibility
