"""What every frame source promises, and the few things all of them share.

A source hands out `Frame`s one by one. It never judges or tracks anything: it only knows the true time of
each frame and says plainly, in one line, when the world is not as it should be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from app.coach.errors import WorldError

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from app.coach.types import FloatArray, Frame

SHOWN_CHARACTERS = 60


class CaptureError(WorldError):
    """A camera, video or landmark file cannot be read; the message is one line that says what to do."""


class FrameSource(Protocol):
    """Where frames come from: a camera, a video, the virtual runner, a landmark file.

    Life cycle: ``open()``, ``read()`` until None, ``close()``. Opening an open source and closing a closed
    one do nothing. ``read()`` returns None once closed; before the first ``open()`` it raises RuntimeError
    (our bug). A closed source may be opened again and then starts anew. ``close()`` may come from any thread
    and unblocks a waiting ``read()``. Every frame owns its memory: nothing it holds is overwritten later.
    """

    @property
    def kind(self) -> str:
        """One of "video", "trc", "virtual", "camera"."""

    @property
    def live(self) -> bool:
        """True: frames come in real time and may be dropped. False: every frame is read."""

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height) of the images; (0, 0) before the first ``open()``."""

    @property
    def fps(self) -> float:
        """Frames per second as measured from frame times so far; nominal or NaN before that."""

    @property
    def frame_count(self) -> int | None:
        """Number of frames, None where unknown. From a video's header only: a hint for progress bars."""

    @property
    def notice(self) -> str:
        """One line for the status bar: something the runner should know that is no error; else ""."""

    def open(self) -> None:
        """Make ready to read. Raises CaptureError."""

    def read(self) -> Frame | None:
        """Return the next frame (waits for it), None at the end or once closed. Raises CaptureError."""

    def close(self) -> None:
        """Let go of the device or file."""


def one_line(text: str, limit: int = SHOWN_CHARACTERS) -> str:
    """Return foreign text fit for a one-line message: nothing unprintable, at most ``limit`` characters."""
    clean = "".join(character if character.isprintable() else "?" for character in text)
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."


def wait_at(condition: threading.Condition, timeout_s: float) -> None:
    """Wait at a held condition until notified, for at most ``timeout_s``; tests put scripted time in its place."""
    condition.wait(timeout_s)


def require_file(path: Path, what: str) -> None:
    """Raise CaptureError unless ``path`` is a file that is not empty and may be read.

    Args:
        path: the file.
        what: how the message calls it, e.g. "video".
    """
    name = one_line(str(path), 200)
    try:
        if not path.exists():
            raise CaptureError(f"There is no file {name}: check the path.")
        if not path.is_file():
            raise CaptureError(f"{name} is not a file: give the path of a {what} file.")
        if path.stat().st_size == 0:
            raise CaptureError(f"{name} is empty (0 bytes): record or copy the {what} again.")
        with path.open("rb"):
            pass
    except PermissionError as error:
        raise CaptureError(f"No permission to read {name}: change its access rights.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        raise CaptureError(f"{name} cannot be read: {one_line(str(error), 120)}") from error


def rate_from_times(times_s: FloatArray) -> float:
    """Return the frames per second behind strictly increasing frame times, NaN for fewer than two.

    The mean of the usual intervals (0.5 to 1.5 of the median): times rounded to the ms would bias a median
    (60 Hz reads as 58.8), gaps a mean. Where the intervals have no usual length: frames over duration.

    Args:
        times_s: (n,) s.
    """
    times_s = np.asarray(times_s, dtype=np.float64)
    if times_s.size < 2:
        return float("nan")
    intervals_s = np.diff(times_s)
    median_s = float(np.median(intervals_s))
    usual_s = intervals_s[(intervals_s > 0.5 * median_s) & (intervals_s < 1.5 * median_s)]
    if usual_s.size < 0.75 * intervals_s.size:
        usual_s = intervals_s
    return float(1.0 / usual_s.mean())
