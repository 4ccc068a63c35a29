"""Poses over time as arrays, and the signals that are read from them. Heights are px up, angles deg forward +."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.coach.types import BodyPose, Doubt, FloatArray, Landmark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.coach.types import Facing

BoolArray = NDArray[np.bool_]

_L = Landmark
EARS = (_L.LEFT_EAR, _L.RIGHT_EAR)
SHOULDERS = (_L.LEFT_SHOULDER, _L.RIGHT_SHOULDER)
HIPS = (_L.LEFT_HIP, _L.RIGHT_HIP)
ANKLES = (_L.LEFT_ANKLE, _L.RIGHT_ANKLE)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The poses of one chain over one scene, one row a frame.

    Attributes:
        t_s: (n,) times.
        xy_px: (n, LANDMARK_COUNT, 2), NaN missing.
        sides: (n,) whether the legs' LEFT and RIGHT were vouched for (`BodyPose.sides`).
        doubts: of each frame.
    """

    t_s: FloatArray
    xy_px: FloatArray
    sides: BoolArray
    doubts: tuple[frozenset[Doubt], ...]

    @classmethod
    def of(cls, poses: Sequence[BodyPose]) -> Series:
        """Return the series of poses in the order of time."""
        return cls(
            np.array([pose.t_s for pose in poses]),
            np.array([pose.xy_px for pose in poses]),
            np.array([pose.sides or pose.markers for pose in poses]),
            tuple(pose.doubts for pose in poses),
        )

    def doubted(self, doubt: Doubt) -> BoolArray:
        """Return the frames (n,) in which a doubt was raised."""
        return np.array([doubt in doubts for doubts in self.doubts], dtype=np.bool_)

    def middle(self, pair: tuple[Landmark, Landmark]) -> FloatArray:
        """Return the middle (n, 2) px of two landmarks; NaN where either is missing."""
        return np.asarray((self.xy_px[:, pair[0]] + self.xy_px[:, pair[1]]) / 2.0)

    @property
    def seen(self) -> BoolArray:
        """Frames (n,) in which somebody was given: the hips have a place."""
        return np.asarray(np.isfinite(self.middle(HIPS)).all(axis=1))

    def head_up_px(self) -> FloatArray:
        """Return the head's height (n,): HEAD_TOP where this chain gives one at all, else the middle of the ears."""
        top = self.xy_px[:, _L.HEAD_TOP, 1]
        return np.asarray(-(top if np.isfinite(top).any() else self.middle(EARS)[:, 1]))

    def trunk_up_px(self) -> FloatArray:
        """Return the trunk's height (n,): middle of mid-hip and mid-shoulder."""
        return np.asarray(-(self.middle(HIPS)[:, 1] + self.middle(SHOULDERS)[:, 1]) / 2.0)

    def trunk_px(self) -> FloatArray:
        """Return the trunk's length (n,)."""
        return np.asarray(np.linalg.norm(self.middle(SHOULDERS) - self.middle(HIPS), axis=1))

    def lean_deg(self, facing: Facing) -> FloatArray:
        """Return the inclination (n,) of mid-hip -> mid-shoulder in the image, absolute."""
        along = self.middle(SHOULDERS) - self.middle(HIPS)
        return np.asarray(np.degrees(np.arctan2(facing.sign * along[:, 0], -along[:, 1])))

    def ankles_px(self) -> FloatArray:
        """Return the ankles (n, 2, 2): [frame, left/right as labelled, x/y]."""
        return np.asarray(self.xy_px[:, ANKLES])
