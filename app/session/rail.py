"""Whether a rail stands before the runner's hips: looked for in the picture, as the network sees through it.

Measured on rendered standing: with a rail or a whole board over the hips the network's visibility there stays 0.99, its
mask is without a gap and nothing leaps; yet the hip is found beside its place (trunk lean off by up to 3 degrees,
docs/landmarks.md, rail-hips). A rail is a strip of one colour that stands out from the wall on both sides of the
body, and goes on across it, where it stands out from the clothes above or below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.coach.types import Landmark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.coach.types import BodyPose, ImageArray

#: Where is looked, fractions of the distance ear - ankle: rows around the hip, columns beside the body, their half
#: width, how much a rail may slope between, and how thick it is at least and at most.
ROWS, BESIDE, HALF_WIDTH, SLOPE = 0.11, 0.20, 0.012, 0.06
LEAST_THICK, MOST_THICK = 0.012, 0.09
#: Distances of BGR colours, 0..441: one thing, and two things.
SAME, OTHER = 30.0, 40.0
LEAST_LONG_PX = 80.0


def rail_over_hips(image_bgr: ImageArray, pose: BodyPose) -> bool:
    """Return whether a rail goes across the hips of ``pose`` in ``image_bgr``; False where it cannot be told."""
    hip, ear, ankle = (
        pose.xy_px[[Landmark[f"LEFT_{name}"], Landmark[f"RIGHT_{name}"]]].mean(axis=0)
        for name in ("HIP", "EAR", "ANKLE")
    )
    long_px = float(np.hypot(*(ankle - ear)))
    if not (np.isfinite(hip).all() and long_px >= LEAST_LONG_PX):
        return False
    rows = round((ROWS + SLOPE) * long_px)
    on, left, right = (
        _column(image_bgr, hip[0] + side * BESIDE * long_px, hip[1], rows, HALF_WIDTH * long_px) for side in (0, -1, 1)
    )
    if on is None or left is None or right is None:
        return False
    slope = round(SLOPE * long_px)
    inner = slice(slope, len(on) - slope)
    on, walls = on[inner], (np.median(left, axis=0), np.median(right, axis=0))
    for shift in range(-slope, slope + 1, max(slope // 6, 1)):
        here, there = (side[slope + s : slope + s + len(on)] for side, s in ((left, shift), (right, -shift)))
        strip = (_off(here, on) < SAME) & (_off(there, on) < SAME)
        strip &= (_off(here, walls[0]) > OTHER) & (_off(there, walls[1]) > OTHER)
        if _is_rail(strip, on, long_px):
            return True
    return False


def _column(
    image: NDArray[np.uint8], x_px: float, y_px: float, rows: int, half_width_px: float
) -> NDArray[np.float64] | None:
    """Return the mean colours (2 rows + 1, 3) of a narrow column about a point; None where it leaves the picture."""
    x, y, half = round(x_px), round(y_px), max(round(half_width_px), 1)
    height, width = image.shape[:2]
    if not (half <= x < width - half and rows <= y < height - rows):
        return None
    return np.asarray(image[y - rows : y + rows + 1, x - half : x + half + 1].mean(axis=1), dtype=np.float64)


def _off(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(one - other, axis=-1))


def _is_rail(strip: NDArray[np.bool_], on: NDArray[np.float64], long_px: float) -> bool:
    """Whether the rows of ``strip`` are thick and thin enough, with something else on the body above or below."""
    rows = np.flatnonzero(strip)
    if not LEAST_THICK * long_px <= len(rows) <= MOST_THICK * long_px:
        return False
    first, last, colour = int(rows[0]), int(rows[-1]), on[rows].mean(axis=0)
    edge = max(round(0.02 * long_px), 2)
    if last - first > MOST_THICK * long_px or first < edge or last + edge >= len(on):
        return False
    return bool(_off(on[first - edge], colour) > OTHER or _off(on[last + edge], colour) > OTHER)
