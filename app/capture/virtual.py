"""The virtual runner as a source: rendered frames with the exact landmarks, at will or in real time."""

from __future__ import annotations

import bisect
import dataclasses
import math
import threading
import time
from typing import TYPE_CHECKING, Protocol

import numpy as np

from app.capture.source import CaptureError, rate_from_times, wait_at
from app.coach.types import BodyPose, Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.coach.types import ImageArray


class Scene(Protocol):
    """What is needed of a virtual scene; ``t_s`` is scene time from 0."""

    def image_at(self, t_s: float, index: int = 0) -> ImageArray:
        """Return a picture of its own memory, BGR uint8 (H, W, 3)."""

    def landmarks_at(self, t_s: float) -> BodyPose:
        """Return the exact landmarks in px."""


class VirtualSource:
    """Frames of a virtual scene; ``Frame.landmarks`` is always the scene's truth.

    At will (``realtime=False``): every frame, ``t_s`` = scene time = k / fps from 0.

    In real time: like a camera. ``open()`` starts the scene; frame k is due at ``start_s`` + k / fps on the
    clock's axis: that is its ``t_s``, and ``read()`` returns it then. The next frame is rendered while waiting
    for it; frames that were due while nobody waited are skipped (gaps in ``index``). Scene time is
    ``t_s - start_s``.

    Args:
        scene: what to show.
        fps: frames per second.
        seconds: length in s, None = without end.
        realtime: pace by the clock.
        render: False leaves ``image_bgr`` None (landmarks only).
        frame_times: scene times of the frames in s, strictly increasing, instead of k / fps (lost frames,
            variable rate); ends with the last.
        clock: monotonic seconds. wait: waits at a held condition for at most so many seconds.

    Raises:
        CaptureError: the rate or length is no sense.
    """

    kind = "virtual"
    notice = ""

    def __init__(
        self,
        scene: Scene,
        fps: float = 30.0,
        seconds: float | None = None,
        realtime: bool = False,
        render: bool = True,
        frame_times: Sequence[float] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Condition, float], None] = wait_at,
    ) -> None:
        if not (math.isfinite(fps) and fps > 0.0):
            raise CaptureError(f"The frame rate must be above 0, not {fps:g}.")
        if seconds is not None and not (math.isfinite(seconds) and seconds > 0.0):
            raise CaptureError(f"The length must be above 0 s, not {seconds:g}.")
        self._times_s = None if frame_times is None else [float(t_s) for t_s in frame_times]
        if self._times_s is not None and not np.all(np.diff(self._times_s) > 0.0):
            raise ValueError("frame_times must increase strictly")
        self.live = realtime
        self.fps = fps if self._times_s is None else rate_from_times(np.array(self._times_s))
        self.frame_count = self._count(fps, seconds)
        self.size_px: tuple[int, int] = (0, 0)
        self.start_s = 0.0
        self._scene, self._rate, self._render = scene, fps, render
        self._clock, self._wait = clock, wait
        self._condition = threading.Condition()
        self._state = "new"  # new, open, closed
        self._next = 0

    def _count(self, fps: float, seconds: float | None) -> int | None:
        """Return the number of frames before the end, None without one."""
        if self._times_s is not None:
            return len(self._times_s)
        return None if seconds is None else max(1, math.ceil(seconds * fps - 1e-9))

    def open(self) -> None:
        """Start the scene from 0."""
        with self._condition:
            if self._state == "open":
                return
            self.size_px = self._scene.landmarks_at(0.0).image_size_px
            if self.live and self._render:
                self._scene.image_at(0.0)  # the first picture costs far more: have it before time starts
            self.start_s = self._clock() if self.live else 0.0
            self._next = 0
            self._state = "open"

    def read(self) -> Frame | None:
        """Return the next frame (in real time: when it is due); None at the end or once closed."""
        with self._condition:
            if self._state == "new":
                raise RuntimeError("VirtualSource.read() before open()")
            if self._state != "open":
                return None
            index = self._index_to_come()
            self._next = index + 1
        if self.frame_count is not None and index >= self.frame_count:
            return None
        scene_s = self._scene_time_s(index)
        t_s = self.start_s + scene_s
        image = self._scene.image_at(scene_s, index) if self._render else None
        pose = dataclasses.replace(self._scene.landmarks_at(scene_s), t_s=t_s)
        if self.live:
            with self._condition:
                while self._state == "open" and (early_s := t_s - self._clock()) > 0.0:
                    self._wait(self._condition, early_s)
                if self._state != "open":
                    return None
        return Frame(index=index, t_s=t_s, image_bgr=image, landmarks=pose)

    def _scene_time_s(self, index: int) -> float:
        return index / self._rate if self._times_s is None else self._times_s[index]

    def _index_to_come(self) -> int:
        """Return the next frame; in real time, the next that is not past yet."""
        if not self.live:
            return self._next
        now_s = self._clock() - self.start_s
        if self._times_s is not None:
            to_come = bisect.bisect_left(self._times_s, now_s)
        else:
            to_come = math.ceil(now_s * self._rate - 1e-6)
        return max(self._next, to_come)

    def close(self) -> None:
        """Stop the scene; a waiting ``read()`` returns None."""
        with self._condition:
            if self._state != "new":
                self._state = "closed"
            self._condition.notify_all()
