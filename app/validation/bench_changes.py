"""What was done to make it faster, each undone and measured again in the same run: before and after.

Rounds of both take turns, so that what else the machine does hits both alike. What cannot be undone any more
(code that is gone) is told with the figures of its day in ``docs/make_performance.py``.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from app.capture.ahead import ReadAhead
from app.capture.opencv import cv2
from app.capture.video import VideoSource
from app.coach.types import Frame
from app.pose.engine import Engine, make_network
from app.session import switching
from app.store.json_values import number
from app.validation.bench_document import value_at
from app.validation.bench_marks import rate_hz
from app.validation.bench_parts import analyzed_fps, run_live, write_clip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.validation.bench_parts import Bench

#: How quickly Python hands its lock over by itself, s.
PYTHONS_OWN_S = 0.005
#: Frames of a round of the network, and the picture's share that a window of 1280 x 800 shows of a 720p camera.
FRAMES_A_ROUND, WINDOW_SHARE = 20, 0.66


#: What of the window's figures tells of the network's workers: words, unit, path.
WINDOW_FIGURES = (
    ("window, one worker for the network on two cores: pictures", "frames/s", "fps"),
    ("window, the same: drawing over the picture, p95", "ms", "stages_ms.overlay.p95"),
    ("window, the same: captured to painted, p95", "ms", "stages_ms.captured_to_painted.p95"),
)


def changes_part(
    bench: Bench, model_path: Path | None, window_of: Callable[[Bench], Mapping[str, Any]]
) -> dict[str, Any]:
    """Return before and after of every change, median of the rounds.

    Args:
        bench: what all parts work with.
        model_path: of the network; without one, what is about the network is left out.
        window_of: measures the window.
    """
    changes = [_read_ahead(bench), _hand_over(bench), _scaling(bench)]
    if model_path is not None:
        changes = [_engine(bench, model_path), *changes, *_workers(bench, window_of)]
    return {"rounds": bench.lengths.rounds, "changes": changes}


def change(
    what: str, unit: str, before: Callable[[], float], after: Callable[[], float], rounds: int
) -> dict[str, Any]:
    """Return a change: both measured in turns, and their medians."""
    pairs = [(before(), after()) for _ in range(rounds)]
    return {
        "what": what,
        "unit": unit,
        "before": number(median(pair[0] for pair in pairs), 2),
        "after": number(median(pair[1] for pair in pairs), 2),
    }


def _engine(bench: Bench, model_path: Path) -> dict[str, Any]:
    """The same network run by LiteRT, with its crops made by us, in place of MediaPipe's graph."""
    images = [image for image, _ in bench.clip.running[:FRAMES_A_ROUND]]

    def round_ms(engine: Engine) -> Callable[[], float]:
        def measure() -> float:
            with closing(make_network(engine, model_path, with_mask=True)) as network:
                took_ms = []
                for k, image in enumerate([*images, *images[::-1]]):
                    frame = Frame(k, k / bench.clip.fps, image)
                    began_s = time.perf_counter()
                    network.estimate(frame)
                    took_ms.append((time.perf_counter() - began_s) * 1e3)
                return float(np.median(took_ms[5:]))

        return measure

    what = "network with mask by LiteRT instead of MediaPipe's graph"
    return change(what, "ms", round_ms(Engine.MEDIAPIPE), round_ms(Engine.LITERT), bench.lengths.rounds)


def _workers(bench: Bench, window_of: Callable[[Bench], Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The window beside a network with all the workers that `analyze` has, and with those it gets live."""
    before, after = (window_of(replace(bench, make_live=make)) for make in (bench.make_estimator, bench.make_live))
    return [
        {"what": what, "unit": unit, "before": value_at(before, path), "after": value_at(after, path)}
        for what, unit, path in WINDOW_FIGURES
    ]


def _read_ahead(bench: Bench) -> dict[str, Any]:
    """`analyze`: the next frames are decoded while the network works."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        write_clip(bench, path)
        what = "analyze: frames are decoded ahead, beside the network"
        return change(
            what,
            "frames/s",
            lambda: analyzed_fps(bench, VideoSource(path)),
            lambda: analyzed_fps(bench, ReadAhead(VideoSource(path))),
            bench.lengths.rounds,
        )


def _hand_over(bench: Bench) -> dict[str, Any]:
    """Live: Python's lock handed over after 0.2 ms instead of 5 ms."""

    def rate(interval_s: float) -> Callable[[], float]:
        def measure() -> float:
            kept, switching.QUICK_S = switching.QUICK_S, interval_s
            try:
                marks, span = run_live(bench, bench.make_live)
            finally:
                switching.QUICK_S = kept
            return rate_hz(marks.frames.column("ready_s"), [span])

        return measure

    what = "live: Python's lock handed over after 0.2 ms instead of 5"
    return change(what, "frames/s", rate(PYTHONS_OWN_S), rate(switching.QUICK_S), bench.lengths.rounds)


def _scaling(bench: Bench) -> dict[str, Any]:
    """Window: the picture scaled by OpenCV into memory that is there, instead of averaged over areas into new one."""
    image = bench.clip.pictures[-1][0]
    size_px = tuple(round(WINDOW_SHARE * side) for side in bench.clip.size_px)
    place = np.empty((size_px[1], size_px[0], 3), np.uint8)

    def scaled(interpolation: int, into: Any) -> Callable[[], float]:
        def measure() -> float:
            took_ms = []
            for _ in range(FRAMES_A_ROUND):
                began_s = time.perf_counter()
                cv2.resize(image, size_px, dst=into, interpolation=interpolation)
                took_ms.append((time.perf_counter() - began_s) * 1e3)
            return float(np.median(took_ms))

        return measure

    what = "window: the picture scaled between pixels instead of averaged over areas"
    return change(what, "ms", scaled(cv2.INTER_AREA, None), scaled(cv2.INTER_LINEAR, place), bench.lengths.rounds)
