"""A treadmill session in parts: standing, walking, running at changing speed, and much that is not running.

For everything that must never be taken for running, and for the ways into a run and out of it. Each part is known to
be running or not, and every running contact is known; the parts are joined by smooth blends.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from app.coach.types import Facing, FloatArray
from app.sim.acts import Act, RunnerParams
from app.sim.body import FAR, NEAR, Angles, Figure, lift_clear, pose_figure, smoothstep
from app.sim.camera import Camera
from app.sim.extras import Extras
from app.sim.footwork import Cycle, between, cycle_figure, jogging, lowest_sole, walking
from app.sim.gait import CANONICAL_SPEED_M_S, EXCURSION_POWER, MIN_FLIGHT_S, STILL, Fault, Gait, cadence_spm
from app.sim.landmarks import Noise, body_pose
from app.sim.look import LOOKS
from app.sim.poses import HINGE, NEUTRAL, Placed, Pose, angles_of, blend
from app.sim.stage import Stage

if TYPE_CHECKING:
    from app.coach.types import BodyPose, ImageArray

#: Passing from one part into the next.
BLEND_S = 0.6
#: No running step is shorter.
LEAST_STEP_S = 0.22


class Doing(StrEnum):
    """What a part of a session is."""

    STAND = "stand"
    FIDGET = "fidget"
    STEP_ON_OFF = "step_on_off"
    WALK = "walk"
    RUN = "run"
    JOG = "jog"
    MARCH = "march"
    SPOT_RUN = "spot_run"
    JACKS = "jacks"
    SQUATS = "squats"
    HINGES = "hinges"

    @property
    def is_running(self) -> bool:
        """Whether it is running on a moving belt."""
        return self in (Doing.RUN, Doing.JOG)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a session.

    Attributes:
        doing: what is done. seconds: how long.
        speed_m_s, end_speed_m_s: of the belt, walking and running; changing evenly between them.
        lean_deg: trunk lean of walking. size: how big the movement is, 1 usual. steps_per_min: 0 = usual.
    """

    doing: Doing
    seconds: float
    speed_m_s: float = 0.0
    end_speed_m_s: float = 0.0
    lean_deg: float = 3.0
    size: float = 1.0
    steps_per_min: float = 0.0

    def speed_at(self, since_s: float) -> float:
        """Return the belt's speed a time after the part began, m/s."""
        share = min(1.0, max(0.0, since_s / self.seconds))
        return self.speed_m_s + ((self.end_speed_m_s or self.speed_m_s) - self.speed_m_s) * share


class SpeedGait(Gait):
    """The canonical run on a belt that changes its speed: every step at the speed it begins with."""

    def __init__(self, params: RunnerParams, speed_at: Callable[[float], float]) -> None:
        self._speed_at = speed_at
        self._speeds_bh_s: list[float] = []
        super().__init__(params)

    def _extend(self, count: int) -> None:
        base = self._excursion
        for i in range(len(self._steps), count):
            speed_m_s = self._speed_at(self._steps[-1].end_s if self._steps else 0.0)
            self._speed_bh_s = speed_m_s / self._params.height_m
            self._speeds_bh_s.append(self._speed_bh_s)
            self._excursion = (speed_m_s / CANONICAL_SPEED_M_S) ** EXCURSION_POWER
            contact_s = self._stance_travel(Fault(), STILL) / self._speed_bh_s
            self._flight_s = max(MIN_FLIGHT_S, 60.0 / cadence_spm(speed_m_s) - contact_s)
            super()._extend(i + 1)
            # The step keeps its own excursion as a share of the one all steps are scaled by.
            *angles, excursion = self._steps[i].noise
            share = self._excursion / base * (1.0 + excursion) - 1.0
            self._steps[i] = replace(self._steps[i], noise=(angles[0], angles[1], angles[2], share))
        self._excursion = base

    def hip_at(self, t_s: float) -> FloatArray:
        """Return the hip (2,) BH as `Gait.hip_at`, at the speed of its step."""
        self._speed_bh_s = self._speeds_bh_s[self.step_at(t_s).index]
        return super().hip_at(t_s)


class _Mover:
    """Parts of one kind that follow one another, in motion: figures over the time since the first of them began."""

    def __init__(self, start_s: float, parts: Sequence[Part], params: RunnerParams) -> None:
        self.start_s = start_s
        self._parts = tuple(parts)
        self._starts_s = [0.0, *itertools.accumulate(part.seconds for part in parts)]
        self.doing = parts[0].doing
        self._params = params
        seconds = self._starts_s[-1]
        self._wobble = np.random.default_rng((params.seed, 71, round(1000 * seconds))).uniform(0.0, 2.0 * math.pi, 6)
        self._gait = SpeedGait(params, self._speed_at) if self.doing is Doing.RUN else None
        cycle = self._cycle_at(0.0)
        # Phase of cyclic motion, every 20 ms: cadence follows the belt's speed.
        rates = [] if cycle is None else [self._rate(0.02 * k) for k in range(int(seconds / 0.02) + 100)]
        self._phases = np.concatenate(([0.0], np.cumsum(rates) * 0.02)) if rates else np.zeros(1)

    def _part_at(self, t_s: float) -> tuple[Part, float]:
        """Return the part going on and how long it has."""
        i = min(max(bisect.bisect_right(self._starts_s, t_s) - 1, 0), len(self._parts) - 1)
        return self._parts[i], t_s - self._starts_s[i]

    def _speed_at(self, t_s: float) -> float:
        part, since_s = self._part_at(t_s)
        return part.speed_at(since_s)

    def _rate(self, t_s: float) -> float:
        cycle = self._cycle_at(t_s)
        natural = 1.0 + 0.015 * self._params.variation * math.sin(3.1 * t_s + self._wobble[0])
        return 0.0 if cycle is None else cycle.steps_per_min / 120.0 * natural

    def _cycle_at(self, t_s: float) -> Cycle | None:
        (part, since_s), height_m = self._part_at(t_s), self._params.height_m
        speed_m_s = part.speed_at(since_s)
        if part.doing is Doing.WALK:
            cycle = walking(speed_m_s, height_m, part.lean_deg)
        elif part.doing is Doing.JOG:
            cycle = jogging(speed_m_s, height_m, part.steps_per_min or 158.0, bounce_bh=0.024 * part.size)
        elif part.doing is Doing.MARCH:
            cycle = Cycle(108.0, 0.0, 0.60, -0.010, 0.14 * part.size, 0.10 * part.size, 4.0, 0.010, 0.6)
        elif part.doing is Doing.SPOT_RUN:
            # Knees lifted in front or heels kicked up behind, by the seed.
            ahead = (0.09, -0.16, -0.05)[self._params.seed % 3]
            cycle = Cycle(168.0, 0.0, 0.40, 0.034 * part.size, 0.13 * part.size, ahead * part.size, 6.0, 0.035, 1.0)
        else:
            return None
        return replace(cycle, steps_per_min=part.steps_per_min) if part.steps_per_min else cycle

    def phase_at(self, t_s: float) -> float:
        """Return the phase of cyclic motion, strides."""
        x = min(max(t_s / 0.02, 0.0), len(self._phases) - 1.001)
        i = int(x)
        return float(self._phases[i] + (x - i) * (self._phases[i + 1] - self._phases[i]))

    def figure(self, t_s: float) -> Figure:
        """Return the figure, hip about x = 0, soles at or over y = 0."""
        t_s = max(t_s, 0.0)
        if self._gait is not None:
            step = self._gait.step_at(t_s)
            angles, hip = self._gait.angles_at(t_s), self._gait.hip_at(t_s)
            for leg in (NEAR, FAR):
                if t_s > step.toe_off_s or leg != step.side:
                    angles = lift_clear(float(hip[1]), angles, leg)
            return pose_figure(angles, hip)
        cycle = self._cycle_at(t_s)
        if cycle is not None:
            return cycle_figure(cycle, self.phase_at(t_s))
        pose, side, rise = self._pose(t_s)
        angles, at = angles_of(Placed(pose, side, ""), 0.0)
        if self.doing is Doing.JACKS:
            angles = _arms_up(angles, self._open(t_s))
        figure = pose_figure(angles, np.array(at))
        low = min(0.0, lowest_sole(figure))
        return pose_figure(angles, np.array(at) + np.array((-0.01, rise - low)))

    def _open(self, t_s: float) -> float:
        """Return how far a jumping jack is open, 0..1; one full jack in 1.1 s."""
        return 0.5 - 0.5 * math.cos(2.0 * math.pi * t_s / 1.1)

    def feet_apart(self, t_s: float) -> float:
        """Return how wide the feet stand, in their usual widths."""
        return 1.0 + 3.5 * self._open(t_s) if self.doing is Doing.JACKS else 1.0

    def _pose(self, t_s: float) -> tuple[Pose, int, float]:
        """Return (pose, leg that stands behind, rise of the whole body) of what has no cycle of steps."""
        size = self._part_at(t_s)[0].size
        if self.doing is Doing.FIDGET:
            return self._fidget(t_s, size)
        if self.doing is Doing.STEP_ON_OFF:
            return _step_on_off(t_s, size)
        if self.doing is Doing.JACKS:
            # Off the floor twice a jack, feet landing apart and together.
            hop = 0.028 * size * abs(math.sin(2.0 * math.pi * t_s / 1.1))
            return replace(NEUTRAL, hip_y=NEUTRAL.hip_y - 0.012 * (1.0 - hop / 0.028), arms=0.0), NEAR, hop
        if self.doing in (Doing.SQUATS, Doing.HINGES):
            period_s, target = (2.2, _SQUAT) if self.doing is Doing.SQUATS else (3.0, HINGE)
            w = 0.5 - 0.5 * math.cos(2.0 * math.pi * t_s / period_s)
            return blend(NEUTRAL, target, w * size), NEAR, 0.0
        sway = 0.0008 * self._params.variation * math.sin(2.0 * t_s + self._wobble[1])
        return replace(NEUTRAL, hip_x=NEUTRAL.hip_x + sway), NEAR, 0.0

    def _fidget(self, t_s: float, size: float) -> tuple[Pose, int, float]:
        """Shift the weight, nod, bend a knee, put a foot to and fro; nothing in rhythm."""
        w = self._wobble
        a, b, c = (math.sin(f * t_s + p) for f, p in ((1.7, w[0]), (2.9, w[1]), (4.3, w[2])))
        k, u = divmod(t_s, 1.3)
        lift = 0.05 * size * math.sin(math.pi * min(1.0, u / 0.6)) ** 2 if int(k) % 2 else 0.0
        pose = replace(
            NEUTRAL,
            stagger=0.04 * size * (1.0 + a),
            hip_x=NEUTRAL.hip_x + 0.02 * size * (1.0 + b),
            hip_y=NEUTRAL.hip_y - 0.008 * size * (1.0 + b * c),
            trunk_deg=NEUTRAL.trunk_deg + 5.0 * size * c,
            front_lift=lift,
            arms=0.5 + 0.5 * a * c,
        )
        return pose, NEAR if int(k) % 4 < 2 else FAR, 0.0


def _step_on_off(t_s: float, size: float) -> tuple[Pose, int, float]:
    """Step up on the frame of the belt (10 cm), stand, step down again, each foot in turn; 3.2 s a round."""
    u = (t_s % 3.2) / 3.2
    up = smoothstep(u / 0.25) - smoothstep((u - 0.5) / 0.25)
    moving = math.sin(math.pi * min(1.0, u / 0.25)) ** 2 if u < 0.25 else 0.0
    moving += math.sin(math.pi * (u - 0.5) / 0.25) ** 2 if 0.5 <= u < 0.75 else 0.0
    pose = replace(
        NEUTRAL,
        stagger=0.17 * size * moving,
        hip_x=NEUTRAL.hip_x + 0.06 * moving,
        hip_y=NEUTRAL.hip_y - 0.016 * moving,
        trunk_deg=NEUTRAL.trunk_deg + 8.0 * moving,
        front_lift=0.06 * size * moving,
    )
    return pose, NEAR if u < 0.5 else FAR, 0.057 * size * up


_SQUAT = Pose(0.0, 0.0, -0.060, 0.3300, 32.0, 34.0, arms=1.0)


def _arms_up(angles: Angles, opened: float) -> Angles:
    """Return the angles with the arms swung up sideways: seen from the side they shorten and pass over the head."""
    upper = 170.0 * opened
    return replace(angles, upper_arm_deg=(upper, upper), forearm_deg=(upper + 5.0, upper + 5.0))


@dataclass(frozen=True, slots=True)
class FeetApartCamera(Camera):
    """A camera that sees the feet ``feet_apart`` times as far apart, towards it and away from it."""

    feet_apart: float = 1.0

    def project(self, points_m: FloatArray) -> FloatArray:
        """Return the image points as `Camera.project`; the lower a point the more it is spread."""
        points = np.array(points_m, dtype=np.float64)
        low = np.clip((0.5 - points[:, 1]) / 0.4, 0.0, 1.0)
        points[:, 2] *= 1.0 + (self.feet_apart - 1.0) * low
        return Camera.project(self, points)


class Programme:
    """A whole session of one runner before a camera; everything follows from the arguments and the time.

    Args:
        parts: what is done, in this order.
        height_cm: stature. facing: LEFT is the exact mirror image of RIGHT.
        seed: of the natural variation, of the noise and of the phase.
        noise_mm: white noise of every landmark coordinate, mm in the runner's plane.
        drift_m: how far the runner wanders fore and aft on the belt (slow, 7 s).
    """

    def __init__(
        self,
        parts: Sequence[Part],
        height_cm: float = 178.0,
        facing: Facing = Facing.RIGHT,
        seed: int = 0,
        noise_mm: float = 0.0,
        drift_m: float = 0.0,
    ) -> None:
        self.params = RunnerParams(Act.GOOD, height_cm, facing=facing, seed=seed)
        self.parts = tuple(parts)
        self.camera = Camera.framing(stature_m=self.params.height_m)
        px_per_m = self.camera.focal / self.camera.distance_m
        self.noise = Noise(landmark_sd_px=noise_mm / 1000.0 * px_per_m, seed=seed)
        self._drift_m = drift_m
        self._stage: Stage | None = None
        self._starts_s = [0.0, *itertools.accumulate(part.seconds for part in self.parts)]
        movers: list[_Mover] = []
        for _, group in itertools.groupby(range(len(self.parts)), key=lambda i: self.parts[i].doing):
            numbers = list(group)
            mover = _Mover(self._starts_s[numbers[0]], [self.parts[i] for i in numbers], self.params)
            movers += [mover] * len(numbers)
        self._movers = movers

    @property
    def seconds(self) -> float:
        """Length of the session."""
        return self._starts_s[-1]

    def part_at(self, t_s: float) -> int:
        """Return the number of the part going on at a time."""
        return min(max(bisect.bisect_right(self._starts_s, t_s) - 1, 0), len(self.parts) - 1)

    def span_s(self, part: int) -> tuple[float, float]:
        """Return (start, end) of a part; for BLEND_S from its start it passes over from one of another kind."""
        return self._starts_s[part], self._starts_s[part + 1]

    def figure_at(self, t_s: float) -> Figure:
        """Return the figure at a time, its hip about x = 0."""
        i = self.part_at(t_s)
        since_s = t_s - self._starts_s[i]
        now, before = self._movers[i], self._movers[max(i - 1, 0)]
        figure = now.figure(t_s - now.start_s)
        if before is not now and since_s < BLEND_S:
            return between(before.figure(t_s - before.start_s), figure, smoothstep(since_s / BLEND_S))
        return figure

    def landmarks_at(self, t_s: float) -> BodyPose:
        """Return the landmarks in the picture at a time."""
        i = self.part_at(t_s)
        apart = self._movers[i].feet_apart(t_s - self._movers[i].start_s)
        camera = self.camera if apart == 1.0 else _spread(self.camera, apart)
        mirrored = self.params.facing is Facing.LEFT
        ahead_m = self._ahead_m(t_s)
        if ahead_m:
            camera = camera.before(-ahead_m if mirrored else ahead_m, 0.0)
        return body_pose(t_s, self.figure_at(t_s), self.params.height_m, camera, mirrored, self.noise)

    def image_at(self, t_s: float, index: int = 0) -> ImageArray:
        """Return the picture (H, W, 3) BGR at a time, as `VirtualScene.image_at`; feet are not drawn apart."""
        mirrored = self.params.facing is Facing.LEFT
        if self._stage is None:
            camera = self.camera.mirrored() if mirrored else self.camera
            self._stage = Stage(camera, LOOKS["dawn"], self.params.height_m, Extras.none())
        figure = self.figure_at(t_s)
        here = pose_figure(figure.angles, figure.hip + np.array((self._ahead_m(t_s) / self.params.height_m, 0.0)))
        image = self._stage.draw(t_s, here, self._belt_travel_m(t_s), depth_m=0.0, head_turn_deg=0.0)
        return np.ascontiguousarray(image[:, ::-1]) if mirrored else image

    def _ahead_m(self, t_s: float) -> float:
        """Return how far ahead of his usual place the runner is."""
        return self._drift_m * math.sin(2.0 * math.pi * t_s / 7.0)

    def _belt_travel_m(self, t_s: float) -> float:
        """Return how far the belt has moved since 0."""
        travel_m = 0.0
        for part, start_s in zip(self.parts, self._starts_s, strict=False):
            passed_s = min(max(t_s - start_s, 0.0), part.seconds)
            travel_m += 0.5 * (part.speed_m_s + part.speed_at(passed_s)) * passed_s
        return travel_m

    def is_running(self, t_s: float) -> bool | None:
        """Return whether the runner runs at a time; None while one thing passes into another."""
        i = self.part_at(t_s)
        same = i == 0 or self.parts[i - 1].doing.is_running == self.parts[i].doing.is_running
        if not same and t_s - self._starts_s[i] < BLEND_S:
            return None
        return self.parts[i].doing.is_running

    def midstances(self, part: int) -> list[float]:
        """Return the true times of lowest hip of a running part, without its first BLEND_S."""
        start_s, end_s = self._starts_s[part], self._starts_s[part + 1]
        times = np.arange(start_s + BLEND_S, end_s, 0.008)
        heights = np.array([self.figure_at(float(t)).hip[1] for t in times])
        lowest: list[int] = []
        for i in np.argsort(heights):
            if 0 < i < len(times) - 1 and all(abs(times[i] - times[k]) > LEAST_STEP_S for k in lowest):
                lowest.append(int(i))
        lows = [i for i in lowest if heights[i] <= min(heights[i - 1], heights[i + 1])]
        return sorted(float(times[i]) for i in lows)


def _spread(camera: Camera, apart: float) -> Camera:
    fields = {name: getattr(camera, name) for name in Camera.__dataclass_fields__}
    return FeetApartCamera(**fields, feet_apart=apart)
