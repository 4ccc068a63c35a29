"""The kept video of a session: written second by second, every frame with its own time, finished after a crash too."""

from __future__ import annotations

import math
import os
import shutil
import statistics
import struct
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, BinaryIO

from app.store.atomic import OWNER_ONLY
from app.store.sessions import video_boxes
from app.store.sessions.errors import DamagedError, HistoryError
from app.store.sessions.pose_file import BINARY, telling, write_all
from app.store.sessions.video_boxes import MOST_TICKS, PLACE_BYTES, TICKS_PER_S, Fragment, Sample, Setup
from app.store.sessions.video_encoder import PART, Encoder

if TYPE_CHECKING:
    from pathlib import Path

    from app.coach.types import ImageArray

NAME = "video.mp4"
#: What is encoded and not yet written is lost when the process is killed. Two groups of pictures at 30 frames a second.
FRAGMENT_S = 0.8
#: No fragment has more frames, whatever their times are.
FRAGMENT_FRAMES = 240
#: So much of the disk is left free: landmarks are worth more than pictures, and so is the rest of the computer.
LEAST_FREE_BYTES = 1_000_000_000
#: No video has more: seven hours at 60 a second.
MOST_FRAMES = 1_500_000
#: How long the last picture is shown where there is no other to go by.
USUAL_TICKS = TICKS_PER_S // 30
#: A head is some hundred bytes, and what is shorter than this holds no picture.
_HEAD_BYTES, _LEAST_BYTES = 65_536, 2048
#: No moof is longer: it would have ten thousand frames.
_MOST_MOOF_BYTES = 200_000
_BOX = struct.Struct(">I4s")


@dataclass(frozen=True, slots=True, eq=False)
class KeptVideo:
    """A video as it lies in a session's folder.

    Attributes:
        path: of the file. size: of it, bytes. finished: whether it was given its index.
        damaged: whether something of it was lost or changed after that.
        times_s: of its frames, on the session's clock. width_px, height_px: of its picture.
    """

    path: Path
    size: int
    finished: bool
    damaged: bool
    times_s: tuple[float, ...]
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class _Found:
    """What a file holds: its fragments that are whole end at ``end``; where it is to be closed is ``place``."""

    setup: Setup
    place: int
    finished: bool
    damaged: bool
    fragments: tuple[Fragment, ...]
    end: int


class VideoWriter:
    """Writes the video of one session; of one thread at a time. Close it: one that is not is finished at recovery.

    Args:
        folder: of the session, which is there.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._folder = folder
        self._encoder: Encoder | None = None
        self._file = -1
        self._size, self._fragments = 0, 0
        self._size_px = (0, 0)
        self._start_s = 0.0
        self._ticks: list[int] = []  # of the frames being encoded
        self._last_ticks = -1
        #: Frames that are in the file.
        self.frames = 0

    def add(self, t_s: float, image_bgr: ImageArray) -> None:
        """Take the picture (H, W, 3) of time ``t_s``; one that is not later than the one before is left out.

        Raises:
            HistoryError: it cannot be written, there is no encoder, too little room, or the size has changed.
        """
        height, width = (side // 2 * 2 for side in image_bgr.shape[:2])
        if self._encoder is None:
            self._encoder, self._size_px, self._start_s = Encoder(self._folder, (width, height)), (width, height), t_s
        if (width, height) != self._size_px:
            raise HistoryError(f"the picture has changed its size to {width}x{height}")
        ticks = round((t_s - self._start_s) * TICKS_PER_S)
        if ticks <= self._last_ticks:
            return
        if self._ticks and (ticks - self._ticks[0] >= FRAGMENT_S * TICKS_PER_S or len(self._ticks) >= FRAGMENT_FRAMES):
            self._flush(ticks)
        self._encoder.add(image_bgr[:height, :width])
        self._ticks.append(ticks)
        self._last_ticks = ticks

    def close(self, rest: bool = True) -> None:
        """Write the rest and the index. Raises HistoryError; what was written until then can be played all the same.

        ``rest``: write what is encoded and not yet in the file, too.
        """
        try:
            if rest and self._ticks:
                usual = [after - before for before, after in pairwise(self._ticks)]
                self._flush(self._last_ticks + (round(statistics.median(usual)) if usual else USUAL_TICKS))
        finally:
            was_open = self._file >= 0
            self.abandon()
            if was_open:
                finish(self._folder)

    def abandon(self) -> None:
        """Let go of everything as it is; idempotent."""
        if self._encoder is not None:
            self._encoder.close()
        self._ticks = []
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _flush(self, next_ticks: int) -> None:
        """Write what was encoded; the frame after it is of ``next_ticks``."""
        assert self._encoder is not None
        require_room(self._folder)
        packets, ticks = self._encoder.take(), self._ticks
        self._ticks = []
        samples = [
            Sample(min(after - before, MOST_TICKS), len(packet.data), packet.key)
            for packet, before, after in zip(packets, ticks, (*ticks[1:], next_ticks), strict=True)
        ]
        if self._file < 0:
            self._begin(self._encoder.decoder)
        data = b"".join(packet.data for packet in packets)
        self._append(video_boxes.fragment(self._fragments + 1, ticks[0], samples, data))
        self._fragments += 1
        self.frames += len(samples)

    def _begin(self, decoder: bytes) -> None:
        with telling(self.path):
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | BINARY
            self._file = os.open(self.path, flags, OWNER_ONLY)
        self._append(video_boxes.head(Setup(self._start_s, *self._size_px, decoder)))

    def _append(self, data: bytes) -> None:
        try:
            with telling(self.path):
                write_all(self._file, data)
        except HistoryError:
            with suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise
        self._size += len(data)


def require_room(folder: Path) -> None:
    """Raise HistoryError where so little of the disk is free that no video is to be written."""
    with telling(folder):
        free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise HistoryError(f"only {free / 1e9:.1f} GB of the disk are free: make room for it")


def finish(folder: Path) -> None:
    """Give the video of a session its index; nothing where it has one, or where there is no video.

    What was written last and is not whole is cut off; a file without any picture is removed. Cut off itself, it can be
    called again.

    Raises:
        HistoryError: it cannot be written; it can be played all the same.
    """
    path = folder / NAME
    with suppress(OSError):
        (folder / PART).unlink(missing_ok=True)
    if not path.is_file():
        return
    with telling(path):
        try:
            found = _found(path)
        except DamagedError:
            if path.stat().st_size < _LEAST_BYTES:  # killed in its first write
                path.unlink()
            return
        if not found.fragments:
            path.unlink()
            return
        if found.finished:
            return
        with path.open("r+b") as file:
            file.truncate(found.end)
            file.seek(found.end)
            file.write(video_boxes.index(found.setup, found.fragments))
            file.flush()
            os.fsync(file.fileno())  # before the index counts it is there
            file.seek(found.place)
            file.write(video_boxes.closing(found.end - found.place))


def kept_video(folder: Path, most_frames: int = MOST_FRAMES) -> KeptVideo | None:
    """Return the video in a session's folder, None where there is none.

    Raises DamagedError: it is none of ours, or has more than ``most_frames``. HistoryError: it cannot be read.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    with telling(path):
        found, size = _found(path, most_frames), path.stat().st_size
    setup = found.setup
    times_s = tuple(
        setup.start_s + ticks / TICKS_PER_S
        for one in found.fragments
        for ticks in accumulate((sample.ticks for sample in one.samples[:-1]), initial=one.begin_ticks)
    )
    if not all(map(math.isfinite, times_s)) or any(after < before for before, after in pairwise(times_s)):
        raise DamagedError(f"{path} has pictures whose times go back, or are none.")
    return KeptVideo(path, size, found.finished, found.damaged, times_s, setup.width_px, setup.height_px)


def video_bytes(folder: Path) -> int:
    """Return how long the video in a session's folder is, 0 where there is none."""
    with suppress(OSError):
        return (folder / NAME).stat().st_size
    return 0


def _found(path: Path, most_frames: int = MOST_FRAMES) -> _Found:
    """Read through a file. Raises DamagedError, OSError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        begun = video_boxes.read_setup(head := file.read(_HEAD_BYTES))
        if begun is None:
            raise DamagedError(f"{path} is no video of Hinge Coach.")
        setup, place, finished = begun
        at = place + PLACE_BYTES
        empty = _box_at(file, at, size)
        at += empty[0] if empty is not None and empty[1] == b"moov" else 0
        fragments: list[Fragment] = []
        frames = 0
        while (one := _fragment_at(file, at, size)) is not None:
            fragments.append(one)
            frames += len(one.samples)
            if frames > most_frames:
                raise DamagedError(f"{path} has far too many pictures.")
            at = one.offset + sum(sample.size for sample in one.samples)
        # Once it was finished, the fragments reach to the index, and that to the end of the file.
        as_closed = not finished or (
            at == place + video_boxes.closed_length(head, place) and _box_at(file, at, size) == (size - at, b"moov")
        )
    return _Found(setup, place, finished, not as_closed, tuple(fragments), at)


def _fragment_at(file: BinaryIO, at: int, size: int) -> Fragment | None:
    """Return the fragment at ``at`` of a file of ``size`` bytes, None where no whole one is."""
    box = _box_at(file, at, size)
    if box is None or box[1] != b"moof" or box[0] > _MOST_MOOF_BYTES:
        return None
    fragment = video_boxes.read_moof(_read(file, at, box[0]), at + box[0])
    following = _box_at(file, at + box[0], size)
    if fragment is None or following != (8 + sum(sample.size for sample in fragment.samples), b"mdat"):
        return None
    return fragment


def _box_at(file: BinaryIO, at: int, size: int) -> tuple[int, bytes] | None:
    """Return length and kind of the box at ``at``, None where no whole one is."""
    head = _read(file, at, _BOX.size)
    if len(head) < _BOX.size:
        return None
    length, kind = _BOX.unpack(head)
    return (length, kind) if _BOX.size <= length <= size - at else None


def _read(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(at)
    return file.read(length)
