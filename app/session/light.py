"""How bright a picture is, from a few thousand of its pixels: for the set-up guide, twice a second."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from app.coach.setup_checks import Picture
from app.coach.types import Landmark
from app.session.rail import rail_over_hips

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.coach.types import BodyPose, ImageArray

#: About so many rows and columns are looked at.
SAMPLES = 90
#: Rec. 601 luma of B, G, R.
_LUMA_BGR = np.array((0.114, 0.587, 0.299))
#: Half side of the patch at a landmark, px; where the skin and the clothes are.
PATCH_PX = 3
_PLACES = [
    Landmark[f"{side}_{name}"]
    for side in ("LEFT", "RIGHT")
    for name in ("EAR", "SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE")
] + [Landmark.NOSE]


def picture_of(image_bgr: ImageArray, pose: BodyPose, camera_fps: float = math.nan) -> Picture:
    """Return brightness and contrast of ``image_bgr`` (H, W, 3) uint8 and of the body ``pose`` in it (1 ms)."""
    step = max(min(image_bgr.shape[:2]) // SAMPLES, 1)
    luma = image_bgr[step // 2 :: step, step // 2 :: step] @ _LUMA_BGR
    low, high = np.percentile(luma, (5.0, 95.0)).tolist()
    rail = rail_over_hips(image_bgr, pose)
    return Picture(float(luma.mean()), low, high, _body_high(image_bgr, pose), camera_fps, rail)


def _body_high(image_bgr: NDArray[np.uint8], pose: BodyPose) -> float:
    """Return the 90th percentile of the luma of small patches at the landmarks; NaN with fewer than four inside."""
    height, width = image_bgr.shape[:2]
    values = []
    for x, y in pose.xy_px[_PLACES].tolist():
        if not (0.0 <= x < width and 0.0 <= y < height):  # NaN is outside, too
            continue
        row, column = int(y), int(x)
        patch = image_bgr[
            max(row - PATCH_PX, 0) : row + PATCH_PX + 1, max(column - PATCH_PX, 0) : column + PATCH_PX + 1
        ]
        values.append(float((patch @ _LUMA_BGR).mean()))
    return float(np.percentile(values, 90.0)) if len(values) >= 4 else math.nan
