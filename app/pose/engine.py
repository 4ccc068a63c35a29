"""Which program runs the pose network: MediaPipe or LiteRT, behind the same port (docs/adr/0007)."""

from __future__ import annotations

import os
from enum import StrEnum
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


def make_network(engine: Engine, model_path: Path, *, with_mask: bool = False, people: int = 1) -> Network:
    """Return the pose network, loaded.

    Raises:
        WorldError: the model cannot be loaded, or the engine is not installed.
    """
    if engine is Engine.LITERT:
        from app.pose.litert_estimator import LiteRtEstimator

        return LiteRtEstimator(model_path, with_mask=with_mask, people=people)
    from app.pose.mediapipe_estimator import MediaPipeEstimator

    return MediaPipeEstimator(model_path, with_mask=with_mask, people=people)
