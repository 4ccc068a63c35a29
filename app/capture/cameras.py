"""Which cameras there are, how one is opened on each system, and why one may refuse."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.capture.opencv import cv2
from app.capture.source import CaptureError, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

PROBED_INDICES = 4
_PLATFORM: str = sys.platform
_SYSFS = Path("/sys/class/video4linux")
_DEV = Path("/dev")


class VideoCaptureLike(Protocol):
    """The part of ``cv2.VideoCapture`` that a webcam needs (OpenCV's own names)."""

    def isOpened(self) -> bool:  # noqa: N802 -- OpenCV's name
        """Whether the device was opened."""

    def read(self) -> tuple[bool, NDArray[Any] | None]:
        """Wait for the next picture."""

    def set(self, prop: int, value: float, /) -> bool:
        """Ask for a property; True does not mean it was granted."""

    def get(self, prop: int, /) -> float:
        """Return what the driver claims."""

    def release(self) -> None:
        """Let go of the device."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera: the index to open it by, and its name ("" where the system does not tell)."""

    index: int
    name: str


def open_device(index: int) -> VideoCaptureLike:
    """Open camera ``index`` by the back-end that fits the system (may take seconds)."""
    if _PLATFORM.startswith("linux"):
        backend = cv2.CAP_V4L2
    elif _PLATFORM == "win32":
        backend = cv2.CAP_DSHOW  # MSMF, the default, can take minutes to open (opencv issue 17687)
    elif _PLATFORM == "darwin":
        backend = cv2.CAP_AVFOUNDATION
    else:
        backend = cv2.CAP_ANY
    return cv2.VideoCapture(index, backend)


def named_cameras(sysfs: Path = _SYSFS) -> tuple[CameraInfo, ...]:
    """Return the cameras whose names can be told without opening any: on Linux; elsewhere none.

    A USB camera has a second node for metadata, which gives no pictures: its ``index`` file is not 0.
    """
    cameras = []
    for node in sysfs.glob("video*"):
        number = node.name.removeprefix("video")
        if not number.isdecimal() or _text(node / "index") not in ("", "0"):
            continue
        cameras.append(CameraInfo(int(number), one_line(_text(node / "name"))))
    return tuple(sorted(cameras, key=lambda camera: camera.index))


def list_cameras(opener: Callable[[int], VideoCaptureLike] = open_device) -> tuple[CameraInfo, ...]:
    """Return the cameras of this machine, as well as it can be told.

    Linux tells without opening any. Elsewhere the first few indices are opened one by one, up to the first
    that refuses: slow (seconds each), and the cameras' lights go on.
    """
    if _PLATFORM.startswith("linux"):
        return named_cameras()
    cameras = []
    for index in range(PROBED_INDICES):
        try:
            capture = opener(index)
        except cv2.error:
            break
        opened = capture.isOpened()
        capture.release()
        if not opened:
            break
        cameras.append(CameraInfo(index, ""))
    return tuple(cameras)


def find_camera(wanted: int | str, cameras: Sequence[CameraInfo]) -> CameraInfo:
    """Return the camera meant by an index, ``"0"``, ``"/dev/video0"`` or a part of its name (any case).

    An index need not be among ``cameras``: whether it exists is found out by opening it.

    Raises:
        CaptureError: no camera has that name.
    """
    text = str(wanted).strip()
    number = text.removeprefix("/dev/video")
    if number.isdecimal() and number.isascii():
        names = {camera.index: camera.name for camera in cameras}
        return CameraInfo(int(number), names.get(int(number), ""))
    for camera in cameras:
        if text and text.casefold() in camera.name.casefold():
            return camera
    there = ", ".join(f"{camera.index} ({camera.name})" for camera in cameras if camera.name)
    there = f"there are {there}" if there else "no camera tells its name here, give a number such as 0"
    raise CaptureError(f"No camera is named '{one_line(text)}': {there}.")


def why_not_opened(index: int, platform: str = _PLATFORM, dev: Path = _DEV) -> str:
    """Return one line on why camera ``index`` did not open and what to do about it."""
    if platform.startswith("linux"):
        node = dev / f"video{index}"
        if not node.exists():
            return f"There is no camera {index} ({node}): plug one in, or choose another with --camera."
        if not os.access(node, os.R_OK | os.W_OK):
            return f"No permission to use {node}: add your user to the group 'video' and log in again."
        return f"Camera {index} does not open: close other programs that use it, or choose another (--camera)."
    if platform == "darwin":
        place = "System Settings > Privacy & Security > Camera"
    elif platform == "win32":
        place = "Settings > Privacy & security > Camera"
    else:
        return f"Camera {index} does not open: plug it in and close other programs that use it."
    return (
        f"Camera {index} does not open: plug it in, close other programs that use it, and allow this one to "
        f"use it in {place}."
    )


def _text(path: Path) -> str:
    """Return the stripped text of a small system file, "" where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
