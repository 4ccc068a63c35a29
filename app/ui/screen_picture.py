"""A camera's picture in the size and form that the screen takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.coach.types import ImageArray


def screen_image(image_bgr: ImageArray, size: QSize, mirrored: bool) -> QImage:
    """Return the image scaled to ``size`` (device px) in Qt's own format; owns its memory."""
    return ScreenPicture().image(image_bgr, size, mirrored).copy()


class ScreenPicture:
    """Scales picture after picture into the same memory: half the time of new memory for each (2.9 to 1.3 ms at 720p).

    OpenCV scales several times faster than QPainter's smooth transform and leaves a plain copy to paint.
    """

    def __init__(self) -> None:
        empty: NDArray[np.uint8] = np.empty((0, 0, 3), np.uint8)
        self._scaled, self._flipped, self._bgra = empty, empty, empty

    def image(self, image_bgr: ImageArray, size: QSize, mirrored: bool) -> QImage:
        """Return the image scaled to ``size`` (device px); it is good until the next call."""
        width, height = max(1, size.width()), max(1, size.height())
        if self._bgra.shape[:2] != (height, width):
            self._scaled = np.empty((height, width, 3), np.uint8)
            self._flipped = np.empty((height, width, 3), np.uint8)
            self._bgra = np.empty((height, width, 4), np.uint8)
        # Averaging over areas costs 7 ms for a usual window and shows only where a picture shrinks below a half.
        how = cv2.INTER_AREA if width < 0.5 * image_bgr.shape[1] else cv2.INTER_LINEAR
        cv2.resize(image_bgr, (width, height), dst=self._scaled, interpolation=how)
        scaled = self._scaled
        if mirrored:
            cv2.flip(scaled, 1, dst=self._flipped)
            scaled = self._flipped
        cv2.cvtColor(scaled, cv2.COLOR_BGR2BGRA, dst=self._bgra)
        # Format_RGB32 is B, G, R, x in memory on the little-endian machines that Qt and MediaPipe ship for.
        return QImage(self._bgra.data, width, height, 4 * width, QImage.Format.Format_RGB32)
