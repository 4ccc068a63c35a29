"""OpenCV as this room uses it: quiet, and with pictures in one safe form.

FFmpeg and OpenCV write warnings straight to stderr; what they mean for the user is said by our own errors.
Both read their settings at their first use, so these are set here, before any capture is opened. A setting
the user made wins.
"""

from __future__ import annotations

import os

# The Windows camera back-end otherwise takes up to minutes to open (opencv issue 17687).
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from app.capture.source import CaptureError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.coach.types import ImageArray

__all__ = ["MIN_SIDE_PX", "cv2", "safe_bgr"]

if "OPENCV_LOG_LEVEL" not in os.environ:
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

MIN_SIDE_PX = 16  # a smaller picture poisons the pose network (reference: landmarks, section 6)

_TO_BGR = {1: cv2.COLOR_GRAY2BGR, 4: cv2.COLOR_BGRA2BGR}


def safe_bgr(picture: NDArray[Any], name: str) -> ImageArray:
    """Return a decoded picture as contiguous uint8 (H, W, 3) BGR that owns its memory.

    Args:
        picture: (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), uint8 or uint16 (its upper 8 bits are kept).
        name: what error messages call the source.

    Raises:
        CaptureError: the picture is under 16 px on a side, or of another form.
    """
    if picture.ndim == 2:
        picture = picture[:, :, np.newaxis]
    if picture.ndim != 3 or picture.shape[2] not in (1, 3, 4) or picture.dtype not in (np.uint8, np.uint16):
        raise CaptureError(f"{name} gives pictures of an unknown form ({picture.shape}, {picture.dtype}).")
    height_px, width_px = picture.shape[:2]
    if min(height_px, width_px) < MIN_SIDE_PX:
        raise CaptureError(
            f"{name} has pictures of {width_px}x{height_px} px: too small, at least {MIN_SIDE_PX} are needed."
        )
    if picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
    if picture.shape[2] in _TO_BGR:
        return np.asarray(cv2.cvtColor(picture, _TO_BGR[picture.shape[2]]), dtype=np.uint8)
    owned: ImageArray = picture if picture.flags.owndata and picture.flags.c_contiguous else picture.copy("C")
    return owned
