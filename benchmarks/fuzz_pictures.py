"""Targets of the fuzzer that read pictures, clips and networks: partly in code that is not Python and may crash."""

from __future__ import annotations

import io
import math
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from app.capture.clip_facts import clip_facts, slowdown
from app.capture.mp4 import mp4_is_whole, mp4_shown_s
from app.capture.opencv import cv2
from app.capture.photo import PhotoSource, still_picture
from app.capture.unreadable import why_not_opened
from app.capture.video import VideoSource
from app.coach.report import CoachReport
from app.coach.types import Frame, ImageArray
from app.pose.model import ensure_model, model_status
from app.session import Analysis
from app.session.delay import MOST_BYTES, Shots
from app.store.sessions import video_track
from app.store.sessions.video_track import VideoWriter
from benchmarks.fuzz_cases import damaged
from benchmarks.fuzz_coach import some_poses
from benchmarks.fuzz_run import Target

#: Frames of a clip that are read before it is enough.
MOST_FRAMES = 60


@cache
def _picture(side_px: int = 48) -> ImageArray:
    rng = np.random.default_rng(1)
    return np.asarray(cv2.resize(rng.integers(0, 255, (6, 8, 3), np.uint8), (side_px * 4 // 3, side_px)), np.uint8)


@cache
def clips() -> list[bytes]:
    """Return small clips of several kinds, those that this OpenCV can write."""
    made = []
    with tempfile.TemporaryDirectory() as folder:
        for suffix, codec in (
            (".mp4", "mp4v"),
            (".avi", "MJPG"),
            (".webm", "VP80"),
            (".mkv", "mp4v"),
            (".mov", "mp4v"),
        ):
            path = Path(folder, f"a{suffix}")
            writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), 30.0, (64, 48))
            for k in range(12):
                writer.write(np.roll(_picture(), 3 * k, axis=1))
            writer.release()
            if path.is_file() and path.stat().st_size:
                made.append(path.read_bytes())
    return made


@cache
def photos() -> list[bytes]:
    """Return small photos of several kinds."""
    made = []
    for suffix in (".png", ".jpg", ".bmp", ".tiff", ".webp"):
        done, data = cv2.imencode(suffix, _picture())
        if done:
            made.append(data.tobytes())
    return made


# ---------------------------------------------------------------------- MP4 boxes


def _box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content


def _boxes() -> bytes:
    """Return a trimmed MP4 without pictures: its boxes alone."""
    keys = _box(b"keys", bytes(4) + b"\0\0\0\1" + _box(b"mdta", b"com.android.capture.fps"))
    rate = _box(b"data", b"\0\0\0\x17" + bytes(4) + struct.pack(">f", 240.0))
    meta = _box(b"meta", bytes(4) + _box(b"hdlr", bytes(24)) + keys + _box(b"ilst", _box(b"\0\0\0\1", rate)))
    stts = _box(b"stts", bytes(4) + struct.pack(">III", 1, 60, 20))
    stsd = _box(b"stsd", bytes(8) + _box(b"avc1", bytes(78)))
    media = _box(b"mdhd", bytes(12) + struct.pack(">II", 600, 1200)) + _box(b"minf", _box(b"stbl", stsd + stts))
    elst = _box(b"elst", b"\0\0\0\0\0\0\0\1" + (500).to_bytes(4, "big") + (0).to_bytes(4, "big") + b"\0\1\0\0")
    hdlr = _box(b"hdlr", bytes(8) + b"vide" + bytes(12))
    trak = _box(b"trak", _box(b"tkhd", bytes(84)) + _box(b"edts", elst) + _box(b"mdia", hdlr + media))
    mvhd = _box(b"mvhd", bytes(12) + (1000).to_bytes(4, "big") + (2000).to_bytes(4, "big"))
    return (
        _box(b"ftyp", b"isomiso2") + _box(b"free", b"") + _box(b"mdat", bytes(40)) + _box(b"moov", mvhd + trak + meta)
    )


def _mp4_cases() -> SearchStrategy[Any]:
    words = [
        b"moov",
        b"ftyp",
        b"trak",
        b"elst",
        b"mvhd",
        b"\0\0\0\1",
        b"\0\0\0\0",
        b"\0\0\0\7",
        bytes(7) + b"\x08",
        b"\xff" * 8,
    ]
    return damaged([_boxes(), *clips()], words)


def _check_mp4(case: bytes, folder: Path) -> str:
    path = folder / "a.mp4"
    path.write_bytes(case)
    whole, shown_s = mp4_is_whole(path), mp4_shown_s(path)
    assert whole in (None, True, False)
    assert shown_s is None or (math.isfinite(shown_s) and shown_s > 0.0)
    facts = clip_facts(path)
    if facts is not None:
        assert facts.codec.isprintable()
        assert math.isnan(facts.stored_fps) or 0.0 < facts.stored_fps <= 10_000.0
        assert math.isnan(facts.captured_fps) or 0.0 < facts.captured_fps <= 10_000.0
        slower = slowdown(facts)
        assert slower is None or (math.isfinite(slower.factor) and slower.factor > 1.0 and slower.why.isprintable())
    line = why_not_opened(path) if case else ""
    assert line.isprintable()
    return {None: "not an MP4", True: "whole", False: "cut off"}[whole]


# ---------------------------------------------------------------------- videos kept of sessions


@cache
def kept_videos() -> list[bytes]:
    """Return the video of a session as it is while it is written, and with its index."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer = VideoWriter(folder)
        for k in range(30):
            writer.add(5.0 + 0.1 * k, np.roll(_picture(), 3 * k, axis=1))
        running = (folder / video_track.NAME).read_bytes()
        writer.close()
        return [running, (folder / video_track.NAME).read_bytes()]


def _kept_video_cases() -> SearchStrategy[Any]:
    return damaged(kept_videos(), [b"moof", b"mdat", b"moov", b"free", b"uuid", b"\x7f\xf8" + bytes(6), b"\xff" * 8])


def _check_kept_video(case: bytes, folder: Path) -> str:
    path = folder / video_track.NAME
    path.write_bytes(case)
    found = video_track.kept_video(folder)
    assert found is not None
    assert list(found.times_s) == sorted(found.times_s), "time goes back"
    assert all(map(math.isfinite, found.times_s))
    video_track.finish(folder)
    if path.exists():
        data = path.read_bytes()
        video_track.finish(folder)
        assert path.read_bytes() == data, "finishing it twice is not finishing it once"
        again = video_track.kept_video(folder)
        assert again is not None
        assert again.times_s == found.times_s, "finishing it changes its times"
    return f"{'finished' if found.finished else 'running'}"


# ---------------------------------------------------------------------- clips, photos


def _clip_cases() -> SearchStrategy[Any]:
    return damaged(clips(), [b"moov", b"stts", b"stsz", b"avcC", b"\xff\xff\xff\xff", b"idx1", b"\x1a\x45\xdf\xa3"])


def _check_clip(case: bytes, folder: Path) -> str:
    path = folder / "a.mp4"
    path.write_bytes(case)
    source = VideoSource(path)
    try:
        source.open()
        last_s, frames = -math.inf, 0
        while frames < MOST_FRAMES and (frame := source.read()) is not None:
            assert frame.t_s > last_s
            assert math.isfinite(frame.t_s), frame.t_s
            assert frame.image_bgr is not None
            assert frame.image_bgr.dtype == np.uint8
            assert frame.image_bgr.shape == (source.size_px[1], source.size_px[0], 3)
            last_s, frames = frame.t_s, frames + 1
        assert source.notice.isprintable()
    finally:
        source.close()
    return "read"


def _photo_cases() -> SearchStrategy[Any]:
    return damaged(photos(), [b"IHDR", b"\xff\xd8", b"\xff\xc0", b"\xff\xff\xff\xff", b"II*\0", b"VP8X"])


def _check_photo(case: bytes, folder: Path) -> str:
    path = folder / "a.png"
    path.write_bytes(case)
    still_picture(path)
    source = PhotoSource(path)
    source.open()
    frame = source.read()
    assert frame is not None
    assert frame.image_bgr is not None
    assert max(frame.image_bgr.shape[:2]) <= 1920
    assert min(frame.image_bgr.shape[:2]) >= 16
    source.close()
    return "read"


# ---------------------------------------------------------------------- networks


def bundle(detector: bytes = b"", landmarks: bytes = b"") -> bytes:
    """Return a model bundle of two networks that hold nothing."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("pose_detector.tflite", detector or b"\x1c\0\0\0TFL3" + bytes(200))
        archive.writestr("pose_landmarks_detector.tflite", landmarks or b"\x1c\0\0\0TFL3" + bytes(200))
    return made.getvalue()


def _model_cases() -> SearchStrategy[Any]:
    return damaged([bundle()], [b"PK\x01\x02", b"TFL3", b"PK\x05\x06", b"\xff\xff\xff\xff", b"\x08\0", b"\x01\0"])


def _check_model(case: bytes, folder: Path) -> str:
    path = folder / "own.task"
    path.write_bytes(case)
    status = model_status(path)
    assert status.valid == (not status.problem)
    assert (status.problem + status.notice).isprintable()
    found = ensure_model(path)
    assert found.variant == "own", "an unknown file was taken for one of ours"
    return "taken"


def _network_cases() -> SearchStrategy[Any]:
    """Return pieces of the real networks, damaged: the zip around them is right, so that they are loaded."""
    with zipfile.ZipFile(ensure_model("full").path) as archive:
        names = [archive.read(f"{name}.tflite") for name in ("pose_detector", "pose_landmarks_detector")]
    return st.tuples(damaged(names[:1], [b"\xff" * 4, bytes(4)], 4), damaged(names[1:], [b"\xff" * 4, bytes(4)], 4))


def _check_network(case: tuple[bytes, bytes], folder: Path) -> str:
    path, photo = folder / "own.task", folder / "a.png"
    path.write_bytes(bundle(*case))
    photo.write_bytes(photos()[0])
    command = [
        sys.executable,
        "-m",
        "app",
        "analyze",
        str(photo),
        "--model",
        str(path),
        "--mode",
        "stance",
        "--json",
        "-",
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env=os.environ | {"PYTHONWARNINGS": "ignore"}
    )
    assert "Traceback" not in done.stderr, done.stderr[-1500:]
    if done.returncode in (0, 2, 3):
        return f"exit code {done.returncode}"
    assert done.returncode < 0, (done.returncode, done.stderr[-500:])
    return f"signal {-done.returncode}"


# ---------------------------------------------------------------------- the delayed mirror


def _delay_cases() -> SearchStrategy[Any]:
    times = st.one_of(st.floats(-0.1, 0.3), st.floats(allow_nan=False, allow_infinity=False, width=16))
    return st.tuples(
        st.lists(st.tuples(times, st.booleans(), st.integers(0, 3)), max_size=60),
        st.sampled_from((200, 5_000, MOST_BYTES)),
        st.sampled_from((0.5, 60.0)),
    )


@cache
def _report() -> CoachReport:
    from app.coach.model import CoachModel

    return CoachModel().update(some_poses()[0])


def _check_delay(case: Any, _folder: Path) -> str:
    moments, most_bytes, kept_s = case
    shots, t_s = Shots(32, kept_s, most_bytes, in_thread=False), 0.0
    for k, (passed_s, pictured, what) in enumerate(moments):
        t_s += passed_s
        image = _picture() if pictured else None
        shots.add(Analysis(Frame(k, t_s, image), some_poses()[0], _report(), {}))
        found = shots.newest()
        times = [shot.t_s for shot in found]
        assert times == sorted(times), "out of order"
        assert not times or times[-1] - times[0] <= kept_s + 1e-9, "more is kept than is promised"
        assert shots.bytes <= most_bytes
        assert shots.bytes == sum(len(shot.jpeg) for shot in found)
        if what == 1:
            shots.clear()
            t_s -= 1.0
        elif what == 2:
            shot = shots.at(t_s - 0.2)
            assert shot is None or shot.shown().frame.t_s == shot.t_s
        elif what == 3:
            assert len(shots.between(t_s - 1.0, t_s)) <= len(found)
    return "kept" if shots.newest() else "empty"


TARGETS = (
    Target("mp4-boxes", "boxes of MP4 files, what phones write in them", _mp4_cases, _check_mp4, 10),
    Target("kept-videos", "videos kept of sessions", _kept_video_cases, _check_kept_video, 3),
    Target("photos", "photos", _photo_cases, _check_photo, 3, native=True),
    Target("clips", "clips", _clip_cases, _check_clip, 2.5, most_s=20.0, native=True),
    Target("models", "own models (`--model`), before they are loaded", _model_cases, _check_model, 4),
    Target(
        "networks",
        "own models that are loaded, each in a process",
        _network_cases,
        _check_network,
        0.03,
        90.0,
        native=True,
    ),
    Target("delay", "pictures of the delayed mirror", _delay_cases, _check_delay, 3),
)
