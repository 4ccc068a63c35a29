"""The upper parts of the treadmill, before and behind the runner: hand rails, handle, post and console."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.sim.extras import RailStyle
from app.sim.paint import bgr, fill

if TYPE_CHECKING:
    from app.coach.types import ImageArray
    from app.sim.camera import Camera
    from app.sim.look import Rgb

POST: Rgb = (74, 79, 86)
STEEL: Rgb = (96, 102, 110)
CONSOLE: Rgb = (92, 98, 106)
SCREEN: Rgb = (222, 120, 86)
PAD: Rgb = (38, 40, 46)
PAD_LIGHT: Rgb = (52, 55, 62)

#: Outlines (x forward, y up), metres, and colours, in drawing order.
Parts = tuple[tuple[tuple[tuple[float, float], ...], "Rgb"], ...]
_CONSOLE: Parts = (
    (((1.02, 0.96), (1.08, 0.97), (1.16, 0.0), (1.09, 0.0)), POST),
    (((1.00, 0.96), (1.14, 0.95), (1.27, 1.27), (1.21, 1.30)), CONSOLE),
    (((1.02, 0.985), (1.045, 0.985), (1.215, 1.285), (1.205, 1.29)), SCREEN),
)
_RAIL: Parts = (
    _CONSOLE[0],
    (((0.06, 0.875), (0.10, 0.885), (1.12, 0.985), (1.12, 0.94), (0.06, 0.84)), STEEL),
    *_CONSOLE[1:],
)
_HIPS: Parts = (
    (((-0.86, 0.90), (-0.80, 0.90), (-0.80, 0.0), (-0.86, 0.0)), POST),
    _CONSOLE[0],
    (((-0.88, 0.955), (1.12, 0.975), (1.12, 0.925), (-0.88, 0.905)), STEEL),
    *_CONSOLE[1:],
)
#: A padded arm behind the runner's hip that ends in a tilted console, clear of its post: as long and thick as a leg
#: kicked forward with a foot at its end. Made to deceive: the pose network takes it for a leg. Measured at 720p,
#: running, 75 frames each, facing right / left, as frames with an ankle ahead of the hip and < 0.5 trunk below it or
#: > 1.3 trunk ahead (13 % in a real clip with such a treadmill): look "ember" 7 / 13 %, "lake" 3 / 3 %, "dawn" 0 / 7 %;
#: a foot over half a trunk from its place: 41 / 39 %, 16 / 21 %, 9 / 31 % ("ember" without the handle: 2 %). While the
#: runner stands, one leg behind the other, nearly every frame. A thicker, straighter arm, or one that touches its
#: post, is hardly ever mistaken.
_HANDLE: Parts = (
    (((0.86, 0.88), (1.06, 0.93), (1.34, -0.06), (1.14, -0.06)), POST),
    (((-0.05, 0.86), (-0.05, 1.04), (0.25, 1.03), (0.45, 0.99), (0.62, 1.02), (0.80, 1.09), (0.84, 1.01),
      (0.66, 0.93), (0.45, 0.88), (0.25, 0.87)), PAD),
    (((0.78, 1.12), (0.82, 0.99), (0.90, 1.02), (1.00, 1.20), (1.00, 1.27), (0.94, 1.28), (0.84, 1.20)), PAD_LIGHT),
)  # fmt: skip
#: What stands before the runner, and what behind.
FRONT: dict[RailStyle, Parts] = {RailStyle.RAIL: _RAIL, RailStyle.HIPS: _HIPS}
BACK: dict[RailStyle, Parts] = {RailStyle.HANDLE: _HANDLE}


def paint_parts(picture: ImageArray, camera: Camera, parts: Parts, z_m: float) -> None:
    """Draw parts over the picture, in the plane ``z_m`` toward the camera."""
    for corners, colour in parts:
        world = np.array([(x, y, z_m) for x, y in corners])
        fill(picture, camera.project(world), bgr(colour))
