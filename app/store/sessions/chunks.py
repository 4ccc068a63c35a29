"""A fraction of a second of poses as bytes: what a pose file is a row of.

A chunk is one zlib stream of a JSON head and four arrays, each split into planes of equal bytes, which compress well:

    length of the head, uint32
    head     {"frames", "contexts": [[width, height, markers, sides, [doubts], absence]], "events", "tracking"}
    times    float64 (n,)       as they are
    context  uint16 (n,)        row of "contexts"
    missing  bits (n, 44)       where a landmark has no position
    xy       uint32 (n, 44)     grid steps, difference to the frame before, sign in the lowest bit
    visible  uint8 (n, 22)      visibility of 255, difference to the frame before

All numbers are little endian; every chunk begins anew and can be read by itself.
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from app.coach.types import LANDMARK_COUNT, BodyPose, Doubt
from app.store.sessions.errors import DamagedError
from app.store.sessions.grid import from_bytes, from_steps, to_bytes, to_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: 1 to 3 all come to the same size here, as most of it is noise.
LEVEL = 1
#: No chunk is longer once unpacked: ten minutes of frames, should the writer have been held up.
MOST_BYTES = 64_000_000
COORDINATES = 2 * LANDMARK_COUNT
#: No session has so many.
_MOST_FRAMES = 2**53
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """Something besides poses: what was asked of the coach, said by somebody else than it, or marked.

    Attributes:
        frame: how many frames the coach had taken when it happened.
        t_s: time of the newest of them, NaN before the first.
        kind: "request", "told" or "mark". name: of the request, the teller or the mark. value: plain JSON, NaN allowed.
    """

    frame: int
    t_s: float
    kind: str
    name: str
    value: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Frames in a row, the events among them, and the newest totals of tracking (JSON of `pose.Tracking`)."""

    poses: Sequence[BodyPose]
    events: Sequence[KeptEvent] = ()
    tracking: dict[str, Any] = field(default_factory=dict)


def pack(chunk: Chunk) -> bytes:
    """Return the bytes of a chunk, compressed."""
    poses = chunk.poses
    contexts: dict[tuple[Any, ...], int] = {}
    context = np.array([contexts.setdefault(_context(pose), len(contexts)) for pose in poses], dtype="<u2")
    head = {
        "frames": len(poses),
        "contexts": [[*key[:4], list(key[4]), key[5]] for key in contexts],
        "events": [[e.frame, None if e.t_s != e.t_s else e.t_s, e.kind, e.name, e.value] for e in chunk.events],
        "tracking": chunk.tracking,
    }
    text = json.dumps(head, separators=(",", ":"), default=plain).encode()
    xy_px = np.array([pose.xy_px for pose in poses]).reshape(-1, COORDINATES)
    steps, missing = to_steps(xy_px)
    moved = np.diff(steps, axis=0, prepend=np.int32(0))
    zigzag = ((moved << 1) ^ (moved >> 31)).view(np.uint32).astype("<u4")
    visible = to_bytes(np.array([pose.visibility for pose in poses]).reshape(-1, LANDMARK_COUNT))
    parts = (
        _LENGTH.pack(len(text)),
        text,
        _planes(np.array([pose.t_s for pose in poses], dtype="<f8")),
        _planes(context),
        np.packbits(missing.T).tobytes(),
        _planes(zigzag.T),
        np.diff(visible, axis=0, prepend=np.uint8(0)).T.tobytes(),
    )
    return zlib.compress(b"".join(parts), LEVEL)


def unpack(data: bytes) -> Chunk:
    """Return the chunk of `pack`. Raises DamagedError."""
    try:
        inflate = zlib.decompressobj()
        whole = inflate.decompress(data, MOST_BYTES)
        if not inflate.eof:
            raise DamagedError("a part of the poses is far too long")
        return _read(whole)
    except (zlib.error, ValueError, struct.error) as error:
        raise DamagedError(f"a part of the poses cannot be read ({error})") from error
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError) as error:
        raise DamagedError("a part of the poses cannot be read (its head has another form)") from error


def _read(whole: bytes) -> Chunk:
    begin = _LENGTH.size + _LENGTH.unpack_from(whole)[0]
    head = json.loads(whole[_LENGTH.size : begin])
    n = int(head["frames"])
    if not 0 <= n <= MOST_BYTES // COORDINATES:
        raise ValueError(f"{n} frames")
    sizes = (8 * n, 2 * n, -(-n * COORDINATES // 8), 4 * n * COORDINATES, n * LANDMARK_COUNT)
    if begin + sum(sizes) != len(whole):
        raise ValueError(f"{len(whole)} bytes for {n} frames")
    parts = []
    for size in sizes:
        parts.append(whole[begin : begin + size])
        begin += size
    times_s = _from_planes(parts[0], "<f8", n)
    context = _from_planes(parts[1], "<u2", n)
    missing = np.unpackbits(np.frombuffer(parts[2], np.uint8), count=n * COORDINATES).reshape(COORDINATES, n).T
    zigzag = _from_planes(parts[3], "<u4", n * COORDINATES).astype(np.uint32).reshape(COORDINATES, n).T
    moved = (zigzag >> np.uint32(1)).astype(np.int32) ^ -(zigzag & np.uint32(1)).astype(np.int32)
    xy_px = from_steps(np.cumsum(moved, axis=0, dtype=np.int32), missing.astype(bool))
    moved_visible = np.frombuffer(parts[4], np.uint8).reshape(LANDMARK_COUNT, n).T
    visible = from_bytes(np.cumsum(moved_visible, axis=0, dtype=np.uint8))
    contexts = [_context_fields(fields) for fields in head["contexts"]]
    poses = [
        BodyPose(t_s, xy_px[k].reshape(LANDMARK_COUNT, 2), visible[k], *contexts[row])
        for k, (t_s, row) in enumerate(zip(times_s.tolist(), context.tolist(), strict=True))
    ]
    _require_totals(head["tracking"])
    return Chunk(poses, [_event(fields) for fields in head["events"]], head["tracking"])


def plain(value: Any) -> Any:
    """Return a number of numpy as Python's, for JSON; what else JSON does not know as its words."""
    return value.item() if isinstance(value, np.generic) else str(value)


def _context(pose: BodyPose) -> tuple[Any, ...]:
    """Return what of a pose changes seldom."""
    width, height = pose.image_size_px
    doubts = tuple(sorted(doubt.value for doubt in pose.doubts))
    return int(width), int(height), pose.markers, pose.sides, doubts, pose.absence


def _context_fields(fields: list[Any]) -> tuple[tuple[int, int], bool, bool, frozenset[Doubt], str]:
    width, height, markers, sides, doubts, absence = fields
    if not (type(width) is int and type(height) is int and isinstance(absence, str)):
        raise ValueError("a picture has no size")
    return (width, height), markers, sides, frozenset(Doubt(doubt) for doubt in doubts), absence


def _require_totals(tracking: Any) -> None:
    """Raise ValueError unless these are totals of tracking: whole numbers, and lines."""
    notices = tracking.get("notices", [])
    # "hidden" are boxes of the picture, for the window alone.
    counts = [value for name, value in tracking.items() if name not in ("notices", "hidden")]
    if not (isinstance(notices, list) and all(isinstance(line, str) for line in notices)):
        raise ValueError("the notices of tracking are no lines")
    if not all(value is None or type(value) is int for value in counts):
        raise ValueError("the totals of tracking are no numbers")


def _event(fields: list[Any]) -> KeptEvent:
    frame, t_s, kind, name, value = fields
    t_s = float("nan") if t_s is None else t_s
    if type(frame) is not int or not 0 <= frame < _MOST_FRAMES or type(t_s) not in (int, float):
        raise ValueError("an event has no frame or time")
    f"{kind!s}{name!s}".encode()  # a lone surrogate can be kept nowhere
    if not (isinstance(kind, str) and isinstance(name, str)):
        raise ValueError("an event has no name")
    return KeptEvent(frame, float(t_s), kind, name, value)


def _planes(numbers: NDArray[Any]) -> bytes:
    """Return the bytes of numbers, all first bytes first: those of neighbours are alike."""
    flat = np.ascontiguousarray(numbers).reshape(-1)
    return flat.view(np.uint8).reshape(-1, flat.itemsize).T.tobytes()


def _from_planes(data: bytes, kind: str, count: int) -> NDArray[Any]:
    size = np.dtype(kind).itemsize
    planes = np.frombuffer(data, np.uint8).reshape(size, count)
    return np.ascontiguousarray(planes.T).reshape(-1).view(kind)
