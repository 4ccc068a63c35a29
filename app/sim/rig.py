"""The figure's joints in the picture: projected once per image, with the local scale of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.coach.types import FloatArray
from app.sim.body import FAR, NEAR, in_head, rotated
from app.sim.landmarks import LATERAL_BH

if TYPE_CHECKING:
    from app.sim.body import Figure
    from app.sim.camera import Camera

_JOINTS = ("shoulder", "elbow", "wrist", "hand", "hip", "knee", "ankle")
_FRAME = np.array(((0.0, 0.0), (0.1, 0.0), (0.0, 0.1)))


@dataclass(frozen=True, slots=True, eq=False)
class Rig:
    """Projected joints.

    Attributes:
        joint: name -> (2, 2) px, near then far.
        hip, shoulder: mid points (2,) px.
        scale: px per BH at the near side, the far side and the middle.
        head, ear: affine frames (3, 2) px of the head's middle and of the near ear: origin, two axes of 1 BH.
        foot: such frames of the near and the far foot.
        frontal: sine of the camera's yaw: 0 side view, 1 from the front, -1 from behind.
        head_frontal: the same for the head, which may be turned.
        head_forward: BH to the image right per BH to the face (cosine of that angle) of a turned head; 0 if not turned.
    """

    joint: dict[str, FloatArray]
    hip: FloatArray
    shoulder: FloatArray
    scale: tuple[float, float, float]
    head: FloatArray
    ear: FloatArray
    foot: tuple[FloatArray, FloatArray]
    frontal: float
    head_frontal: float
    head_forward: float

    @classmethod
    def of(cls, figure: Figure, height_m: float, camera: Camera, head_turn_deg: float = 0.0) -> Rig:
        """Project a figure (facing image right, head turned toward the camera) with all it takes to draw it."""
        rows: list[FloatArray] = []
        for name in _JOINTS:
            flat = getattr(figure, name)
            for leg, sign in ((NEAR, 1.0), (FAR, -1.0)):
                point = flat if flat.ndim == 1 else flat[leg]
                rows.append(np.array((point[0], point[1], sign * LATERAL_BH[name])))
        for point in (figure.hip, figure.shoulder):
            rows.append(np.array((point[0], point[1], 0.0)))
        for z in (0.0, LATERAL_BH["ear"]):
            local = np.column_stack((_FRAME, np.full(3, z)))
            rows.extend(in_head(figure, local, head_turn_deg))
        frames = (
            (figure.ankle[NEAR], figure.angles.pitch_deg[NEAR], LATERAL_BH["ankle"]),
            (figure.ankle[FAR], figure.angles.pitch_deg[FAR], -LATERAL_BH["ankle"]),
        )
        for origin, angle_deg, z in frames:
            rows.extend(np.array((x, y, z)) for x, y in origin + rotated(_FRAME, angle_deg))
        world = np.stack(rows) * height_m
        px = camera.project(world)
        depth = camera.depth(world)
        pixel = camera.focal * height_m
        n = len(_JOINTS)
        joint = {name: px[2 * i : 2 * i + 2] for i, name in enumerate(_JOINTS)}
        base = 2 * n + 2
        affine = [_frame(px[base + 3 * i : base + 3 * i + 3]) for i in range(4)]
        hip_row = 2 * _JOINTS.index("hip")
        return cls(
            joint=joint,
            hip=px[2 * n],
            shoulder=px[2 * n + 1],
            scale=(pixel / depth[hip_row], pixel / depth[hip_row + 1], pixel / depth[2 * n]),
            head=affine[0],
            ear=affine[1],
            foot=(affine[2], affine[3]),
            frontal=math.sin(math.radians(camera.yaw_deg)),
            head_frontal=math.sin(math.radians(camera.yaw_deg + head_turn_deg)),
            head_forward=math.cos(math.radians(camera.yaw_deg + head_turn_deg)) if head_turn_deg else 0.0,
        )


def _frame(three_px: FloatArray) -> FloatArray:
    return np.stack((three_px[0], (three_px[1] - three_px[0]) * 10.0, (three_px[2] - three_px[0]) * 10.0))


def placed(frame: FloatArray, contour: FloatArray) -> FloatArray:
    """Return a contour (N, 2) of a body part's frame (BH) as px."""
    outline: FloatArray = frame[0] + contour @ frame[1:]
    return outline
