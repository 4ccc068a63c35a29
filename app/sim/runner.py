"""One performance over time: standing, the transition, the act; figures and truth at any instant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.coach.types import Facing
from app.sim.body import (
    FAR,
    NEAR,
    Angles,
    Figure,
    blend_angles,
    lift_clear,
    pose_figure,
    smoothstep,
    sole_low,
)
from app.sim.gait import Gait
from app.sim.poses import EXACT, NEUTRAL, STRAIGHT, Manner, Placed, Pose, act_pose, angles_of, shifted
from app.sim.truth import Contact, Side, Truth, measure

if TYPE_CHECKING:
    from app.sim.acts import RunnerParams

RUN_TRANSITION_S = 1.0
#: Where the rear ankle stands, BH, so that the hip stays about the middle of the picture.
STANCE_ORIGIN_BH = {True: -0.010, False: -0.060}
#: Sway of quiet standing: amplitude of the hip (BH) and of the trunk (deg), and its slow frequencies in Hz.
SWAY_HIP_BH, SWAY_TRUNK_DEG, SWAY_HZ = 0.0008, 0.18, (0.23, 0.41, 0.67)


@dataclass(frozen=True, slots=True, eq=False)
class Instant:
    """The figure at a time and what it is doing."""

    figure: Figure
    phase: str
    stance: int | None
    in_contact: bool


class Runner:
    """The virtual runner's motion in the sagittal plane (forward = +x); pure kinematics, no camera.

    ``manner``: how this body takes up the stances.
    """

    def __init__(self, params: RunnerParams, manner: Manner = EXACT) -> None:
        self.params = params
        self._manner = manner
        self._running = params.act.is_running
        self._gait = Gait(params) if self._running else None
        self._origin_x = STANCE_ORIGIN_BH[self._running]
        self._sway_rad = np.random.default_rng((params.seed, 5)).uniform(0.0, 2.0 * math.pi, (2, 3))
        self._neutral = STRAIGHT if self._running else NEUTRAL
        own = shifted(self._neutral, manner.build)
        angles, hip = angles_of(Placed(own, NEAR, "standing"), self._origin_x)
        self.standing = pose_figure(angles, np.array(hip))

    def at(self, t_s: float) -> Instant:
        """Return the figure at a time (any; before 0 the runner stands)."""
        act_s = t_s - self.params.standing_s
        if act_s < 0.0:
            return Instant(self._placed(Placed(self._neutral, NEAR, "standing"), t_s), "standing", None, True)
        if self._gait is not None:
            return self._run(self._gait, act_s, t_s)
        placed = act_pose(self.params.act, self.params.magnitude, act_s, self._manner)
        return Instant(self._placed(placed, t_s), placed.phase, None, True)

    def truth_at(self, t_s: float) -> Truth:
        """Return the true angles, heights and phase at a time."""
        now = self.at(t_s)
        return measure(
            t_s,
            now.figure,
            self.standing,
            height_m=self.params.height_m,
            phase=now.phase,
            stance_side=None if now.stance is None else self.side_of(now.stance),
            in_contact=now.in_contact,
            running=self._running and now.stance is not None,
            near_is_right=self.params.facing is not Facing.LEFT,
        )

    def contacts(self, start_s: float, end_s: float) -> tuple[Contact, ...]:
        """Return the running contacts whose initial contact lies in [start_s, end_s), after the transition."""
        if self._gait is None:
            return ()
        zero = self.params.standing_s
        first = max(start_s, zero + RUN_TRANSITION_S)
        return tuple(
            Contact(self.side_of(s.side), s.initial_contact_s + zero, s.toe_off_s + zero)
            for s in self._gait.steps_until(end_s - zero)
            if s.initial_contact_s + zero >= first
        )

    def belt_travel_m(self, t_s: float) -> float:
        """Return how far the belt has moved backward since 0; it starts with the run."""
        run_s = t_s - self.params.standing_s
        if not self._running or run_s <= 0.0:
            return 0.0
        u = min(1.0, run_s / RUN_TRANSITION_S)
        started = RUN_TRANSITION_S * (u**3 - 0.5 * u**4)
        return self.params.speed_m_s * (started + max(0.0, run_s - RUN_TRANSITION_S))

    def side_of(self, leg: int) -> Side:
        """Return the anatomical side of leg NEAR or FAR."""
        near_is_right = self.params.facing is not Facing.LEFT
        return Side.RIGHT if (leg == NEAR) == near_is_right else Side.LEFT

    def _run(self, gait: Gait, act_s: float, t_s: float) -> Instant:
        step = gait.step_at(act_s)
        contact = act_s <= step.toe_off_s
        angles, hip = gait.angles_at(act_s), gait.hip_at(act_s)
        if act_s < RUN_TRANSITION_S:
            w = smoothstep(act_s / RUN_TRANSITION_S)
            still = self._placed(Placed(self._neutral, NEAR, "standing"), t_s)
            angles = blend_angles(still.angles, angles, w)
            hip = still.hip * (1.0 - w) + hip * w
            for leg in (NEAR, FAR):
                angles = lift_clear(float(hip[1]), angles, leg)
            lowest = _lowest(pose_figure(angles, hip))
            # While the run builds up the blend of two poses may sink or hover: keep a foot at the floor.
            hip = hip - np.array((0.0, lowest if lowest < 0.0 else lowest * (1.0 - w)))
            return Instant(pose_figure(angles, hip), "transition", None, True)
        for leg in (NEAR, FAR):
            if not contact or leg != step.side:
                angles = lift_clear(float(hip[1]), angles, leg)
        phase = "stance" if contact else "flight"
        return Instant(pose_figure(angles, hip), phase, step.side, contact)

    def _placed(self, placed: Placed, t_s: float) -> Figure:
        """Return the figure of a placed pose with the tiny sway of a living body."""
        turns = 2.0 * math.pi * t_s * np.array(SWAY_HZ)
        sway = np.sin(turns + self._sway_rad).mean(axis=1) * self.params.variation
        pose = shifted(placed.pose, self._manner.build)
        swayed = Pose(
            stagger=pose.stagger,
            rear_lift=pose.rear_lift,
            hip_x=pose.hip_x + SWAY_HIP_BH * float(sway[0]),
            hip_y=pose.hip_y,
            trunk_deg=pose.trunk_deg + SWAY_TRUNK_DEG * float(sway[1]),
            neck_deg=pose.neck_deg + SWAY_TRUNK_DEG * float(sway[1]),
            front_lift=pose.front_lift,
            arms=pose.arms,
        )
        angles, hip = angles_of(Placed(swayed, placed.rear, placed.phase), self._origin_x)
        return _planted(angles, np.array(hip), (placed.rear, self._origin_x))


def _planted(angles: Angles, hip: np.ndarray, rear: tuple[int, float]) -> Figure:
    """Return the figure with its rear ankle exactly on its place (a leg at full reach pulls the hip down)."""
    figure = pose_figure(angles, hip)
    slip = figure.ankle[rear[0], 0] - rear[1]
    low = min(0.0, _lowest(figure))
    if abs(slip) < 1e-9 and low > -1e-9:
        return figure
    return pose_figure(angles, hip - np.array((slip, low)))


def _lowest(figure: Figure) -> float:
    """Return the lowest point of both soles over the floor, BH."""
    return min(float(figure.ankle[leg, 1]) + sole_low(figure.angles.pitch_deg[leg]) for leg in (NEAR, FAR))
