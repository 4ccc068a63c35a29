"""The virtual runner as a source, at will and against a scripted clock."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.capture.source import CaptureError
from app.capture.virtual import VirtualSource
from app.coach.types import Landmark

if TYPE_CHECKING:
    from types import SimpleNamespace
    from typing import Any


class Clock:
    """A clock that moves when the source waits, or when a test moves it."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def wait(self, _condition: threading.Condition, timeout_s: float) -> None:
        self.now_s += timeout_s


def test_at_will_every_frame_comes_at_k_over_fps(scene: Any, clips: SimpleNamespace) -> None:
    source = VirtualSource(scene, fps=50.0, seconds=0.3)
    source.open()
    frames = list(iter(source.read, None))
    assert source.frame_count == len(frames) == 15
    assert [clips.number(frame.image_bgr) for frame in frames] == list(range(15))
    np.testing.assert_allclose([frame.t_s for frame in frames], np.arange(15) / 50.0)
    assert [frame.landmarks.t_s for frame in frames if frame.landmarks] == [frame.t_s for frame in frames]
    assert source.size_px == (160, 120)
    assert (source.fps, source.live) == (50.0, False)


def test_without_end_and_without_pictures(scene: Any) -> None:
    source = VirtualSource(scene, render=False)
    source.open()
    assert source.frame_count is None
    frame = source.read()
    assert frame is not None
    assert frame.image_bgr is None
    assert frame.landmarks is not None


def test_given_frame_times(scene: Any, clips: SimpleNamespace) -> None:
    source = VirtualSource(scene, frame_times=[0.0, 0.1, 0.2, 0.5, 0.6])
    source.open()
    frames = list(iter(source.read, None))
    assert [frame.t_s for frame in frames] == [0.0, 0.1, 0.2, 0.5, 0.6]
    assert source.fps == pytest.approx(10.0)
    with pytest.raises(ValueError, match="increase"):
        VirtualSource(scene, frame_times=[0.0, 0.2, 0.2])


def test_real_time_paces_by_the_clock_and_skips_what_is_past(scene: Any, clips: SimpleNamespace) -> None:
    clock = Clock()
    source = VirtualSource(scene, fps=10.0, seconds=2.0, realtime=True, clock=clock, wait=clock.wait)
    source.open()
    seen = []
    for _ in range(3):
        frame = source.read()
        assert frame is not None
        assert clock.now_s == pytest.approx(frame.t_s)
        seen.append(frame)
    clock.now_s += 0.45  # the consumer is late: frames due at 0.3 to 0.6 are past at 0.65
    frame = source.read()
    assert frame is not None
    seen.append(frame)
    assert [frame.index for frame in seen] == [0, 1, 2, 7]
    assert [clips.number(frame.image_bgr) for frame in seen] == [0, 1, 2, 7]
    for frame in seen:
        assert frame.t_s == pytest.approx(1000.0 + frame.index / 10.0)
        assert frame.landmarks is not None
        assert frame.landmarks.t_s == frame.t_s
        # the scene tells its own time in the landmarks' x
        assert frame.landmarks[Landmark.NOSE][0] - 10.0 == pytest.approx(frame.t_s - source.start_s)
    clock.now_s += 60.0
    assert source.read() is None


def test_real_time_with_given_frame_times(scene: Any) -> None:
    clock = Clock()
    source = VirtualSource(scene, frame_times=[0.0, 0.1, 0.4, 0.5], realtime=True, clock=clock, wait=clock.wait)
    source.open()
    first = source.read()
    clock.now_s += 0.2
    second = source.read()
    assert first is not None
    assert second is not None
    assert (first.index, second.index) == (0, 2)
    assert second.t_s == pytest.approx(1000.4)


def test_close_unblocks_a_waiting_read(scene: Any) -> None:
    waiting = threading.Event()

    def wait(condition: threading.Condition, timeout_s: float) -> None:
        waiting.set()
        condition.wait(timeout_s)

    source = VirtualSource(scene, fps=0.001, realtime=True, clock=lambda: 5.0, wait=wait)
    source.open()
    assert source.read() is not None
    answers: list[object] = []
    reader = threading.Thread(target=lambda: answers.append(source.read()))
    reader.start()
    assert waiting.wait(10.0)
    source.close()
    reader.join(10.0)
    assert answers == [None]


def test_senseless_settings(scene: Any) -> None:
    for fps in (0.0, -30.0, float("nan"), float("inf")):
        with pytest.raises(CaptureError, match="frame rate"):
            VirtualSource(scene, fps=fps)
    for seconds in (0.0, -1.0, float("nan")):
        with pytest.raises(CaptureError, match="length"):
            VirtualSource(scene, seconds=seconds)
