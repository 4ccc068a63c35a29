"""What every scene has that is filmed: so many seconds, at so many frames a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from app.coach.types import FloatArray


class Timed:
    """A scene with a length and a rate.

    Attributes:
        fps: frames a second. seconds: how long it lasts.
    """

    __slots__ = ()

    fps: float
    seconds: float

    @property
    def frames(self) -> int:
        """Number of frames."""
        return int(self.seconds * self.fps)

    def times_s(self) -> FloatArray:
        """Return the frames' times (n,), s from the beginning."""
        return np.arange(self.frames) / self.fps
