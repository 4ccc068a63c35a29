"""A cluttered gym wall: posters, a bright window, a shelf, a dumbbell rack, plants, at head and leg level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.sim.paint import bgr, fill

if TYPE_CHECKING:
    from app.coach.types import FloatArray, ImageArray
    from app.sim.camera import Camera
    from app.sim.look import Rgb

#: Width of the wall that is furnished, m, to both sides of the runner.
HALF_M = 3.6
SLOT_M = 0.9
POSTERS: tuple[Rgb, ...] = ((186, 62, 52), (46, 96, 148), (232, 190, 70), (64, 120, 84), (40, 42, 50), (214, 140, 96))
WOOD: Rgb = (148, 108, 74)
IRON: Rgb = (44, 46, 52)
CHROME: Rgb = (150, 154, 160)
FRAME: Rgb = (90, 94, 98)
SKY: Rgb = (250, 252, 255)
POT: Rgb = (168, 96, 70)
LEAF: Rgb = (62, 104, 66)


class _Wall:
    """Draws flat things on (or just before) the wall."""

    def __init__(self, image: ImageArray, camera: Camera, z_m: float, floor_m: float) -> None:
        self.image, self.camera, self.z_m, self.floor_m = image, camera, z_m, floor_m

    def outline(self, points: list[tuple[float, float]] | FloatArray, colour: Rgb) -> None:
        """Fill an outline of wall points (x, y over the floor), m."""
        flat = np.asarray(points, dtype=np.float64)
        world = np.column_stack((flat[:, 0], flat[:, 1] + self.floor_m, np.full(len(flat), self.z_m)))
        fill(self.image, self.camera.project(world), bgr(colour))

    def box(self, x: float, y: float, width: float, height: float, colour: Rgb) -> None:
        """Fill a rectangle with its lower left corner at (x, y)."""
        self.outline([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour)

    def disc(self, x: float, y: float, radius: float, colour: Rgb) -> None:
        """Fill a disc."""
        a = np.linspace(0.0, 2.0 * np.pi, 25)[:-1]
        self.outline(np.column_stack((x + radius * np.cos(a), y + radius * np.sin(a))), colour)


def paint_clutter(image: ImageArray, camera: Camera, seed: int, wall_z_m: float, floor_m: float) -> None:
    """Furnish the wall: something above and something below in each slot of `SLOT_M`; determined by the seed."""
    rng = np.random.default_rng((seed, 61))
    wall = _Wall(image, camera, wall_z_m + 0.05, floor_m)
    slots = np.arange(-HALF_M, HALF_M - 0.5 * SLOT_M, SLOT_M)
    high = [_posters, _window, _shelf, _posters]
    low = [_rack, _plant, _locker, _bench]
    above, below = rng.permutation(len(high)), rng.permutation(len(low))
    for k, x in enumerate(slots):
        high[above[k % len(high)]](wall, float(x), rng)
        low[below[k % len(low)]](wall, float(x), rng)


def _posters(wall: _Wall, x: float, rng: np.random.Generator) -> None:
    for row in range(2):
        width, height = 0.38 + 0.25 * rng.random(), 0.42 + 0.2 * rng.random()
        x0, y0 = x + 0.1 + 0.15 * rng.random(), 1.05 + 0.68 * row
        ground, figure = (POSTERS[i] for i in rng.choice(len(POSTERS), 2, replace=False))
        wall.box(x0, y0, width, height, ground)
        wall.disc(x0 + width * 0.5, y0 + height * 0.62, 0.28 * width, figure)
        for line in range(3):
            wall.box(x0 + 0.04, y0 + 0.04 + 0.05 * line, (0.3 + 0.5 * rng.random()) * width, 0.022, (240, 238, 232))


def _window(wall: _Wall, x: float, rng: np.random.Generator) -> None:
    wall.box(x + 0.04, 1.0, 0.82, 1.35, FRAME)
    for column in range(2):
        for row in range(2):
            wall.box(x + 0.08 + 0.38 * column, 1.05 + 0.64 * row, 0.36, 0.61, SKY)
    # A roof line outside.
    edge = 1.15 + 0.2 * rng.random()
    wall.outline([(x + 0.08, 1.05), (x + 0.44, 1.05), (x + 0.44, edge + 0.12), (x + 0.08, edge)], (178, 196, 206))


def _shelf(wall: _Wall, x: float, rng: np.random.Generator) -> None:
    for level in (1.05, 1.45, 1.85):
        wall.box(x + 0.04, level, 0.82, 0.04, WOOD)
        at = x + 0.06
        while at < x + 0.74:
            width, height = 0.04 + 0.08 * rng.random(), 0.14 + 0.18 * rng.random()
            wall.box(at, level + 0.04, width, height, POSTERS[int(rng.integers(len(POSTERS)))])
            at += width + 0.015 + 0.08 * (rng.random() < 0.3)


def _rack(wall: _Wall, x: float, rng: np.random.Generator) -> None:
    for level in (0.22, 0.62):
        wall.box(x + 0.02, level - 0.05, 0.86, 0.05, IRON)
        for k in range(4):
            cx, r = x + 0.13 + 0.21 * k, 0.060 + 0.03 * rng.random()
            wall.box(cx - 0.08, level + r - 0.02, 0.16, 0.04, CHROME)
            for side in (-1.0, 1.0):
                wall.disc(cx + 0.055 * side, level + r, r, IRON)
                wall.disc(cx + 0.055 * side, level + r, 0.4 * r, CHROME)
    wall.box(x + 0.02, 0.0, 0.05, 0.9, IRON)
    wall.box(x + 0.83, 0.0, 0.05, 0.9, IRON)


def _plant(wall: _Wall, x: float, rng: np.random.Generator) -> None:
    cx = x + 0.45
    wall.outline([(cx - 0.13, 0.0), (cx + 0.13, 0.0), (cx + 0.18, 0.32), (cx - 0.18, 0.32)], POT)
    for angle in np.linspace(-1.1, 1.1, 9) + 0.15 * rng.standard_normal(9):
        length = 0.45 + 0.3 * rng.random()
        tip = np.array((cx + length * np.sin(angle), 0.32 + length * np.cos(angle)))
        base = np.array((cx, 0.30))
        across = np.array((np.cos(angle), -np.sin(angle))) * 0.045
        middle = 0.45 * base + 0.55 * tip
        shade = 0.75 + 0.5 * rng.random()
        leaf = (round(LEAF[0] * shade), round(LEAF[1] * shade), round(LEAF[2] * shade))
        wall.outline(np.stack((base, middle + across, tip, middle - across)), leaf)


def _locker(wall: _Wall, x: float, rng: np.random.Generator) -> None:
    for k in range(2):
        colour = POSTERS[int(rng.integers(len(POSTERS)))]
        wall.box(x + 0.05 + 0.41 * k, 0.02, 0.38, 0.90, colour)
        wall.box(x + 0.36 + 0.41 * k, 0.42, 0.03, 0.10, CHROME)
        for slit in range(3):
            wall.box(x + 0.12 + 0.41 * k, 0.74 + 0.045 * slit, 0.22, 0.015, IRON)


def _bench(wall: _Wall, x: float, rng: np.random.Generator) -> None:
    wall.box(x + 0.05, 0.40, 0.80, 0.09, IRON)
    wall.box(x + 0.12, 0.0, 0.06, 0.40, CHROME)
    wall.box(x + 0.72, 0.0, 0.06, 0.40, CHROME)
    # A bag and a pair of rolled towels on it.
    wall.box(x + 0.15, 0.49, 0.34, 0.22, POSTERS[int(rng.integers(len(POSTERS)))])
    for k in range(2):
        wall.disc(x + 0.60 + 0.13 * k, 0.55, 0.06, (236, 232, 226))
