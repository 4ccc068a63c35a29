"""The moves that a drill's performance is made of, and the figures they show.

Lengths in BH unless the name says otherwise; x forward from the middle of the picture.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import numpy as np

from app.sim.acts import Act
from app.sim.body import ANKLE_HEIGHT_BH, FAR, NEAR, Figure, pose_figure, smoothstep, solve_leg
from app.sim.poses import ATHLETIC, HINGE, NEUTRAL, STANCES, Placed, Pose, angles_of, blend

WALK_M_S = 1.2
#: Behind the edge of the picture: where who walks in comes from.
AWAY_M = 3.0
#: Rear ankle of the standing, so that the hip stays about the middle of the picture.
ORIGIN_BH = -0.010


class MoveKind(StrEnum):
    """What one move of a performance is."""

    STAND = "stand"
    WALK_IN = "walk_in"
    WALK_OUT = "walk_out"
    AWAY = "away"
    HINGE = "hinge"
    ATHLETIC = "athletic"
    STANCE = "stance"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class Move:
    """One move.

    Attributes:
        kind: what. seconds: of standing, being away or a hold's still part (the others take what they take).
        depth_deg: bend of the hip. down_s, pause_s, up_s: tempo. stop_s: a pause half-way down; stop_up_s: half-way up.
        back_to: how far up it comes before it goes down once more, share of the depth; 0 = no second time.
        knee: how much of it is sitting down instead, 0..1. bow_deg: head and upper back sunk.
        size: of the athletic position, 1 full. act: the stance. rear: the foot behind, NEAR or FAR.
        steps: feet lifted, each for ``step_s``, ``lift`` high; ``crouch``: hips lower than in standing (the roof);
        flight: share of a step in which both feet are off the floor (running on the spot).
    """

    kind: MoveKind
    seconds: float = 0.0
    depth_deg: float = 45.0
    down_s: float = 1.0
    pause_s: float = 0.3
    up_s: float = 1.0
    stop_s: float = 0.0
    stop_up_s: float = 0.0
    back_to: float = 0.0
    knee: float = 0.0
    bow_deg: float = 0.0
    size: float = 1.0
    act: Act = Act.STANCE_GOOD
    rear: int = NEAR
    steps: int = 0
    step_s: float = 0.5
    lift: float = 0.12
    crouch: float = 0.030
    flight: float = 0.0
    ahead: float = 0.05

    @property
    def duration_s(self) -> float:
        """How long it takes."""
        if self.kind in (MoveKind.WALK_IN, MoveKind.WALK_OUT):
            return AWAY_M / WALK_M_S
        if self.kind is MoveKind.HINGE:
            again_s = 2.0 * 0.6 if self.back_to else 0.0
            return self.down_s + self.stop_s + self.pause_s + self.stop_up_s + self.up_s + again_s
        if self.kind in (MoveKind.ATHLETIC, MoveKind.STANCE):
            return self.down_s + self.seconds + self.up_s
        return self.steps * self.step_s if self.kind is MoveKind.STEPS else self.seconds


def move_pose(move: Move, since_s: float) -> tuple[Pose, int]:
    """Return (pose, rear leg) of a move on planted feet, ``since_s`` after its beginning."""
    if move.kind is MoveKind.HINGE:
        return _hinge_pose(move, hinge_share(move, since_s)), NEAR
    if move.kind in (MoveKind.ATHLETIC, MoveKind.STANCE):
        target = ATHLETIC if move.kind is MoveKind.ATHLETIC else STANCES[move.act]
        target = blend(NEUTRAL, target, move.size)
        w = smoothstep(since_s / move.down_s) * smoothstep((move.duration_s - since_s) / move.up_s)
        lift = target.stagger * w * (1.0 - w)
        return replace(blend(NEUTRAL, target, w), front_lift=lift), move.rear
    return NEUTRAL, NEAR


def hinge_share(move: Move, since_s: float) -> float:
    """Return how far down a hinge is, 0..1, with its pauses and its second time."""
    at: list[tuple[float, float]] = [(0.0, 0.0)]

    def go(seconds: float, share: float) -> None:
        at.append((at[-1][0] + seconds, share))

    if move.stop_s:
        go(0.5 * move.down_s, 0.5)
        go(move.stop_s, 0.5)
        go(0.5 * move.down_s, 1.0)
    else:
        go(move.down_s, 1.0)
    go(move.pause_s, 1.0)
    if move.back_to:
        go(0.6, 1.0 - move.back_to)
        go(0.6, 1.0)
    if move.stop_up_s:
        go(0.5 * move.up_s, 0.5)
        go(move.stop_up_s, 0.5)
        go(0.5 * move.up_s, 0.0)
    else:
        go(move.up_s, 0.0)
    for (t0, a), (t1, b) in itertools.pairwise(at):
        if since_s <= t1:
            return a + (b - a) * smoothstep((since_s - t0) / (t1 - t0)) if t1 > t0 else b
    return 0.0


_SIT = Pose(0.0, 0.0, -0.075, 0.3700, 30.0, 32.0, arms=1.0)


def _hinge_pose(move: Move, share: float) -> Pose:
    size = _size_of(move.depth_deg, round(move.knee, 3))
    pose = blend(NEUTRAL, blend(HINGE, _SIT, move.knee), size * share)
    return replace(pose, neck_deg=pose.neck_deg + move.bow_deg * share)


@lru_cache(maxsize=512)
def _size_of(depth_deg: float, knee: float) -> float:
    """Return how much of the full pose bends the hip by so much: by bisection."""
    target = blend(HINGE, _SIT, knee)
    low, high = 0.0, 1.5
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if bend_deg(blend(NEUTRAL, target, middle)) < depth_deg else (low, middle)
    return low


def bend_deg(pose: Pose) -> float:
    """Return the hip flexion of a pose against relaxed standing."""
    angles, _ = angles_of(Placed(pose, NEAR, ""), 0.0)
    zero, _ = angles_of(Placed(NEUTRAL, NEAR, ""), 0.0)
    return angles.trunk_deg + angles.thigh_deg[0] - zero.trunk_deg - zero.thigh_deg[0]


def steps_figure(move: Move, since_s: float) -> Figure:
    """Return the figure of feet lifted in turn; every lift is a whole one, also the first and the last."""
    lifts = [0.0, 0.0]
    for k in range(move.steps):
        # Running on the spot a foot is still in the air when the other leaves the floor.
        over_s = move.flight * move.step_s
        u = (since_s - k * move.step_s + over_s) / (move.step_s * 0.94 + 2.0 * over_s)
        if 0.0 < u < 1.0:
            lifts[(k + (move.rear == NEAR)) % 2] += move.lift * math.sin(math.pi * u) ** 2
    total_s = move.steps * move.step_s
    enter = smoothstep(since_s / 0.5) * smoothstep((total_s - since_s) / 0.5)
    hop = 0.5 * 0.030 * move.flight / 0.12 * (1.0 + math.cos(2.0 * math.pi * since_s / move.step_s)) * enter
    hip = np.array((ORIGIN_BH + 0.012, ANKLE_HEIGHT_BH + NEUTRAL.hip_y - move.crouch * enter + hop))
    lean = replace(
        NEUTRAL, trunk_deg=NEUTRAL.trunk_deg + 9.0 * enter, neck_deg=NEUTRAL.neck_deg + 8.0 * enter, arms=enter
    )
    angles, _ = angles_of(Placed(lean, NEAR, ""), 0.0)
    feet = [np.array((ORIGIN_BH + move.ahead * lift / 0.12, ANKLE_HEIGHT_BH + lift + hop)) for lift in lifts]
    legs = [solve_leg(hip, foot) for foot in feet]
    pitch = [-14.0 * lift / 0.12 for lift in lifts]
    angles = replace(
        angles,
        thigh_deg=(legs[NEAR][0], legs[FAR][0]),
        shank_deg=(legs[NEAR][1], legs[FAR][1]),
        pitch_deg=(pitch[NEAR], pitch[FAR]),
    )
    return pose_figure(angles, hip)
