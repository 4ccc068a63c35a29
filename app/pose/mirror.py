"""The network sees every runner face right: whoever faces left is shown to it mirrored.

BlazePose is not symmetric: the same runner mirrored reads 2 deg less trunk lean and 5 deg more knee (rendered runners,
full model). Shown one way only, the two facings give the same numbers by construction, and one set of thresholds fits.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Frame, Landmark
from app.pose.estimator import BodyMask, Estimate, Pointable

if TYPE_CHECKING:
    from app.coach.types import ImageArray
    from app.pose.estimator import PoseEstimator

#: Turned round only when the facing has held for so long: the network has to look afresh each time.
SETTLED_S = 0.25
GAP_S = 0.5


def _exchanged() -> list[int]:
    """Return for every landmark its counterpart on the other side of the body."""
    names = {"LEFT": "RIGHT", "RIGHT": "LEFT"}
    counterparts = []
    for landmark in Landmark:
        side, _, point = landmark.name.partition("_")
        counterparts.append(int(Landmark[f"{names[side]}_{point}"]) if side in names else int(landmark))
    return counterparts


COUNTERPART = np.array(_exchanged())
assert sorted(COUNTERPART) == list(range(LANDMARK_COUNT))


def mirrored_image(image: ImageArray) -> ImageArray:
    """Return the picture mirrored left to right, C-contiguous."""
    return np.asarray(cv2.flip(image, 1), dtype=np.uint8)


def mirrored_pose(pose: BodyPose) -> BodyPose:
    """Return the pose of the mirrored picture: column c is W - 1 - c, and the runner's left is his right."""
    xy_px = pose.xy_px[COUNTERPART].copy()
    xy_px[:, 0] = pose.image_size_px[0] - 1 - xy_px[:, 0]
    return replace(pose, xy_px=xy_px, visibility=pose.visibility[COUNTERPART])


def mirrored_mask(mask: BodyMask, width_px: int) -> BodyMask:
    """Return the mask of the mirrored picture, which is ``width_px`` wide."""
    values = np.ascontiguousarray(mask.values[:, ::-1])
    last_px = mask.origin_px[0] + (values.shape[1] - 1) * mask.cell_px
    return BodyMask(values, (width_px - 1 - last_px, mask.origin_px[1]), mask.cell_px)


class OneWayNetwork:
    """A network that is shown every runner facing right; itself an estimator, in the picture's own coordinates."""

    def __init__(self, network: PoseEstimator) -> None:
        self._network = network
        self._mirrored = False
        self._other_since_s: float | None = None
        self._asked_s = -math.inf
        self._width_px = 0

    def face(self, facing: Facing, t_s: float, hip_px: tuple[float, float]) -> None:
        """Take which way the runner faces in the picture of ``t_s``, and where he is, for the frames to come."""
        if not self._width_px or facing is Facing.UNKNOWN or (facing is Facing.LEFT) == self._mirrored:
            self._other_since_s = None
            return
        since_s, self._asked_s = self._asked_s, t_s
        if self._other_since_s is None or not 0.0 <= t_s - since_s <= GAP_S:
            # Seen for the first time, again after a while, or of a clip that is played again.
            self._other_since_s = t_s
        if t_s - self._other_since_s >= SETTLED_S:
            self._other_since_s = None
            self._mirrored = not self._mirrored
            self._network.restart()
            if math.isfinite(sum(hip_px)):
                self.look_at(hip_px)

    def estimate(self, frame: Frame) -> Estimate:
        """Return the body in ``frame``.

        Raises:
            ValueError, RuntimeError: as the network.
        """
        if frame.image_bgr is None or frame.image_bgr.ndim != 3:
            return self._network.estimate(frame)
        self._width_px = frame.image_bgr.shape[1]
        if not self._mirrored:
            return self._network.estimate(frame)
        seen = self._network.estimate(replace(frame, image_bgr=mirrored_image(frame.image_bgr)))
        mask = None if seen.mask is None else mirrored_mask(seen.mask, self._width_px)
        return Estimate(mirrored_pose(seen.pose), mask, seen.tracking)

    def look_at(self, point_px: tuple[float, float]) -> None:
        """Look for the person at this point of the picture, where the network can be told."""
        if not isinstance(self._network, Pointable):
            return
        x_px, y_px = point_px
        self._network.look_at((self._width_px - 1 - x_px, y_px) if self._mirrored else point_px)

    def restart(self) -> None:
        """Look afresh."""
        self._other_since_s = None
        self._network.restart()

    def close(self) -> None:
        """Close the network."""
        self._network.close()
