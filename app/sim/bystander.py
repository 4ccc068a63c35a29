"""How the other people of a scene move: on their own treadmill, standing, or walking through the picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from app.sim.acts import Act, RunnerParams
from app.sim.body import FAR, NEAR, Angles, Figure, pose_figure, sole_low
from app.sim.extras import Bystander, BystanderKind
from app.sim.landmarks import Noise, body_pose
from app.sim.runner import Runner

if TYPE_CHECKING:
    from app.coach.types import BodyPose
    from app.sim.camera import Camera

#: Walking: length of a step as a share of the stature, and what a body may reach to either side of its hip, m.
STEP_BH, REACH_M = 0.43, 0.60
#: The belt lies higher than the floor that walkers walk on.
FLOOR_M = -0.17
#: A walker's joints over one stride from initial contact on: share of the stride, thigh, knee flexion, foot pitch in
#: deg. Rounded textbook curves of level walking: 30 deg of hip flexion at contact, 10 of extension at the end of
#: stance, 15 and 60 deg of knee flexion in stance and swing.
_STRIDE = np.array(
    (
        (0.00, 24.0, 4.0, 18.0), (0.12, 21.0, 15.0, 0.0), (0.30, 7.0, 6.0, 0.0), (0.50, -12.0, 6.0, -18.0),
        (0.62, -6.0, 36.0, -46.0), (0.73, 12.0, 60.0, -28.0), (0.86, 25.0, 32.0, 4.0), (1.00, 24.0, 4.0, 18.0),
    )
)  # fmt: skip
#: Where a figure stands: x forward, y up from the belt, z toward the camera, m.
Place = tuple[float, float, float]


class Passer:
    """One bystander over time, in the frame of a runner who faces image right."""

    def __init__(self, person: Bystander, camera: Camera) -> None:
        """Plan the motion of ``person``; the camera tells where its picture ends."""
        self.person = person
        self.height_m = person.height_cm / 100.0
        self._runner: Runner | None = None
        # Who runs is on a belt, at the height of the runner's; the others are on the floor.
        self._y_m = FLOOR_M
        x_m, self._z_m = person.place_m
        if BystanderKind(person.kind).crosses:
            self._path_m = _edges_m(camera, self._z_m)
        else:
            still = person.kind is BystanderKind.BEHIND and not person.running
            self._y_m = FLOOR_M if still else 0.0
            self._runner = Runner(
                RunnerParams(
                    act=Act.STANCE_GOOD if still else Act.GOOD,
                    height_cm=person.height_cm,
                    speed_m_s=person.speed_m_s,
                    standing_s=1e9 if still else 0.0,
                    seed=person.seed,
                )
            )
            self._path_m = (x_m, x_m)

    def at(self, t_s: float) -> tuple[Figure, Place] | None:
        """Return the figure (facing its way) and its place in metres; None while it is not there."""
        person = self.person
        if not person.present(t_s):
            return None
        if self._runner is not None:
            # Runs for a while already, so that it is in full stride whenever it appears.
            return self._runner.at(t_s + 5.0).figure, (self._path_m[0], self._y_m, self._z_m)
        start_m, end_m = self._path_m
        share = (t_s - person.start_s) / (person.end_s - person.start_s)
        walked_m = share * (end_m - start_m)
        x_m = end_m - walked_m if person.backward else start_m + walked_m
        return walking_figure(walked_m / (2.0 * STEP_BH * self.height_m)), (x_m, self._y_m, self._z_m)

    def pose_at(self, t_s: float, camera: Camera, mirrored: bool) -> BodyPose | None:
        """Return the exact landmarks in the picture of ``camera``; ``mirrored`` where the runner faces image left."""
        now = self.at(t_s)
        if now is None:
            return None
        figure, (x_m, y_m, z_m) = now
        seen_by = camera.before(-x_m if mirrored else x_m, z_m, y_m)
        return body_pose(t_s, figure, self.height_m, seen_by, mirrored != self.person.backward, Noise())


def walking_figure(strides: float) -> Figure:
    """Return a walker after so many strides, hip over x = 0, the lower sole on the floor (y = 0)."""
    thigh, shank, pitch = [], [], []
    for leg in (NEAR, FAR):
        phase = (strides + 0.5 * leg) % 1.0
        hip, knee, foot = (float(np.interp(phase, _STRIDE[:, 0], _STRIDE[:, k])) for k in (1, 2, 3))
        thigh.append(hip)
        shank.append(knee - hip)
        pitch.append(foot)
    # Arms swing against the legs.
    swing = [18.0 * math.sin(2.0 * math.pi * (strides + 0.5 * leg) - 0.5 * math.pi) for leg in (NEAR, FAR)]
    angles = Angles(
        trunk_deg=2.0,
        neck_deg=10.0,
        thigh_deg=(thigh[NEAR], thigh[FAR]),
        shank_deg=(shank[NEAR], shank[FAR]),
        pitch_deg=(pitch[NEAR], pitch[FAR]),
        upper_arm_deg=(swing[NEAR], swing[FAR]),
        forearm_deg=(swing[NEAR] + 18.0, swing[FAR] + 18.0),
    )
    hanging = pose_figure(angles, np.zeros(2))
    low = min(float(hanging.ankle[leg, 1]) + sole_low(pitch[leg]) for leg in (NEAR, FAR))
    return pose_figure(angles, np.array((0.0, -low)))


def _edges_m(camera: Camera, z_m: float) -> tuple[float, float]:
    """Return the x at depth ``z_m`` at which a body is just outside the left and the right edge of the picture."""
    middle, beside = camera.project(np.array(((0.0, 1.0, z_m), (0.1, 1.0, z_m))))[:, 0]
    px_per_m = 10.0 * (beside - middle)
    if px_per_m < 1.0:
        # Seen from the front or back the way leads past the camera; two metres are as good as any.
        return -2.0, 2.0
    left, right = (0.0 - middle) / px_per_m, (camera.size_px[0] - middle) / px_per_m
    return float(left) - REACH_M, float(right) + REACH_M
