"""Notices that the camera was moved: a bumped laptop, a lid that sinks, a picture that is not the one from before.

Four times a second a small copy of the picture is compared with one from the beginning: some sixty corners that stood
still at first, and are not on the runner, are looked for again (Lucas-Kanade), and a shift, scale and roll is laid
through them by consensus. A belt, a screen, the runner's shadow do not stand still and are not among them; a bystander
or the runner covers a part of them, and the others outvote it; a change of light changes no corner's place. The
reference stays the first one for as long as it can be found, so that a camera that creeps is noticed as well.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from app.coach.types import BodyPose, ImageArray

Points = NDArray[np.float32]
#: x0, y0, x1, y1 of the small copy, px.
_Box = tuple[int, int, int, int]

#: Seconds between looks: two of them are an alarm, within a second.
LOOK_S = 0.25
#: The longer side of the small copy is about this, px. A look costs 0.7 ms, whatever the picture's size: at 60 fps
#: 0.05 ms a frame.
SMALL_PX = 320
#: Moved: some corner of the picture by more than this share of its width; or the scale, or the roll.
MOVED_SHARE = 0.004
MOVED_SCALE = 0.005
MOVED_ROLL_DEG = 0.3
#: The first and the second look agree within this share of the threshold, or the camera is still swinging; after so
#: many looks it is called moved anyway.
AGREE = 0.5
SWINGING_LOOKS = 3
#: Corners asked for, and the fewest that say anything; the share of them that must agree.
CORNERS = 60
LEAST_CORNERS = 8
LEAST_SHARE = 0.6
#: A corner that moved more than this between two looks does not stand still; one this far off the consensus is not
#: part of it. Small-copy px.
STILL_PX = 0.35
CONSENSUS_PX = 0.8
#: After so many looks without an answer the reference is given up.
LOST_LOOKS = 3
#: Two pictures are unlike each other below this correlation of their fine structure, if the new one has at least
#: this share of the old one's contrast (lights switched off: no bump).
UNLIKE = 0.35
LEAST_CONTRAST = 0.5
#: Around the body's box so much of its height is left out.
BODY_MARGIN = 0.12
#: Fine structure: what is finer than this, px of the small copy; stretched to this mean deviation from grey.
STRUCTURE_PX = (21, 21)
WANTED_CONTRAST = 24.0

_LK_WINDOW = (15, 15)
_LK_LEVELS = 3


class _Motion(NamedTuple):
    """How the picture lies against the reference: shift of its middle as a share of its width, scale, roll."""

    shift: tuple[float, float]
    scale: float
    roll_deg: float

    @property
    def size(self) -> float:
        """How far moved, in thresholds: 1 is an alarm."""
        return max(
            math.hypot(*self.shift) / MOVED_SHARE,
            abs(self.scale - 1.0) / MOVED_SCALE,
            abs(self.roll_deg) / MOVED_ROLL_DEG,
        )

    def agrees(self, other: _Motion) -> bool:
        """Return whether two looks saw the same motion."""
        between = _Motion(
            (self.shift[0] - other.shift[0], self.shift[1] - other.shift[1]),
            self.scale / other.scale,
            self.roll_deg - other.roll_deg,
        )
        return between.size <= AGREE


_STILL = _Motion((0.0, 0.0), 1.0, 0.0)


class CameraWatch:
    """Tells, once per bump, that the camera stands elsewhere than before."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Take the next pictures for the reference."""
        self._looked_s = -math.inf
        self._newest: ImageArray | None = None
        self._contrast = self._newest_contrast = 0.0
        self._reference: ImageArray | None = None
        self._corners: Points = np.zeros((0, 2), np.float32)
        self._suspect: list[_Motion] = []
        self._lost = 0

    def moved(self, image: ImageArray, t_s: float, pose: BodyPose) -> bool:
        """Return whether the camera was found moved in this frame: once per bump, in the second look after it.

        Args:
            image: uint8 (H, W, 3), as it came from the camera.
            t_s: its time.
            pose: the body in it; its box is left out.
        """
        if not math.isfinite(t_s):
            return False
        if t_s < self._looked_s:
            self.reset()
        if t_s - self._looked_s < LOOK_S:
            return False
        self._looked_s = t_s
        factor = max(1, round(max(image.shape[:2]) / SMALL_PX))
        small, contrast = _structure(image, factor)
        body = _body_box(pose, factor)
        before, self._newest = self._newest, small
        self._newest_contrast = contrast
        if before is None or before.shape != small.shape:
            self._reference, self._suspect, self._lost = None, [], 0
            return False
        if self._reference is None:
            self._begin(before, small, body)
            return False
        return self._compare(self._reference, before, small, body)

    def _begin(self, before: ImageArray, small: ImageArray, body: _Box | None) -> None:
        """Take the picture for the reference, if enough of its corners stood still since the one before."""
        outside = np.full(small.shape, 255, np.uint8)
        if body is not None:
            x0, y0, x1, y1 = body
            outside[y0:y1, x0:x1] = 0
        found = cv2.goodFeaturesToTrack(small, CORNERS, 0.02, 6.0, mask=outside)
        if found is None or len(found) < LEAST_CORNERS:
            return
        corners = np.asarray(found, np.float32).reshape(-1, 2)
        places, tracked = _tracked(small, before, corners)
        off_px = np.hypot(*(places - corners).T)
        still = corners[tracked & (off_px < STILL_PX)]
        if len(still) >= LEAST_CORNERS:
            self._reference, self._corners, self._contrast = small, still, self._newest_contrast
            self._suspect, self._lost = [], 0

    def _compare(self, reference: ImageArray, before: ImageArray, small: ImageArray, body: _Box | None) -> bool:
        motion = self._motion(reference, small, body)
        if motion is None:
            self._lost += 1
            if self._lost < LOST_LOOKS:
                return False
            still = _correlation(before, small, body) > 2.0 * UNLIKE
            unlike = still and _correlation(reference, small, body) < UNLIKE
            bright = self._newest_contrast > LEAST_CONTRAST * self._contrast
            self._reference = None
            return unlike and bright
        self._lost = 0
        if motion.size <= 1.0:
            self._suspect = []
            return False
        self._suspect.append(motion)
        if len(self._suspect) < 2:
            return False
        if len(self._suspect) <= SWINGING_LOOKS and not motion.agrees(self._suspect[-2]):
            return False
        self._reference = None
        return True

    def _motion(self, reference: ImageArray, small: ImageArray, body: _Box | None) -> _Motion | None:
        """Return how the picture moved as a whole since the reference; None where the corners do not agree."""
        places, tracked = _tracked(reference, small, self._corners)
        if body is not None:
            x0, y0, x1, y1 = body
            tracked &= ~((places[:, 0] > x0) & (places[:, 0] < x1) & (places[:, 1] > y0) & (places[:, 1] < y1))
        was, now = self._corners[tracked], places[tracked]
        if len(was) < LEAST_CORNERS or len(was) < 0.4 * len(self._corners):
            return None
        off_px = np.hypot(*(now - was).T)
        if float(np.quantile(off_px, LEAST_SHARE)) < STILL_PX:
            return _STILL  # the usual case, and cheap
        # OpenCV draws its samples from a generator of its own, always seeded alike.
        matrix, inliers = cv2.estimateAffinePartial2D(was, now, method=cv2.RANSAC, ransacReprojThreshold=CONSENSUS_PX)
        if matrix is None or int(inliers.sum()) < max(LEAST_CORNERS, LEAST_SHARE * len(was)):
            return None
        height, width = small.shape
        middle = np.array((0.5 * width, 0.5 * height))
        shift = matrix[:, :2] @ middle + matrix[:, 2] - middle
        scale = math.hypot(matrix[0, 0], matrix[1, 0])
        roll_deg = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
        return _Motion((float(shift[0]) / width, float(shift[1]) / width), scale, roll_deg)


def _structure(image: ImageArray, factor: int) -> tuple[ImageArray, float]:
    """Return the fine structure of a picture in small, grey, the same in bright and dim light; and its contrast."""
    height, width = (side // factor * factor for side in image.shape[:2])
    size = (width // factor, height // factor)
    small = cv2.resize(image[:height, :width], size, interpolation=cv2.INTER_LINEAR)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    coarse = cv2.blur(grey, STRUCTURE_PX)
    contrast = float(cv2.mean(cv2.absdiff(grey, coarse))[0])
    gain = WANTED_CONTRAST / max(contrast, 0.5)
    return np.asarray(cv2.addWeighted(grey, gain, coarse, -gain, 128.0), dtype=np.uint8), contrast


def _tracked(reference: ImageArray, small: ImageArray, corners: Points) -> tuple[Points, NDArray[np.bool_]]:
    """Return where corners (N, 2) of the reference are now, and which were found."""
    start = corners.reshape(-1, 1, 2)
    places, status, _ = cv2.calcOpticalFlowPyrLK(
        reference, small, start, np.empty_like(start), winSize=_LK_WINDOW, maxLevel=_LK_LEVELS
    )
    return np.asarray(places, np.float32).reshape(-1, 2), np.asarray(status).ravel() == 1


def _correlation(a: ImageArray, b: ImageArray, body: _Box | None) -> float:
    """Return the correlation of two structures outside a box, -1..1."""
    outside = np.ones(a.shape, bool)
    if body is not None:
        x0, y0, x1, y1 = body
        outside[y0:y1, x0:x1] = False
    left, right = a[outside].astype(np.float32), b[outside].astype(np.float32)
    if len(left) < 100 or not (left.std() > 0.0 and right.std() > 0.0):
        return 1.0
    return float(np.corrcoef(left, right)[0, 1])


def _body_box(pose: BodyPose, factor: int) -> _Box | None:
    """Return the body's box with a margin, px of the small copy; None where nobody is seen."""
    xy = pose.xy_px[np.isfinite(pose.xy_px).all(axis=1)]
    if not len(xy):
        return None
    low, high = xy.min(axis=0), xy.max(axis=0)
    margin = BODY_MARGIN * float(high[1] - low[1])
    x0, y0 = (max(int((v - margin) / factor), 0) for v in low)
    x1, y1 = (max(int((v + margin) / factor) + 1, 0) for v in high)
    return x0, y0, x1, y1
