"""What every source promises, asked of all of them alike."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app.capture.ahead import ReadAhead
from app.capture.source import CaptureError, rate_from_times
from app.capture.trc import TrcSource
from app.capture.video import VideoSource
from app.capture.virtual import VirtualSource
from app.capture.webcam import WARM_UP_FRAMES, CameraPort, Webcam

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import SimpleNamespace

    from app.capture.source import FrameSource
    from app.coach.types import Frame

KINDS = ("video", "video, read ahead", "trc", "virtual", "virtual, real time", "camera")


@pytest.fixture(params=KINDS)
def source(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    scene: Any,
    world: Any,
    clips: SimpleNamespace,
    camera_steps: SimpleNamespace,
    trc: Callable[..., str],
) -> FrameSource:
    """One source of each kind; those with pictures show the frame index in them."""
    match request.param:
        case "video":
            return VideoSource(clips.write(tmp_path / "clip.mp4", frames=12))
        case "video, read ahead":
            return ReadAhead(VideoSource(clips.write(tmp_path / "clip.mp4", frames=12)))
        case "trc":
            path = tmp_path / "made.trc"
            path.write_text(trc(frames=12))
            return TrcSource(path)
        case "virtual":
            return VirtualSource(scene, seconds=0.4)
        case "virtual, real time":
            now_s = [50.0]

            def wait(_condition: object, timeout_s: float) -> None:
                now_s[0] += timeout_s

            return VirtualSource(scene, seconds=0.4, realtime=True, clock=lambda: now_s[0], wait=wait)
        case _:
            steps = camera_steps
            world.openings = [
                steps.Opening(itertools.chain(steps.frames(WARM_UP_FRAMES), steps.frames())) for _ in range(3)
            ]
            port: CameraPort = world.port()
            return Webcam(size_px=(160, 120), port=port)


def take(source: FrameSource, count: int) -> list[Frame]:
    frames = [frame for _ in range(count) if (frame := source.read()) is not None]
    assert len(frames) == count
    return frames


def test_the_life_of_a_source(source: FrameSource) -> None:
    with pytest.raises(RuntimeError, match="before open"):
        source.read()
    source.close()  # closing what was never open does nothing
    source.open()
    first = take(source, 3)
    source.open()  # opening what is open does nothing: the frames go on
    assert take(source, 1)[0].index > first[-1].index
    source.close()
    source.close()
    assert source.read() is None
    assert source.read() is None
    source.open()  # starts anew
    assert take(source, 1)[0].index == 0
    source.close()


def test_no_frame_is_lost_repeated_or_overwritten(source: FrameSource, clips: SimpleNamespace) -> None:
    source.open()
    frames = take(source, 12)
    assert [frame.index for frame in frames] == list(range(12))
    assert (np.diff([frame.t_s for frame in frames]) > 0.0).all()
    images = [frame.image_bgr for frame in frames if frame.image_bgr is not None]
    assert len(images) == (0 if source.kind == "trc" else 12)
    # read back only now, when a reused buffer would have been overwritten
    assert [clips.number(image) for image in images] == list(range(len(images)))
    for one, other in itertools.pairwise(images):
        assert not np.shares_memory(one, other)
    if not source.live:
        assert source.read() is None
        assert source.read() is None
        assert source.frame_count == 12
    source.close()


def test_pictures_and_landmarks_have_the_promised_form(source: FrameSource) -> None:
    assert source.size_px == (0, 0)
    source.open()
    for frame in take(source, 3):
        if frame.image_bgr is not None:
            assert frame.image_bgr.dtype == np.uint8
            assert frame.image_bgr.flags.c_contiguous
            assert frame.image_bgr.shape == (source.size_px[1], source.size_px[0], 3)
        if frame.landmarks is not None:
            assert frame.landmarks.t_s == frame.t_s
            assert frame.landmarks.image_size_px == source.size_px
        assert frame.image_bgr is not None or frame.landmarks is not None
    assert source.kind in ("video", "trc", "virtual", "camera")
    assert isinstance(source.live, bool)
    assert source.notice == ""
    source.close()


def test_reading_ahead_stops_with_the_reader_and_hands_errors_on(tmp_path: Path, clips: SimpleNamespace) -> None:
    clip = clips.write(tmp_path / "clip.mp4", frames=40)
    source = ReadAhead(VideoSource(clip))
    source.open()
    assert take(source, 1)[0].index == 0
    source.close()  # far from the end, with a full queue
    source = ReadAhead(VideoSource(clip))
    source.open()
    take(source, 40)
    assert source.read() is None
    source.close()

    class Breaks(VideoSource):
        def read(self) -> Frame | None:
            frame = super().read()
            if frame is not None and frame.index == 2:
                raise CaptureError("the disk is gone")
            return frame

    source = ReadAhead(Breaks(clip))
    source.open()
    take(source, 2)
    with pytest.raises(CaptureError, match="the disk is gone"):
        source.read()
    assert source.read() is None
    source.close()


def test_reading_ahead_may_be_closed_from_two_threads_at_once(tmp_path: Path, clips: SimpleNamespace) -> None:
    source = ReadAhead(VideoSource(clips.write(tmp_path / "clip.mp4", frames=12)))
    source.open()

    class OtherCloses(threading.Event):
        """Lets another thread close the source just when this one is about to."""

        def set(self) -> None:
            if not self.is_set():
                super().set()
                other = threading.Thread(target=source.close)
                other.start()
                other.join(10.0)

    source._stop.set()  # the reading thread keeps its own event
    source._stop = OtherCloses()
    source.close()
    assert source.read() is None


def test_rate_from_times() -> None:
    assert np.isnan(rate_from_times(np.array([])))
    assert np.isnan(rate_from_times(np.array([1.0])))
    exact_s = np.arange(600) / 60.0
    assert rate_from_times(exact_s) == pytest.approx(60.0)
    assert rate_from_times(np.round(exact_s, 3)) == pytest.approx(60.0, rel=1e-3)
    assert rate_from_times(np.delete(exact_s, slice(100, 200))) == pytest.approx(60.0)
    uneven_s = np.cumsum([0.01, 0.1] * 50)
    assert rate_from_times(uneven_s) == pytest.approx(1.0 / 0.055, rel=0.02)
