"""OpenCV as this room uses it: quiet, and with pictures in one safe form.

FFmpeg and OpenCV write warnings straight to stderr; what they mean for the user is said by our own errors.
Both read their settings at their first use, so these are set here, before any capture is opened. A setting
the user made wins.
"""

from __future__ import annotations

import os
import threading

# The Windows camera back-end otherwise takes up to minutes to open (opencv issue 17687).
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from app.capture.source import CaptureError, one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from app.coach.types import ImageArray

__all__ = ["MIN_SIDE_PX", "MOST_SIDE_PX", "cv2", "fitting", "mirroring", "name_for_opencv", "opened", "safe_bgr"]

if "OPENCV_LOG_LEVEL" not in os.environ:
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

MIN_SIDE_PX = 16  # a smaller picture poisons the pose network (reference: landmarks, section 6)

#: Larger pictures are made smaller: the network sees 256 px of them, and a 4K picture takes 25 MB.
MOST_SIDE_PX = 1920

#: What a mirrored display matrix (a, b, c, d: x' = a x + c y, y' = b x + d y) does to a picture. OpenCV 5.0 takes a
#: mirrored matrix for a turn by half a circle.
_MIRRORINGS: dict[tuple[int, int, int, int], Callable[[NDArray[Any]], NDArray[Any]]] = {
    (-1, 0, 0, 1): lambda picture: cv2.flip(picture, 1),
    (1, 0, 0, -1): lambda picture: cv2.flip(picture, 0),
    (0, 1, 1, 0): cv2.transpose,
    (0, -1, -1, 0): lambda picture: cv2.flip(cv2.transpose(picture), -1),
}

#: FFmpeg's options, which OpenCV reads from the environment whenever it opens a file.
_OPTIONS, _OPTIONS_LOCK = "OPENCV_FFMPEG_CAPTURE_OPTIONS", threading.Lock()

_TO_BGR = {1: cv2.COLOR_GRAY2BGR, 4: cv2.COLOR_BGRA2BGR}


def name_for_opencv(path: Path) -> str:
    """Return the path as OpenCV takes it. Raises CaptureError for a name of bytes that are no text: it would crash."""
    name = str(path)
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = one_line(path.name)
        raise CaptureError(f"{shown} has a name that is no text (not UTF-8): give the file another name.") from None
    return name


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


def opened(path: Path, ignore_edits: bool = False) -> cv2.VideoCapture:
    """Return a file opened by FFmpeg, or what says that it is not opened.

    Args:
        path: of the file.
        ignore_edits: take the frames at their own times. FFmpeg 8 plays the part after one that an edit list slows
            down twice: it takes the length of the slowed part for a length of frames.
    """
    with _OPTIONS_LOCK:
        before = os.environ.get(_OPTIONS)
        if ignore_edits:
            os.environ[_OPTIONS] = "|".join(filter(None, (before, "ignore_editlist;1")))
        try:
            return cv2.VideoCapture(name_for_opencv(path), cv2.CAP_FFMPEG)
        finally:
            if ignore_edits and before is None:
                del os.environ[_OPTIONS]
            elif before is not None:
                os.environ[_OPTIONS] = before


def mirroring(
    matrix: tuple[float, float, float, float],
) -> Callable[[NDArray[Any]], NDArray[Any]] | None:
    """Return what makes decoded pictures look as players show them, if a display matrix (a, b, c, d) mirrors them.

    None where it does not: turns alone are OpenCV's.
    """
    a, b, c, d = (0 if value == 0.0 else 1 if value > 0.0 else -1 for value in matrix)
    return _MIRRORINGS.get((a, b, c, d))


def fitting(image: ImageArray) -> ImageArray:
    """Return a picture of at most `MOST_SIDE_PX` on its longer side, the same one where it is."""
    larger = max(image.shape[:2]) / MOST_SIDE_PX
    if larger <= 1.0:
        return image
    size_px = (round(image.shape[1] / larger), round(image.shape[0] / larger))
    return np.asarray(cv2.resize(image, size_px, interpolation=cv2.INTER_AREA), dtype=np.uint8)
