"""What a session tells about itself: the analysis of a frame, its phase, the counters of the status bar."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from app.pose.estimator import NO_TRACKING, Tracking

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.coach.exam_report import ExamReport
    from app.coach.report import CoachReport
    from app.coach.setup import SetupReport
    from app.coach.types import BodyPose, Frame

#: Rates are taken over this many newest seconds: long enough to be steady, short enough to show a slow-down.
RATE_WINDOW_S = 2.0
#: How many newest frames the percentiles are taken over (a minute at 60 fps).
STATS_FRAMES = 3600


class Phase(StrEnum):
    """Life of a session; the last three are final: make a new session to run again.

    STOPPED (not yet run) -> STARTING -> RUNNING, then one of FINISHED (the source ended), STOPPING -> STOPPED
    (it was told to), FAULTED.
    """

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAULTED = "faulted"


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """One frame, the pose found in *that very image*, and what the coach says about it.

    Attributes:
        tracking: totals of following this person up to this frame.
        timings_ms: "age" (frame read -> estimation starts), "pose", "coach", "total" (read -> report ready).
        setup: what the set-up guide says, None where there is none.
        exam: how the starting-line exam stands, None where none is sat.

    """

    frame: Frame
    pose: BodyPose
    report: CoachReport
    timings_ms: Mapping[str, float]
    tracking: Tracking = NO_TRACKING
    setup: SetupReport | None = None
    exam: ExamReport | None = None


@dataclass(frozen=True, slots=True)
class StageTiming:
    """Median and tail of how long one stage took per frame, in ms (NaN before the first frame)."""

    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """A snapshot of a session.

    Attributes:
        phase: where its life stands.
        fps_in, fps_out: frames read and frames analysed per second of wall clock, over the newest 2 s.
        frames: frames analysed. dropped: frames read but replaced by a newer one before anybody saw them.
        age_ms_p50, age_ms_p95: age of a frame when its estimation started; NaN for a source not live.
        latency_ms_p50, latency_ms_p95: frame read -> report ready; NaN for a source that is not live.
        stages_ms: timings of "age", "pose", "coach" and "total".
        error: one line, "" while all is well. error_is_ours: a bug, not something the user can put right.
        notice: one line from the source ("" = none), e.g. that the camera gives fewer frames than asked for.
        expired_events: events that nobody fetched before they were too old to be of use.

    """

    phase: Phase
    fps_in: float
    fps_out: float
    frames: int
    dropped: int
    age_ms_p50: float
    age_ms_p95: float
    latency_ms_p50: float
    latency_ms_p95: float
    stages_ms: Mapping[str, StageTiming]
    error: str
    error_is_ours: bool
    notice: str
    expired_events: int


class RateMeter:
    """Events per second of wall clock over the newest `RATE_WINDOW_S`; any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times_s: deque[float] = deque()

    def tick(self, now_s: float) -> None:
        """Count one event at ``now_s`` (monotonic seconds)."""
        with self._lock:
            self._times_s.append(now_s)
            self._forget(now_s)

    def rate_hz(self, now_s: float) -> float:
        """Return the rate as of ``now_s``: intervals per their duration, 0 with fewer than two events."""
        with self._lock:
            self._forget(now_s)
            if len(self._times_s) < 2 or self._times_s[-1] <= self._times_s[0]:
                return 0.0
            return (len(self._times_s) - 1) / (self._times_s[-1] - self._times_s[0])

    def _forget(self, now_s: float) -> None:
        while self._times_s and self._times_s[0] < now_s - RATE_WINDOW_S:
            self._times_s.popleft()


class StageStats:
    """Durations of each stage for the newest `STATS_FRAMES` frames; any thread may use it."""

    STAGES = ("age", "pose", "coach", "total")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._durations_ms: dict[str, deque[float]] = {stage: deque(maxlen=STATS_FRAMES) for stage in self.STAGES}

    def add(self, timings_ms: Mapping[str, float]) -> None:
        """Count one frame."""
        with self._lock:
            for stage, duration_ms in timings_ms.items():
                self._durations_ms[stage].append(duration_ms)

    def timings(self) -> dict[str, StageTiming]:
        """Return the percentiles of every stage."""
        with self._lock:
            copies = {stage: list(durations) for stage, durations in self._durations_ms.items()}
        return {stage: _percentiles(durations) for stage, durations in copies.items()}


def _percentiles(durations_ms: Iterable[float]) -> StageTiming:
    values_ms = np.fromiter(durations_ms, dtype=np.float64)
    if not values_ms.size:
        return StageTiming(float("nan"), float("nan"), float("nan"))
    p50_ms, p95_ms, p99_ms = np.percentile(values_ms, (50, 95, 99)).tolist()
    return StageTiming(p50_ms, p95_ms, p99_ms)
