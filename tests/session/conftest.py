"""Fakes of the rooms below the session: they do nothing but count, wait on events and fail on demand."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from app.coach.report import Activity, CoachReport, Cue, FormSample, Mode, StandingStatus, Step
from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Frame, ViewKind
from app.pose.estimator import Estimate

NAN = float("nan")
WAIT_S = 10.0  # never reached by code that works


class FakeSource:
    """``count`` frames, 0.1 s apart. A live one waits for `let`; ``fail_at`` raises ``error``."""

    kind = "virtual"
    size_px = (64, 48)
    fps = 10.0
    notice = "low light"

    def __init__(self, count=5, live=False, fail_at=None, error=None, open_error=None, endless=False):
        self.count, self.live, self.endless = count, live, endless
        self.fail_at, self.error, self.open_error = fail_at, error, open_error
        self.frame_count = count
        self.next_index = 0
        self.gate = threading.Semaphore(0)
        self.handed_out = threading.Semaphore(0)
        self.closed = threading.Event()
        self.opened_in = self.read_in = None
        self.close_calls = 0

    def let(self, frames):
        """Let a live source hand out so many more frames."""
        for _ in range(frames):
            self.gate.release()

    def open(self):
        self.opened_in = threading.current_thread().name
        if self.open_error is not None:
            raise self.open_error

    def read(self):
        self.read_in = threading.current_thread().name
        if self.live:
            self.handed_out.release()  # the frame before was delivered: its receiver came back for more
            assert self.gate.acquire(timeout=WAIT_S)
        if self.closed.is_set() or (self.next_index >= self.count and not self.endless):
            return None
        if self.next_index == self.fail_at:
            raise self.error
        index = self.next_index
        self.next_index += 1
        return Frame(index, 0.1 * index)

    def close(self):
        self.close_calls += 1
        self.closed.set()
        self.gate.release()


class FakeEstimator:
    """Every landmark at (index, t); waits for ``gate`` where there is one."""

    def __init__(self, gate=None, fail_at=None, error=None):
        self.gate, self.fail_at, self.error = gate, fail_at, error
        self.seen = []
        self.entered = threading.Semaphore(0)
        self.closed_in = None
        self.made_in = threading.current_thread().name

    def estimate(self, frame):
        self.seen.append(frame.index)
        self.entered.release()
        if self.gate is not None:
            assert self.gate.acquire(timeout=WAIT_S)
        if frame.index == self.fail_at:
            raise self.error
        xy_px = np.full((LANDMARK_COUNT, 2), float(frame.index))
        return Estimate(BodyPose(frame.t_s, xy_px, np.ones(LANDMARK_COUNT), (64, 48)))

    def close(self):
        self.closed_in = threading.current_thread().name


SAMPLE = FormSample(0.0, NAN, NAN, NAN, NAN, NAN)
STEP = Step(0.0, 0.0, NAN, NAN, "near", *([0.0] * 11), hit=False)
REPORT = CoachReport(
    0.0, Activity.RUNNING, Facing.RIGHT, ViewKind.SIDE, 0.0, SAMPLE, None, None,
    StandingStatus("none", False, 0.0, ""), None, None, (), None, "not_judged", "too few steps", NAN,
)  # fmt: skip


class FakeCoach:
    """A cue at frame ``cue_at``, a step every third frame; keeps the order of everything asked of it."""

    def __init__(self, cue_at=None):
        self.cue_at = cue_at
        self.calls = []
        self.mode = Mode.RUN
        self.finished = 0

    def update(self, pose):
        index = int(pose.xy_px[0, 0])
        self.calls.append(f"update {index}")
        cue = None
        if index == self.cue_at:
            cue = Cue("tunnel", "Duck under the roof", "Duck", pose.t_s, pose.t_s + 2.0, 2, "standing_up")
        step = replace(STEP, t_s=pose.t_s) if index % 3 == 2 else None
        return replace(REPORT, t_s=pose.t_s, cue=cue, step=step, verdict=self.mode.value)

    def start_calibration(self):
        self.calls.append("calibrate")

    def set_mode(self, mode):
        self.calls.append(f"mode {mode}")
        self.mode = mode

    def finish(self):
        self.finished += 1

    def summary(self):
        return list(self.calls)


@pytest.fixture
def fakes():
    """The fake rooms and the time no wait should ever take."""
    return SimpleNamespace(
        Source=FakeSource, Estimator=FakeEstimator, Coach=FakeCoach, report=REPORT, step=STEP, wait_s=WAIT_S
    )
