"""The starting-line stances: virtual bodies that stand as told, or with one fault, before a camera, and their verdict.

Every body takes up the poses in its own way (`app.sim.poses.Manner`), with the near or the far foot behind. The coach
is the one `hingecoach analyze --mode stance` uses. Its thresholds were chosen on seeds 100 to 199.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.coach.model import CoachModel
from app.coach.report import GOOD, NOT_JUDGED, Mode
from app.coach.types import Facing, RunnerProfile
from app.sim.acts import Act, RunnerParams
from app.sim.body import FAR, NEAR
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.look import LOOKS
from app.sim.poses import Manner
from app.sim.runner import Runner
from app.sim.scene import VirtualScene
from app.validation.acts_run import Network, poses_of
from app.validation.timed import Timed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.coach.report import Hold
    from app.coach.rules import Rules
    from app.coach.types import BodyPose

#: The stances that are told apart, the good one first.
STANCES: tuple[Act, ...] = tuple(act for act in Act if act.value.startswith("stance_"))
#: Everything a stance can be called.
STANCE_VERDICTS: tuple[str, ...] = (*(act.value.removeprefix("stance_") for act in STANCES), "no_stagger", NOT_JUDGED)
SIZE_PX = (1280, 720)
FPS, STANDING_S, SECONDS = 15.0, 3.2, 7.4
#: Grain of the picture, grey levels, as in the other scenes.
IMAGE_SD = 4.0
RUNS = 12
STATURES_CM = (155.0, 168.0, 181.0, 195.0)
BODIES = (0.62, 0.72, 0.82)
LENS_M, YAW_DEG = (0.9, 1.1, 1.3), (-5.0, 0.0, 5.0)
FIRST_SEED = 500


@dataclass(frozen=True, slots=True)
class StanceScene(Timed):
    """One stance of one body, 1280 x 720, seen from the side after three seconds of standing.

    Attributes:
        name: unique. act: what is stood. facing, height_cm, seed: of the body. rear: NEAR or FAR foot behind.
        look: clothes. body: the standing body's share of the picture's height. lens_m, yaw_deg: of the camera.
        fps, seconds: as they say. jitter: how far the body is from the exact pose, 1 = usual.
    """

    name: str
    act: Act
    facing: Facing
    height_cm: float
    rear: int
    look: str
    body: float
    lens_m: float
    yaw_deg: float
    seed: int
    fps: float = FPS
    seconds: float = SECONDS
    jitter: float = 1.0

    def virtual(self) -> VirtualScene:
        """Return the scene to render. One is for one thread."""
        params = RunnerParams(
            act=self.act, height_cm=self.height_cm, facing=self.facing, standing_s=STANDING_S, seed=self.seed
        )
        camera = Camera.framing(
            SIZE_PX, self.body, height_m=self.lens_m, stature_m=self.height_cm / 100.0, yaw_deg=self.yaw_deg
        )
        scene = VirtualScene(params, camera, LOOKS[self.look], Noise(image_sd=IMAGE_SD, seed=self.seed))
        scene.runner = Runner(params, Manner.drawn(self.seed, self.jitter, self.rear))
        return scene


def stance_scenes(first_seed: int = FIRST_SEED, runs: int = RUNS) -> tuple[StanceScene, ...]:
    """Return ``runs`` of every stance, each a body of its own: both facings with both feet, then the rest in turn."""
    return tuple(_scene(act, i, first_seed + runs * a + i) for a, act in enumerate(STANCES) for i in range(runs))


def _scene(act: Act, i: int, seed: int) -> StanceScene:
    rng = np.random.default_rng((seed, 29))
    facing = (Facing.RIGHT, Facing.LEFT)[i % 2]
    rear = (NEAR, FAR)[i // 2 % 2]
    height_cm = float(rng.choice(STATURES_CM))
    return StanceScene(
        f"{act}-{facing}-{'near' if rear == NEAR else 'far'}-{height_cm:.0f}-{seed}",
        act,
        facing,
        height_cm,
        rear,
        list(LOOKS)[i // 4 % len(LOOKS)],
        float(rng.choice(BODIES)),
        float(rng.choice(LENS_M)),
        float(rng.choice(YAW_DEG)),
        seed,
    )


#: Every stance of the full validation.
STANCE_SCENES = stance_scenes()


def quick_stance_scenes() -> tuple[StanceScene, ...]:
    """Return one run of each stance, in turn with either facing and either foot behind."""
    return tuple(STANCE_SCENES[RUNS * a + a % 4] for a in range(len(STANCES)))


@dataclass(frozen=True, slots=True)
class StanceRun:
    """What the coach made of one stance.

    Attributes:
        verdict, why_not: of the whole run (`CoachSummary`). hold: the one that decided, None without any.
        labels: the verdict on the screen in every frame of a hold, oldest first.
        cues: faults that were spoken of. elapsed_s: seconds it took.
    """

    scene: StanceScene
    verdict: str
    why_not: str
    hold: Hold | None
    labels: tuple[str, ...]
    cues: tuple[str, ...]
    elapsed_s: float = 0.0

    @property
    def wanted(self) -> str:
        """The right verdict."""
        return self.scene.act.value.removeprefix("stance_")

    @property
    def right(self) -> bool:
        """Whether the verdict is the right one."""
        return self.verdict == self.wanted

    @property
    def blamed_frames(self) -> int:
        """Frames of a hold with the label of a fault that is not there."""
        return sum(label not in (GOOD, NOT_JUDGED, self.wanted) for label in self.labels)


def judge_run(scene: StanceScene, poses: Sequence[BodyPose], rules: Rules | None = None) -> StanceRun:
    """Return what the coach makes of a run's poses, one a frame."""
    coach = CoachModel(mode=Mode.STANCE, profile=RunnerProfile(scene.height_cm), rules=rules)
    labels, cues = [], []
    for pose in poses:
        report = coach.update(pose)
        if report.hold is not None:
            labels.append(report.verdict)
        if report.cue is not None and report.cue.because:
            cues.append(report.cue.because)
    coach.finish()
    summary = coach.summary()
    hold = max(summary.holds, key=lambda h: h.end_s - h.start_s, default=None)
    why_not = summary.stance_not_judged_because
    return StanceRun(scene, summary.stance_verdict, why_not, hold, tuple(labels), tuple(cues))


def run_stance(
    scene: StanceScene, network: Network | None, keep: Path | None = None, kept: Path | None = None
) -> StanceRun:
    """Return what a stance came to through the refined network, or through the poses ``kept``; see `run_act`.

    Raises:
        WorldError: as `run_act`.
    """
    started_s = time.perf_counter()
    poses = poses_of(scene, network, keep, kept)
    run = judge_run(scene, poses)
    return StanceRun(scene, run.verdict, run.why_not, run.hold, run.labels, run.cues, time.perf_counter() - started_s)
