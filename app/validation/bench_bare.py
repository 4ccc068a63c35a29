"""What everything is compared with: MediaPipe alone, as its documentation has it, on the same pictures."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Protocol

import numpy as np

from app.capture.opencv import cv2
from app.pose.quiet import quiet_stderr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from app.coach.types import ImageArray

#: MediaPipe wants rising times; how far apart matters to its smoothing only.
STEP_MS = 17


class Bare(Protocol):
    """Something that looks at pictures and does nothing with what it finds."""

    def detect(self, image_bgr: ImageArray) -> None:
        """Look at the next picture."""

    def close(self) -> None:
        """Free everything held."""


class BareMediaPipe:
    """One pose landmarker in VIDEO mode without a mask: convert, detect, nothing else."""

    def __init__(self, model_path: Path) -> None:
        import mediapipe as mp
        from mediapipe.tasks.python.core.base_options import BaseOptions
        from mediapipe.tasks.python.vision.core.vision_task_running_mode import VisionTaskRunningMode
        from mediapipe.tasks.python.vision.pose_landmarker import PoseLandmarker, PoseLandmarkerOptions

        options = PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=model_path.read_bytes()),
            running_mode=VisionTaskRunningMode.VIDEO,
        )
        self._mp = mp
        with quiet_stderr():
            self._landmarker = PoseLandmarker.create_from_options(options)
        self._t_ms = 0

    def detect(self, image_bgr: ImageArray) -> None:
        """Look at the next picture."""
        rgb = cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB)
        image = self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=rgb)
        with nullcontext() if self._t_ms else quiet_stderr():  # the first one brings lines of its own
            self._landmarker.detect_for_video(image, self._t_ms)
        self._t_ms += STEP_MS

    def close(self) -> None:
        """Free the network."""
        self._landmarker.close()


class NoNetwork:
    """Converts the colours only: for trying the bench itself."""

    def detect(self, image_bgr: ImageArray) -> None:
        """Look at the next picture."""
        cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB)

    def close(self) -> None:
        """Hold nothing."""


def loop_fps(
    bare: Bare, images: Sequence[ImageArray], seconds: float, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return how many pictures per second are looked at one after another, each copied as a camera would hand it out.

    The first one warms up and does not count.
    """
    bare.detect(images[0].copy())
    began_s, count = clock(), 0
    while True:
        bare.detect(images[count % len(images)].copy())
        count += 1
        if (passed_s := clock() - began_s) >= seconds:
            return count / passed_s


def clip_fps(bare: Bare, path: Path, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return how many frames per second of a video file are read and looked at in turn; the first does not count."""
    film = cv2.VideoCapture(str(path))
    try:
        done, image = film.read()
        if not done:
            raise RuntimeError(f"the clip of the bench, {path}, cannot be read")
        bare.detect(np.asarray(image, dtype=np.uint8))
        began_s, count = clock(), 0
        while (got := film.read())[0]:
            bare.detect(np.asarray(got[1], dtype=np.uint8))
            count += 1
        return count / (clock() - began_s)
    finally:
        film.release()
