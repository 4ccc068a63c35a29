"""What a phone wrote into its clip beside the pictures: the rate it was filmed at, how it was held, the codec.

MP4 and MOV only (ISO 14496-12, QuickTime File Format). Nothing here is needed to read a clip: a file that says nothing,
or nonsense, simply has no facts.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path

from app.capture.mp4 import boxes, edits_of, inside, mp4_index, picture_track
from app.capture.source import CaptureError

#: The rate at which an Android phone filmed (AOSP's MPEG4Writer; Samsung's, Google's and Xiaomi's cameras write it).
_ANDROID_CAPTURE_FPS = "com.android.capture.fps"
#: What an iPhone was told to film, "Slo-mo" among others.
_APPLE_CAPTURE_MODE = "com.apple.photos.capturemode"
#: Types of a metadata value: big-endian float32, float64 and text (QuickTime File Format, "Well-known types").
_UTF8, _FLOAT32, _FLOAT64 = 1, 23, 24
_MOST_FPS = 10_000.0
#: Filmed at so many times the stored rate is slow motion. Less may be a camera that gave fewer frames in the dark than
#: it was asked for, or counted otherwise: only the motion can tell.
_CERTAIN_RATIO, _LIKELY_RATIO = 3.0, 1.5
_HIGH_SPEED_FPS = 100.0
#: iPhones film slow motion at 240, and players show 30.
_USUAL_SLOW_FPS, _MOST_SHOWN_FPS = 240.0, 61.0
#: A ratio so near to a whole number is that number: 240 frames a second shown at 29.97.
_WHOLE = 0.01
_PLAIN_RATE = 1 << 16
#: Of slow motion: from hyperlapses to what laboratory cameras do.
LEAST_FACTOR, MOST_FACTOR = 0.05, 200.0


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """Facts of the first picture track.

    Attributes:
        has_index: whether the file has its index at all; a recording that was cut off has none.
        has_pictures, has_sound: whether there are such tracks.
        codec: four characters, e.g. "hvc1"; "" = not told.
        stored_fps: frames a second of the file's own time, by the median duration of a frame; NaN = not told.
        captured_fps: frames a second of life when it was filmed; NaN = not told.
        slow_mode: whether the phone was set to slow motion.
        edited_speed: whether an edit list plays a part slower or faster than its frame times say.
        matrix: (a, b, c, d) of the picture's display, x' = a x + c y, y' = b x + d y.
    """

    has_index: bool
    has_pictures: bool = False
    has_sound: bool = False
    codec: str = ""
    stored_fps: float = math.nan
    captured_fps: float = math.nan
    slow_mode: bool = False
    edited_speed: bool = False
    matrix: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 1.0)


def clip_facts(path: Path) -> ClipFacts | None:
    """Return what an MP4 or MOV says of itself; None for other files. Raises OSError."""
    moov = mp4_index(path)
    if moov is None:
        return None
    if not moov:
        return ClipFacts(has_index=False)
    handlers = {inside(track, b"mdia", b"hdlr")[8:12] for kind, track in boxes(moov) if kind == b"trak"}
    track, told = picture_track(moov), _metadata(moov)
    codec = inside(track, b"mdia", b"minf", b"stbl", b"stsd")[12:16]
    return ClipFacts(
        has_index=True,
        has_pictures=b"vide" in handlers,
        has_sound=b"soun" in handlers,
        codec=codec.decode("latin-1").strip() if codec.isalnum() else "",
        stored_fps=_stored_fps(track),
        captured_fps=_number(told.get(_ANDROID_CAPTURE_FPS)),
        slow_mode="slo" in str(told.get(_APPLE_CAPTURE_MODE, "")).lower(),
        edited_speed=any(start >= 0 and rate not in (0, _PLAIN_RATE) for _, start, rate in edits_of(track)),
        matrix=_matrix(track),
    )


@dataclass(frozen=True, slots=True)
class Slowdown:
    """What the facts say of slow motion.

    Attributes:
        factor: how many times slower than life the clip plays.
        certain: whether that is known; else it is only likely.
        why: in words, after the clip's name.
    """

    factor: float
    certain: bool
    why: str

    @property
    def taken(self) -> str:
        """What is told where the factor was taken unasked."""
        factor = f"{self.factor:g}"
        return f"The file says that it plays {factor} times slower than life: it is taken so."


def slowdown_of(path: str | Path) -> Slowdown | None:
    """Return how much slower than life a file says that it plays; None for nothing, and where it cannot be read.

    What is wrong with the file is told by whoever opens it.
    """
    try:
        facts = clip_facts(Path(path)) if Path(path).is_file() else None  # a pipe would be waited for without end
    except (OSError, ValueError):  # ValueError: a NUL character in the path
        return None
    return slowdown(facts) if facts is not None else None


def slowdown(facts: ClipFacts) -> Slowdown | None:
    """Return how much slower than life a clip says that it plays, None where it says nothing of the kind."""
    stored, captured = facts.stored_fps, facts.captured_fps
    if captured / stored >= _LIKELY_RATIO:
        ratio = captured / stored
        factor = float(round(ratio)) if abs(ratio / round(ratio) - 1.0) < _WHOLE else round(ratio, 2)
        certain = ratio >= _CERTAIN_RATIO and captured >= _HIGH_SPEED_FPS
        return Slowdown(factor, certain, f"was filmed at {captured:.0f} frames a second and plays at {stored:.0f}")
    if facts.slow_mode and stored <= _MOST_SHOWN_FPS:
        factor = float(max(2, round(_USUAL_SLOW_FPS / stored)))
        return Slowdown(factor, False, f"was filmed in slow motion and plays at {stored:.0f} frames a second")
    return None


def require_factor(slowmo_factor: float) -> float:
    """Return the factor; raise CaptureError unless it is one that a clip can have."""
    if not LEAST_FACTOR <= slowmo_factor <= MOST_FACTOR:
        raise CaptureError(
            f"The slow-motion factor must be a number above 0 ({LEAST_FACTOR:g} to {MOST_FACTOR:g}, 8 for 240 frames "
            f"a second shown at 30), not {slowmo_factor:g}."
        )
    return slowmo_factor


def _number(value: float | str | None) -> float:
    """Return a rate that makes sense, else NaN."""
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return math.nan
    return number if 0.0 < number <= _MOST_FPS else math.nan


def _stored_fps(track: bytes) -> float:
    """Return the frames a second behind the median duration of a frame (stts), NaN where there is none."""
    head, durations = inside(track, b"mdia", b"mdhd"), inside(track, b"mdia", b"minf", b"stbl", b"stts")
    at = 20 if head[:1] == b"\1" else 12
    timescale = int.from_bytes(head[at : at + 4], "big")
    content = durations[8 : 8 + (len(durations) - 8) // 8 * 8] if len(durations) > 8 else b""
    runs = sorted((duration, count) for count, duration in struct.iter_unpack(">II", content) if count and duration)
    frames, passed, median = sum(count for _, count in runs), 0, 0
    for duration, count in runs:
        passed += count
        if 2 * passed >= frames:
            median = duration
            break
    # Times are rounded to ticks: 1/240 s in ticks of 1/600 s is now 2, now 3.
    near = [(duration, count) for duration, count in runs if abs(duration - median) <= max(1, median // 10)]
    ticks = sum(duration * count for duration, count in near)
    return _number(timescale * sum(count for _, count in near) / ticks) if ticks else math.nan


def _matrix(track: bytes) -> tuple[float, float, float, float]:
    """Return the part of the track's display matrix that turns and mirrors, 16.16 fixed point (8.3.2)."""
    head = inside(track, b"tkhd")
    at = 52 if head[:1] == b"\1" else 40
    if len(head) < at + 20:
        return (1.0, 0.0, 0.0, 1.0)
    a, b, _, c, d = struct.unpack(">5i", head[at : at + 20])
    return a / _PLAIN_RATE, b / _PLAIN_RATE, c / _PLAIN_RATE, d / _PLAIN_RATE


def _metadata(moov: bytes) -> dict[str, float | str]:
    """Return the values of the film's metadata by their names in small letters (QuickTime's "mdta" metadata)."""
    told: dict[str, float | str] = {}
    for way in ((b"meta",), (b"udta", b"meta")):
        meta = inside(moov, *way)
        # A QuickTime meta box has no version and flags before its first box, an MP4's has.
        content = meta if meta[4:8] == b"hdlr" else meta[4:]
        names = _names(inside(content, b"keys"))
        for number, item in boxes(inside(content, b"ilst")):
            at = int.from_bytes(number, "big") - 1
            if 0 <= at < len(names):
                told[names[at].lower()] = _value(inside(item, b"data"))
    return told


def _names(keys: bytes) -> list[str]:
    """Return the names that the values refer to by their number."""
    return [name.decode("utf-8", "replace") for _, name in boxes(keys[8:])]


def _value(data: bytes) -> float | str:
    """Return a metadata value: a number where it is one, else text ("" for anything else)."""
    kind, content = int.from_bytes(data[:4], "big"), data[8:]
    if kind == _UTF8:
        return content.decode("utf-8", "replace")
    for number_kind, form in ((_FLOAT32, ">f"), (_FLOAT64, ">d")):
        if kind == number_kind and len(content) == struct.calcsize(form):
            return float(struct.unpack(form, content)[0])
    return ""
