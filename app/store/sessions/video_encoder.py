"""Pictures into MPEG-4 frames, by OpenCV's own encoder.

OpenCV writes files only, and stamps frames at a constant rate. So it is given a second of pictures at a time; its file
is read for the frames' bytes alone, and thrown away. MPEG-4 part 2 is what every OpenCV wheel can write, in a fraction
of the processor's time that VP8 takes (`docs/adr/0012-every-frame-of-a-video-has-its-time.md`). It has no frames out of
order, so the n-th packet is the n-th picture.
"""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2

from app.store.atomic import OWNER_ONLY
from app.store.sessions.errors import HistoryError
from app.store.sessions.pose_file import telling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.coach.types import ImageArray

CODEC = "mp4v"
#: What OpenCV is told; the bits of a frame do not depend on it.
_NOMINAL_FPS = 30.0
PART = ".video-part.avi"
_NO_ENCODER = "no video encoder can be opened here: reinstall opencv-python"
#: Start codes of MPEG-4 part 2 (ISO 14496-2, 6.3): a group of pictures, a picture, whose kind are the next two bits.
_GROUP, _PICTURE = b"\0\0\1\xb3", b"\0\0\1\xb6"
_LISTS = (b"RIFF", b"LIST")


@dataclass(frozen=True, slots=True)
class Packet:
    """The bytes of one frame, and whether it needs no other."""

    data: bytes
    key: bool


class Encoder:
    """Encodes pictures of one size; of one thread at a time.

    Args:
        folder: where the file lies for a second. size_px: width and height, even.

    Raises:
        HistoryError: no encoder can be opened, or no file.
    """

    def __init__(self, folder: Path, size_px: tuple[int, int]) -> None:
        self._path = folder / PART
        self._size_px = size_px
        self._writer: cv2.VideoWriter | None = None
        self._written = 0
        self.decoder = b""

    def add(self, image_bgr: ImageArray) -> None:
        """Encode a picture (H, W, 3). Raises HistoryError."""
        if self._writer is None:
            with telling(self._path):
                os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY))
            fourcc = cv2.VideoWriter.fourcc(*CODEC)
            self._writer = cv2.VideoWriter(str(self._path), cv2.CAP_FFMPEG, fourcc, _NOMINAL_FPS, self._size_px)
            if not self._writer.isOpened():
                self.close()
                raise HistoryError(_NO_ENCODER)
        self._writer.write(image_bgr)
        self._written += 1

    def take(self) -> list[Packet]:
        """Return the frames of the pictures since the last call, one for each.

        Raises HistoryError: the encoder has not written all of them, e.g. as the disk is full.
        """
        if self._writer is None:
            return []
        self._writer.release()
        with telling(self._path):
            data = self._path.read_bytes()
        wanted = self._written
        self.close()
        packets = [self._packet(chunk) for chunk in _chunks(data)]
        if len(packets) != wanted or not all(packet.data for packet in packets):
            raise HistoryError(f"the encoder has written {len(packets)} of {wanted} pictures: is the disk full?")
        return packets

    def close(self) -> None:
        """Let go of everything; idempotent."""
        if self._writer is not None:
            self._writer.release()
        self._writer, self._written = None, 0
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _packet(self, data: bytes) -> Packet:
        """Return a frame without the headers before it, which are kept once for all."""
        picture = data.find(_PICTURE)
        key = picture >= 0 and picture + 4 < len(data) and data[picture + 4] >> 6 == 0
        group = data.find(_GROUP, 0, max(picture, 0))
        begin = group if group >= 0 else max(picture, 0)
        if key and begin and not self.decoder:
            self.decoder = data[:begin]
        if begin and data[:begin] != self.decoder:
            raise HistoryError("the encoder has changed its ways in the middle of the video")
        return Packet(data[begin:], key)


def _chunks(data: bytes) -> Iterator[bytes]:
    """Yield what the video chunks of an AVI hold, in order; it may be cut off anywhere."""
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        at += 8
        if kind in _LISTS:
            at += 4  # what kind of list; its chunks follow
        else:
            if kind[2:] in (b"dc", b"db") and at + size <= len(data):
                yield data[at : at + size]
            at += size + size % 2
