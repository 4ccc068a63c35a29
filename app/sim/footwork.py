"""Walking, slow jogging, marching and running on the spot: hip and feet on paths, the legs joined in between.

Another kind of kinematics than `app.sim.gait`: there a measured stride gives the angles, here a few numbers give the
paths of hip and feet, and two-link legs follow. It is less true to life, but it can show what no runner's stride
contains: double support, a trunk that is highest at midstance, feet that come down where they left. Lengths in BH,
phase in strides; leg NEAR lands at whole numbers, FAR at halves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from app.coach.types import FloatArray
from app.sim.body import (
    FAR,
    NEAR,
    SHANK_BH,
    STANDING_NECK_DEG,
    STANDING_TRUNK_DEG,
    THIGH_BH,
    Angles,
    Figure,
    blend_angles,
    lerp,
    lift_clear,
    pose_figure,
    rolled_ankle,
    smoothstep,
    sole_low,
    solve_leg,
)

#: A leg is never straighter than this share of its length while it carries.
CARRYING_REACH = 0.992
#: How much of the belt's speed the foot has as it leaves and meets it.
RETRACTION = 0.3
#: Most heel rise at push-off, deg.
MOST_HEEL_RISE_DEG = 65.0


@dataclass(frozen=True, slots=True)
class Cycle:
    """One way to move the feet.

    Attributes:
        steps_per_min: cadence.
        travel_bh: how far the belt carries a foot back during its contact; 0 on the spot.
        duty: contact time / stride time; over 0.5 both feet are down at times.
        bounce_bh: travel of the hip's height in a step; + lowest at midstance (running), - highest there (walking).
        lift_bh: how high the ankle of the swinging foot rises.
        ahead_bh: how far forward the swinging foot is brought on the spot; negative: kicked back.
        lean_deg: trunk lean over standing.
        crouch_bh: the hip's mean height under standing.
        arms_bent: 0 hanging (walking), 1 bent (running).
        front_share: how much of the contact's travel lies ahead of the hip.
    """

    steps_per_min: float
    travel_bh: float
    duty: float
    bounce_bh: float
    lift_bh: float
    ahead_bh: float = 0.0
    lean_deg: float = 0.0
    crouch_bh: float = 0.020
    arms_bent: float = 0.0
    front_share: float = 0.5


def walking(speed_m_s: float, height_m: float, lean_deg: float = 3.0) -> Cycle:
    """Return a walk on the belt.

    Cadence 105, 118, 138 per minute and bounce 27, 43, 67 mm at 1.0, 1.4, 2.0 m/s for 1.78 m, duty 0.65 to 0.58: the
    textbook's adult (longer legs step more slowly, by the square root of their length).
    """
    steps_per_min = (72.0 + 33.0 * speed_m_s) * math.sqrt(1.78 / height_m)
    duty = min(max(0.72 - 0.07 * speed_m_s, 0.56), 0.68)
    travel_bh = speed_m_s * duty * 120.0 / steps_per_min / height_m
    bounce_bh = max(0.012, 0.0225 * speed_m_s - 0.0073)
    return Cycle(steps_per_min, travel_bh, duty, -bounce_bh, 0.085, lean_deg=lean_deg, crouch_bh=0.008)


def jogging(
    speed_m_s: float, height_m: float, steps_per_min: float = 158.0, duty: float = 0.5, bounce_bh: float = 0.024
) -> Cycle:
    """Return a slow jog: at a ``duty`` of 0.5 there is no flight at all (grounded running)."""
    travel_bh = speed_m_s * duty * 120.0 / steps_per_min / height_m
    return Cycle(
        steps_per_min,
        travel_bh,
        duty,
        bounce_bh,
        0.13,
        lean_deg=8.0,
        crouch_bh=0.035 + bounce_bh / 2.0,
        arms_bent=1.0,
        front_share=0.28,
    )


def hip_and_ankles(cycle: Cycle, phase: float) -> tuple[FloatArray, list[FloatArray], list[float]]:
    """Return hip (2,), the ankles [near, far] (2,) and the feet's pitches, deg, at a phase."""
    middle = cycle.duty / 2.0
    swing = 0.5 * cycle.bounce_bh * math.cos(4.0 * math.pi * (phase - middle))
    hip = np.array((0.0, 0.5469 - cycle.crouch_bh - swing))
    feet = [_foot(cycle, phase - shift, hip) for shift in (0.0, 0.5)]
    return hip, [ankle for ankle, _ in feet], [pitch for _, pitch in feet]


def _foot(cycle: Cycle, leg_phase: float, hip: FloatArray) -> tuple[FloatArray, float]:
    """Return (ankle, pitch) of a leg at its own phase: carried back in stance, brought forward in swing."""
    p = leg_phase % 1.0
    front = cycle.front_share * cycle.travel_bh
    back = front - cycle.travel_bh
    if p <= cycle.duty:
        return _planted(lerp(front, back, p / cycle.duty), hip)
    u = (p - cycle.duty) / (1.0 - cycle.duty)
    start, start_deg = _planted(back, hip)
    end, _ = _planted(front, hip)
    # Leaves and meets the belt with some of its speed: swing retraction.
    slope = -RETRACTION * cycle.travel_bh / cycle.duty * (1.0 - cycle.duty)
    h = u * (1.0 - u)
    x = lerp(float(start[0]), float(end[0]), smoothstep(u)) + slope * h * (1.0 - 2.0 * u)
    x += cycle.ahead_bh * math.sin(math.pi * u) ** 2
    rise = cycle.lift_bh * math.sin(math.pi * u**0.8) ** 2
    y = lerp(float(start[1]), float(end[1]), smoothstep(u)) + rise
    pitch = start_deg * (1.0 - smoothstep(u / 0.8))
    # A swinging sole never goes through the floor.
    return np.array((x, max(y, -sole_low(pitch)))), pitch


def _planted(offset_bh: float, hip: FloatArray) -> tuple[FloatArray, float]:
    """Return (ankle, pitch) of a foot on the floor, flat at the offset, its heel up as far as the leg needs it."""
    longest = CARRYING_REACH * (THIGH_BH + SHANK_BH)
    ankle = _ankle_over(offset_bh, 0.0)
    if np.hypot(*(hip - ankle)) <= longest:
        return ankle, 0.0
    if offset_bh > 0.0:
        # Ahead of the hip the heel lands first, a little toe-up.
        return _ankle_over(offset_bh, 12.0), 12.0
    low, high = 0.0, MOST_HEEL_RISE_DEG
    for _ in range(12):
        middle = 0.5 * (low + high)
        fits = np.hypot(*(hip - _ankle_over(offset_bh, -middle))) <= longest
        low, high = (low, middle) if fits else (middle, high)
    return _ankle_over(offset_bh, -high), -high


def _ankle_over(offset_bh: float, pitch_deg: float) -> FloatArray:
    """Return the ankle of a foot rolled up without slip from lying flat with its ankle over the offset."""
    rolled: FloatArray = rolled_ankle(pitch_deg) - (rolled_ankle(0.0)[0] - offset_bh, 0.0)
    return rolled


def cycle_figure(cycle: Cycle, phase: float) -> Figure:
    """Return the figure at a phase; the hip stays over x = 0."""
    hip, ankles, pitches = hip_and_ankles(cycle, phase)
    legs = [solve_leg(hip, ankle) for ankle in ankles]
    swing = math.cos(2.0 * math.pi * phase)
    arms = []
    for sign in (-1.0, 1.0):
        upper = lerp(-2.0 + 18.0 * sign * swing, -16.0 + 24.0 * sign * swing, cycle.arms_bent)
        arms.append((upper, upper + lerp(16.0, 84.0, cycle.arms_bent)))
    angles = Angles(
        trunk_deg=STANDING_TRUNK_DEG + cycle.lean_deg,
        neck_deg=STANDING_NECK_DEG + 0.7 * cycle.lean_deg,
        thigh_deg=(legs[NEAR][0], legs[FAR][0]),
        shank_deg=(legs[NEAR][1], legs[FAR][1]),
        pitch_deg=(pitches[NEAR], pitches[FAR]),
        upper_arm_deg=(arms[NEAR][0], arms[FAR][0]),
        forearm_deg=(arms[NEAR][1], arms[FAR][1]),
    )
    return pose_figure(angles, hip)


def lowest_sole(figure: Figure) -> float:
    """Return the lowest point of both soles over the floor, BH."""
    return min(float(figure.ankle[leg, 1]) + sole_low(figure.angles.pitch_deg[leg]) for leg in (NEAR, FAR))


def between(a: Figure, b: Figure, w: float) -> Figure:
    """Return the figure between two; a blend that sinks into the floor is lifted out of it."""
    angles, hip = blend_angles(a.angles, b.angles, w), a.hip * (1.0 - w) + b.hip * w
    for leg in (NEAR, FAR):
        angles = lift_clear(float(hip[1]), angles, leg)
    lowest = lowest_sole(pose_figure(angles, hip))
    return pose_figure(angles, hip - np.array((0.0, min(lowest, 0.0))))
