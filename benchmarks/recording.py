"""What recording a session costs: processor time of its own thread and of the coach's, bytes on the disk.

Targets: 2 % of one processor, 0.1 ms a frame in the coach's thread, 60 MB an hour at 60 fps without video.
Landmarks are those of a runner with the jitter of a network (SD 1.5 px), in real time.
Run from the checkout: python -m benchmarks.recording [SECONDS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.coach.report import Mode
from app.coach.types import RunnerProfile
from app.session.recorder import SessionRecorder
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.scene import VirtualScene
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart
from benchmarks.common import STANDING_S, Row, finish

FPS, SECONDS, ROUND_S = 60.0, 60.0, 20.0
RECIPE = Recipe(Mode.RUN, RunnerProfile(178.0))


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    params = RunnerParams(act=Act.ANKLE_LEAN, standing_s=STANDING_S)
    scene = VirtualScene(params, Camera.framing((1280, 720)), noise=Noise(1.5, 0.01, seed=4))
    drawn = [scene.landmarks_at(k / FPS) for k in range(round(ROUND_S * FPS))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        coach, plain = RECIPE.make(), RECIPE.make()
        recorder = SessionRecorder(coach, SessionStart(RECIPE, person="Anna", source_kind="virtual"), folder)
        with_ms, without_ms = [], []
        began_s = time.monotonic()
        for k in range(round(seconds * FPS)):
            time.sleep(max(0.0, began_s + k / FPS - time.monotonic()))
            pose = replace(drawn[k % len(drawn)], t_s=k / FPS)
            both = ((coach, with_ms), (plain, without_ms))
            # Who is first pays for what the processor forgot while it slept: in turn.
            for judge, took_ms in both if k % 2 else both[::-1]:
                from_s = time.thread_time()
                judge.update(pose)
                took_ms.append((time.thread_time() - from_s) * 1e3)
        more_ms = np.array(with_ms) - np.array(without_ms)
        coach.finish()
        recorder.flush()
        writer, beside = recorder.writer_cpu_s / seconds, float(more_ms.sum()) / 1e3 / seconds
        from_s = time.thread_time()
        summary = coach.summary()
        summary_ms = (time.thread_time() - from_s) * 1e3
        from_s = time.monotonic()
        recorder.close(summary)
        closing_ms = (time.monotonic() - from_s) * 1e3
        poses = sum(path.stat().st_size for path in folder.glob("sessions/*/*"))
        database = (folder / "history.db").stat().st_size
    per_hour = 3600.0 / seconds / 1e6
    finish(
        f"{seconds:.0f} s at {FPS:.0f} fps in real time, {len(summary.steps)} steps",
        [
            Row("writing thread", 100.0 * writer, "% CPU"),
            Row("coach's thread", 100.0 * beside, "% CPU"),
            Row("together", 100.0 * (writer + beside), "% CPU", 2.0),
            Row("coach's thread, a frame (p50)", float(np.median(with_ms) - np.median(without_ms)), "ms", 0.1),
            Row("summary", summary_ms, "ms"),
            Row("closing", closing_ms, "ms"),
            Row("poses, an hour", poses * per_hour, "MB"),
            Row("database, an hour", database * per_hour, "MB"),
            Row("together, an hour", (poses + database) * per_hour, "MB", 60.0),
        ],
    )


if __name__ == "__main__":
    main()
