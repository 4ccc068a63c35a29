"""The two pose engines side by side: time per frame, and accuracy against the virtual runner's truth.

``python -m benchmarks.engines`` runs both parts; ``time`` or ``accuracy`` as argument only one of them.

*Time*: bare MediaPipe, MediaPipe with mask and LiteRT with mask take turns in short rounds on the same drawn 720p
pictures, so that what else the machine does hits all alike; a round's ratio is to bare MediaPipe in that round.

*Accuracy*: scenes of both facings, all looks, 30 and 60 pictures a second, bodies of 250 to 900 px; every engine
sees the same pictures. The drawn figure is no person: compare engines with it, do not quote its biases.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from app.coach.types import Facing, Frame, Landmark
from app.pose.litert_estimator import LiteRtEstimator
from app.pose.mediapipe_estimator import MediaPipeEstimator
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.look import LOOKS
from app.sim.scene import VirtualScene
from benchmarks.common import DrawnScene, Row, finish, model_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.coach.types import BodyPose, FloatArray
    from app.pose.estimator import BodyMask, PoseEstimator

    Engines = dict[str, Callable[[Path], PoseEstimator]]

ENGINES: Engines = {
    "MediaPipe": MediaPipeEstimator,
    "MediaPipe + mask": lambda path: MediaPipeEstimator(path, with_mask=True),
    "LiteRT + mask": lambda path: LiteRtEstimator(path, with_mask=True),
}
ROUNDS, FRAMES_PER_ROUND = 15, 10

#: True ankles further apart than this share of the trunk: the legs can be told from each other.
APART_TRUNKS = 0.45
#: Estimated ankles nearer to each other than this share of the true distance are merged.
MERGED = 0.4
STANDING_S = 0.5
#: The estimates of the first moments after standing are not judged.
SETTLE_S = 0.5


@dataclass(frozen=True)
class Scenario:
    """A rendered run. ``body`` is its share of the picture's height, ``seconds`` the part that is judged."""

    facing: Facing
    look: str
    fps: float
    size_px: tuple[int, int]
    body: float
    seconds: float = 4.0

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"{self.facing} {self.look} {self.fps:g} Hz, body {self.body * self.size_px[1]:.0f} px"


SCENARIOS = (
    Scenario(Facing.RIGHT, "dawn", 60, (1280, 720), 0.75),
    Scenario(Facing.LEFT, "lake", 60, (1280, 720), 0.75),
    Scenario(Facing.RIGHT, "ember", 30, (1280, 720), 0.6, 5.0),
    Scenario(Facing.LEFT, "dawn", 30, (1280, 720), 0.35, 5.0),
    Scenario(Facing.RIGHT, "lake", 30, (1920, 1080), 0.83, 5.0),
)


@dataclass
class Sample:
    """One engine on one scene: its poses beside the true ones."""

    mm_per_px: float
    facing: Facing
    pairs: list[tuple[BodyPose, BodyPose]] = field(default_factory=list)
    tops_px: list[tuple[float, float]] = field(default_factory=list)

    def add(self, pose: BodyPose, truth: BodyPose, mask: BodyMask | None) -> None:
        """Take the estimate of one frame."""
        if not pose.seen:
            return
        self.pairs.append((pose, truth))
        if mask is not None:
            self.tops_px.append((top_of(mask, middle(pose, "EAR")), float(truth[Landmark.HEAD_TOP][1])))

    def figures(self) -> dict[str, float]:
        """Return what is told of it."""
        t_s = np.array([truth.t_s for _, truth in self.pairs])
        ears = np.array([[middle(p, "EAR")[1], middle(t, "EAR")[1]] for p, t in self.pairs])
        leans = np.array([[lean_deg(p, self.facing), lean_deg(t, self.facing)] for p, t in self.pairs])
        tops = np.array(self.tops_px)
        return {
            "ear SD mm": float(np.std(ears[:, 0] - ears[:, 1])) * self.mm_per_px,
            "ear lag ms": lag_ms(t_s, ears),
            "trunk lag ms": lag_ms(t_s, leans),
            "lean bias deg": float(np.mean(leans[:, 0] - leans[:, 1])),
            "lean SD deg": float(np.std(leans[:, 0] - leans[:, 1])),
            "mask top SD mm": float(np.nanstd(tops[:, 0] - tops[:, 1])) * self.mm_per_px if len(tops) else np.nan,
            **self._legs(),
        }

    def _legs(self) -> dict[str, float]:
        """Return the errors of the ankles where the true ones are apart."""
        errors: dict[str, list[float]] = {"front": [], "rear": []}
        merged = exchanged = apart = 0
        ankles = [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]
        for pose, truth in self.pairs:
            found, true = pose.xy_px[ankles], truth.xy_px[ankles]
            gap = true[0, 0] - true[1, 0]
            if abs(gap) < APART_TRUNKS * np.hypot(*(middle(truth, "SHOULDER") - middle(truth, "HIP"))):
                continue
            apart += 1
            found_gap = found[0, 0] - found[1, 0]
            merged += abs(found_gap) < MERGED * abs(gap)
            exchanged += found_gap * gap < 0 and abs(found_gap) >= MERGED * abs(gap)
            order = np.argsort(-self.facing.sign * true[:, 0])
            found_order = np.argsort(-self.facing.sign * found[:, 0])
            for leg, k, m in zip(errors, order, found_order, strict=True):
                errors[leg].append(float(np.hypot(*(found[m] - true[k]))) * self.mm_per_px)
        return {
            "front ankle mm": statistics.median(errors["front"]),
            "rear ankle mm": statistics.median(errors["rear"]),
            "front ankle p95 mm": float(np.percentile(errors["front"], 95)),
            "rear ankle p95 mm": float(np.percentile(errors["rear"], 95)),
            "merged %": 100 * merged / apart,
            "exchanged %": 100 * exchanged / apart,
        }


def middle(pose: BodyPose, name: str) -> FloatArray:
    """Return the middle (2,) px of a left and a right landmark."""
    return np.asarray((pose[Landmark[f"LEFT_{name}"]] + pose[Landmark[f"RIGHT_{name}"]]) / 2)


def lean_deg(pose: BodyPose, facing: Facing) -> float:
    """Return the trunk's lean, + forward."""
    forward, down = middle(pose, "SHOULDER") - middle(pose, "HIP")
    return float(np.degrees(np.arctan2(facing.sign * forward, -down)))


def lag_ms(t_s: FloatArray, values: FloatArray) -> float:
    """Return how late the first column follows the second: the slope of its error over the truth's speed."""
    speed = np.gradient(values[:, 1], t_s)
    error = values[:, 0] - values[:, 1]
    return -1000 * float(np.cov(error, speed)[0, 1] / np.var(speed, ddof=1))


def top_of(mask: BodyMask, ear_px: FloatArray) -> float:
    """Return the picture row of the mask's upper edge over the ear: the uppermost 0.5 of the columns there."""
    column, row = (ear_px - mask.origin_px) / mask.cell_px
    half = max(round(30 / mask.cell_px), 2)
    from_row = max(int(row) - 6 * half, 0)
    window = mask.values[from_row : int(row) + 1, max(int(column) - half, 0) : int(column) + half + 1]
    if not window.size:
        return float("nan")
    profile = window.max(axis=1)
    above = np.flatnonzero(profile >= 0.5)
    if not above.size or above[0] == 0:
        return float("nan")
    k = int(above[0])
    cell = from_row + k - (profile[k] - 0.5) / (profile[k] - profile[k - 1])
    return mask.origin_px[1] + float(cell) * mask.cell_px


def run_scene(scenario: Scenario, engines: Engines, path: Path) -> dict[str, Sample]:
    """Let every engine see the same pictures."""
    params = RunnerParams(facing=scenario.facing, standing_s=STANDING_S)
    camera = Camera.framing(scenario.size_px, body_fraction=scenario.body)
    scene = VirtualScene(params, camera, LOOKS[scenario.look], Noise(image_sd=4, exposure_s=0.008))
    samples = {name: Sample(1000 * camera.distance_m / camera.focal, scenario.facing) for name in engines}
    estimators = {name: make(path) for name, make in engines.items()}
    start_s = STANDING_S + SETTLE_S
    for k in range(round((start_s + scenario.seconds) * scenario.fps)):
        t_s = k / scenario.fps
        frame, truth = Frame(k, t_s, scene.image_at(t_s, k)), scene.landmarks_at(t_s)
        for name, estimator in estimators.items():
            estimate = estimator.estimate(frame)
            if t_s >= start_s:
                samples[name].add(estimate.pose, truth, estimate.mask)
    for estimator in estimators.values():
        estimator.close()
    return samples


def accuracy(engines: Engines, path: Path, scenarios: tuple[Scenario, ...] = SCENARIOS) -> None:
    """Print the table of every scene."""
    for scenario in scenarios:
        figures = {name: sample.figures() for name, sample in run_scene(scenario, engines, path).items()}
        print(f"\n{scenario.name:<40}" + "".join(f"{name:>18}" for name in figures))
        for quantity in next(iter(figures.values())):
            print(f"  {quantity:<38}" + "".join(f"{values[quantity]:18.1f}" for values in figures.values()), flush=True)


def timing(engines: Engines, path: Path) -> list[Row]:
    """Return the engines' times per frame and their ratios to the first one."""
    drawn = DrawnScene(30.0, 1.0)
    estimators = {name: make(path) for name, make in engines.items()}
    times_ms: dict[str, list[list[float]]] = {name: [] for name in engines}
    cpu_ms: dict[str, list[float]] = {name: [] for name in engines}
    for turn in range(ROUNDS + 1):
        for name, estimator in estimators.items():
            spent = []
            begin_cpu_s = time.process_time()
            for k in range(FRAMES_PER_ROUND):
                number = turn * FRAMES_PER_ROUND + k
                frame = Frame(number, number / 30, drawn.image_at(0.0, number))
                begin_s = time.perf_counter()
                estimator.estimate(frame)
                spent.append(1000 * (time.perf_counter() - begin_s))
            if turn:  # the first round warms up
                times_ms[name].append(spent)
                cpu_ms[name].append(1000 * (time.process_time() - begin_cpu_s) / FRAMES_PER_ROUND)
    for estimator in estimators.values():
        estimator.close()
    medians = {name: [statistics.median(spent) for spent in rounds] for name, rounds in times_ms.items()}
    first = next(iter(engines))
    rows = [Row(f"{name}, median", statistics.median(values), "ms") for name, values in medians.items()]
    rows += [Row(f"{name}, all threads' CPU time", statistics.median(cpu_ms[name]), "ms") for name in engines]
    for what, values in (("time", medians), ("CPU time", cpu_ms)):
        for name in list(engines)[1:]:
            ratios = [mine / other for mine, other in zip(values[name], values[first], strict=True)]
            rows.append(Row(f"{name} / {first}, {what}", statistics.median(ratios), ""))
    return rows


def main() -> None:
    wanted = sys.argv[1:] or ["accuracy", "time"]
    path = model_path()
    if "accuracy" in wanted:
        accuracy(ENGINES, path)
    if "time" in wanted:
        finish("Time per frame, 720p, in turns", timing(ENGINES, path))


if __name__ == "__main__":
    main()
