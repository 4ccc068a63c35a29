"""What the tests of this room share: numbered clips, MP4 surgery, landmark texts, scripted time."""

from __future__ import annotations

import itertools
import os
import struct
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.capture.cameras import CameraInfo
from app.capture.opencv import cv2
from app.capture.webcam import CameraPort
from app.coach.types import LANDMARK_COUNT, BodyPose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from app.coach.types import ImageArray

BLOCK_PX = 16
INDEX_BITS = 8


def numbered_image(index: int, size_px: tuple[int, int] = (160, 120)) -> ImageArray:
    """Return a gray picture whose top-left row of blocks spells ``index`` in bits (white = 1), low bit first."""
    width_px, height_px = size_px
    image = np.full((height_px, width_px, 3), 90, np.uint8)
    for bit in range(INDEX_BITS):
        level = 235 if index >> bit & 1 else 20
        image[:BLOCK_PX, bit * BLOCK_PX : (bit + 1) * BLOCK_PX] = level
    return image


def read_number(image: ImageArray) -> int:
    """Return the index that ``numbered_image`` burned in."""
    centres = image[BLOCK_PX // 2, BLOCK_PX // 2 : INDEX_BITS * BLOCK_PX : BLOCK_PX].mean(axis=1)
    return sum(1 << bit for bit, level in enumerate(centres) if level > 128)


def write_clip(path: Path, frames: int = 30, fps: float = 30.0, size_px: tuple[int, int] = (160, 120)) -> Path:
    """Write a numbered clip in the container of the suffix."""
    codec = "MJPG" if path.suffix == ".avi" else "VP80" if path.suffix == ".webm" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), fps, size_px)
    assert writer.isOpened()
    for index in range(frames):
        writer.write(numbered_image(index, size_px))
    writer.release()
    return path


Box = tuple[str, "bytes | list[Box]"]
_PARENTS = {"moov", "trak", "mdia", "minf", "stbl", "edts"}


def _parse_boxes(data: bytes) -> list[Box]:
    boxes: list[Box] = []
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        assert size >= 8
        name, body = kind.decode("latin-1"), data[at + 8 : at + size]
        boxes.append((name, _parse_boxes(body) if name in _PARENTS else body))
        at += size
    return boxes


def _box_bytes(boxes: list[Box]) -> bytes:
    parts = []
    for name, body in boxes:
        raw = body if isinstance(body, bytes) else _box_bytes(body)
        parts.append(struct.pack(">I4s", len(raw) + 8, name.encode("latin-1")) + raw)
    return b"".join(parts)


def _edit_boxes(boxes: list[Box], edit: Callable[[str, bytes], bytes]) -> list[Box]:
    return [(name, edit(name, body) if isinstance(body, bytes) else _edit_boxes(body, edit)) for name, body in boxes]


def operate_mp4(
    path: Path,
    durations_s: Sequence[float] = (),
    quarter_turns: int = 0,
    empty_edit_s: float = 0.0,
    shown_s: float = 0.0,
    index_first: bool = False,
) -> None:
    """Rewrite the index of an MP4: each frame's duration, the stored rotation (clockwise), a late start, a trim.

    The index stands behind the pictures, so its length may change without moving them; ``index_first`` moves it
    before them, as phones' apps do for streaming.
    """
    boxes = _parse_boxes(path.read_bytes())
    assert [name for name, _ in boxes][-1] == "moov"
    timescale = 0
    movie_timescale = 0

    def look(name: str, body: bytes) -> bytes:
        nonlocal timescale, movie_timescale
        if name == "mdhd":
            timescale = struct.unpack(">I", body[12:16])[0]
        elif name == "mvhd":
            movie_timescale = struct.unpack(">I", body[12:16])[0]
        return body

    _edit_boxes(boxes, look)
    cosine, sine = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter_turns]

    def edit(name: str, body: bytes) -> bytes:
        if name == "stts" and durations_s:
            entries = b"".join(struct.pack(">II", 1, round(duration * timescale)) for duration in durations_s)
            return struct.pack(">II", 0, len(durations_s)) + entries
        if name == "tkhd":
            matrix = [cosine, sine, 0, -sine, cosine, 0, 0, 0, 0x4000]
            return body[:40] + struct.pack(">9i", *(entry << 16 for entry in matrix)) + body[76:]
        if name == "elst" and durations_s:  # else the old length would cut the clip
            return body[:8] + struct.pack(">I", round(sum(durations_s) * movie_timescale)) + body[12:]
        if name == "elst" and shown_s:
            return body[:8] + struct.pack(">I", round(shown_s * movie_timescale)) + body[12:]
        if name == "elst" and empty_edit_s:
            count = struct.unpack(">I", body[4:8])[0]
            empty = struct.pack(">IiI", round(empty_edit_s * movie_timescale), -1, 0x10000)
            return body[:4] + struct.pack(">I", count + 1) + empty + body[8:]
        return body

    boxes = _edit_boxes(boxes, edit)
    path.write_bytes(_box_bytes(_index_first(boxes) if index_first else boxes))


def _index_first(boxes: list[Box]) -> list[Box]:
    """Move the index from the end to behind the first box and correct the offsets it holds."""
    index = boxes[-1]
    moved_bytes = len(_box_bytes([index]))

    def shift(name: str, body: bytes) -> bytes:
        if name != "stco":
            return body
        offsets = struct.unpack(f">{(len(body) - 8) // 4}I", body[8:])
        return body[:8] + struct.pack(f">{len(offsets)}I", *(offset + moved_bytes for offset in offsets))

    return [boxes[0], *_edit_boxes([index], shift), *boxes[1:-1]]


@pytest.fixture
def clips() -> SimpleNamespace:
    """Numbered clips and MP4 surgery."""
    return SimpleNamespace(
        image=numbered_image, number=read_number, write=write_clip, operate=operate_mp4, bits=INDEX_BITS
    )


MARKERS = (
    *("RHip", "RKnee", "RAnkle", "RBigToe", "RSmallToe", "RHeel"),
    *("LHip", "LKnee", "LAnkle", "LBigToe", "LSmallToe", "LHeel"),
    *("Neck", "Head", "Nose", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist", "REar", "LEar"),
)


#: Height above the ground of the markers whose name ends so, m: a body 1.57 m from toe to ear.
MARKER_HEIGHTS_M = {
    **{"Head": 1.75, "Ear": 1.6, "Nose": 1.55, "Neck": 1.4, "Shoulder": 1.4, "Elbow": 1.2, "Wrist": 1.1},
    **{"Hip": 1.0, "Knee": 0.5, "Ankle": 0.1, "Heel": 0.05, "Toe": 0.03},
}


def trc_text(
    markers: Sequence[str] = MARKERS,
    frames: int = 4,
    units: str = "m",
    times_s: Sequence[float] | None = None,
    blank_line: bool = True,
) -> str:
    """Return a .trc text in which marker m of frame f is at X = 0.1 m + f, Y = `MARKER_HEIGHTS_M`, Z = -0.5 (in m)."""
    times_s = [index / 60.0 for index in range(frames)] if times_s is None else times_s
    per_unit = {"mm": 1000.0}.get(units, 1.0)
    rows = []
    for frame, t_s in enumerate(times_s):
        cells = [str(frame + 1), f"{t_s:.6f}"]
        for number, marker in enumerate(markers):
            height_m = next(height for part, height in MARKER_HEIGHTS_M.items() if marker.endswith(part))
            position_m = (0.1 * number + frame, height_m, -0.5)
            cells += [f"{value * per_unit:.5f}" for value in position_m]
        rows.append("\t".join(cells))
    count = len(rows)
    return "\n".join(
        [
            "PathFileType\t4\t(X/Y/Z)\tmade.trc",
            "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
            f"60\t60\t{count}\t{len(markers)}\t{units}\t60\t1\t{count}",
            "Frame#\tTime\t" + "\t".join(f"{marker}\t\t" for marker in markers),
            "\t\t" + "\t".join(f"X{n}\tY{n}\tZ{n}" for n in range(1, len(markers) + 1)),
            *([""] if blank_line else []),
            *rows,
            "",
        ]
    )


@pytest.fixture
def trc() -> Callable[..., str]:
    """Builder of .trc texts with known positions."""
    return trc_text


class NumberedScene:
    """A scene that shows the frame index and whose landmarks tell the scene time: all at (10 + t, 20) px."""

    def image_at(self, t_s: float, index: int = 0) -> ImageArray:
        return numbered_image(index)

    def landmarks_at(self, t_s: float) -> BodyPose:
        xy_px = np.full((LANDMARK_COUNT, 2), 20.0)
        xy_px[:, 0] = 10.0 + t_s
        return BodyPose(t_s, xy_px, np.ones(LANDMARK_COUNT), (160, 120))


@pytest.fixture
def scene() -> NumberedScene:
    """A scene whose pictures and landmarks tell index and time."""
    return NumberedScene()


STALL = "stall"


@dataclass
class Opening:
    """What happens when the scripted camera is opened once.

    Each step is STALL or (seconds until the picture, picture or None for a failed read). After the last step every
    read fails at once.
    """

    steps: Iterable[object] = ()
    opens: bool = True
    takes_s: float = 0.0


@dataclass
class _Device:
    world: CameraWorld
    opening: Opening
    steps: Iterator[object]
    asked: list[tuple[int, float]] = field(default_factory=list)

    def isOpened(self) -> bool:
        return self.opening.opens

    def set(self, prop: int, value: float, /) -> bool:
        self.asked.append((prop, value))
        return True

    def get(self, prop: int, /) -> float:
        return 60.0

    def read(self) -> tuple[bool, ImageArray | None]:
        if not self.world.await_turn():
            return False, None
        step = next(self.steps, (0.0, None))
        if step == STALL:
            self.world.hang()
            return False, None
        takes_s, picture = step
        self.world.now_s += takes_s
        return picture is not None, picture

    def release(self) -> None:
        self.world.released += 1


class CameraWorld:
    """A scripted camera and a clock that moves only while the code under test waits: no sleeps, no chance.

    A device makes one step for each wait of the consumer. While the device hangs, or where there is none, a wait
    lets its whole time-out pass.
    """

    def __init__(self) -> None:
        self.now_s = 100.0
        self.openings: list[Opening] = []
        self.opened: list[int] = []
        self.devices: list[_Device] = []
        self.cameras: list[tuple[CameraInfo, ...]] = [(CameraInfo(0, "Scripted Cam"),)]
        self.released = 0
        self.on_wait: Callable[[], None] = lambda: None
        self._gate = threading.Condition()
        self._idle = False
        self._turn = False
        self._over = False
        self._threads: set[threading.Thread] = set()
        self._hanging: set[threading.Thread] = set()

    def port(self) -> CameraPort:
        return CameraPort(
            opener=self._open,
            lister=lambda: self.cameras.pop(0) if len(self.cameras) > 1 else self.cameras[0],
            explain=lambda index: f"Camera {index} is busy.",
            clock=lambda: self.now_s,
            wait=self._wait,
        )

    def _open(self, index: int) -> _Device:
        self.opened.append(index)
        opening = self.openings.pop(0) if self.openings else Opening(opens=False)
        self.now_s += opening.takes_s
        device = _Device(self, opening, iter(opening.steps))
        self.devices.append(device)
        return device

    def await_turn(self) -> bool:
        """Wait until the consumer waits; False when the test is over."""
        with self._gate:
            self._idle = True
            self._gate.wait_for(lambda: self._turn or self._over)
            self._turn = self._idle = False
            return not self._over

    def hang(self) -> None:
        with self._gate:
            self._hanging.add(threading.current_thread())
            self._gate.wait_for(lambda: self._over)

    def _wait(self, condition: threading.Condition, timeout_s: float) -> None:
        self.on_wait()
        with self._gate:
            if self._idle and not self._turn:
                self._turn = True
                self._gate.notify_all()
            working = {thread for thread in threading.enumerate() if thread.name.startswith("camera-")}
            self._threads |= working
            if not working - self._hanging:
                self.now_s += timeout_s
                return
        condition.wait(0.005)  # spurious wake-ups are allowed: the consumer looks again

    def end(self) -> None:
        with self._gate:
            self._over = True
            self._gate.notify_all()
        for thread in self._threads:
            thread.join(5.0)
            assert not thread.is_alive(), "a camera thread was leaked"


@pytest.fixture
def world() -> Iterator[CameraWorld]:
    """A scripted camera; at the end its threads must be gone."""
    scripted = CameraWorld()
    yield scripted
    scripted.end()


@pytest.fixture
def camera_steps() -> SimpleNamespace:
    """Words of the camera's script."""

    def frames(count: int | None = None, fps: float = 30.0, first: int = 0) -> Iterator[object]:
        numbers = itertools.count(first) if count is None else range(first, first + count)
        return ((1.0 / fps, numbered_image(number % 256)) for number in numbers)

    return SimpleNamespace(Opening=Opening, STALL=STALL, frames=frames)


@pytest.fixture
def shared() -> Path:
    """The folder of shared recordings."""
    folder = os.environ.get("HINGECOACH_SHARED")
    if not folder:
        pytest.skip("HINGECOACH_SHARED is not set: the shared recordings are not here")
    return Path(folder)
