"""The virtual runner's body: constant segment lengths, forward kinematics, the rolling foot.

Lengths are fractions of body height (BH) from the canonical poses of the biomechanics reference (part D1), in
the sagittal plane: x forward, y up, origin on the floor. Angles in degrees: trunk and neck inclination forward
+, thigh knee-forward +, shank knee-ahead-of-ankle +, foot pitch toe-up +. Leg index 0 is nearest the camera.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from app.coach.types import FloatArray

NEAR, FAR = 0, 1
THIGH_BH, SHANK_BH, ANKLE_HEIGHT_BH = 0.245, 0.240, 0.062
TRUNK_BH, NECK_BH = 0.290, 0.087
UPPER_ARM_BH, FOREARM_BH, HAND_BH = 0.172, 0.150, 0.055
#: Landmarks of the foot, from the ankle, sole flat (D1).
HEEL_BH, TOE_BH = (-0.044, -0.030), (0.118, -0.034)
#: Convex contour of the sole from the ankle, heel to toe; the foot rolls over it without slipping.
SOLE_BH = ((-0.055, -0.052), (-0.048, -0.062), (0.090, -0.062), (0.114, -0.0590), (0.126, -0.0540), (0.131, -0.0480))
#: Trunk and neck of relaxed standing (D1 "neutral"), deg.
STANDING_TRUNK_DEG, STANDING_NECK_DEG = -2.0, 7.0
#: Cranium: centre from the ear and semi-axes in the head's own frame. The crown is 0.0773 BH over the ear,
#: so that a standing body measures 1 BH.
CRANIUM_CENTRE_BH, CRANIUM_AXES_BH = (-0.004, 0.0235), (0.0560, 0.0538)
NOSE_BH, EYE_BH = (0.067, -0.006), (0.049, 0.013)

_SOLE = np.asarray(SOLE_BH)
_SOLE_ARC = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(_SOLE, axis=0).T))))


@dataclass(frozen=True, slots=True)
class Angles:
    """Every joint angle of one instant, deg, absolute in the sagittal plane; pairs are (near, far)."""

    trunk_deg: float
    neck_deg: float
    thigh_deg: tuple[float, float]
    shank_deg: tuple[float, float]
    pitch_deg: tuple[float, float]
    upper_arm_deg: tuple[float, float]
    forearm_deg: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """Joint centres of one instant, BH, (2,) or (near/far, 2) arrays; ``head_pitch_deg`` nose-down +."""

    angles: Angles
    hip: FloatArray
    shoulder: FloatArray
    ear: FloatArray
    head_pitch_deg: float
    knee: FloatArray
    ankle: FloatArray
    heel: FloatArray
    toe: FloatArray
    elbow: FloatArray
    wrist: FloatArray
    hand: FloatArray
    nose: FloatArray
    eye: FloatArray
    crown: FloatArray


def up_vector(inclination_deg: float) -> FloatArray:
    """Return the unit vector of a segment that points up, inclined forward by the angle."""
    a = math.radians(inclination_deg)
    return np.array((math.sin(a), math.cos(a)))


def down_vector(angle_deg: float) -> FloatArray:
    """Return the unit vector of a segment that hangs down, swung forward by the angle."""
    a = math.radians(angle_deg)
    return np.array((math.sin(a), -math.cos(a)))


def rotated(point: tuple[float, float] | FloatArray, angle_deg: float) -> FloatArray:
    """Return points (..., 2) turned by the angle, forward end up +."""
    a = math.radians(angle_deg)
    c, s = math.cos(a), math.sin(a)
    turned: FloatArray = np.asarray(point, dtype=np.float64) @ np.array(((c, s), (-s, c)))
    return turned


def rolled_ankle(pitch_deg: float) -> FloatArray:
    """Return the ankle (2,) BH of a foot rolling on the floor without slip, from a fixed mark on the floor.

    The sole is a convex polygon, so the touching vertex depends on the pitch alone and the rolled distance is the
    length of sole up to it.
    """
    turned = rotated(_SOLE, pitch_deg)
    k = int(np.argmin(turned[:, 1]))
    return np.array((_SOLE_ARC[k] - turned[k, 0], -turned[k, 1]))


def sole_low(pitch_deg: float) -> float:
    """Return the lowest point of the sole relative to the ankle, BH (negative)."""
    return float(rotated(_SOLE, pitch_deg)[:, 1].min())


def hip_over_ankle(thigh_deg: float, shank_deg: float) -> FloatArray:
    """Return the vector ankle -> hip (2,), BH."""
    return SHANK_BH * up_vector(shank_deg) - THIGH_BH * down_vector(thigh_deg)


def solve_leg(hip: FloatArray, ankle: FloatArray) -> tuple[float, float]:
    """Return (thigh, shank) in degrees that join hip and ankle with the knee forward.

    Two-link inverse kinematics by the cosine rule; a distance beyond the leg's reach gives the straight leg.
    """
    dx, dy = float(hip[0] - ankle[0]), float(hip[1] - ankle[1])
    reach_sq = dx * dx + dy * dy
    line_deg = math.degrees(math.atan2(dx, dy))
    d = math.sqrt(reach_sq)
    cos_shank = (reach_sq + SHANK_BH**2 - THIGH_BH**2) / (2.0 * d * SHANK_BH)
    cos_thigh = (reach_sq + THIGH_BH**2 - SHANK_BH**2) / (2.0 * d * THIGH_BH)
    at_ankle_deg = math.degrees(math.acos(min(1.0, max(-1.0, cos_shank))))
    at_hip_deg = math.degrees(math.acos(min(1.0, max(-1.0, cos_thigh))))
    return at_hip_deg - line_deg, line_deg + at_ankle_deg


def lift_clear(hip_y: float, angles: Angles, leg: int) -> Angles:
    """Return the angles with a swinging leg bent just enough that its sole stays over the floor (y = 0).

    Newton steps along the directions that raise the foot: thigh forward, shank back.
    """
    thigh, shank = angles.thigh_deg[leg], angles.shank_deg[leg]
    low = sole_low(angles.pitch_deg[leg])
    changed = False
    for _ in range(4):
        a, s = math.radians(thigh), math.radians(shank)
        height = hip_y - THIGH_BH * math.cos(a) - SHANK_BH * math.cos(s) + low
        if height > -1e-5:
            break
        raise_thigh, raise_shank = max(0.0, math.sin(a)), max(0.0, math.sin(s))
        rate = THIGH_BH * raise_thigh**2 + SHANK_BH * raise_shank**2
        turn = math.degrees(min(0.2, -height / max(rate, 0.01)))
        thigh, shank, changed = thigh + turn * raise_thigh, shank + turn * raise_shank, True
    if not changed:
        return angles
    thighs, shanks = list(angles.thigh_deg), list(angles.shank_deg)
    thighs[leg], shanks[leg] = thigh, shank
    return replace(angles, thigh_deg=(thighs[0], thighs[1]), shank_deg=(shanks[0], shanks[1]))


def crown_over_ear(head_pitch_deg: float) -> FloatArray:
    """Return the highest point of the cranium from the ear (2,), BH."""
    centre = rotated(CRANIUM_CENTRE_BH, -head_pitch_deg)
    a = math.radians(head_pitch_deg)
    ax, ay = CRANIUM_AXES_BH
    top = math.hypot(ax * math.sin(a), ay * math.cos(a))
    # The tangent point of a rotated ellipse: support function's derivative.
    side = (ay * ay - ax * ax) * math.sin(a) * math.cos(a) / top
    return np.array((centre[0] + side, centre[1] + top))


def in_head(figure: Figure, local_bh: FloatArray, turn_deg: float) -> FloatArray:
    """Return points (N, 3), BH, of a head turned about its own upright axis through the ears' middle.

    ``local_bh`` (N, 3) are points of the head's frame: to the face, to the crown, toward the camera; ``turn_deg``
    is + toward the camera.
    """
    a = math.radians(turn_deg)
    c, s = math.cos(a), math.sin(a)
    x, y, z = np.asarray(local_bh, dtype=np.float64).T
    flat = figure.ear + rotated(np.column_stack((x * c - z * s, y)), -figure.head_pitch_deg)
    return np.column_stack((flat, x * s + z * c))


def pose_figure(angles: Angles, hip: FloatArray) -> Figure:
    """Return the joint centres for the angles with the hip at a given place (2,), BH."""
    thigh = np.array([down_vector(a) for a in angles.thigh_deg]) * THIGH_BH
    shank = -np.array([up_vector(a) for a in angles.shank_deg]) * SHANK_BH
    knee = hip + thigh
    ankle = knee + shank
    heel = ankle + np.array([rotated(HEEL_BH, p) for p in angles.pitch_deg])
    toe = ankle + np.array([rotated(TOE_BH, p) for p in angles.pitch_deg])
    shoulder = hip + TRUNK_BH * up_vector(angles.trunk_deg)
    ear = shoulder + NECK_BH * up_vector(angles.neck_deg)
    # Runners keep their gaze ahead: the head follows about a third of the neck's lean.
    head_pitch_deg = 0.35 * (angles.neck_deg - STANDING_NECK_DEG)
    elbow = shoulder + UPPER_ARM_BH * np.array([down_vector(a) for a in angles.upper_arm_deg])
    fore = np.array([down_vector(a) for a in angles.forearm_deg])
    wrist = elbow + FOREARM_BH * fore
    return Figure(
        angles=angles,
        hip=hip,
        shoulder=shoulder,
        ear=ear,
        head_pitch_deg=head_pitch_deg,
        knee=knee,
        ankle=ankle,
        heel=heel,
        toe=toe,
        elbow=elbow,
        wrist=wrist,
        hand=wrist + HAND_BH * fore,
        nose=ear + rotated(NOSE_BH, -head_pitch_deg),
        eye=ear + rotated(EYE_BH, -head_pitch_deg),
        crown=ear + crown_over_ear(head_pitch_deg),
    )


def smoothstep(x: float) -> float:
    """Return 0 below 0, 1 above 1 and a smooth rise (zero slope at both ends) between."""
    x = min(1.0, max(0.0, x))
    return x * x * (3.0 - 2.0 * x)


def lerp(a: float, b: float, w: float) -> float:
    """Return the value a fraction ``w`` of the way from ``a`` to ``b``."""
    return a + (b - a) * w


def blend_angles(a: Angles, b: Angles, w: float) -> Angles:
    """Return the angles a fraction ``w`` of the way from ``a`` to ``b``."""

    def pair(p: tuple[float, float], q: tuple[float, float]) -> tuple[float, float]:
        return lerp(p[0], q[0], w), lerp(p[1], q[1], w)

    return Angles(
        trunk_deg=lerp(a.trunk_deg, b.trunk_deg, w),
        neck_deg=lerp(a.neck_deg, b.neck_deg, w),
        thigh_deg=pair(a.thigh_deg, b.thigh_deg),
        shank_deg=pair(a.shank_deg, b.shank_deg),
        pitch_deg=pair(a.pitch_deg, b.pitch_deg),
        upper_arm_deg=pair(a.upper_arm_deg, b.upper_arm_deg),
        forearm_deg=pair(a.forearm_deg, b.forearm_deg),
    )
