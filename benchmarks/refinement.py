"""What mask and refinement cost beside the bare network, on the same 720p frames, in turns in the same run.

Run from the checkout: python -m benchmarks.refinement
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from app.coach.types import Frame
from app.pose.engine import Engine, default_engine, make_network
from app.pose.mediapipe_estimator import MediaPipeEstimator
from app.pose.refined import RefinedEstimator
from benchmarks.common import DrawnScene, Row, finish, model_path

if TYPE_CHECKING:
    from app.pose.estimator import PoseEstimator

FPS, SECONDS, ROUNDS, FRAMES_A_ROUND = 30.0, 3.0, 12, 30


def times_ms(estimator: PoseEstimator, scene: DrawnScene, first: int) -> list[float]:
    """Return how long each frame of a round took."""
    took = []
    for k in range(first, first + FRAMES_A_ROUND):
        frame = Frame(k, k / FPS, scene.image_at(k / FPS, k))
        began_s = time.perf_counter()
        estimator.estimate(frame)
        took.append((time.perf_counter() - began_s) * 1e3)
    return took


def main() -> None:
    path, scene = model_path(), DrawnScene(FPS, SECONDS)
    chains: dict[str, PoseEstimator] = {
        "bare MediaPipe, no mask": MediaPipeEstimator(path),
        "MediaPipe, mask, refined": RefinedEstimator(make_network(Engine.MEDIAPIPE, path, with_mask=True)),
    }
    if default_engine() is Engine.LITERT:
        chains["LiteRT, mask, refined"] = RefinedEstimator(make_network(Engine.LITERT, path, with_mask=True))
    took: dict[str, list[list[float]]] = {name: [] for name in chains}
    for index in range(ROUNDS + 1):
        for name, chain in chains.items():
            took[name].append(times_ms(chain, scene, index * FRAMES_A_ROUND))
    for chain in chains.values():
        chain.close()
    # Round by round, as what else runs on the machine comes and goes; the first round warms up.
    medians = {name: [statistics.median(times) for times in rounds[1:]] for name, rounds in took.items()}
    bare = medians["bare MediaPipe, no mask"]
    rows = []
    for name, values in medians.items():
        rows.append(Row(name, statistics.median(values), "ms"))
        if values is not bare:
            share = statistics.median(a / b for a, b in zip(values, bare, strict=True))
            rows.append(Row("  of the bare network's time", share, "x", 1.3))
    finish(f"a frame of 1280x720, {ROUNDS} rounds of {FRAMES_A_ROUND} in turns", rows)


if __name__ == "__main__":
    main()
