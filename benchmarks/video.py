"""What keeping the video of a session costs, and how much of it is lost when the process is killed.

Pictures are those of a drawn runner with the noise of a webcam (SD 3 of 255), in real time.
Targets: half an hour to the gigabyte, a fifth of one processor, never two seconds lost.
Run from the checkout: python -m benchmarks.video [SECONDS [KILLS]]
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from app.coach.types import Frame, ImageArray
from app.session.filming import Filming
from app.store.sessions import video_track
from benchmarks.common import DrawnScene, Row, finish

FPS, SECONDS, KILLS, AT_ONCE, LONGEST_S = 30.0, 30.0, 12, 3, 6.0
NOISE, DRAWN_S = 3.0, 2.0


def pictures() -> list[ImageArray]:
    """Return `DRAWN_S` of a runner, each picture with its own noise."""
    rng, drawn = np.random.default_rng(5), DrawnScene(FPS, DRAWN_S).pictures
    noisy = (picture + rng.normal(0.0, NOISE, picture.shape).astype(np.float32) for picture in drawn)
    return [np.clip(picture, 0, 255).astype(np.uint8) for picture in noisy]


def film_all(film: Filming, drawn: list[ImageArray], frames: int, told: bool = False) -> None:
    """Give pictures to be filmed, in real time; ``told``: tell when each was given."""
    began_s = time.monotonic()
    for k in range(frames):
        time.sleep(max(0.0, began_s + k / FPS - time.monotonic()))
        film.add(Frame(k, k / FPS, drawn[k % len(drawn)]))
        if told:
            print(k / FPS, flush=True)


def record(folder: Path) -> None:
    """Film until killed."""
    drawn = list(np.load(folder.with_suffix(".npy"), mmap_mode="r"))
    film_all(Filming(folder), drawn, round(1e6), told=True)


def kill(folder: Path, moments_s: list[float]) -> list[float]:
    """Kill filming processes so long after their first pictures; return the seconds that each has lost."""
    folders = [folder / str(k) for k in range(len(moments_s))]
    children = []
    for one in folders:
        one.mkdir()
        one.with_suffix(".npy").hardlink_to(folder / "drawn.npy")
        command = [sys.executable, "-m", "benchmarks.video", "record", str(one)]
        children.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    lost_s: list[float] = []
    for child, after_s, one in zip(children, moments_s, folders, strict=True):
        told: list[float] = []
        assert child.stdout is not None
        for line in child.stdout:
            told.append(float(line))
            if told[-1] >= after_s:
                break
        child.kill()
        given_s = [*told, *map(float, child.communicate()[0].split("\n")[:-1])][-1]
        video_track.finish(one)
        kept = video_track.kept_video(one)
        lost_s.append(given_s - kept.times_s[-1] if kept is not None else given_s)
    return lost_s


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else KILLS
    drawn, rng = pictures(), random.Random(7)
    lost_s: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before_s = time.process_time()
        film = Filming(folder)
        film_all(film, drawn, round(seconds * FPS))
        film.close()
        cpu = (time.process_time() - before_s) / seconds
        size, frames = video_track.video_bytes(folder), film.frames
    while len(lost_s) < kills:
        with tempfile.TemporaryDirectory() as name:
            np.save(Path(name, "drawn.npy"), drawn)
            moments_s = [rng.uniform(1.5, LONGEST_S) for _ in range(min(AT_ONCE, kills - len(lost_s)))]
            lost_s += kill(Path(name), moments_s)
    finish(
        f"{seconds:.0f} s of video at {FPS:.0f} fps in real time, then {kills} killed, {AT_ONCE} at once",
        [
            Row("a minute", size / 1e6 / frames * FPS * 60.0, "MB", 33.0),
            Row("processor, encoder's threads too", 100.0 * cpu, "% CPU", 20.0),
            Row("a picture", 1e3 * cpu * seconds / frames, "ms"),
            Row("left out", 100.0 * film.dropped / (frames + film.dropped), "%"),
            Row("lost by a kill, median", sorted(lost_s)[len(lost_s) // 2], "s"),
            Row("lost by a kill, most", max(lost_s), "s", 2.0),
        ],
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["record"]:
        record(Path(sys.argv[2]))
    else:
        main()
