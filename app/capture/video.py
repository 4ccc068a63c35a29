"""Video files as a source of frames with their true presentation times.

Measured with OpenCV 5.0 and its FFmpeg: after a ``read()`` CAP_PROP_POS_MSEC is the presentation time of the
frame just read (before it, of the previous one), exact for variable frame rates and B-frames;
CAP_PROP_FRAME_COUNT and CAP_PROP_FPS are only claims of the header.
"""

from __future__ import annotations

import math
import threading
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.capture.clip_facts import clip_facts, require_factor
from app.capture.clip_times import rate_notice
from app.capture.mp4 import mp4_is_whole, mp4_shown_s
from app.capture.opencv import cv2, fitting, mirroring, opened, safe_bgr
from app.capture.photo import still_picture
from app.capture.source import CaptureError, one_line, rate_from_times, require_file
from app.capture.unreadable import why_no_frame, why_not_opened
from app.coach.types import Frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from app.coach.types import ImageArray

SEEK_FROM_S = 10.0  # nearer starts are reached by decoding alone
SEEK_EARLY_S = 3.0  # aim before the wanted start; the rest is decoded
MAX_TIMELESS_FRAMES = 30  # so many frames in a row without a later time: the file carries no times
COMPLETE_SHARE = 0.95  # fewer of the promised frames than this: tell that the file may be cut short
READ_SHARE = 0.9  # fewer of the promised frames than this, and by more than MOST_LOST: damaged on the way
MOST_LOST = 10
END_SLACK_S = 0.25  # a range may end this much after the last frame without a notice
TIME_EPS_S = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class _Decoded:
    """One decoded picture and its time in the clip's own seconds."""

    clip_s: float
    image_bgr: ImageArray


class VideoSource:
    """A video file; every frame is read, in order, with its own presentation time.

    The clip's own time counts from its first frame (a start offset or edit list is taken off).
    ``Frame.t_s`` = clip time / ``slowmo_factor``: 240 frames per second stored to play at 30 have factor 8,
    and 8 s of the clip are 1 s of the runner's life. Within a ``time_range`` the time still counts from the
    start of the whole clip, ``Frame.index`` from the first frame of the range.

    A frame whose time is not later than the one before it is left out. A file that breaks off in the middle
    gives what can be read, then ends with a ``notice``. Rotation and mirroring stored in the file are applied.
    Pictures larger than `MOST_SIDE_PX` are made smaller.

    Args:
        path: the file.
        time_range: (start, end) in the clip's own seconds (before the slow-motion factor); start <= t < end.
        slowmo_factor: how many times slower than life the clip plays.

    Raises:
        CaptureError: the range or the factor is no sense.
    """

    kind = "video"
    live = False

    def __init__(
        self, path: str | Path, time_range: tuple[float, float] | None = None, slowmo_factor: float = 1.0
    ) -> None:
        require_factor(slowmo_factor)
        start_s, end_s = (0.0, math.inf) if time_range is None else time_range
        if not 0.0 <= start_s < end_s or math.isinf(start_s):
            raise CaptureError(f"The time range {start_s:g} to {end_s:g} s must run from 0 or later to a later time.")
        self.size_px: tuple[int, int] = (0, 0)
        self.frame_count: int | None = None
        self.notice = ""
        self._path = Path(path)
        self._name = one_line(self._path.name)
        self._start_s, self._end_s, self._slowmo_factor = start_s, end_s, slowmo_factor
        self._lock = threading.Lock()  # read() and close() may meet; releasing a capture in use would crash
        self._capture: cv2.VideoCapture | None = None
        self._state = "new"  # new, open, ended, closed
        self._nominal_fps = float("nan")
        self._first_s = 0.0  # presentation time of the clip's first frame
        self._last_clip_s = -math.inf
        self._clip_fps_claim = float("nan")
        self._frames_claim = 0
        self._decoded = 0
        self._pending: _Decoded | None = None
        self._times_s = array("d")
        self._unmirror: Callable[[NDArray[Any]], NDArray[Any]] | None = None

    @property
    def fps(self) -> float:
        """Frames per second of the runner's life, from the times read so far; at first the header's."""
        with self._lock:
            times_s = np.array(self._times_s)
        return self._nominal_fps if times_s.size < 2 else rate_from_times(times_s)

    def open(self) -> None:
        """Open the file and decode the first wanted frame. Raises CaptureError."""
        with self._lock:
            if self._state in ("open", "ended"):
                return
            self._check_path()
            self.notice = ""
            self._times_s = array("d")
            self._open_capture()
            try:
                self._pending = self._seek_start()
            except CaptureError:
                self._release()
                raise
            height_px, width_px = self._pending.image_bgr.shape[:2]
            self.size_px = (width_px, height_px)
            self._nominal_fps = self._clip_fps_claim * self._slowmo_factor
            self.frame_count = self._expected_frames()
            self._state = "open"

    def _check_path(self) -> None:
        """Raise CaptureError where the path is no readable file, or a still picture."""
        require_file(self._path, "video")
        if still_picture(self._path):
            raise CaptureError(f"{self._name} is a still picture: give a video.")

    def _open_capture(self) -> None:
        """Open the decoder at the first frame and read what the header claims."""
        facts = clip_facts(self._path)
        capture = opened(self._path, facts is not None and facts.edited_speed)
        if not capture.isOpened():
            raise CaptureError(why_not_opened(self._path))
        self._unmirror = mirroring(facts.matrix) if facts is not None else None
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1 if self._unmirror is None else 0)
        fps, frames = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self._clip_fps_claim = fps if 0.0 < fps < 10_000.0 else float("nan")
        self._frames_claim = int(frames) if 0.0 < frames < 1e9 else 0
        self._capture = capture
        self._decoded = 0
        self._last_clip_s = -math.inf

    def _seek_start(self) -> _Decoded:
        """Return the first frame of the wanted range, exactly."""
        if not self._grab():
            raise self._undecodable()
        self._first_s = self._position_s()
        self._last_clip_s = 0.0
        if self._start_s > SEEK_FROM_S:
            self._jump_near_start()
        while self._last_clip_s < self._start_s - TIME_EPS_S:
            if not self._grab_later():
                raise CaptureError(
                    f"{self._name} ends at {self._last_clip_s:.2f} s: the time range starts after it, "
                    f"at {self._start_s:g} s."
                )
        if self._last_clip_s >= self._end_s - TIME_EPS_S:
            raise CaptureError(
                f"{self._name} has no frame from {self._start_s:g} to {self._end_s:g} s: widen the range."
            )
        decoded = self._retrieve()
        if decoded is None:
            raise self._undecodable()
        return decoded

    def _undecodable(self) -> CaptureError:
        assert self._capture is not None
        return CaptureError(why_no_frame(self._path, int(self._capture.get(cv2.CAP_PROP_FOURCC))))

    def _jump_near_start(self) -> None:
        """Seek to shortly before the start; where the file seeks badly, start over and decode all of it."""
        assert self._capture is not None
        self._capture.set(cv2.CAP_PROP_POS_MSEC, (self._start_s - SEEK_EARLY_S) * 1000.0)
        landed = self._grab()
        clip_s = self._position_s() - self._first_s
        if landed and 0.0 < clip_s <= self._start_s:
            self._last_clip_s = clip_s
            self._frames_claim = 0  # the frames left out were not counted
            return
        self._capture.release()
        self._open_capture()
        self._grab()
        self._last_clip_s = 0.0

    def _grab(self) -> bool:
        """Decode the next frame without converting it to a picture; False at the end."""
        assert self._capture is not None
        try:
            if not self._capture.grab():
                return False
        except cv2.error:  # damaged data in the middle of a file: the end of what can be read
            return False
        self._decoded += 1
        return True

    def _grab_later(self) -> bool:
        """Decode on to the next frame with a later time; False at the end."""
        for _ in range(MAX_TIMELESS_FRAMES):
            if not self._grab():
                return False
            clip_s = self._position_s() - self._first_s
            if clip_s > self._last_clip_s:
                self._last_clip_s = clip_s
                return True
        raise CaptureError(f"{self._name} carries no frame times: convert it to MP4 (H.264).")

    def _position_s(self) -> float:
        """Return the presentation time of the frame grabbed last, in s of the file's own axis."""
        assert self._capture is not None
        return float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000.0

    def _retrieve(self) -> _Decoded | None:
        """Return the grabbed frame as a picture, None where its data are damaged."""
        assert self._capture is not None
        try:
            fine, picture = self._capture.retrieve()
        except cv2.error:
            return None
        if not fine or picture is None or picture.size == 0:
            return None
        if self._unmirror is not None:
            picture = self._unmirror(picture)
        return _Decoded(self._last_clip_s, fitting(safe_bgr(picture, self._name)))

    def _expected_frames(self) -> int | None:
        """Return how many frames the header promises within the range, None where it does not say."""
        if not math.isfinite(self._clip_fps_claim):
            return self._frames_claim or None
        if self._start_s == 0.0 and math.isinf(self._end_s):
            return self._frames_claim or None
        assert self._capture is not None
        total = int(max(self._capture.get(cv2.CAP_PROP_FRAME_COUNT), 0.0))
        end_s = min(self._end_s, total / self._clip_fps_claim) if total else self._end_s
        if math.isinf(end_s):
            return None
        before = math.ceil(self._start_s * self._clip_fps_claim - TIME_EPS_S)
        return max(1, math.ceil(end_s * self._clip_fps_claim - TIME_EPS_S) - before)

    def read(self) -> Frame | None:
        """Return the next frame; None at the end or once closed. Raises CaptureError."""
        with self._lock:
            if self._state == "new":
                raise RuntimeError("VideoSource.read() before open()")
            if self._state != "open":
                return None
            decoded, self._pending = self._pending, None
            if decoded is None:
                decoded = self._next()
            if decoded is None:
                self._end()
                return None
            height_px, width_px = decoded.image_bgr.shape[:2]
            if (width_px, height_px) != self.size_px:
                raise CaptureError(
                    f"{self._name} changes its picture size at {decoded.clip_s:.2f} s: convert it again."
                )
            t_s = decoded.clip_s / self._slowmo_factor
            index = len(self._times_s)
            self._times_s.append(t_s)
            return Frame(index=index, t_s=t_s, image_bgr=decoded.image_bgr)

    def _next(self) -> _Decoded | None:
        """Return the next frame of the range, None at its end."""
        if not self._grab_later() or self._last_clip_s >= self._end_s - TIME_EPS_S:
            return None
        return self._retrieve()

    def _end(self) -> None:
        """Close the decoder after the last frame and tell where the clip seems to have broken off."""
        if self._last_clip_s < self._end_s - TIME_EPS_S:
            if self._broke_off():
                self.notice = f"{self._name} breaks off at {self._last_clip_s:.2f} s: the file is cut short."
            elif math.isfinite(self._end_s) and self._end_s - self._last_clip_s > END_SLACK_S:
                self.notice = f"{self._name} ends at {self._last_clip_s:.2f} s, before the time range does."
            elif math.isinf(self._end_s) and self._lost_frames():
                self.notice = (
                    f"{self._name}: only {self._decoded} of {self._frames_claim} frames could be read: "
                    "the file may be damaged or trimmed."
                )
        self.notice = self.notice or self._of_times()
        self._release()
        self._state = "ended"

    def _of_times(self) -> str:
        """Return what the frames' times are to be told for, "" for nothing."""
        if len(self._times_s) == 1 and self._frames_claim <= 1:
            return f"{self._name} holds a single picture: give a video, or the photo as JPEG or PNG."
        return rate_notice(np.array(self._times_s) * self._slowmo_factor, self._name)

    def _broke_off(self) -> bool:
        """Whether the file is shorter than it should be.

        An MP4 is measured by its boxes: an edit list (every trimmed phone clip has one) shows fewer frames than
        the header counts. Elsewhere the header's length decides; its count may be made of length and rate.
        """
        whole = mp4_is_whole(self._path)
        if whole is not None:
            return not whole
        claimed_s = self._frames_claim / self._clip_fps_claim
        return self._decoded < COMPLETE_SHARE * self._frames_claim and self._last_clip_s < COMPLETE_SHARE * claimed_s

    def _lost_frames(self) -> bool:
        """Whether clearly fewer frames could be decoded than the header counts, and no trim explains it."""
        if self._decoded >= min(READ_SHARE * self._frames_claim, self._frames_claim - MOST_LOST):
            return False
        if mp4_is_whole(self._path) is None and self._of_times():
            return False  # a varying rate: the count was made of length and rate
        # Frames of a varying rate cannot be counted off a trim's length: whether its end was reached decides.
        shown_s = mp4_shown_s(self._path)
        if shown_s is None or not shown_s < READ_SHARE * self._frames_claim / self._clip_fps_claim:
            return True
        return self._last_clip_s < READ_SHARE * shown_s

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._release()
            if self._state != "new":
                self._state = "closed"

    def _release(self) -> None:
        """Free the decoder and the picture held back."""
        if self._capture is not None:
            self._capture.release()
        self._capture = None
        self._pending = None
