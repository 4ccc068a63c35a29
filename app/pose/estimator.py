"""The estimator port: a frame goes in, the body found in it comes out. No network library is used here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from app.coach.types import BodyPose, Frame, ImageArray, read_only

if TYPE_CHECKING:
    from typing import TypeGuard

#: Smaller pictures make MediaPipe's graph fail, and a graph that failed once fails for ever.
MIN_SIDE_PX = 16

MaskArray = NDArray[np.float32]
#: x, y, width, height in image px.
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class BodyMask:
    """How surely each part of the picture belongs to the body.

    Attributes:
        values: float32 (h, w), 0..1, upright like the picture.
        origin_px: image position (x, y) of the centre of cell [0, 0].
        cell_px: image px from one cell to the next, both ways.
    """

    values: MaskArray
    origin_px: tuple[float, float] = (0.0, 0.0)
    cell_px: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", read_only(self.values))


@dataclass(frozen=True, slots=True)
class Tracking:
    """What following one person came to so far, over all frames of the estimator.

    Attributes:
        leg_swaps_repaired: frames in which the legs' labels were exchanged; None where labels are not looked after.
        subject_switches: how often another person was followed instead; None where nobody looked.
        hidden: boxes of the picture that the user keeps from the network.
        notices: lines for the user, each once, oldest first.
    """

    leg_swaps_repaired: int | None = None
    subject_switches: int | None = None
    hidden: tuple[Box, ...] = ()
    notices: tuple[str, ...] = ()


NO_TRACKING = Tracking()


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What an estimator found in one frame.

    Attributes:
        pose: the body in image px; `BodyPose.nobody` where nobody was found.
        mask: None where not asked for, not available, or nobody was found.
        tracking: totals so far.
    """

    pose: BodyPose
    mask: BodyMask | None = None
    tracking: Tracking = NO_TRACKING


class PoseEstimator(Protocol):
    """Finds the body in frames, given in the order of their time. Not for two threads at once."""

    def estimate(self, frame: Frame) -> Estimate:
        """Return the body in ``frame``.

        Raises:
            ValueError: the frame does not hold what this estimator reads.
            RuntimeError: the estimator is closed, or failed beyond repair.
        """

    def restart(self) -> None:
        """Forget the person followed from frame to frame: look afresh in the next one."""

    def close(self) -> None:
        """Free everything held; harmless when called again."""


@runtime_checkable
class Steerable(Protocol):
    """An estimator that can be told where to look."""

    def choose(self, point_px: tuple[float, float]) -> None:
        """Follow the person at a point of the picture from now on."""

    def exchange_sides(self) -> None:
        """The user says that left and right leg are the wrong way round."""

    def paint_out(self, box: Box | None) -> None:
        """Hide a box (x, y, width, height) px of the picture from the network; None = none."""


@runtime_checkable
class Pointable(Protocol):
    """A network that finds the person at a point of the picture."""

    def look_at(self, point_px: tuple[float, float]) -> None:
        """Look for the person at this point from the next frame on."""


def validate_image(image: NDArray[Any] | None) -> ImageArray:
    """Return ``image`` if it is a picture a network can read: C-contiguous uint8 (H, W, 3), sides >= 16 px.

    Raises:
        ValueError: it is not; names what was expected and what came. MediaPipe would read a non-contiguous
            array as if it were contiguous, and would not survive a picture that is too small.
    """
    expected = f"a C-contiguous uint8 BGR image (H, W, 3) with sides of at least {MIN_SIDE_PX} px"
    if image is None:
        raise ValueError(f"expected {expected}, got a frame without an image")
    if not _is_bytes(image) or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"expected {expected}, got {image.dtype} {image.shape}")
    if min(image.shape[:2]) < MIN_SIDE_PX:
        raise ValueError(f"expected {expected}, got {image.shape[1]}x{image.shape[0]} px")
    if not image.flags.c_contiguous:
        raise ValueError(f"expected {expected}, got strides {image.strides} (use numpy.ascontiguousarray)")
    return image


def _is_bytes(image: NDArray[Any]) -> TypeGuard[ImageArray]:
    """Return whether an array holds unsigned bytes."""
    return image.dtype == np.uint8


class OracleEstimator:
    """Answers the landmarks that the frame brings along: the virtual runner's truth, or a landmark file's.

    An image is not needed. A frame without landmarks is one in which nobody was seen.
    """

    def __init__(self) -> None:
        self._closed = False

    def estimate(self, frame: Frame) -> Estimate:
        """Return the frame's own landmarks, `BodyPose.nobody` where it has none.

        Raises:
            RuntimeError: the estimator is closed.
        """
        if self._closed:
            raise RuntimeError("the estimator is closed")
        if frame.landmarks is not None:
            return Estimate(frame.landmarks)
        height, width = (0, 0) if frame.image_bgr is None else frame.image_bgr.shape[:2]
        return Estimate(BodyPose.nobody(frame.t_s, (width, height)))

    def restart(self) -> None:
        """Nothing is followed here."""

    def close(self) -> None:
        """Refuse further frames."""
        self._closed = True

    def __enter__(self) -> OracleEstimator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
