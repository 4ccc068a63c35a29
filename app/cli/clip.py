"""Sources around a clip: a time range of a landmark file, and playing at the speed of life for the window."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

from app.capture.around import Around
from app.capture.clip_facts import slowdown_of
from app.capture.source import CaptureError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.capture.source import FrameSource
    from app.coach.types import Frame


def require_no_slowmo(slowmo_factor: float) -> None:
    """Raise CaptureError unless the factor is 1: landmark files carry true times."""
    if slowmo_factor != 1.0:
        raise CaptureError("--slowmo-factor is for videos only: a .trc file carries its true times.")


def px_per_m(source: FrameSource) -> float:
    """Return the scale of a landmark file that has been opened, NaN for any other source."""
    from app.capture.trc import TrcSource

    inner = source.inner if isinstance(source, Around) else source
    return inner.px_per_m if isinstance(inner, TrcSource) else math.nan


def slowed_as_told(
    path: str, told: float | None, source_of: Callable[[str, tuple[float, float] | None, float], FrameSource]
) -> FrameSource:
    """Return a clip read with the slow-motion factor that was told, else with the one that the file is certain of.

    Args:
        path: of the clip.
        told: None = nothing was told.
        source_of: makes the source of (path, time range, factor).

    Raises:
        WorldError: the factor makes no sense.
    """
    by_file = slowdown_of(path) if told is None else None
    if by_file is None or not by_file.certain:
        return source_of(path, None, 1.0 if told is None else told)
    return Noted(source_of(path, None, by_file.factor), by_file.taken)


class Noted(Around):
    """Another source, with a line of its own before what that one has to tell."""

    def __init__(self, source: FrameSource, line: str) -> None:
        super().__init__(source)
        self._line = line

    @property
    def notice(self) -> str:
        """The line, and what the source says."""
        return " ".join(filter(None, (self._line, self._source.notice)))


class Clipped(Around):
    """The frames of another source with start <= t_s < end; indices stay those of the whole."""

    def __init__(self, source: FrameSource, start_s: float, end_s: float) -> None:
        super().__init__(source)
        if not 0.0 <= start_s < end_s or math.isinf(start_s):
            raise CaptureError(f"The time range {start_s:g} to {end_s:g} s must run from 0 or later to a later time.")
        self._start_s, self._end_s = start_s, end_s
        self._given = 0

    @property
    def frame_count(self) -> int | None:
        """Number of frames in the range, as far as the rate tells."""
        whole = self._source.frame_count
        if whole is None or not math.isfinite(self.fps) or math.isinf(self._end_s):
            return whole
        return min(whole, math.ceil((self._end_s - self._start_s) * self.fps))

    def open(self) -> None:
        """Open the whole source. Raises CaptureError."""
        self._given = 0
        self._source.open()

    def read(self) -> Frame | None:
        """Return the next frame of the range. Raises CaptureError where the file has none in it."""
        while (frame := self._source.read()) is not None:
            if frame.t_s >= self._end_s:
                break
            if frame.t_s >= self._start_s:
                self._given += 1
                return frame
        if not self._given:
            raise CaptureError(
                f"There is no frame between {self._start_s:g} and {self._end_s:g} s: check the time range."
            )
        return None


class Paced(Around):
    """A clip at the speed of life, for somebody who watches: each frame comes when it is due, none is left out."""

    def __init__(self, source: FrameSource) -> None:
        super().__init__(source)
        self._closed = threading.Event()
        self._began_s = math.nan

    def open(self) -> None:
        """Open the clip. Raises CaptureError."""
        self._closed.clear()
        self._began_s = math.nan
        self._source.open()

    def read(self) -> Frame | None:
        """Return the next frame at its time; a reader who is late gets it at once. Raises CaptureError."""
        frame = self._source.read()
        if frame is None:
            return None
        now_s = time.monotonic()
        if math.isnan(self._began_s):
            self._began_s = now_s - frame.t_s
        early_s = self._began_s + frame.t_s - now_s
        if early_s > 0.0 and self._closed.wait(early_s):
            return None
        self._began_s += max(0.0, -early_s)
        return frame

    def close(self) -> None:
        """Close the clip; a waiting `read` returns None."""
        self._closed.set()
        self._source.close()
