"""A loop of pictures as a live camera: order, times, skipping, and that every frame owns its picture."""

from __future__ import annotations

import numpy as np
import pytest

from app.capture.loop import LoopScene, LoopSource
from app.capture.source import CaptureError
from app.coach.types import LANDMARK_COUNT, BodyPose

FPS, START_S = 50.0, 10.0


def picture(number):
    """A picture of one grey, and a body at that place."""
    xy_px = np.full((LANDMARK_COUNT, 2), float(number))
    return np.full((24, 32, 3), number, np.uint8), BodyPose(0.0, xy_px, np.ones(LANDMARK_COUNT), (32, 24))


class Clock:
    """Time that passes only while the source waits."""

    def __init__(self):
        self.now_s = START_S
        self.on_wait = lambda: None

    def wait(self, _condition, timeout_s):
        self.on_wait()
        self.now_s += timeout_s


@pytest.fixture
def clock():
    return Clock()


def source_of(clock, hold_s=0.0, loop_from=0, count=4, seconds=None):
    scene = LoopScene([picture(n) for n in range(count)], FPS, hold_s, loop_from)
    return LoopSource(scene, FPS, seconds, clock=lambda: clock.now_s, wait=clock.wait)


def test_the_first_is_held_then_all_come_then_the_loop_for_ever():
    scene = LoopScene([picture(n) for n in range(4)], FPS, hold_s=3 / FPS, loop_from=1)
    assert [scene.place(k) for k in range(12)] == [0, 0, 0, 1, 2, 3, 1, 2, 3, 1, 2, 3]
    whole = LoopScene([picture(n) for n in range(3)], FPS)
    assert [whole.place(k) for k in range(7)] == [0, 1, 2, 0, 1, 2, 0]


def test_frames_come_when_they_are_due_with_picture_and_landmarks_of_the_same_place(clock):
    source = source_of(clock, hold_s=2 / FPS, loop_from=1)
    source.open()
    frames = [source.read() for _ in range(9)]
    shown = [0, 0, 1, 2, 3, 1, 2, 3, 1]
    assert source.live
    assert source.size_px == (32, 24)
    assert [frame.index for frame in frames] == list(range(9))
    assert [frame.t_s for frame in frames] == pytest.approx([START_S + k / FPS for k in range(9)])
    assert [int(frame.image_bgr[0, 0, 0]) for frame in frames] == shown
    assert [float(frame.landmarks.xy_px[0, 0]) for frame in frames] == shown
    assert [frame.landmarks.t_s for frame in frames] == [frame.t_s for frame in frames]


def test_frames_that_nobody_waited_for_are_skipped_and_the_loop_goes_on_in_time(clock):
    source = source_of(clock)
    source.open()
    source.read()
    clock.now_s += 6.5 / FPS
    frame = source.read()
    assert frame.index == 7
    assert frame.t_s == pytest.approx(START_S + 7 / FPS)
    assert int(frame.image_bgr[0, 0, 0]) == 7 % 4


def test_writing_into_a_frame_does_not_reach_the_next_round(clock):
    source = source_of(clock, count=1)
    source.open()
    source.read().image_bgr[:] = 200
    assert int(source.read().image_bgr.max()) == 0


def test_closing_ends_a_waiting_read_and_a_length_ends_the_source(clock):
    source = source_of(clock, seconds=2 / FPS)
    source.open()
    assert [source.read() is None for _ in range(3)] == [False, False, True]
    other = source_of(clock)
    other.open()
    other.read()
    clock.on_wait = other.close
    assert other.read() is None
    assert other.read() is None


def test_what_makes_no_sense_is_refused(clock):
    with pytest.raises(ValueError, match="one of 4 pictures, not at 4"):
        LoopScene([picture(n) for n in range(4)], FPS, loop_from=4)
    with pytest.raises(ValueError, match="one of 0 pictures"):
        LoopScene([], FPS)
    with pytest.raises(CaptureError, match="above 0"):
        LoopSource(LoopScene([picture(0)], FPS), 0.0)
    with pytest.raises(RuntimeError):
        source_of(clock).read()
