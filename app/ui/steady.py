"""A pose without its jitter, for what must stand still while the body does: the ghost."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from app.coach.types import BodyPose, FloatArray

#: Time constant of the smoothing: at 30 frames per second it leaves a third of the jitter.
SMOOTH_S = 0.15
#: Frames further apart than this have nothing to do with one another.
GAP_S = 0.5
#: A landmark that is further from its smoothed place than this (of the body's extent) has moved: follow it at once.
MOVED = 0.06


class SteadyPose:
    """Smooths the landmarks of successive frames exponentially, each for itself; a step is followed at once."""

    def __init__(self) -> None:
        self._t_s = math.nan
        self._xy_px: FloatArray | None = None

    def clear(self) -> None:
        """Forget what was seen."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    def follow(self, pose: BodyPose) -> BodyPose:
        """Take a frame's pose and return it smoothed; unchanged after a gap, and where nobody is."""
        if not pose.seen:
            self.clear()
            return pose
        now, before, since_s = np.asarray(pose.xy_px), self._xy_px, pose.t_s - self._t_s
        if since_s == 0.0 and before is not None:
            return replace(pose, xy_px=before)
        if before is not None and 0.0 < since_s <= GAP_S:
            way = now - before
            extent_px = float(np.nanmax(now[:, 1]) - np.nanmin(now[:, 1]))
            still = np.hypot(way[:, :1], way[:, 1:]) <= MOVED * extent_px  # False where either is missing
            now = np.where(still, before + (1.0 - math.exp(-since_s / SMOOTH_S)) * way, now)
        self._t_s, self._xy_px = pose.t_s, now
        return replace(pose, xy_px=now)
