"""Performances of the drills with known repetitions: tempo, depth, pauses, half ones, feet that go, walking in and out.

The acts ``drill_*`` show one clean performance each; here a performance is a list of moves, and what should be counted
follows from it. Lengths in BH unless the name says otherwise; x forward from the middle of the picture.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from app.coach.types import BodyPose, Facing, Landmark
from app.sim.acts import Act, RunnerParams
from app.sim.body import Figure, pose_figure, smoothstep
from app.sim.camera import Camera
from app.sim.drill_moves import AWAY_M, ORIGIN_BH, WALK_M_S, Move, MoveKind, move_pose, steps_figure
from app.sim.extras import Extras
from app.sim.footwork import between, cycle_figure, walking
from app.sim.landmarks import Noise, body_pose
from app.sim.look import LOOKS
from app.sim.poses import Placed, angles_of
from app.sim.stage import Stage

if TYPE_CHECKING:
    from app.coach.types import ImageArray

#: Passing from one move into the next where feet go.
BLEND_S = 0.5


@dataclass(frozen=True, slots=True)
class TrueRep:
    """One attempt as it really is: when, and for hinges its depth and tempo, for holds its still seconds."""

    kind: MoveKind
    start_s: float
    end_s: float
    depth_deg: float = 0.0
    down_s: float = 0.0
    pause_s: float = 0.0
    up_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Spoiled:
    """What a network adds to the truth: white noise, legs with exchanged labels, frames without anybody."""

    sd_px: float = 0.0
    swap_share: float = 0.0
    lost_share: float = 0.0
    seed: int = 0


_LEGS = np.array([(Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE), (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE),
                  (Landmark.LEFT_HEEL, Landmark.RIGHT_HEEL), (Landmark.LEFT_TOE, Landmark.RIGHT_TOE)])  # fmt: skip


@dataclass(frozen=True, slots=True)
class DrillScene:
    """A performance before a camera; everything follows from the arguments and the time.

    Args:
        moves: what is done, in this order.
        height_cm: stature. facing: LEFT is the exact mirror image of RIGHT. seed: of sway and noise.
        spoiled: what the landmarks get wrong; without it they are the truth, with markers' right.
        camera: None for the usual one.
    """

    moves: tuple[Move, ...]
    height_cm: float = 178.0
    facing: Facing = Facing.RIGHT
    seed: int = 0
    spoiled: Spoiled | None = None
    camera: Camera | None = None
    _stages: list[Stage] = field(default_factory=list, repr=False, compare=False)

    @property
    def params(self) -> RunnerParams:
        """The runner."""
        return RunnerParams(Act.DRILL_HINGE, self.height_cm, facing=self.facing, seed=self.seed)

    @property
    def starts_s(self) -> list[float]:
        """When each move begins, and the end."""
        return [0.0, *itertools.accumulate(move.duration_s for move in self.moves)]

    @property
    def seconds(self) -> float:
        """Length of the performance."""
        return self.starts_s[-1]

    def reps(self) -> tuple[TrueRep, ...]:
        """Return every true attempt: hinges, holds, and each single lifted foot."""
        found: list[TrueRep] = []
        for move, start_s in zip(self.moves, self.starts_s, strict=False):
            end_s = start_s + move.duration_s
            if move.kind is MoveKind.HINGE:
                found.append(
                    TrueRep(
                        move.kind,
                        start_s,
                        end_s,
                        move.depth_deg,
                        move.down_s + move.stop_s,
                        move.pause_s + (1.2 if move.back_to else 0.0),
                        move.up_s + move.stop_up_s,
                    )
                )
            elif move.kind in (MoveKind.ATHLETIC, MoveKind.STANCE):
                found.append(TrueRep(move.kind, start_s, end_s, pause_s=move.seconds))
            elif move.kind is MoveKind.STEPS:
                times = (start_s + k * move.step_s for k in range(move.steps))
                found += [TrueRep(move.kind, t, t + move.step_s) for t in times]
        return tuple(found)

    # ------------------------------------------------------------------ figures

    def _at(self, t_s: float) -> tuple[int, float]:
        starts_s = self.starts_s
        i = min(max(bisect.bisect_right(starts_s, t_s) - 1, 0), len(self.moves) - 1)
        return i, t_s - starts_s[i]

    def there(self, t_s: float) -> bool:
        """Whether the runner is in front of the camera at all."""
        return self.moves[self._at(t_s)[0]].kind is not MoveKind.AWAY

    def figure_at(self, t_s: float) -> Figure:
        """Return the figure at a time, hip at its place along x."""
        i, since_s = self._at(t_s)
        figure = self._figure(i, since_s, t_s)
        walks = (MoveKind.WALK_IN, MoveKind.WALK_OUT)
        if i == 0 or since_s >= BLEND_S or not {self.moves[i].kind, self.moves[i - 1].kind} & set(walks):
            return figure
        if MoveKind.AWAY in (self.moves[i].kind, self.moves[i - 1].kind):
            return figure
        before = self._figure(i - 1, self.moves[i - 1].duration_s, t_s)
        return between(before, figure, smoothstep(since_s / BLEND_S))

    def _figure(self, i: int, since_s: float, t_s: float) -> Figure:
        move = self.moves[i]
        height_m = self.height_cm / 100.0
        if move.kind in (MoveKind.WALK_IN, MoveKind.WALK_OUT):
            cycle = walking(WALK_M_S, height_m)
            figure = cycle_figure(cycle, cycle.steps_per_min / 120.0 * since_s)
            place_m = WALK_M_S * since_s - (AWAY_M if move.kind is MoveKind.WALK_IN else 0.0)
            return pose_figure(figure.angles, figure.hip + np.array((place_m / height_m, 0.0)))
        if move.kind is MoveKind.STEPS:
            return steps_figure(move, since_s)
        pose, rear = move_pose(move, since_s)
        sway = 0.0009 * math.sin(1.9 * t_s + self.seed) + 0.0006 * math.sin(4.3 * t_s + 2.0 * self.seed)
        pose = replace(pose, hip_x=pose.hip_x + sway, trunk_deg=pose.trunk_deg + 150.0 * sway)
        angles, hip = angles_of(Placed(pose, rear, ""), ORIGIN_BH)
        return pose_figure(angles, np.array(hip))

    # ------------------------------------------------------------------ what is seen

    @property
    def _camera(self) -> Camera:
        return self.camera or Camera.framing(stature_m=self.height_cm / 100.0)

    def landmarks_at(self, t_s: float) -> BodyPose:
        """Return the landmarks in the picture at a time; nobody where the runner is away or outside."""
        camera, mirrored = self._camera, self.facing is Facing.LEFT
        figure = self.figure_at(t_s)
        truth = body_pose(t_s, figure, self.height_cm / 100.0, camera, mirrored, Noise())
        hip_x = float(truth.xy_px[Landmark.LEFT_HIP, 0])
        if not self.there(t_s) or not 0.0 <= hip_x < camera.size_px[0]:
            return BodyPose.nobody(t_s, camera.size_px)
        return truth if self.spoiled is None else spoil(truth, self.spoiled)

    def image_at(self, t_s: float, index: int = 0) -> ImageArray:
        """Return the picture (H, W, 3) BGR at a time."""
        camera, mirrored = self._camera, self.facing is Facing.LEFT
        if not self._stages:
            seen_by = camera.mirrored() if mirrored else camera
            self._stages.append(Stage(seen_by, LOOKS["dawn"], self.height_cm / 100.0, Extras.none()))
        figure = self.figure_at(t_s)
        if not self.there(t_s):
            figure = pose_figure(figure.angles, figure.hip + np.array((50.0, 0.0)))
        image = self._stages[0].draw(t_s, figure, 0.0, depth_m=0.0, head_turn_deg=0.0)
        return np.ascontiguousarray(image[:, ::-1]) if mirrored else image


def spoil(pose: BodyPose, spoiled: Spoiled) -> BodyPose:
    """Return a pose as a network might give it; the same pose is always spoiled in the same way."""
    rng = np.random.default_rng((spoiled.seed, 61, abs(round(pose.t_s * 1e6))))
    if rng.random() < spoiled.lost_share:
        return BodyPose.nobody(pose.t_s, pose.image_size_px)
    xy = pose.xy_px + rng.standard_normal(pose.xy_px.shape) * spoiled.sd_px
    if rng.random() < spoiled.swap_share:
        xy[_LEGS] = xy[_LEGS[:, ::-1]]
    return BodyPose(pose.t_s, xy, pose.visibility, pose.image_size_px)


# ---------------------------------------------------------------------- performances


def stand(seconds: float) -> Move:
    """Return relaxed standing."""
    return Move(MoveKind.STAND, seconds)


def performance(
    kind: MoveKind, attempts: Sequence[Move], stand_s: float = 6.0, between_s: float = 1.2
) -> tuple[Move, ...]:
    """Return walking in, standing, the attempts with standing between them, and walking out.

    ``kind`` names what must not be mixed: all attempts are of it.
    """
    if any(move.kind is not kind for move in attempts):
        raise ValueError(f"a performance of {kind} holds something else")
    moves = [Move(MoveKind.AWAY, 1.0), Move(MoveKind.WALK_IN), stand(stand_s)]
    for move in attempts:
        moves += [move, stand(between_s)]
    return (*moves, Move(MoveKind.WALK_OUT), Move(MoveKind.AWAY, 1.0))


def drawn_hinges(seed: int, count: int, half_every: int = 4) -> list[Move]:
    """Return hinge attempts drawn at random: 1 to 5 s, 25 to 70 deg, with pauses; every so many a half one."""
    rng = np.random.default_rng((seed, 67))
    moves = []
    for k in range(count):
        half = half_every > 0 and k % half_every == half_every - 1
        total_s = rng.uniform(1.0, 5.0)
        down = rng.uniform(0.35, 0.65)
        stops = rng.random(3)
        moves.append(
            Move(
                MoveKind.HINGE,
                depth_deg=rng.uniform(13.0, 17.0) if half else rng.uniform(25.0, 70.0),
                down_s=total_s * down,
                up_s=total_s * (1.0 - down),
                pause_s=float(rng.choice([0.0, 0.2, 1.0, 3.0])),
                stop_s=rng.uniform(0.5, 2.0) if stops[0] < 0.2 and not half else 0.0,
                stop_up_s=rng.uniform(0.5, 2.0) if stops[1] < 0.2 and not half else 0.0,
                back_to=rng.uniform(0.40, 0.60) if stops[2] < 0.15 and not half else 0.0,
            )
        )
    return moves
