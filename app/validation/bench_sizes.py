"""How the cost of a frame grows with the picture's size: the app's chain and bare MediaPipe in turns."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np

from app.capture.opencv import cv2
from app.coach.types import Frame
from app.store.json_values import number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.coach.types import ImageArray
    from app.validation.bench_parts import Bench

#: Heights of the pictures, px; their width follows the clip's shape.
HEIGHTS_PX = (180, 360, 540, 720, 1080)
#: So many pictures go to and fro; more would only take memory.
PICTURES, FRAMES_A_ROUND = 20, 20


def sizes_part(bench: Bench, heights_px: Sequence[int] = HEIGHTS_PX) -> dict[str, Any]:
    """Return what a frame costs at each size, median ms: pose (network and refinement), and bare MediaPipe."""
    return {"sizes": [_at_size(bench, height_px) for height_px in heights_px]}


def _at_size(bench: Bench, height_px: int) -> dict[str, Any]:
    width, height = bench.clip.size_px
    # A width in fours: MediaPipe pads others.
    size_px = (4 * round(height_px * width / height / 4), height_px)
    images = [
        np.asarray(cv2.resize(image, size_px, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        for image, _ in bench.clip.running[:PICTURES]
    ]
    there_and_back = [*images, *images[::-1]]
    with closing(bench.make_estimator()) as estimator, closing(bench.make_bare()) as bare:
        looks: tuple[Callable[[Frame], object], ...] = (estimator.estimate, lambda frame: bare.detect(_image(frame)))
        took_ms: tuple[list[float], ...] = ([], [])
        for turn in range(bench.lengths.rounds + 1):  # the first one warms up
            for look, into in zip(looks, took_ms, strict=True):
                into += _round_ms(look, there_and_back, turn, bench.clip.fps)
    pose_ms, bare_ms = (float(np.median(times[FRAMES_A_ROUND:])) for times in took_ms)
    return {"size_px": list(size_px), "pose_ms": number(pose_ms, 2), "bare_ms": number(bare_ms, 2)}


def _round_ms(look: Callable[[Frame], object], images: Sequence[ImageArray], turn: int, fps: float) -> list[float]:
    """Return how long each frame of a round took."""
    took_ms = []
    for k in range(turn * FRAMES_A_ROUND, (turn + 1) * FRAMES_A_ROUND):
        frame = Frame(k, k / fps, images[k % len(images)])
        began_s = time.perf_counter()
        look(frame)
        took_ms.append((time.perf_counter() - began_s) * 1e3)
    return took_ms


def _image(frame: Frame) -> ImageArray:
    if frame.image_bgr is None:
        raise ValueError("the bench's frames have pictures")
    return frame.image_bgr
