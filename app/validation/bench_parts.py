"""The parts of the bench that need no window: a clip analyzed, a live session, one with a slow network.

Each part has its own bare loop right before and after it, as what else runs on the machine comes and goes.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from app.capture.ahead import ReadAhead
from app.capture.video import VideoSource
from app.coach.errors import WorldError
from app.coach.model import CoachModel
from app.coach.types import RunnerProfile
from app.session import Session
from app.store.json_values import number
from app.store.video_file import video_file
from app.validation.bench_bare import clip_fps, loop_fps
from app.validation.bench_clip import HEIGHT_CM, frames_of
from app.validation.bench_marks import LiveMarks, Rows, rate_hz, stage_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.capture.source import FrameSource
    from app.coach.types import Frame
    from app.pose.estimator import Estimate, PoseEstimator
    from app.validation.bench_bare import Bare
    from app.validation.bench_clip import Clip
    from app.validation.bench_memory import MemoryLog

#: What is told of the time after the first frame of a live run: rates and caches settle first, s.
WARM_UP_S = 1.0
#: The longest that a network may take to load, s.
LOADING_S = 120.0
#: To what the network is slowed, ms.
OVERLOAD_MS = 100.0


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long each part is.

    Attributes:
        live_s: a live run. bare_s: one stretch of the bare loop. clip_s: the clip that is analyzed.
        rounds: how often clip and bare loop take turns. starts: how often the app is started.
        stored: with how many sessions in the history. frames: of the part that watches the memory.
    """

    live_s: float = 20.0
    bare_s: float = 5.0
    clip_s: float = 10.0
    rounds: int = 3
    starts: int = 3
    stored: tuple[int, ...] = (1, 10, 100, 1000)
    frames: int = 50_000


@dataclass(frozen=True, slots=True)
class Bench:
    """What every part works with.

    Attributes:
        clip: the pictures. lengths: how long. make_estimator: the app's own chain, make_live: beside camera and window.
        make_bare: what it is compared with. memory: counts the frames.
        network: when the network alone was done, and how long it took (`watched_network`).
    """

    clip: Clip
    lengths: Lengths
    make_estimator: Callable[[], PoseEstimator]
    make_live: Callable[[], PoseEstimator]
    make_bare: Callable[[], Bare]
    memory: MemoryLog
    network: Rows = field(default_factory=lambda: Rows("at_s", "took_ms"))

    def bare_fps(self) -> float:
        """Return the rate of the bare loop on the running pictures, now."""
        bare = self.make_bare()
        try:
            return loop_fps(bare, [image for image, _ in self.clip.running], self.lengths.bare_s)
        finally:
            bare.close()


def coach_of_bench() -> CoachModel:
    """Return the coach of a part."""
    return CoachModel(profile=RunnerProfile(HEIGHT_CM))


# ---- a clip ---------------------------------------------------------------------------------------------------------


def analyze_part(bench: Bench) -> dict[str, Any]:
    """Return how fast a video file is analyzed, beside reading it and looking at it in turn."""
    bare_fps, ours_fps = [], []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        count = write_clip(bench, path)
        for _ in range(bench.lengths.rounds):
            bare = bench.make_bare()
            try:
                bare_fps.append(clip_fps(bare, path))
            finally:
                bare.close()
            ours_fps.append(analyzed_fps(bench, ReadAhead(VideoSource(path))))
    return {
        "frames": count,
        "rounds": bench.lengths.rounds,
        "bare_fps": number(median(bare_fps), 2),
        "fps": number(median(ours_fps), 2),
        "ratio": number(median(a / b for a, b in zip(ours_fps, bare_fps, strict=True)), 3),
        "ratios": [number(a / b, 3) for a, b in zip(ours_fps, bare_fps, strict=True)],
    }


def write_clip(bench: Bench, path: Path) -> int:
    """Write the bench's clip as a video file; return its number of frames."""
    count = max(4, round(bench.lengths.clip_s * bench.clip.fps))
    with video_file(path, lambda: bench.clip.fps) as film:
        for frame in frames_of(bench.clip, count):
            film.add_frame(frame)
    return count


def analyzed_fps(bench: Bench, source: FrameSource) -> float:
    """Return the rate of `analyze` from its second frame on: loading the network does not count, nor for the bare."""
    count, began_s = 0, 0.0
    with Session(source, bench.make_estimator, coach_of_bench(), (bench.memory,)) as session:
        session.step()
        began_s = time.perf_counter()
        while session.step() is not None:
            count += 1
        return count / (time.perf_counter() - began_s)


# ---- live, without a window -----------------------------------------------------------------------------------------


def headless_part(bench: Bench) -> dict[str, Any]:
    """Return how many frames a second a live session keeps up with, beside the bare loop on the same pictures."""
    with beside_bare(bench) as beside:
        marks, span = run_live(bench, bench.make_live)
        beside.fps = rate_hz(marks.frames.column("ready_s"), [span])
    return {**beside.figures(), "stages_ms": stage_figures(marks, [span], bench.network)}


def overload_part(bench: Bench) -> dict[str, Any]:
    """Return how old the frames get where the network takes `OVERLOAD_MS`: their age must not grow."""

    def slow() -> PoseEstimator:
        return Slowed(bench.make_live(), OVERLOAD_MS)

    marks, span = run_live(bench, slow)
    ready_s = marks.frames.column("ready_s")
    inside = (ready_s >= span[0]) & (ready_s <= span[1])
    age_ms = (ready_s - marks.frames.column("captured_s"))[inside] * 1e3
    third = max(1, age_ms.size // 3)
    stages = stage_figures(marks, [span], bench.network)
    grown_ms = float(np.median(age_ms[-third:]) - np.median(age_ms[:third])) if age_ms.size else float("nan")
    waits_ms = stages["age"]["p95"]
    return {
        "network_ms": OVERLOAD_MS,
        "fps": number(rate_hz(ready_s, [span]), 2),
        "stages_ms": stages,
        "waits_frames": None if waits_ms is None else number(waits_ms * bench.clip.fps / 1e3, 3),
        "grown_frames": number(grown_ms * bench.clip.fps / 1e3, 3),
    }


class Slowed:
    """An estimator that takes at least so long for a frame.

    Args:
        estimator: what finds the pose. takes_ms: least time for a frame. wait: waits for so many seconds.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        estimator: PoseEstimator,
        takes_ms: float,
        clock: Callable[[], float] = time.perf_counter,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._estimator, self._takes_s, self._clock, self._wait = estimator, takes_ms / 1e3, clock, wait

    def estimate(self, frame: Frame) -> Estimate:
        """Return what the estimator finds, not before its time."""
        began_s = self._clock()
        estimate = self._estimator.estimate(frame)
        left_s = self._takes_s - (self._clock() - began_s)
        if left_s > 0.0:
            self._wait(left_s)
        return estimate

    def restart(self) -> None:
        """Look afresh in the next frame."""
        self._estimator.restart()

    def close(self) -> None:
        """Free everything held."""
        self._estimator.close()


class Beside:
    """The rate of a live run and of the bare loop before and after it."""

    def __init__(self, camera_fps: float) -> None:
        self._camera_fps = camera_fps
        self.bare_fps: list[float] = []
        self.fps = float("nan")

    def figures(self) -> dict[str, Any]:
        """Return both rates and their ratio; the bare loop cannot be faster than the camera."""
        bare_fps = sum(self.bare_fps) / len(self.bare_fps)
        return {
            "camera_fps": number(self._camera_fps, 2),
            "bare_fps": number(bare_fps, 2),
            "fps": number(self.fps, 2),
            "ratio": number(self.fps / min(bare_fps, self._camera_fps), 3),
        }


@contextmanager
def beside_bare(bench: Bench) -> Iterator[Beside]:
    """Run the bare loop before and after the block."""
    beside = Beside(bench.clip.fps)
    beside.bare_fps.append(bench.bare_fps())
    yield beside
    beside.bare_fps.append(bench.bare_fps())


def run_live(bench: Bench, make_estimator: Callable[[], PoseEstimator]) -> tuple[LiveMarks, tuple[float, float]]:
    """Run a live session without a window; return its marks and the span of time that counts."""
    marks = LiveMarks()
    session = Session(bench.clip.camera(), make_estimator, coach_of_bench(), (marks, bench.memory))
    session.start()
    try:
        _await_first(session, marks)
        start_s = time.perf_counter() + WARM_UP_S
        if session.wait(WARM_UP_S + bench.lengths.live_s):
            raise fault_of(session) or RuntimeError("the live session ended by itself")
        return marks, (start_s, time.perf_counter())
    finally:
        session.stop()


def _await_first(session: Session, marks: LiveMarks) -> None:
    """Wait until the first frame is coached. Raises what the session failed with."""
    deadline_s = time.perf_counter() + LOADING_S
    while not marks.first.wait(0.1):
        if (fault := fault_of(session)) is not None:
            raise fault
        if time.perf_counter() > deadline_s:
            raise RuntimeError(f"no frame was coached within {LOADING_S:.0f} s")


def fault_of(session: Session) -> Exception | None:
    """Return why a session has failed, None where it has not."""
    status = session.status()
    if not status.error:
        return None
    return RuntimeError(status.error) if status.error_is_ours else WorldError(status.error)
