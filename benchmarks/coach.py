"""What the coach itself costs per frame, on true landmarks.

Target: under a twentieth of a 60 fps interval usually, 1 ms for 99 of 100 frames. Counted in this thread's own
processor time, so that other programs do not count.
Run from the checkout: python -m benchmarks.coach
"""

from __future__ import annotations

import time

import numpy as np

from app.coach.model import CoachModel
from app.coach.types import RunnerProfile
from benchmarks.common import Row, finish, scene

FRAMES, FPS = 5000, 60.0


def main() -> None:
    runner, coach = scene(), CoachModel(profile=RunnerProfile(178.0))
    poses = [runner.landmarks_at(k / FPS) for k in range(FRAMES)]
    took_ms = np.empty(FRAMES)
    for k, pose in enumerate(poses):
        began_s = time.thread_time()
        coach.update(pose)
        took_ms[k] = (time.thread_time() - began_s) * 1e3
    began_s = time.thread_time()
    coach.finish()
    steps = len(coach.summary().steps)
    summary_ms = (time.thread_time() - began_s) * 1e3
    p50_ms, p99_ms = np.percentile(took_ms, (50, 99))
    finish(
        f"coach.update over {FRAMES} frames at {FPS:.0f} fps, {steps} steps",
        [
            Row("p50", float(p50_ms), "ms", 1e3 / FPS / 20),
            Row("p99", float(p99_ms), "ms", 1.0),
            Row("longest", float(took_ms.max()), "ms"),
            Row("last quarter over first (p50)", float(_growth(took_ms)), "x", 1.5),
            Row("finish and summary", summary_ms, "ms"),
        ],
    )


def _growth(took_ms: np.ndarray) -> np.floating:
    quarter = len(took_ms) // 4
    return np.median(took_ms[-quarter:]) / np.median(took_ms[quarter : 2 * quarter])


if __name__ == "__main__":
    main()
