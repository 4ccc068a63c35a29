"""A range of a landmark file, and a clip at the speed of life."""

import threading
import time

import pytest

from app.capture.source import CaptureError
from app.cli.clip import Clipped, Paced
from app.cli.people import LOOK_S, Clip
from app.coach.types import Frame
from app.pose.subject import FIRST_LOOK_PLACES, SKIM_HZ


class Ticks:
    """Frames at a rate, the first at 0 s; a part of it as a video's time range."""

    kind, live, size_px, notice = "video", False, (64, 48), ""

    def __init__(self, count, fps, part=None):
        self.fps, (start_s, end_s) = fps, part or (0.0, float("inf"))
        self._frames = [Frame(k, k / fps) for k in range(count) if start_s - 1e-9 <= k / fps < end_s]
        self.frame_count, self.opened, self.closed = len(self._frames), 0, 0

    def open(self):
        if not self._frames:
            raise CaptureError("no frame there")
        self.opened += 1
        self._left = list(self._frames)

    def read(self):
        return self._left.pop(0) if self._left else None

    def close(self):
        self.closed += 1


def all_of(source):
    source.open()
    frames = list(iter(source.read, None))
    source.close()
    return frames


def test_a_range_has_its_first_and_not_its_last_instant():
    source = Clipped(Ticks(100, 10.0), 2.0, 3.0)
    assert source.frame_count == 10
    assert [frame.index for frame in all_of(source)] == list(range(20, 30))
    assert [frame.index for frame in all_of(source)] == list(range(20, 30))  # opened again, it starts anew


def test_a_range_with_nothing_in_it_is_told():
    with pytest.raises(CaptureError, match="no frame between 20 and 30 s"):
        all_of(Clipped(Ticks(100, 10.0), 20.0, 30.0))
    for start_s, end_s in ((3.0, 2.0), (-1.0, 2.0), (2.0, 2.0), (float("nan"), 2.0)):
        with pytest.raises(CaptureError, match="time range"):
            Clipped(Ticks(100, 10.0), start_s, end_s)


def test_a_paced_clip_takes_as_long_as_life():
    began_s = time.monotonic()
    assert len(all_of(Paced(Ticks(10, 100.0)))) == 10
    assert time.monotonic() - began_s >= 0.09


def test_closing_a_paced_clip_ends_a_wait():
    source, got = Paced(Ticks(2, 0.001)), []
    source.open()
    assert source.read().index == 0
    reader = threading.Thread(target=lambda: got.append(source.read()))
    reader.start()
    source.close()
    reader.join(10.0)
    assert got == [None]


def test_the_first_look_goes_all_over_the_wanted_part():
    clip = Clip(lambda part: Ticks(3000, 30.0, part), (10.0, 61.0), 1.0)
    times_s = [frame.t_s for frame in clip.first_look()]
    frames_a_place = round(LOOK_S * SKIM_HZ)
    assert len(times_s) == FIRST_LOOK_PLACES * frames_a_place
    assert times_s[::frames_a_place] == pytest.approx([15.0, 25.0, 35.0, 45.0, 55.0], abs=0.05)


def test_a_first_look_bears_a_header_that_promises_too_much():
    def part_of(part):
        source = Ticks(300, 30.0, part)
        source.frame_count = 3000
        return source

    # 10 s are there of 100 s promised: of the places at 10, 30, 50, 70 and 90 s only the first gives a frame.
    assert [frame.index for frame in Clip(part_of, None, 1.0).first_look()] == [297]


def test_skimming_takes_a_few_frames_a_second_in_order():
    times_s = [frame.t_s for frame in Clip(lambda part: Ticks(300, 30.0, part), None, 1.0).skim()]
    assert len(times_s) == pytest.approx(10 * SKIM_HZ, abs=1)
    assert times_s == sorted(times_s)
