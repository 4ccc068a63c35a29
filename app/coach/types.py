"""The vocabulary that crosses walls: frames, landmarks, bodies and their units.

Image frame: origin top-left, x right, y **down**, px. Body frame: forward = the way the runner faces (+),
up (+). Time is in seconds on one monotonic axis: stamped when a camera frame was read, or the frame's own
presentation time in a file. NaN = missing. Arrays held by these types are read-only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
ImageArray = NDArray[np.uint8]


class Landmark(IntEnum):
    """Our own landmark order; every adapter maps into it. LEFT/RIGHT are the runner's anatomical sides."""

    NOSE = 0
    LEFT_EYE = 1
    RIGHT_EYE = 2
    LEFT_EAR = 3
    RIGHT_EAR = 4
    LEFT_SHOULDER = 5
    RIGHT_SHOULDER = 6
    LEFT_ELBOW = 7
    RIGHT_ELBOW = 8
    LEFT_WRIST = 9
    RIGHT_WRIST = 10
    LEFT_HIP = 11
    RIGHT_HIP = 12
    LEFT_KNEE = 13
    RIGHT_KNEE = 14
    LEFT_ANKLE = 15
    RIGHT_ANKLE = 16
    LEFT_HEEL = 17
    RIGHT_HEEL = 18
    LEFT_TOE = 19
    RIGHT_TOE = 20
    HEAD_TOP = 21


LANDMARK_COUNT = len(Landmark)
#: No picture is so large, nor is anything near one that far outside of it.
MOST_PX = 1e7

_L = Landmark
#: Pairs of landmarks to join when a skeleton is drawn.
SKELETON: tuple[tuple[Landmark, Landmark], ...] = (
    (_L.LEFT_SHOULDER, _L.RIGHT_SHOULDER),
    (_L.LEFT_HIP, _L.RIGHT_HIP),
    (_L.LEFT_SHOULDER, _L.LEFT_ELBOW),
    (_L.LEFT_ELBOW, _L.LEFT_WRIST),
    (_L.RIGHT_SHOULDER, _L.RIGHT_ELBOW),
    (_L.RIGHT_ELBOW, _L.RIGHT_WRIST),
    (_L.LEFT_SHOULDER, _L.LEFT_HIP),
    (_L.RIGHT_SHOULDER, _L.RIGHT_HIP),
    (_L.LEFT_HIP, _L.LEFT_KNEE),
    (_L.LEFT_KNEE, _L.LEFT_ANKLE),
    (_L.RIGHT_HIP, _L.RIGHT_KNEE),
    (_L.RIGHT_KNEE, _L.RIGHT_ANKLE),
    (_L.LEFT_ANKLE, _L.LEFT_HEEL),
    (_L.LEFT_HEEL, _L.LEFT_TOE),
    (_L.RIGHT_ANKLE, _L.RIGHT_HEEL),
    (_L.RIGHT_HEEL, _L.RIGHT_TOE),
)


class Facing(StrEnum):
    """Which way the runner faces in the (unmirrored) image."""

    LEFT = "left"
    RIGHT = "right"
    UNKNOWN = "unknown"

    @property
    def sign(self) -> float:
        """+1 where forward is image right, -1 where it is image left; unknown counts as right."""
        return -1.0 if self is Facing.LEFT else 1.0


class ViewKind(StrEnum):
    """From where the camera sees the body."""

    SIDE = "side"
    FRONT = "front"
    OBLIQUE = "oblique"
    UNKNOWN = "unknown"


class Doubt(StrEnum):
    """What an estimator itself holds against a pose it gives."""

    #: The legs pass each other, or one hides the other: knees, ankles and feet are guesses.
    LEGS_CROSSING = "legs crossing"
    #: HEAD_TOP stands on the ear, as the outline of the head could not be used.
    HEAD_BY_EAR = "head by ear"
    #: The face is turned to the camera or away from it: ear and nose are not where they are in a side view.
    HEAD_TURNED = "head turned"
    #: The picture moved as a whole in this frame: rows and scale of earlier frames no longer hold.
    CAMERA_MOVED = "camera moved"
    #: The picture moves again and again (a camera held in the hand): rows never hold.
    CAMERA_UNSTEADY = "camera unsteady"
    #: From this frame on it is another person than before.
    SOMEBODY_ELSE = "somebody else"


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view of ``array`` that cannot be written through."""
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, slots=True, eq=False)
class BodyPose:
    """One body in one image.

    Attributes:
        t_s: time of the image it was found in; finite.
        xy_px: float64 (LANDMARK_COUNT, 2), image frame; NaN where a landmark is missing. All NaN: nobody seen. What is
            infinite or beyond MOST_PX is taken for missing: it is in no picture, and would overflow in the geometry.
        visibility: float64 (LANDMARK_COUNT,) in 0..1. A network's guess: never proof that a point was seen.
        image_size_px: (width, height) of that image. For landmark files, of the virtual image they span.
        markers: True where every landmark is known to be the joint it is named for (markers of a landmark file,
            the virtual runner's truth); False for a network, which swaps the legs and merges their knees.
        sides: True where LEFT and RIGHT of the legs follow the runner's own legs: markers, or a network's legs
            sorted by the parity of the steps.
        doubts: what the estimator holds against this pose.
        absence: why nobody is given, one line; "" where nobody was seen, or somebody is given.
    """

    t_s: float
    xy_px: FloatArray
    visibility: FloatArray
    image_size_px: tuple[int, int]
    markers: bool = False
    sides: bool = False
    doubts: frozenset[Doubt] = frozenset()
    absence: str = ""

    def __post_init__(self) -> None:
        xy = np.asarray(self.xy_px, dtype=np.float64)
        visibility = np.asarray(self.visibility, dtype=np.float64)
        if xy.shape != (LANDMARK_COUNT, 2):
            raise ValueError(f"xy_px must have shape ({LANDMARK_COUNT}, 2), got {xy.shape}")
        if visibility.shape != (LANDMARK_COUNT,):
            raise ValueError(f"visibility must have shape ({LANDMARK_COUNT},), got {visibility.shape}")
        if not math.isfinite(self.t_s):
            raise ValueError(f"t_s must be a time, got {self.t_s}")
        beyond = np.abs(xy) > MOST_PX
        if beyond.any():
            xy = np.where(beyond.any(axis=1, keepdims=True), np.nan, xy)
        object.__setattr__(self, "xy_px", read_only(xy))
        object.__setattr__(self, "visibility", read_only(visibility))

    @classmethod
    def nobody(cls, t_s: float, image_size_px: tuple[int, int], absence: str = "") -> BodyPose:
        """Return the pose of an image in which no person was found, or none that may be judged (``absence``)."""
        nowhere = np.full((LANDMARK_COUNT, 2), np.nan)
        return cls(t_s, nowhere, np.zeros(LANDMARK_COUNT), image_size_px, absence=absence)

    @property
    def seen(self) -> bool:
        """Whether a person was found: any landmark has a position."""
        return bool(np.isfinite(self.xy_px).any())

    def __getitem__(self, landmark: Landmark) -> FloatArray:
        """Return the (2,) px position of one landmark, NaN where missing."""
        return np.asarray(self.xy_px[landmark])


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One instant from a source.

    Attributes:
        index: 0-based number of the frame in its source; gaps mean dropped frames.
        t_s: true time of the frame (see the module docstring).
        image_bgr: uint8 (H, W, 3), or None where the source has landmarks only (``.trc``).
        landmarks: the body as the source itself knows it (landmark files; the virtual runner's truth), or None.
    """

    index: int
    t_s: float
    image_bgr: ImageArray | None = None
    landmarks: BodyPose | None = None


@dataclass(frozen=True, slots=True)
class RunnerProfile:
    """What the runner told us: stature in cm (None = not told) and the chosen tunnel drop (one inch)."""

    height_cm: float | None = None
    tunnel_drop_cm: float = 2.54


@dataclass(frozen=True, slots=True)
class Measure:
    """A value with its 95 % interval and the number of steps (or frames) behind it."""

    value: float
    ci95: tuple[float, float]
    n: int
    unit: str = field(default="", compare=False)
