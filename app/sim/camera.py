"""A pinhole camera beside the treadmill."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from app.coach.errors import WorldError
from app.coach.types import FloatArray

#: What is brought to the picture's middle, as a share of the stature: body and treadmill together.
BODY_MIDDLE = 0.47


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera that looks at the runner's place from the side.

    World: x = image right, y up from the belt, z toward the camera, metres; the camera orbits the vertical axis
    through ``target_x_m``. Pixel centres have whole coordinates, so the optical axis meets pixel ((W-1)/2, (H-1)/2).

    Attributes:
        size_px: (width, height).
        height_m: of the lens over the belt; the axis is level.
        distance_m: from the runner's middle plane.
        yaw_deg: orbit of the camera; + moves it to the image-right side of the runner.
        roll_deg: rotation of the camera about its axis; + turns the picture counter-clockwise.
        focal_px: focal length; the default is a laptop camera's (70 degrees wide at 1280 px).
        target_x_m, target_z_m: place the axis goes through and the camera orbits; 0, 0 is the runner's.
        shift_px: lens shift: how far the picture is moved up, as a laptop's tilted lid does, without converging lines;
            by default as far as brings an adult's middle to the picture's.
        shift_x_px: the same, to the right.
    """

    size_px: tuple[int, int] = (1280, 720)
    height_m: float = 1.1
    distance_m: float = 3.0
    yaw_deg: float = 0.0
    roll_deg: float = 0.0
    focal_px: float | None = None
    target_x_m: float = 0.0
    shift_px: float | None = None
    target_z_m: float = 0.0
    shift_x_px: float = 0.0

    def __post_init__(self) -> None:
        if min(self.size_px) < 16:
            raise WorldError(f"image size must be at least 16 px, got {self.size_px}")
        if self.distance_m < 0.5:
            raise WorldError(f"the camera must be at least 0.5 m away, got {self.distance_m:g} m")

    @classmethod
    def framing(
        cls,
        size_px: tuple[int, int] = (1280, 720),
        body_fraction: float = 0.75,
        height_m: float = 1.1,
        stature_m: float = 1.78,
        distance_m: float = 3.0,
        yaw_deg: float = 0.0,
        roll_deg: float = 0.0,
    ) -> Camera:
        """Return a camera that shows a standing body over ``body_fraction`` of the frame's height.

        The lens stays at ``distance_m`` and ``height_m``; the focal length gives the size, the lens shift the place:
        body and treadmill together in the middle.
        """
        focal_px = body_fraction * size_px[1] * distance_m / stature_m
        shift_px = (height_m - BODY_MIDDLE * stature_m) * focal_px / distance_m
        return cls(size_px, height_m, distance_m, yaw_deg, roll_deg, focal_px, shift_px=shift_px)

    @property
    def focal(self) -> float:
        """Focal length in px."""
        return self.focal_px if self.focal_px is not None else 0.711 * max(self.size_px)

    @property
    def shift(self) -> float:
        """Lens shift in px."""
        if self.shift_px is not None:
            return self.shift_px
        return (self.height_m - BODY_MIDDLE * 1.78) * self.focal / self.distance_m

    def mirrored(self) -> Camera:
        """Return the camera that sees the mirror image."""
        return replace(
            self,
            yaw_deg=-self.yaw_deg,
            roll_deg=-self.roll_deg,
            target_x_m=-self.target_x_m,
            shift_x_px=-self.shift_x_px,
        )

    def before(self, x_m: float, z_m: float, y_m: float = 0.0) -> Camera:
        """Return the camera that sees a thing at the origin where this one sees it at (x_m, y_m, z_m)."""
        x, z = self.target_x_m - x_m, self.target_z_m - z_m
        return replace(self, target_x_m=x, target_z_m=z, height_m=self.height_m - y_m, shift_px=self.shift)

    def depth(self, points_m: FloatArray) -> FloatArray:
        """Return the distance (N,) in metres of points (N, 3) from the lens along the axis."""
        a = math.radians(self.yaw_deg)
        x, z = points_m[:, 0] - self.target_x_m, points_m[:, 2] - self.target_z_m
        return self.distance_m - (x * math.sin(a) + z * math.cos(a))

    def project(self, points_m: FloatArray) -> FloatArray:
        """Return the image points (N, 2) in px of world points (N, 3) in metres."""
        points = np.asarray(points_m, dtype=np.float64)
        a, r = math.radians(self.yaw_deg), math.radians(self.roll_deg)
        along = (points[:, 0] - self.target_x_m) * math.cos(a) - (points[:, 2] - self.target_z_m) * math.sin(a)
        scale = self.focal / np.maximum(self.depth(points), 0.05)
        x, y = scale * along + self.shift_x_px, -scale * (points[:, 1] - self.height_m) - self.shift
        width, height = self.size_px
        return np.stack(
            (
                0.5 * (width - 1) + x * math.cos(r) + y * math.sin(r),
                0.5 * (height - 1) - x * math.sin(r) + y * math.cos(r),
            ),
            axis=1,
        )
