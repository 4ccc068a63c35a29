"""From the figure to our landmarks: lateral offsets, projection, the mirror for runners who face left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.coach.types import LANDMARK_COUNT, BodyPose, FloatArray, Landmark
from app.sim.body import EYE_BH, NOSE_BH, in_head

if TYPE_CHECKING:
    from app.sim.body import Figure
    from app.sim.camera import Camera

#: Half widths in BH (metres at 1.78 m: ears .07, shoulders .18, hips .09); running feet land near the midline.
LATERAL_BH = {
    "eye": 0.018,
    "ear": 0.0393,
    "shoulder": 0.1011,
    "elbow": 0.118,
    "wrist": 0.092,
    "hand": 0.085,
    "hip": 0.0506,
    "knee": 0.045,
    "ankle": 0.040,
    "heel": 0.039,
    "toe": 0.046,
}
#: The landmarks that turn with the face, and (after the nose) their places in the head: left far, right near.
_FACE = [Landmark.NOSE, Landmark.LEFT_EYE, Landmark.RIGHT_EYE, Landmark.LEFT_EAR, Landmark.RIGHT_EAR]
_FACE_BH = [(EYE_BH, -LATERAL_BH["eye"]), (EYE_BH, LATERAL_BH["eye"]),
            ((0.0, 0.0), -LATERAL_BH["ear"]), ((0.0, 0.0), LATERAL_BH["ear"])]  # fmt: skip
_PAIRS = ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "toe")
_FIRST = {name: Landmark[f"LEFT_{name.upper()}"].value for name in _PAIRS}
#: Index of each landmark's mirror twin.
MIRROR = np.arange(LANDMARK_COUNT)
for _i in _FIRST.values():
    MIRROR[[_i, _i + 1]] = _i + 1, _i


@dataclass(frozen=True, slots=True)
class Noise:
    """What a landmark source or a camera adds; zero by default.

    Attributes:
        landmark_sd_px: white noise of each landmark coordinate.
        drop_rate: share of landmarks that are missing.
        image_sd: sensor noise of the rendered image, grey levels.
        exposure_s: shutter time; longer ones blur motion.
        seed: selects the noise.
    """

    landmark_sd_px: float = 0.0
    drop_rate: float = 0.0
    image_sd: float = 0.0
    exposure_s: float = 0.0
    seed: int = 0


def world_landmarks(figure: Figure, height_m: float, head_turn_deg: float = 0.0) -> FloatArray:
    """Return all landmarks (LANDMARK_COUNT, 3) in metres of a runner who faces image right (near = RIGHT).

    ``head_turn_deg`` turns the face toward the camera (+); the crown stays.
    """
    points = np.empty((LANDMARK_COUNT, 3))
    for name, first in _FIRST.items():
        flat = getattr(figure, name)
        pair = flat if flat.ndim == 2 else np.stack((flat, flat))
        points[first, :2], points[first + 1, :2] = pair[1], pair[0]
        points[first, 2], points[first + 1, 2] = -LATERAL_BH[name], LATERAL_BH[name]
    points[Landmark.NOSE] = (*figure.nose, 0.0)
    points[Landmark.HEAD_TOP] = (*figure.crown, 0.0)
    if head_turn_deg != 0.0:
        face = np.array([(*NOSE_BH, 0.0), *((*at, z) for at, z in _FACE_BH)])
        points[_FACE] = in_head(figure, face, head_turn_deg)
    return points * height_m


def body_pose(
    t_s: float,
    figure: Figure,
    height_m: float,
    camera: Camera,
    mirrored: bool,
    noise: Noise,
    head_turn_deg: float = 0.0,
) -> BodyPose:
    """Return the projected landmarks; ``mirrored`` for a runner who faces image left."""
    seen_by = camera.mirrored() if mirrored else camera
    xy = seen_by.project(world_landmarks(figure, height_m, head_turn_deg))
    visibility = np.full(LANDMARK_COUNT, 0.99)
    visibility[list(_FIRST.values())] = 0.80
    if mirrored:
        xy = xy[MIRROR]
        xy[:, 0] = (camera.size_px[0] - 1) - xy[:, 0]
        visibility = visibility[MIRROR]
    if noise.landmark_sd_px > 0.0 or noise.drop_rate > 0.0:
        rng = np.random.default_rng((noise.seed, 31, abs(round(t_s * 1e6))))
        xy = xy + rng.standard_normal(xy.shape) * noise.landmark_sd_px
        dropped = rng.random(LANDMARK_COUNT) < noise.drop_rate
        xy[dropped] = np.nan
        visibility[dropped] = 0.0
    return BodyPose(t_s, xy, visibility, camera.size_px, markers=True)
