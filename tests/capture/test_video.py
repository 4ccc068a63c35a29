"""Video files: the right picture at its true time, and one line for everything that is no video."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import tracemalloc
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.capture import video
from app.capture.mp4 import mp4_shown_s
from app.capture.opencv import cv2, safe_bgr
from app.capture.source import CaptureError
from app.capture.video import VideoSource

if TYPE_CHECKING:
    from types import SimpleNamespace

    from app.coach.types import Frame


def read_all(source: VideoSource) -> list[Frame]:
    source.open()
    frames = list(iter(source.read, None))
    source.close()
    return frames


@pytest.mark.parametrize(("suffix", "tolerance_s"), [("mp4", 1e-6), ("avi", 1e-6), ("webm", 6e-4)])
def test_every_frame_once_at_its_time(tmp_path: Path, clips: SimpleNamespace, suffix: str, tolerance_s: float) -> None:
    source = VideoSource(clips.write(tmp_path / f"clip.{suffix}", frames=40, fps=25.0))  # webm stores whole ms
    frames = read_all(source)
    assert [clips.number(frame.image_bgr) for frame in frames] == list(range(40))
    assert [frame.index for frame in frames] == list(range(40))
    np.testing.assert_allclose([frame.t_s for frame in frames], np.arange(40) / 25.0, atol=tolerance_s)
    assert source.fps == pytest.approx(25.0, rel=1e-3)
    assert source.frame_count == 40
    assert source.notice == ""


def test_variable_frame_rate(tmp_path: Path, clips: SimpleNamespace) -> None:
    path = clips.write(tmp_path / "clip.mp4")
    durations_s = [(0.02, 0.033, 0.05, 0.1)[index % 4] for index in range(30)]
    clips.operate(path, durations_s=durations_s)
    frames = read_all(VideoSource(path))
    expected_s = [0.0, *itertools.accumulate(durations_s[:-1])]
    assert [clips.number(frame.image_bgr) for frame in frames] == list(range(30))
    np.testing.assert_allclose([frame.t_s for frame in frames], expected_s, atol=1e-4)


def test_times_count_from_the_first_frame_whatever_the_edit_list(tmp_path: Path, clips: SimpleNamespace) -> None:
    path = clips.write(tmp_path / "clip.mp4")
    clips.operate(path, empty_edit_s=1.5)
    frames = read_all(VideoSource(path))
    assert frames[0].t_s == 0.0
    assert frames[-1].t_s == pytest.approx(29 / 30.0, abs=1e-4)


def test_a_frame_whose_time_does_not_increase_is_left_out(tmp_path: Path, clips: SimpleNamespace) -> None:
    path = clips.write(tmp_path / "clip.mp4")
    durations_s = [1.0 / 30.0] * 30
    durations_s[9] = 0.0  # frames 9 and 10 at the same time
    clips.operate(path, durations_s=durations_s)
    frames = read_all(VideoSource(path))
    numbers = [clips.number(frame.image_bgr) for frame in frames]
    assert (np.diff([frame.t_s for frame in frames]) > 0.0).all()
    assert set(range(30)) - set(numbers) in (set(), {10})  # FFmpeg may space them out by itself
    assert numbers == sorted(numbers)


def test_a_trimmed_clip_ends_at_its_trim_without_alarm(tmp_path: Path, clips: SimpleNamespace) -> None:
    path = clips.write(tmp_path / "clip.mp4", frames=60)
    clips.operate(path, shown_s=1.0)
    source = VideoSource(path)
    frames = read_all(source)
    assert [clips.number(frame.image_bgr) for frame in frames] == list(range(30))
    assert source.notice == ""


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_stored_rotation_is_applied(tmp_path: Path, clips: SimpleNamespace, quarter_turns: int) -> None:
    path = clips.write(tmp_path / "clip.mp4")
    clips.operate(path, quarter_turns=quarter_turns)
    source = VideoSource(path)
    frames = read_all(source)
    assert source.size_px == ((160, 120) if quarter_turns == 2 else (120, 160))
    upright = [np.rot90(frame.image_bgr, quarter_turns) for frame in frames]  # numpy turns counter-clockwise
    assert [clips.number(image) for image in upright] == list(range(30))
    assert all(frame.image_bgr.flags.c_contiguous for frame in frames if frame.image_bgr is not None)


def test_slow_motion_factor(tmp_path: Path, clips: SimpleNamespace) -> None:
    source = VideoSource(clips.write(tmp_path / "clip.mp4"), slowmo_factor=8.0)
    source.open()
    assert source.fps == pytest.approx(240.0)  # from the header, before the first frame
    frames = list(iter(source.read, None))
    np.testing.assert_allclose([frame.t_s for frame in frames], np.arange(30) / 240.0, atol=1e-6)
    assert source.fps == pytest.approx(240.0)


@pytest.mark.parametrize(
    ("start_s", "end_s", "first", "last"),
    [
        (0.5, 0.7, 15, 20),
        (0.51, 0.69, 16, 20),
        (0.0, 0.1, 0, 2),
        (13.0, 13.1, 390, 392),  # far in: reached by a jump
        (19.9, 30.0, 597, 599),
    ],
)
def test_time_range_is_exact(
    tmp_path: Path, clips: SimpleNamespace, start_s: float, end_s: float, first: int, last: int
) -> None:
    source = VideoSource(clips.write(tmp_path / "clip.mp4", frames=600), time_range=(start_s, end_s), slowmo_factor=2.0)
    frames = read_all(source)
    wanted = range(first, last + 1)
    assert [clips.number(frame.image_bgr) for frame in frames] == [number % 256 for number in wanted]
    np.testing.assert_allclose([frame.t_s for frame in frames], [n / 60.0 for n in wanted], atol=1e-6)
    assert [frame.index for frame in frames] == list(range(len(wanted)))
    assert source.frame_count == len(wanted)
    assert ("before the time range" in source.notice) == (end_s == 30.0)


@pytest.mark.parametrize("early_s", [-1.0, -400.0])
def test_a_jump_that_lands_late_is_made_good(
    tmp_path: Path, clips: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, early_s: float
) -> None:
    monkeypatch.setattr(video, "SEEK_EARLY_S", early_s)  # as in files that seek badly
    source = VideoSource(clips.write(tmp_path / "clip.mp4", frames=450), time_range=(12.0, 12.1))
    frames = read_all(source)
    assert [clips.number(frame.image_bgr) for frame in frames] == [number % 256 for number in (360, 361, 362)]
    np.testing.assert_allclose([frame.t_s for frame in frames], [12.0, 12.0 + 1 / 30, 12.0 + 2 / 30], atol=1e-6)
    assert source.notice == ""


def test_time_range_outside_the_clip(tmp_path: Path, clips: SimpleNamespace) -> None:
    path = clips.write(tmp_path / "clip.mp4")
    for time_range in ((5.0, 6.0), (50.0, 60.0)):
        with pytest.raises(CaptureError, match=r"ends at 0\.97 s: the time range starts after it"):
            VideoSource(path, time_range=time_range).open()
    with pytest.raises(CaptureError, match="no frame from"):
        VideoSource(path, time_range=(0.501, 0.502)).open()
    for senseless in ((2.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0), (1.0, 1.0)):
        with pytest.raises(CaptureError, match="time range"):
            VideoSource(path, time_range=senseless)
    for factor in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(CaptureError, match="slow-motion factor"):
            VideoSource(path, slowmo_factor=factor)


@pytest.mark.parametrize("suffix", ["avi", "mp4"])
def test_a_clip_cut_short_gives_what_is_left_and_says_so(tmp_path: Path, clips: SimpleNamespace, suffix: str) -> None:
    path = clips.write(tmp_path / f"cut.{suffix}", frames=60)
    if suffix == "mp4":
        clips.operate(path, index_first=True)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    source = VideoSource(path)
    frames = read_all(source)
    assert 10 < len(frames) < 55
    assert [clips.number(frame.image_bgr) for frame in frames[:-1]] == list(range(len(frames) - 1))
    assert source.notice == f"cut.{suffix} breaks off at {frames[-1].t_s:.2f} s: the file is cut short."


def spoil_middle(path: Path, start_share: float, end_share: float) -> None:
    """Overwrite a part of a file, given as shares of its length, with noise."""
    data = path.read_bytes()
    start, end = round(len(data) * start_share), round(len(data) * end_share)
    path.write_bytes(data[:start] + np.random.default_rng(1).bytes(end - start) + data[end:])


def test_a_clip_damaged_in_the_middle_says_how_much_was_lost(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes((shared / "data" / "video" / "walk_and_bystander.mp4").read_bytes())
    spoil_middle(path, 0.4, 0.6)
    source = VideoSource(path)
    count = len(read_all(source))
    assert 30 < count < 200
    assert source.notice == f"film.mp4: only {count} of 230 frames could be read: the file may be damaged or trimmed."

    ranged = VideoSource(path, time_range=(0.0, 1.0))
    read_all(ranged)
    assert ranged.notice == ""


@pytest.mark.parametrize(("lost", "told"), [(5, False), (30, True)])
def test_a_count_of_frames_that_is_not_reached_is_told(
    tmp_path: Path, clips: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, lost: int, told: bool
) -> None:
    source = VideoSource(clips.write(tmp_path / "clip.mp4", frames=40))
    monkeypatch.setattr("app.capture.video.mp4_shown_s", lambda _path: None)
    source.open()
    source._frames_claim = 40 + lost  # as a header says it of a file with unreadable packets
    read_all(source)
    wanted = f"clip.mp4: only 40 of {40 + lost} frames could be read: the file may be damaged or trimmed."
    assert source.notice == (wanted if told else "")


def test_a_trimmed_clip_that_is_damaged_says_so(tmp_path: Path, clips: SimpleNamespace) -> None:
    path = clips.write(tmp_path / "clip.mp4", frames=90)
    clips.operate(path, shown_s=2.0)  # of 3 s
    assert mp4_shown_s(path) == pytest.approx(2.0, abs=0.01)
    source = VideoSource(path)
    source.open()
    source.read()
    source._last_clip_s = 1.0
    source._decoded = 30
    source._end()
    assert source.notice.startswith("clip.mp4: only 30 of 90 frames")


def bad_file(tmp_path: Path, clips: SimpleNamespace, kind: str) -> Path:
    path = tmp_path / "bad.mp4"
    if kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("hello\n" * 100)
    elif kind == "noise":
        path.write_bytes(np.random.default_rng(1).bytes(20_000))
    elif kind == "no index":
        whole = clips.write(tmp_path / "whole.mp4", frames=100).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif kind == "audio only":
        path = tmp_path / "bad.wav"
        with wave.open(str(path), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(16_000))
    elif kind == "picture":
        path = tmp_path / "bad.jpg"
        cv2.imwrite(str(path), clips.image(1))
    elif kind == "tiny":
        clips.write(path, size_px=(14, 12))
    elif kind == "folder":
        path = tmp_path
    return path


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("missing", "There is no file"),
        ("empty", "is empty"),
        ("text", "cannot be read as a video"),
        ("noise", "cannot be read as a video"),
        ("no index", "has no index"),
        ("audio only", "cannot be read as a video"),
        ("picture", "is a still picture"),
        ("tiny", "14x12 px: too small"),
        ("folder", "is not a file"),
    ],
)
def test_bad_files_are_refused_in_one_line_and_silence(
    tmp_path: Path, clips: SimpleNamespace, capfd: pytest.CaptureFixture[str], kind: str, expected: str
) -> None:
    path = bad_file(tmp_path, clips, kind)
    capfd.readouterr()
    source = VideoSource(path)
    with pytest.raises(CaptureError, match=expected) as caught:
        source.open()
    assert "\n" not in str(caught.value)
    source.close()
    assert capfd.readouterr() == ("", "")


def test_no_permission(tmp_path: Path, clips: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    path = clips.write(tmp_path / "clip.mp4")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything, so no chmod here
    with pytest.raises(CaptureError, match="No permission to read"):
        VideoSource(path).open()


def test_ffmpeg_is_silent_on_damaged_data(tmp_path: Path, clips: SimpleNamespace) -> None:
    """In a fresh process: FFmpeg takes its log level at its first use only."""
    path = clips.write(tmp_path / "clip.mp4", frames=250, size_px=(320, 240))
    damaged = bytearray(path.read_bytes())
    damaged[5000:5500] = np.random.default_rng(2).bytes(500)
    path.write_bytes(damaged)
    code = (
        "import sys\nfrom app.capture.video import VideoSource\nsource = VideoSource(sys.argv[1])\n"
        "source.open()\nwhile source.read(): pass\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_pictures_of_other_forms_become_bgr() -> None:
    gray = np.arange(32 * 40, dtype=np.uint16).reshape(32, 40).astype(np.uint8)
    for picture in (gray, gray[:, :, np.newaxis]):
        image = safe_bgr(picture, "x")
        assert image.shape == (32, 40, 3)
        np.testing.assert_array_equal(image[:, :, 0], gray)
        np.testing.assert_array_equal(image[:, :, 2], gray)
    deep = safe_bgr(gray.astype(np.uint16) * 256 + 99, "x")
    np.testing.assert_array_equal(deep[:, :, 1], gray)
    coloured = np.dstack([gray, gray + 1, gray + 2, gray])
    np.testing.assert_array_equal(safe_bgr(coloured, "x"), coloured[:, :, :3])
    mirrored = coloured[:, ::-1, :3]
    image = safe_bgr(mirrored, "x")
    assert image.flags.c_contiguous
    assert image.flags.owndata
    np.testing.assert_array_equal(image, mirrored)
    for bad in (gray.astype(np.float32), np.dstack([gray, gray])):
        with pytest.raises(CaptureError, match="unknown form"):
            safe_bgr(bad, "x")
    with pytest.raises(CaptureError, match="1x1 px: too small"):
        safe_bgr(np.zeros((1, 1, 3), np.uint8), "x")


def test_memory_is_flat(tmp_path: Path, clips: SimpleNamespace) -> None:
    path = clips.write(tmp_path / "clip.mp4", frames=300, size_px=(320, 240))
    source = VideoSource(path)
    source.open()
    tracemalloc.start()
    try:
        while source.read() is not None:
            pass
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 5 * 320 * 240 * 3
    source.close()


def test_close_from_another_thread(tmp_path: Path, clips: SimpleNamespace) -> None:
    source = VideoSource(clips.write(tmp_path / "clip.mp4", frames=250))
    source.open()
    started, frames = threading.Event(), []

    def consume() -> None:
        while (frame := source.read()) is not None:
            frames.append(frame)
            started.set()

    consumer = threading.Thread(target=consume)
    consumer.start()
    assert started.wait(10.0)
    source.close()
    consumer.join(10.0)
    assert not consumer.is_alive()
    assert source.read() is None


def test_a_real_clip(shared: Path) -> None:
    source = VideoSource(shared / "data" / "video" / "walk_and_bystander.mp4", time_range=(0.0, 0.5))
    frames = read_all(source)
    assert source.size_px == (1768, 994)
    np.testing.assert_allclose([frame.t_s for frame in frames], np.arange(15) / 30.0, atol=1e-6)
