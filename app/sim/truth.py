"""What is true of the virtual runner at an instant: the answers that measurements are checked against."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from app.sim.body import STANDING_TRUNK_DEG, Figure

if TYPE_CHECKING:
    from app.coach.types import FloatArray


class Side(StrEnum):
    """A leg, by anatomy."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Contact:
    """One true ground contact of a running foot."""

    side: Side
    initial_contact_s: float
    toe_off_s: float

    @property
    def duration_s(self) -> float:
        """Contact time."""
        return self.toe_off_s - self.initial_contact_s


@dataclass(frozen=True, slots=True)
class Truth:
    """The body's true state; angles as defined in the biomechanics reference, part D, pairs (left, right).

    Attributes:
        t_s: time.
        phase: "standing", "transition", "stance", "flight", "hold", "move" or "march".
        stance_side: the leg on the ground (in flight: the leg that left it last), None unless running.
        in_contact: whether a running foot is on the belt; always true when not running.
        trunk_lean_deg: hip -> shoulder inclination relative to relaxed standing, forward +.
        line_lean_deg: ear over rear toe (running) or rear ankle, inclination, absolute, forward +.
        line_offset_bh: hip ahead (+) of that line, fraction of body height, absolute.
        hip_flexion_deg: trunk lean + thigh angle.
        knee_flexion_deg: relative to relaxed standing.
        shank_deg: knee ahead of ankle +.
        ear_height_m, hip_height_m, head_top_m: over the belt.
        ear_drop_bh: ear below relaxed standing, fraction of body height.
        depth_m: how far the runner has drifted toward the camera.
        head_turn_deg: the face, + toward the camera.
    """

    t_s: float
    phase: str
    stance_side: Side | None
    in_contact: bool
    trunk_lean_deg: float
    line_lean_deg: float
    line_offset_bh: float
    hip_flexion_deg: tuple[float, float]
    knee_flexion_deg: tuple[float, float]
    shank_deg: tuple[float, float]
    ear_height_m: float
    hip_height_m: float
    head_top_m: float
    ear_drop_bh: float
    depth_m: float = 0.0
    head_turn_deg: float = 0.0


def inclination_deg(low: FloatArray, high: FloatArray) -> float:
    """Return the inclination of the line from ``low`` to ``high``, forward +, deg."""
    return math.degrees(math.atan2(float(high[0] - low[0]), float(high[1] - low[1])))


def line_of(figure: Figure, foot: FloatArray) -> tuple[float, float]:
    """Return (inclination in deg, hip offset in BH, hip ahead +) of the line from the foot to the ear."""
    along = figure.ear - foot
    u = along / np.hypot(*along)
    hip = figure.hip - foot
    return inclination_deg(foot, figure.ear), float(hip[0] * u[1] - hip[1] * u[0])


def measure(
    t_s: float,
    figure: Figure,
    standing: Figure,
    *,
    height_m: float,
    phase: str,
    stance_side: Side | None,
    in_contact: bool,
    running: bool,
    near_is_right: bool,
) -> Truth:
    """Return the truth of a figure (BH) of a runner of ``height_m``; ``standing`` is the zero of the angles."""
    angles = figure.angles
    trunk = angles.trunk_deg - STANDING_TRUNK_DEG
    hip = [trunk + a for a in angles.thigh_deg]
    zero = [a + s for a, s in zip(standing.angles.thigh_deg, standing.angles.shank_deg, strict=True)]
    knee = [a + s - z for a, s, z in zip(angles.thigh_deg, angles.shank_deg, zero, strict=True)]
    feet = figure.toe if running else figure.ankle
    rear = feet[int(np.argmin(feet[:, 0]))]
    line_lean, line_offset = line_of(figure, rear)

    def sides(near: float, far: float) -> tuple[float, float]:
        return (far, near) if near_is_right else (near, far)

    return Truth(
        t_s=t_s,
        phase=phase,
        stance_side=stance_side,
        in_contact=in_contact,
        trunk_lean_deg=trunk,
        line_lean_deg=line_lean,
        line_offset_bh=line_offset,
        hip_flexion_deg=sides(hip[0], hip[1]),
        knee_flexion_deg=sides(knee[0], knee[1]),
        shank_deg=sides(*angles.shank_deg),
        ear_height_m=float(figure.ear[1]) * height_m,
        hip_height_m=float(figure.hip[1]) * height_m,
        head_top_m=float(figure.crown[1]) * height_m,
        ear_drop_bh=float(standing.ear[1] - figure.ear[1]),
    )
