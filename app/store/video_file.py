"""Writing a video whose playback runs at the speed of life, complete or not at all."""

from __future__ import annotations

import math
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING

import cv2

from app.store.atomic import OutputError, replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.coach.types import Frame, ImageArray

#: For a source that does not know its rate.
USUAL_FPS = 30.0
#: A header may claim anything; players show no more.
MOST_FPS = 240.0
#: The longest gap in the frames' times that is filled with the frame before it.
LONGEST_GAP_S = 2.0
#: Where no file can be begun and not even so much can be written, it is not the encoder that is missing.
ROOM_BYTES = 4096
CODEC = "mp4v"  # MPEG-4 part 2: the one every OpenCV wheel can write


class VideoFile:
    """Writes frames to an MP4 of constant rate, each at its own time.

    A source of uneven rate has frames repeated or left out, so that what took a second plays for a second.

    Args:
        path: of the file.
        fps: asked for the source's rate at the first frame, when it is open; NaN = unknown.
        named: what the file will be called, for errors.

    """

    def __init__(self, path: Path, fps: Callable[[], float], named: Path) -> None:
        self._path, self._named = path, named
        self._source_fps = fps
        self.fps = USUAL_FPS
        self._writer: cv2.VideoWriter | None = None
        self._size_px = (0, 0)
        self._offset_s = math.nan
        self._last_s = -math.inf
        self.written = 0

    def add(self, t_s: float, image_bgr: ImageArray) -> None:
        """Write the picture of time ``t_s``; all pictures have the size of the first.

        Raises:
            OutputError: no encoder can be opened, or there is no room.

        """
        height, width = image_bgr.shape[:2]
        if self._writer is None:
            self._open((width, height))
            self._offset_s = t_s
        assert self._writer is not None
        if (width, height) != self._size_px:
            raise ValueError(f"expected pictures of {self._size_px}, got {(width, height)}")
        if t_s - self._last_s > LONGEST_GAP_S and self.written:
            self._offset_s += t_s - self._last_s - 1.0 / self.fps
        self._last_s = t_s
        due = math.floor((t_s - self._offset_s) * self.fps + 0.5) + 1
        while self.written < due:
            self._writer.write(image_bgr)
            self.written += 1

    def add_frame(self, frame: Frame) -> None:
        """Write a frame's own picture. Raises OutputError."""
        if frame.image_bgr is None:
            raise ValueError("expected a frame with an image")
        self.add(frame.t_s, frame.image_bgr)

    def _open(self, size_px: tuple[int, int]) -> None:
        fps = self._source_fps()
        self.fps = min(fps, MOST_FPS) if math.isfinite(fps) and fps >= 1.0 else USUAL_FPS
        writer = cv2.VideoWriter(str(self._path), cv2.VideoWriter.fourcc(*CODEC), self.fps, size_px)
        if not writer.isOpened():
            with _telling(self._named):
                self._path.write_bytes(bytes(ROOM_BYTES))
            raise OutputError(
                "No video encoder for MP4 can be opened here: reinstall opencv-python, or leave the video out."
            )
        self._writer, self._size_px = writer, size_px

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.release()
            self._writer = None


def require_mp4(path: Path) -> None:
    """Raise OutputError unless the name ends in .mp4, by which the container is chosen, and is text.

    OpenCV crashes where the bytes of a name are no UTF-8.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise OutputError(f"{path} is a name that is no text (not UTF-8): choose another one.") from None
    if path.suffix.lower() != ".mp4":
        raise OutputError(f"{path} is no MP4 name: let the video's name end in .mp4.")


@contextmanager
def video_file(path: Path, fps: Callable[[], float], mark: bytes = b"") -> Iterator[VideoFile]:
    """Give a `VideoFile` that appears at ``path`` when the block ends well and at least one frame was written.

    ``mark``: a whole box to stand at the end of the file.

    Raises:
        OutputError: the place cannot be written, the name does not end in .mp4, or nothing was written.

    """
    require_mp4(path)
    with replacing(path) as temporary:
        video = VideoFile(temporary, fps, path)
        try:
            yield video
        finally:
            video.close()
        if video.written == 0 or temporary.stat().st_size == 0:
            raise OutputError(f"{path} was not written: there was no frame, or no room on the disk.")
        if not _is_whole(temporary):  # OpenCV keeps to itself what it could not write
            raise OutputError(f"{path} cannot be written in full: make room on the disk, or choose another place.")
        with _telling(path), temporary.open("ab") as file:
            file.write(mark)


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Turn what the system says about writing ``path`` into one line."""
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise OutputError(
            f"{path} cannot be written ({why}): make room on the disk, or choose another place."
        ) from error


def _is_whole(path: Path) -> bool:
    """Return whether an MP4 has its index, ``moov``, which is written last; boxes as in ISO/IEC 14496-12, 4.2."""
    at, size = 0, path.stat().st_size
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            length, kind = struct.unpack(">I4s", file.read(8))
            if length == 1:  # the length is a number of 64 bits, behind the kind
                length = struct.unpack(">Q", file.read(8).rjust(8, b"\0"))[0]
            if kind == b"moov":
                return bool(at + length <= size)
            if length < 8:
                return False
            at += length
    return False
