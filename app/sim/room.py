"""The room behind the runner: wall, floor and treadmill, painted once; the belt's marks move."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.sim.clutter import paint_clutter
from app.sim.extras import RailStyle
from app.sim.paint import bgr, fill
from app.sim.rails import BACK, FRONT, paint_parts

if TYPE_CHECKING:
    from app.coach.types import FloatArray, ImageArray
    from app.sim.camera import Camera
    from app.sim.look import Rgb

#: Treadmill, metres: half length and half width of the belt, width of the side rails, height of the deck.
BELT_HALF_M, BELT_SIDE_M, RAIL_M, DECK_M = 0.92, 0.26, 0.10, 0.17
HOOD_M = (0.92, 1.28)
MARK_EVERY_M, MARK_M = 0.46, 0.035
WALL_Z_M = -1.9
WALL_TOP: Rgb = (214, 219, 222)
WALL_LOW: Rgb = (232, 230, 226)
FLOOR_FAR: Rgb = (214, 198, 178)
FLOOR_NEAR: Rgb = (186, 167, 146)
SKIRTING: Rgb = (244, 243, 240)
PANEL: Rgb = (198, 206, 210)
BELT: Rgb = (52, 55, 60)
MARK: Rgb = (84, 88, 95)
DECK_TOP: Rgb = (120, 126, 132)
DECK_SIDE: Rgb = (74, 79, 86)
HOOD: Rgb = (92, 98, 106)
ACCENT: Rgb = (222, 120, 86)


def _quad(camera: Camera, corners: list[tuple[float, float, float]]) -> FloatArray:
    return camera.project(np.array(corners))


def _floor_strip(camera: Camera, x0: float, x1: float, z0: float, z1: float, y: float) -> FloatArray:
    return _quad(camera, [(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)])


class Room:
    """The still scenery of one camera and the moving belt on it."""

    def __init__(
        self,
        camera: Camera,
        rail: RailStyle = RailStyle.NONE,
        clutter: int | None = None,
        treadmills_m: tuple[tuple[float, float], ...] = (),
    ) -> None:
        """Paint the scenery; ``clutter`` is the seed of a cluttered wall, ``treadmills_m`` places (x, z) of more."""
        self._camera = camera
        # The room has four walls: the one that faces the camera most is the one in the picture.
        quarter = 90.0 * round(camera.yaw_deg / 90.0)
        facing_wall = replace(camera, yaw_deg=camera.yaw_deg - quarter)
        self._picture = _paint_room(facing_wall)
        if clutter is not None:
            paint_clutter(self._picture, facing_wall, clutter, WALL_Z_M, -DECK_M)
        for x_m, z_m in treadmills_m:
            _paint_treadmill(self._picture, camera.before(x_m, z_m))
        _paint_treadmill(self._picture, camera)
        paint_parts(self._picture, camera, BACK.get(rail, ()), -BELT_SIDE_M)
        self._rail = rail

    def picture(self, belt_travel_m: float) -> ImageArray:
        """Return a fresh copy of the scenery with the belt's marks where they are."""
        picture = self._picture.copy()
        offset = -(belt_travel_m % MARK_EVERY_M)
        count = int(2.0 * BELT_HALF_M / MARK_EVERY_M) + 2
        for k in range(count):
            x0 = -BELT_HALF_M + offset + k * MARK_EVERY_M
            a, b = max(-BELT_HALF_M, x0), min(BELT_HALF_M, x0 + MARK_M)
            if b > a:
                fill(picture, _floor_strip(self._camera, a, b, -BELT_SIDE_M, BELT_SIDE_M, 0.0), bgr(MARK))
        return picture

    def paint_front(self, picture: ImageArray) -> None:
        """Draw what stands before the runner, if wanted."""
        paint_parts(picture, self._camera, FRONT.get(self._rail, ()), BELT_SIDE_M + RAIL_M)


def _paint_room(camera: Camera) -> ImageArray:
    """Paint wall and floor with soft light."""
    width, height = camera.size_px
    edge = camera.project(np.array([(-6.0, -DECK_M, WALL_Z_M), (6.0, -DECK_M, WALL_Z_M)]))
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    slope = (edge[1, 1] - edge[0, 1]) / (edge[1, 0] - edge[0, 0])
    horizon = edge[0, 1] + slope * (xs - edge[0, 0])
    up = np.clip((horizon - ys) / height, 0.0, 1.0)[..., None]
    down = np.clip((ys - horizon) / (0.35 * height), 0.0, 1.0)[..., None]
    low, top = np.array(bgr(WALL_LOW), np.float32), np.array(bgr(WALL_TOP), np.float32)
    far, near = np.array(bgr(FLOOR_FAR), np.float32), np.array(bgr(FLOOR_NEAR), np.float32)
    wall = low + (top - low) * up
    floor = far + (near - far) * down
    is_floor = np.clip(ys - horizon + 0.5, 0.0, 1.0)[..., None]
    # A pool of light behind the runner, falling off to the corners.
    glow = np.exp(-(((xs / width - 0.47) / 0.42) ** 2) - ((ys / height - 0.36) / 0.62) ** 2)[..., None]
    picture = (wall * (1.0 - is_floor) + floor * is_floor) * (0.80 + 0.22 * glow)
    image: ImageArray = np.clip(picture + _grain(height, width), 0.0, 255.0).astype(np.uint8)
    scale = camera.focal / (camera.distance_m - WALL_Z_M)
    for y0, y1, colour in ((-DECK_M, -DECK_M + 0.10, SKIRTING), (-DECK_M + 0.10, -DECK_M + 0.112, PANEL)):
        corners = [(-6.0, y0, WALL_Z_M), (6.0, y0, WALL_Z_M), (6.0, y1, WALL_Z_M), (-6.0, y1, WALL_Z_M)]
        _tint(image, _quad(camera, corners), colour, 0.75)
    for x in np.arange(-4.2, 4.3, 1.2):
        line = 0.008 * max(1.0, 160.0 / scale)
        corners = [(x, -DECK_M + 0.11, WALL_Z_M), (x + line, -DECK_M + 0.11, WALL_Z_M),
                   (x + line, 4.0, WALL_Z_M), (x, 4.0, WALL_Z_M)]  # fmt: skip
        _tint(image, _quad(camera, corners), PANEL, 0.5)
    return image


def _grain(height: int, width: int) -> FloatArray:
    """Return a still, barely visible texture (H, W, 1) that keeps gradients from banding."""
    return np.random.default_rng(7).normal(0.0, 1.1, (height, width, 1))


def _tint(image: ImageArray, outline: FloatArray, colour: Rgb, strength: float) -> None:
    over = image.copy()
    fill(over, outline, bgr(colour))
    cv2.addWeighted(over, strength, image, 1.0 - strength, 0.0, dst=image)


def _paint_treadmill(image: ImageArray, camera: Camera) -> None:
    """Paint deck, belt, hood and the shadow on the floor."""
    end, side, out = BELT_HALF_M, BELT_SIDE_M, BELT_SIDE_M + RAIL_M
    shade: ImageArray = np.zeros(image.shape[:2], np.uint8)
    under = _floor_strip(camera, -end - 0.12, HOOD_M[1] + 0.1, -out - 0.1, out + 0.14, -DECK_M)
    fill(shade, under, (150.0,))
    sigma = max(1.0, 0.05 * camera.focal / camera.distance_m)
    soft = np.asarray(cv2.GaussianBlur(shade, (0, 0), sigma), dtype=np.float32)
    image[:] = (image * (1.0 - soft[..., None] / 255.0 * 0.75)).astype(np.uint8)
    fill(image, _floor_strip(camera, -end - 0.06, HOOD_M[0], -out, out, 0.0), bgr(DECK_TOP))
    fill(image, _floor_strip(camera, -end, HOOD_M[0], -side, side, 0.0), bgr(BELT))
    front = [(-end - 0.06, 0.0, out), (HOOD_M[1], 0.0, out), (HOOD_M[1] - 0.04, -DECK_M + 0.03, out),
             (-end, -DECK_M + 0.03, out)]  # fmt: skip
    fill(image, _quad(camera, front), bgr(DECK_SIDE))
    light = [(-end - 0.06, 0.0, out), (HOOD_M[1], 0.0, out), (HOOD_M[1], -0.014, out), (-end - 0.06, -0.014, out)]
    fill(image, _quad(camera, light), bgr(DECK_TOP, 1.25))
    line = [(-end, -0.078, out), (HOOD_M[1] - 0.03, -0.078, out), (HOOD_M[1] - 0.035, -0.09, out),
            (-end, -0.09, out)]  # fmt: skip
    fill(image, _quad(camera, line), bgr(ACCENT))
    hood_top = [(HOOD_M[0], 0.0, -out), (HOOD_M[0], 0.0, out), (HOOD_M[0] + 0.1, 0.075, out),
                (HOOD_M[0] + 0.1, 0.075, -out)]  # fmt: skip
    fill(image, _quad(camera, hood_top), bgr(HOOD, 1.15))
    hood = [(HOOD_M[0], 0.0, out), (HOOD_M[0] + 0.1, 0.075, out), (HOOD_M[1] - 0.03, 0.06, out),
            (HOOD_M[1], 0.0, out)]  # fmt: skip
    fill(image, _quad(camera, hood), bgr(HOOD))
