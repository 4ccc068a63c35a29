"""Standing, the starting-line stances and the drills: poses from hip and feet by two-link legs.

The numbers of the stances are the canonical poses of the biomechanics reference (part D1), in BH from the rear
ankle: stagger of the front foot, lift of the rear ankle, hip place, trunk and neck in degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from app.sim.acts import Act
from app.sim.body import (
    ANKLE_HEIGHT_BH,
    FAR,
    NEAR,
    SOLE_BH,
    STANDING_NECK_DEG,
    STANDING_TRUNK_DEG,
    Angles,
    lerp,
    smoothstep,
    solve_leg,
)

TRANSITION_S = 1.2


@dataclass(frozen=True, slots=True)
class Pose:
    """A pose on two planted feet, BH from the rear ankle's standing place; ``arms`` 0 hanging, 1 athletic."""

    stagger: float
    rear_lift: float
    hip_x: float
    hip_y: float
    trunk_deg: float
    neck_deg: float
    front_lift: float = 0.0
    arms: float = 0.0


NEUTRAL = Pose(0.0, 0.0, 0.010, 0.4845, STANDING_TRUNK_DEG, STANDING_NECK_DEG)
#: The running acts stand with truly straight knees (0.5 mm taller than NEUTRAL), so that the knee flexion relative to
#: standing equals the running table's, whose curves are absolute.
STRAIGHT = Pose(0.0, 0.0, 0.010, 0.48489, STANDING_TRUNK_DEG, STANDING_NECK_DEG)
#: ANKLE_LEAN: a rear heel 2.4 mBH off the floor, without which the table's hip lies beyond the straight leg's reach.
STANCES: dict[Act, Pose] = {
    Act.STANCE_GOOD: Pose(0.157, 0.004, 0.101, 0.4735, 10.0, 19.0),
    Act.STANCE_PELVIS_DRIFT: Pose(0.157, 0.004, 0.138, 0.4640, -1.0, 8.0),
    Act.STANCE_HIP_SQUEEZE: Pose(0.157, 0.016, 0.128, 0.4815, 3.0, 10.0),
    Act.STANCE_ANKLE_LEAN: Pose(0.03, 0.0024, 0.090, 0.4790, 8.0, 17.0),
    Act.STANCE_UPRIGHT: Pose(0.157, 0.0, 0.062, 0.4740, -4.0, 5.0),
    Act.STANCE_OVER_LEAN: Pose(0.157, 0.0, 0.062, 0.4600, 31.0, 36.0),
    Act.STANCE_TALL: Pose(0.10, 0.006, 0.062, 0.4830, 4.0, 13.0),
}
HINGE = Pose(0.0, 0.0, -0.072, 0.4660, 43.0, 48.0)
ATHLETIC = Pose(0.0, 0.0, -0.040, 0.4470, 28.0, 32.0, arms=1.0)
MARCH = Pose(0.0, 0.0, 0.018, 0.4755, 8.0, 16.0, arms=1.0)
HINGE_CYCLE_S, START_LINE_HOLD_S, START_LINE_STAND_S = 3.2, 4.0, 0.8
MARCH_STEP_S = 0.48
MARCH_LIFT_BH, MARCH_REACH_BH = 0.130, 0.050


#: What a living body makes of a pose it was told: SD of trunk and neck; of the hip's place, forward and up, and of the
#: stagger, BH (2 deg of the knee and of the shank; 1 % of body height). And how people's relaxed standing differs.
JITTER_TRUNK_DEG, JITTER_HIP_BH, JITTER_STAGGER_BH = 2.0, (0.010, 0.002), 0.010
BUILD_TRUNK_DEG, BUILD_NECK_DEG = 1.5, 3.0
#: No body is further off than so many SD.
MOST_JITTER_SD = 2.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How one body takes up the poses: by default exactly, the near foot behind.

    Attributes:
        build: added to every pose, relaxed standing too. held: added to the pose that is acted.
        rear: which foot goes back, NEAR or FAR.
    """

    build: Pose = Pose(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    held: Pose = Pose(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    rear: int = NEAR

    @classmethod
    def drawn(cls, seed: int, size: float = 1.0, rear: int = NEAR) -> Manner:
        """Return the manner of body ``seed``; ``size`` scales how far it is from the exact poses."""
        rng = np.random.default_rng((seed, 17))
        trunk, neck, hip_x, hip_y, stagger, own_trunk, own_neck = (
            size * np.clip(rng.standard_normal(7), -MOST_JITTER_SD, MOST_JITTER_SD)
        ).tolist()
        lean_deg = JITTER_TRUNK_DEG * trunk
        held = Pose(
            JITTER_STAGGER_BH * stagger,
            0.0,
            JITTER_HIP_BH[0] * hip_x,
            JITTER_HIP_BH[1] * hip_y,
            lean_deg,
            lean_deg + JITTER_TRUNK_DEG * neck,
        )
        return cls(Pose(0.0, 0.0, 0.0, 0.0, BUILD_TRUNK_DEG * own_trunk, BUILD_NECK_DEG * own_neck), held, rear)


#: The exact poses.
EXACT = Manner()


def shifted(pose: Pose, by: Pose) -> Pose:
    """Return a pose with another one's numbers added to its own; arms and lifted foot stay."""
    return Pose(
        pose.stagger + by.stagger,
        pose.rear_lift + by.rear_lift,
        pose.hip_x + by.hip_x,
        pose.hip_y + by.hip_y,
        pose.trunk_deg + by.trunk_deg,
        pose.neck_deg + by.neck_deg,
        pose.front_lift,
        pose.arms,
    )


def blend(a: Pose, b: Pose, w: float) -> Pose:
    """Return the pose a fraction ``w`` of the way from ``a`` to ``b``."""
    return Pose(
        stagger=lerp(a.stagger, b.stagger, w),
        rear_lift=lerp(a.rear_lift, b.rear_lift, w),
        hip_x=lerp(a.hip_x, b.hip_x, w),
        hip_y=lerp(a.hip_y, b.hip_y, w),
        trunk_deg=lerp(a.trunk_deg, b.trunk_deg, w),
        neck_deg=lerp(a.neck_deg, b.neck_deg, w),
        front_lift=lerp(a.front_lift, b.front_lift, w),
        arms=lerp(a.arms, b.arms, w),
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """A pose in action: who stands behind, and how far the performance has got (phase name, hold or move)."""

    pose: Pose
    rear: int
    phase: str


def act_pose(act: Act, magnitude: float, t_s: float, manner: Manner = EXACT) -> Placed:
    """Return the pose of a stance or drill ``t_s`` seconds after it began (from standing at 0); drills are exact."""
    if act is Act.EXAM:
        return _exam(t_s)
    if act is Act.DRILL_HINGE:
        return _hinge(t_s, magnitude)
    if act is Act.DRILL_START_LINE:
        return _start_line(t_s, magnitude)
    if act is Act.DRILL_TUNNEL_MARCH:
        return _march(t_s, magnitude)
    if act is Act.DRILL_ATHLETIC:
        target = blend(NEUTRAL, ATHLETIC, magnitude)
    else:
        target = shifted(blend(STANCES[Act.STANCE_GOOD], STANCES[act], magnitude), manner.held)
    return _enter(target, t_s, manner.rear)


def _enter(target: Pose, t_s: float, rear: int) -> Placed:
    """Step from standing into the target within TRANSITION_S; the front foot is lifted over the floor."""
    if t_s >= TRANSITION_S:
        return Placed(target, rear, "hold")
    u = max(0.0, t_s / TRANSITION_S)
    pose = blend(NEUTRAL, target, smoothstep(u))
    lift = 0.25 * target.stagger * math.sin(math.pi * smoothstep(u)) ** 2
    return Placed(_with_front_lift(pose, lift), rear, "transition")


def _with_front_lift(pose: Pose, lift: float) -> Pose:
    return Pose(pose.stagger, pose.rear_lift, pose.hip_x, pose.hip_y, pose.trunk_deg, pose.neck_deg, lift, pose.arms)


def _hinge(t_s: float, magnitude: float) -> Placed:
    """Stand, hinge, hold, return: one repetition each HINGE_CYCLE_S."""
    u = t_s % HINGE_CYCLE_S
    w = smoothstep((u - 0.5) / 1.0) - smoothstep((u - 1.9) / 1.0)
    phase = "hold" if w > 0.999 or w < 0.001 else "move"
    return Placed(blend(NEUTRAL, HINGE, w * magnitude), NEAR, phase)


def _start_line(t_s: float, magnitude: float) -> Placed:
    """Good stance, hold, back to standing, then with the other foot behind."""
    cycle_s = 2.0 * TRANSITION_S + START_LINE_HOLD_S + START_LINE_STAND_S
    k, u = divmod(t_s, cycle_s)
    rear = NEAR if int(k) % 2 == 0 else FAR
    target = blend(NEUTRAL, STANCES[Act.STANCE_GOOD], magnitude)
    if u < TRANSITION_S + START_LINE_HOLD_S:
        return _enter(target, u, rear)
    back_s = u - TRANSITION_S - START_LINE_HOLD_S
    placed = _enter(target, max(0.0, TRANSITION_S - back_s), rear)
    return Placed(placed.pose, rear, "transition" if back_s < TRANSITION_S else "standing")


#: The starting-line exam as it is asked for: seconds, what is held (None: standing), the foot behind.
EXAM: tuple[tuple[float, Act | None, int], ...] = (
    (2.5, None, NEAR),
    (6.5, Act.STANCE_GOOD, NEAR),
    (3.5, None, NEAR),
    (6.5, Act.STANCE_GOOD, FAR),
    (7.5, Act.STANCE_PELVIS_DRIFT, FAR),
    (4.5, Act.STANCE_GOOD, FAR),
    (8.5, Act.STANCE_HIP_SQUEEZE, FAR),
)


def _exam(t_s: float) -> Placed:
    """Both sides, then wrong on purpose: drift, back, squeeze; at last standing again."""
    before: tuple[Act | None, int] = (None, NEAR)
    since_s = t_s
    for seconds, act, rear in (*EXAM, (math.inf, None, FAR)):
        if since_s < seconds:
            break
        since_s, before = since_s - seconds, (act, rear)
    target = NEUTRAL if act is None else STANCES[act]
    if act is None or before[0] is None:
        # A foot goes back, or comes to the other; both stances have the stagger of the one that is held.
        held = STANCES[act or before[0] or Act.STANCE_GOOD]
        if act is None and before[0] is None:
            return Placed(NEUTRAL, rear, "standing")
        on_s = since_s if act is not None else TRANSITION_S - since_s
        placed = _enter(held, max(0.0, on_s), rear if act is not None else before[1])
        return placed if placed.phase == "transition" and on_s > 0.0 else Placed(target, placed.rear, "hold")
    if since_s >= TRANSITION_S:
        return Placed(target, rear, "hold")
    return Placed(blend(STANCES[before[0]], target, smoothstep(since_s / TRANSITION_S)), rear, "transition")


def _march(t_s: float, magnitude: float) -> Placed:
    """March on the spot, knees lifted in turn, the head under the roof."""
    pose = blend(NEUTRAL, MARCH, smoothstep(t_s / TRANSITION_S) * magnitude)
    since = t_s - 0.5 * TRANSITION_S
    if since <= 0.0:
        return Placed(pose, NEAR, "transition")
    k, u = divmod(since / MARCH_STEP_S, 1.0)
    lift = MARCH_LIFT_BH * magnitude * math.sin(math.pi * min(1.0, u / 0.9)) ** 2
    # ``rear`` is the supporting leg, ``front`` the one that lifts.
    support = NEAR if int(k) % 2 == 0 else FAR
    return Placed(_with_front_lift(pose, lift), support, "march")


def _ankle(lift: float) -> tuple[float, float]:
    """Return (ankle height, foot pitch) of a planted foot whose ankle is ``lift`` BH over its flat height.

    The heel rises about the ball of the foot.
    """
    ball_x, ball_y = SOLE_BH[2]
    radius, rest = math.hypot(ball_x, ball_y), math.atan2(-ball_y, ball_x)
    height = ANKLE_HEIGHT_BH + lift
    return height, -math.degrees(math.asin(min(1.0, height / radius)) - rest)


def angles_of(placed: Placed, origin_x: float) -> tuple[Angles, tuple[float, float]]:
    """Return the joint angles and the hip (x, y) in BH of a placed pose; rear ankle at ``origin_x``."""
    pose = placed.pose
    hip = np.array((origin_x + pose.hip_x, ANKLE_HEIGHT_BH + pose.hip_y))
    rear_y, rear_pitch = _ankle(pose.rear_lift)
    rear = (origin_x, rear_y)
    raised = pose.front_lift / MARCH_LIFT_BH
    front = (origin_x + pose.stagger + MARCH_REACH_BH * raised, ANKLE_HEIGHT_BH + pose.front_lift)
    legs: list[tuple[float, float, float]] = [(0.0, 0.0, 0.0)] * 2
    legs[placed.rear] = (*solve_leg(hip, np.array(rear)), rear_pitch)
    legs[1 - placed.rear] = (*solve_leg(hip, np.array(front)), -14.0 * raised)
    # The arm opposite the lifted leg swings forward.
    swing = [0.0, 0.0]
    swing[placed.rear], swing[1 - placed.rear] = raised, -raised
    upper = [lerp(1.0 + 0.1 * pose.trunk_deg, -12.0 + 26.0 * s, pose.arms) for s in swing]
    fore = [lerp(u + 14.0, u + 82.0, pose.arms) for u in upper]
    angles = Angles(
        trunk_deg=pose.trunk_deg,
        neck_deg=pose.neck_deg,
        thigh_deg=(legs[0][0], legs[1][0]),
        shank_deg=(legs[0][1], legs[1][1]),
        pitch_deg=(legs[0][2], legs[1][2]),
        upper_arm_deg=(upper[0], upper[1]),
        forearm_deg=(fore[0], fore[1]),
    )
    return angles, (float(hip[0]), float(hip[1]))
