"""Clips as phones write them: mirrored, large, of varying rate, with edits and metadata, or of no use."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.capture import opencv
from app.capture.clip_facts import ClipFacts, clip_facts, slowdown, slowdown_of
from app.capture.clip_times import rate_notice
from app.capture.opencv import cv2, fitting
from app.capture.source import CaptureError
from app.capture.unreadable import why_no_frame
from app.capture.video import VideoSource

if TYPE_CHECKING:
    from types import SimpleNamespace

    from app.coach.types import Frame


def read_all(source: VideoSource) -> list[Frame]:
    source.open()
    frames = list(iter(source.read, None))
    source.close()
    return frames


def patch(path: Path, box: bytes, offset: int, content: bytes) -> None:
    """Overwrite a part of a box's content."""
    data = bytearray(path.read_bytes())
    at = data.index(box) + 4 + offset
    data[at : at + len(content)] = content
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("matrix", "unmirror"),
    [
        ((-1, 0, 0, 1), np.fliplr),
        ((1, 0, 0, -1), np.flipud),
        ((0, 1, 1, 0), lambda image: image.transpose(1, 0, 2)),
        ((0, -1, -1, 0), lambda image: np.rot90(image.transpose(1, 0, 2), 2)),
    ],
)
def test_stored_mirroring_is_applied(tmp_path: Path, clips: SimpleNamespace, matrix, unmirror) -> None:
    path = clips.write(tmp_path / "selfie.mp4")
    a, b, c, d = matrix
    patch(path, b"tkhd", 40, struct.pack(">9i", *(x << 16 for x in (a, b, 0, c, d, 0, 0, 0)), 0x40000000))
    source = VideoSource(path)
    frames = read_all(source)
    assert source.size_px == ((160, 120) if a else (120, 160))
    # Each of the four undoes itself.
    assert [clips.number(unmirror(frame.image_bgr)) for frame in frames] == list(range(30))
    assert all(frame.image_bgr.flags.c_contiguous for frame in frames if frame.image_bgr is not None)


def test_a_part_that_an_edit_list_slows_keeps_its_frame_times(tmp_path: Path, clips: SimpleNamespace) -> None:
    path = clips.write(tmp_path / "edited.mp4", frames=60)
    data = path.read_bytes()
    at = data.index(b"elst") - 4
    length = int.from_bytes(data[at : at + 4], "big")
    # 0.5 s as it is, 0.5 s at a quarter of the speed, the rest as it is; time scales: film 1000, track 15360.
    edits = ((500, 0, 1.0), (2000, 7680, 0.25), (1000, 15360, 1.0))
    content = struct.pack(">II", 0, 3) + b"".join(struct.pack(">IiI", e, m, round(r * 65536)) for e, m, r in edits)
    grown = 8 + len(content) - length
    data = data[:at] + struct.pack(">I4s", 8 + len(content), b"elst") + content + data[at + length :]
    for name in (b"edts", b"trak", b"moov"):
        start = data.index(name) - 4
        data = (
            data[:start] + struct.pack(">I", int.from_bytes(data[start : start + 4], "big") + grown) + data[start + 4 :]
        )
    path.write_bytes(data)
    facts = clip_facts(path)
    assert facts is not None
    assert facts.edited_speed
    frames = read_all(VideoSource(path))
    assert [clips.number(frame.image_bgr) for frame in frames] == list(range(60))
    np.testing.assert_allclose([frame.t_s for frame in frames], np.arange(60) / 30.0, atol=1e-4)
    assert opencv._OPTIONS not in opencv.os.environ


def test_large_pictures_are_made_smaller(
    tmp_path: Path, clips: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opencv, "MOST_SIDE_PX", 320)
    source = VideoSource(clips.write(tmp_path / "large.mp4", frames=3, size_px=(640, 480)))
    frames = read_all(source)
    assert source.size_px == (320, 240)
    assert [clips.number(cv2.resize(f.image_bgr, (640, 480), interpolation=cv2.INTER_NEAREST)) for f in frames] == [
        0,
        1,
        2,
    ]


def test_pictures_that_fit_stay_the_same_object() -> None:
    image = np.zeros((1080, 1920, 3), np.uint8)
    assert fitting(image) is image
    assert fitting(np.zeros((3840, 2160, 3), np.uint8)).shape == (1920, 1080, 3)


def test_a_strongly_varying_rate_is_told(tmp_path: Path, clips: SimpleNamespace) -> None:
    path = clips.write(tmp_path / "dark.mp4", frames=60)
    clips.operate(path, durations_s=[(1 / 60, 1 / 60, 1 / 20)[index % 3] for index in range(60)])
    source = VideoSource(path)
    read_all(source)
    assert source.notice == "dark.mp4 has between 20 and 60 frames a second: the true times of the frames are used."


@pytest.mark.parametrize(
    ("intervals_s", "told"),
    [
        ([1 / 30] * 100, ""),
        ([1 / 30] * 95 + [1 / 15] * 5, ""),  # dropped now and then
        (list(itertools.islice(itertools.cycle((0.016, 0.017)), 100)), ""),  # whole ms
        ([1 / 240] * 60 + [1 / 30] * 200 + [1 / 240] * 60, "goes on at 30 and 240 frames a second"),
        ([1 / 60, 1 / 30] * 50, "has between 30 and 60 frames a second"),
        ([1 / 60, 1 / 15] * 5, ""),  # too few to say
    ],
)
def test_what_is_told_of_the_times(intervals_s: list[float], told: str) -> None:
    line = rate_notice(np.concatenate(([0.0], np.cumsum(intervals_s))), "run.mp4")
    assert line.startswith(f"run.mp4 {told}" if told else "")
    assert bool(line) == bool(told)


def test_a_recording_that_was_broken_off_is_named_so(tmp_path: Path, clips: SimpleNamespace) -> None:
    path = clips.write(tmp_path / "run.mp4")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 4])
    with pytest.raises(CaptureError, match=r"^run\.mp4 has no index: the recording was broken off"):
        VideoSource(path).open()


def test_sound_without_pictures_is_named_so(tmp_path: Path, clips: SimpleNamespace) -> None:
    path = clips.write(tmp_path / "memo.m4a")
    patch(path, b"hdlr", 8, b"soun")
    patch(path, b"stsd", 12, b"mp4a")
    with pytest.raises(CaptureError, match=r"^memo\.m4a holds sound only: give a video\.$"):
        VideoSource(path).open()


@pytest.mark.parametrize(
    ("fourcc", "words"),
    [("av01", "is in AV1, and none of its frames can be decoded here"), ("zzzz", "has no frame that can be decoded")],
)
def test_a_codec_that_cannot_be_decoded_is_named(fourcc: str, words: str) -> None:
    line = why_no_frame(Path("new.mp4"), cv2.VideoWriter.fourcc(*fourcc))
    assert line == f"new.mp4 {words}: convert it to MP4 (H.264)."


def test_a_single_picture_is_told(tmp_path: Path, clips: SimpleNamespace) -> None:
    source = VideoSource(clips.write(tmp_path / "still.mov", frames=1))
    assert len(read_all(source)) == 1
    assert source.notice == "still.mov holds a single picture: give a video, or the photo as JPEG or PNG."


@pytest.mark.parametrize(
    ("stored", "captured", "factor", "certain"),
    [
        (30.0, 240.0, 8.0, True),
        (29.97, 240.0, 8.0, True),
        (25.0, 240.0, 9.6, True),
        (30.0, 960.0, 32.0, True),
        (30.0, 60.0, 2.0, False),  # perhaps a camera that gave half the frames in the dark
        (60.0, 120.0, 2.0, False),
    ],
)
def test_what_a_phone_filmed_at_tells_the_factor(stored: float, captured: float, factor: float, certain: bool) -> None:
    told = slowdown(ClipFacts(has_index=True, stored_fps=stored, captured_fps=captured))
    assert told is not None
    assert (told.factor, told.certain) == (factor, certain)


@pytest.mark.parametrize(
    ("stored", "captured"),
    [(30.0, 30.0), (29.4, 30.0), (240.0, 240.0), (30.0, 1.0), (float("nan"), 240.0), (30.0, float("nan"))],
)
def test_other_rates_tell_nothing(stored: float, captured: float) -> None:
    assert slowdown(ClipFacts(has_index=True, stored_fps=stored, captured_fps=captured)) is None


def test_a_phone_set_to_slow_motion_makes_it_likely_only() -> None:
    told = slowdown(ClipFacts(has_index=True, stored_fps=30.0, slow_mode=True))
    assert told is not None
    assert (told.factor, told.certain) == (8.0, False)
    assert slowdown(ClipFacts(has_index=True, stored_fps=240.0, slow_mode=True)) is None  # stored at its true times


def test_files_without_facts(tmp_path: Path, clips: SimpleNamespace) -> None:
    assert clip_facts(clips.write(tmp_path / "clip.avi", frames=3)) is None
    assert slowdown_of(tmp_path / "none.mp4") is None
    assert slowdown_of("a\0b") is None
    facts = clip_facts(clips.write(tmp_path / "clip.mp4", fps=25.0))
    assert facts is not None
    assert (facts.has_pictures, facts.has_sound, facts.codec) == (True, False, "mp4v")
    assert facts.stored_fps == pytest.approx(25.0)


def test_nonsense_in_the_index_is_no_fault_of_ours(tmp_path: Path, clips: SimpleNamespace) -> None:
    path = clips.write(tmp_path / "clip.mp4", frames=3)
    whole = path.read_bytes()
    index, rng = whole.index(b"moov"), np.random.default_rng(3)
    for _ in range(300):
        data = bytearray(whole)
        for at in rng.integers(index + 4, len(data), 12):
            data[at] = rng.integers(256)
        path.write_bytes(data)
        slowdown_of(path)
        assert clip_facts(path) is not None


def test_a_varying_rate_is_no_cut_where_the_header_counts_by_length(
    tmp_path: Path, clips: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = clips.write(tmp_path / "dark.mp4", frames=60)
    clips.operate(path, durations_s=[(1 / 60, 1 / 60, 1 / 20)[index % 3] for index in range(60)])
    monkeypatch.setattr("app.capture.video.mp4_is_whole", lambda _path: None)  # as of a Matroska
    source = VideoSource(path)
    source.open()
    source._clip_fps_claim, source._frames_claim = 60.0, 100  # 1.7 s at 60
    assert len(list(iter(source.read, None))) == 60
    assert source.notice.startswith("dark.mp4 has between 20 and 60")
    cut = VideoSource(path)
    cut.open()
    cut._clip_fps_claim, cut._frames_claim = 60.0, 300  # 5 s
    assert len(list(iter(cut.read, None))) == 60
    assert "breaks off at 1.6" in cut.notice
