"""Which program runs the pose network: MediaPipe or LiteRT, behind the same port (docs/adr/0007)."""

from __future__ import annotations

import os
from enum import StrEnum
from importlib import util
from pathlib import Path
from typing import Protocol

from app.coach.errors import WorldError
from app.coach.types import BodyPose, Frame
from app.pose.estimator import PoseEstimator

#: The user's own choice; without it `default_engine`.
VARIABLE = "HINGECOACH_ENGINE"


class Engine(StrEnum):
    """What runs the pose network."""

    MEDIAPIPE = "mediapipe"
    LITERT = "litert"


class Network(PoseEstimator, Protocol):
    """A pose network: an estimator that can also be asked for everybody in a frame."""

    def find_all(self, frame: Frame) -> tuple[BodyPose, ...]:
        """Return every body in ``frame``, at most as many as the network was made for."""


def default_engine() -> Engine:
    """Return what is used where nobody chose: LiteRT where it is installed."""
    from app.pose.litert_net import available

    return Engine.LITERT if available() else Engine.MEDIAPIPE


def chosen_engine() -> Engine:
    """Return what the user's environment names, else the default.

    Raises:
        WorldError: it names no engine.
    """
    name = os.environ.get(VARIABLE, "").strip().lower()
    if not name:
        return default_engine()
    try:
        return Engine(name)
    except ValueError:
        wanted = " or ".join(Engine)
        raise WorldError(f"{VARIABLE} is {name!r}: set it to {wanted}, or not at all.") from None


def engine_for_many() -> Engine:
    """Return what finds several people, small ones too, most surely: MediaPipe where it is installed, else LiteRT.

    A walker and a man 100 px high: MediaPipe sees both, LiteRT one.
    """
    return Engine.MEDIAPIPE if _mediapipe_is_here() else Engine.LITERT


def _mediapipe_is_here() -> bool:
    """Whether MediaPipe is installed: its wheels are for Linux and Windows on x86-64 and macOS on ARM only."""
    return util.find_spec("mediapipe") is not None


def make_network(
    engine: Engine,
    model_path: Path,
    *,
    with_mask: bool = False,
    people: int = 1,
    live: bool = False,
    threads: int | None = None,
) -> Network:
    """Return the pose network, loaded.

    Args:
        engine: what runs it.
        model_path: a pose landmarker bundle.
        with_mask: outline, too.
        people: at most so many bodies for `find_all`.
        live: beside a camera and a window that need the processor as well; LiteRT alone heeds it.
        threads: workers, None: as many as are best; LiteRT alone heeds it, and finds the same with any number.

    Raises:
        WorldError: the model cannot be loaded, or the engine is not installed.
    """
    if engine is Engine.LITERT:
        from app.pose.litert_estimator import THREADS, LiteRtEstimator

        workers = threads or (live_workers() if live else THREADS)
        return LiteRtEstimator(model_path, with_mask=with_mask, people=people, threads=workers)
    if not _mediapipe_is_here():
        here = default_engine() is Engine.LITERT
        other = ": use the engine LiteRT." if here else ", nor is LiteRT: only landmark files (.trc) can be judged."
        raise WorldError(f"The engine MediaPipe is not installed (there is none for this platform, perhaps){other}")
    from app.pose.mediapipe_estimator import MediaPipeEstimator

    return MediaPipeEstimator(model_path, with_mask=with_mask, people=people)


def live_workers() -> int:
    """Return how many workers the network gets beside camera and window: one core is left to them, where there are two.

    Two cores, one worker instead of two: 46.8 pictures a second against 39.2, painting the overlay 2.7 ms instead of
    9.9 in the 95th percentile, captured to painted 46 ms instead of 72 (`hingecoach bench --only window`).
    """
    return max(1, min(2, (os.cpu_count() or 2) - 1))
