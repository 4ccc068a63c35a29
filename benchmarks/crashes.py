"""How much of a session is lost when its process is killed: fifty real ones, each at a random moment.

Target: never a second; every session recovered at the next start; every pose kept is the very one that was judged.
Run from the checkout: python -m benchmarks.crashes [HOW_MANY]
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.coach.report import Mode
from app.coach.types import LANDMARK_COUNT, BodyPose, RunnerProfile
from app.store.history import History
from app.store.sessions.grid import on_grid
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart

FPS, AT_ONCE, LONGEST_S = 60.0, 5, 4.0
RECIPE = Recipe(Mode.RUN, RunnerProfile(178.0))


@dataclass(frozen=True)
class Crash:
    """One killed process: frames it had judged, frames recovered, seconds of judging lost, whether all is as judged."""

    judged: int
    kept: int
    lost_s: float
    same: bool


def save_poses(path: Path) -> None:
    """Write the landmarks of a runner, jittered like a network's: drawing him anew is not what is to be killed."""
    from app.sim.acts import RunnerParams
    from app.sim.camera import Camera
    from app.sim.landmarks import Noise
    from app.sim.scene import VirtualScene

    runner = VirtualScene(RunnerParams(standing_s=1.5), Camera.framing((1280, 720)), noise=Noise(1.5, 0.01, seed=3))
    np.save(path, [runner.landmarks_at(k / FPS).xy_px for k in range(round(2 * LONGEST_S * FPS))])


def load_poses(path: Path) -> list[BodyPose]:
    """Return the poses of `save_poses`, `FPS` a second."""
    visible = np.full(LANDMARK_COUNT, 0.9)
    return [BodyPose(k / FPS, xy_px, visible, (1280, 720)) for k, xy_px in enumerate(np.load(path))]


def record(folder: Path) -> None:
    """Record in real time until killed; tell the number of every judged frame, and when it was."""
    from app.session.recorder import SessionRecorder

    poses, coach = load_poses(folder.with_suffix(".npy")), RECIPE.make()
    recorder = SessionRecorder(coach, SessionStart(RECIPE, source_kind="virtual"), folder)
    print(recorder.id, flush=True)
    began_s = time.monotonic()
    for k, pose in enumerate(poses):
        time.sleep(max(0.0, began_s + k / FPS - time.monotonic()))
        coach.update(pose)
        print(k, time.monotonic(), flush=True)
    sys.exit("nobody killed it")


def crash(folder: Path, moments_s: list[float]) -> list[Crash]:
    """Kill one recording process at each of these times after its first frame, all at once, and recover them."""
    save_poses(folder.with_suffix(".npy"))
    command = [sys.executable, "-m", "benchmarks.crashes", "record", str(folder)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in moments_s]
    firsts = [(child.stdout.readline().strip(), child.stdout.readline()) for child in children]
    ends_s = [float(first.split()[1]) + after_s for (_, first), after_s in zip(firsts, moments_s, strict=True)]
    for at_s, child in sorted(zip(ends_s, children, strict=True), key=lambda pair: pair[0]):
        time.sleep(max(0.0, at_s - time.monotonic()))
        child.kill()
    told = [first + child.communicate()[0] for (_, first), child in zip(firsts, children, strict=True)]
    with History(folder) as history:
        history.recover()
        return [_compare(history, name, text) for (name, _), text in zip(firsts, told, strict=True)]


def _compare(history: History, name: str, told: str) -> Crash:
    # The last line may be torn by the kill.
    at_s = [float(line.split()[1]) for line in told.split("\n")[:-1]]
    row = next((row for row in history.sessions() if row.id == name), None)
    if row is None:  # killed before the first chunk: there was nothing to recover
        return Crash(len(at_s), 0, at_s[-1] - at_s[0], True)
    poses, kept, same = load_poses(history.data_folder.with_suffix(".npy")), 0, row.state == "recovered"
    for kept, pose in enumerate(history.frames(name), start=1):
        expected = on_grid(poses[kept - 1])
        same &= pose.t_s == expected.t_s and np.array_equal(pose.xy_px, expected.xy_px, equal_nan=True)
    lost_s = at_s[-1] - at_s[kept] if kept < len(at_s) else 0.0
    return Crash(len(at_s), kept, lost_s, bool(same) and row.frames == kept)


def main() -> None:
    from benchmarks.common import Row, finish

    how_many = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    rng, crashes = random.Random(7), []
    while len(crashes) < how_many:
        with tempfile.TemporaryDirectory() as folder:
            moments_s = [rng.uniform(0.0, LONGEST_S) for _ in range(min(AT_ONCE, how_many - len(crashes)))]
            crashes += crash(Path(folder, "data"), moments_s)
    lost_s = sorted(one.lost_s for one in crashes)
    finish(
        f"{how_many} recording processes killed at random moments, {AT_ONCE} at once into one history",
        [
            Row("frames judged", sum(one.judged for one in crashes), ""),
            Row("frames recovered", sum(one.kept for one in crashes), ""),
            Row("lost, median", lost_s[len(lost_s) // 2], "s"),
            Row("lost, most", lost_s[-1], "s", 1.0),
            Row("not the same as judged", sum(not one.same for one in crashes), "", 0.0),
        ],
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["record"]:
        record(Path(sys.argv[2]))
    else:
        main()
