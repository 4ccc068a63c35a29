"""Pictures made beforehand as a camera: they come at the camera's rate, over and over, so that drawing costs nothing.

The virtual runner takes 45 ms a picture to draw, more than the pose network; where speed is measured that would be
measured with it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from app.capture.source import wait_at
from app.capture.virtual import VirtualSource
from app.coach.types import BodyPose, ImageArray

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

Picture = tuple[ImageArray, BodyPose]


class LoopScene:
    """A scene of given pictures: the first is held, then all follow one another, then those of the loop for ever.

    Args:
        pictures: each with the landmarks in it.
        fps: pictures per second.
        hold_s: how long the first one stands.
        loop_from: where the loop begins, an index into ``pictures``.

    Raises:
        ValueError: there is no picture, or the loop begins past the last.
    """

    def __init__(self, pictures: Sequence[Picture], fps: float, hold_s: float = 0.0, loop_from: int = 0) -> None:
        if not 0 <= loop_from < len(pictures):
            raise ValueError(f"the loop must begin at one of {len(pictures)} pictures, not at {loop_from}")
        self._pictures, self._fps, self._loop_from = tuple(pictures), fps, loop_from
        self._held = max(0, round(hold_s * fps) - 1)

    def place(self, index: int) -> int:
        """Return which picture frame ``index`` (from 0) shows."""
        index = max(0, index - self._held)
        if index < len(self._pictures):
            return index
        return self._loop_from + (index - self._loop_from) % (len(self._pictures) - self._loop_from)

    def image_at(self, t_s: float, index: int = 0) -> ImageArray:
        """Return the picture of a frame number, in memory of its own as a camera's is."""
        return self._pictures[self.place(index)][0].copy()

    def landmarks_at(self, t_s: float) -> BodyPose:
        """Return the landmarks of a scene time; their own time is not set."""
        return self._pictures[self.place(round(t_s * self._fps))][1]


class LoopSource(VirtualSource):
    """A live camera that shows a `LoopScene`: frames come when they are due; those nobody waited for are skipped.

    Args:
        scene: the pictures, at ``fps`` too.
        fps: frames per second.
        seconds: length in s, None = without end.
        clock: monotonic seconds; the frames' times are on its axis. wait: waits at a held condition.

    Raises:
        CaptureError: the rate or length is no sense.
    """

    def __init__(
        self,
        scene: LoopScene,
        fps: float,
        seconds: float | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
        wait: Callable[[threading.Condition, float], None] = wait_at,
    ) -> None:
        super().__init__(scene, fps, seconds, realtime=True, clock=clock, wait=wait)
