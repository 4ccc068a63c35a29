"""The boxes of a kept video: an MP4 that can be read while it is written, and is a plain one in the end (ISO 14496-12).

    ftyp, uuid (when it began, the picture's size), free     the head
    moov, then moof and mdat for every second                fragments, each with the times of its frames
    moov                                                     the index of all frames, once the video is finished

Then the ``free`` is made the head of one ``mdat`` that reaches over all fragments, so that players see nothing but a
plain MP4 with its index at the end. Times are whole ticks of 1/90000 s after the first frame.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TICKS_PER_S = 90_000
MOST_TICKS = 2**32 - 1
#: Says that it is a kept video, and of which version.
OURS = b"hingecoach/vid/1"
#: When it began (s), width, height (px), how long the decoder's part is.
_SETUP = struct.Struct(">dHHI")
_KEY, _NOT_KEY = 0x02000000, 0x01010000
_TRACK = 1
#: No rotation, no scaling.
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_FTYP = struct.pack(">4sI4s4s4s", b"iso5", 0x200, b"iso5", b"iso6", b"mp41")
#: The bytes of a moof but its frames: moof, mfhd, traf, tfhd, tfdt, trun.
_MOOF = struct.Struct(">I4s I4sII I4s I4sII I4sIQ I4sIIi")
_FRAME = struct.Struct(">III")
_TFHD_FLAGS, _TRUN_FLAGS = 0x020000, 0x000701
_CLOSING = struct.Struct(">I4sQ")
PLACE_BYTES = _CLOSING.size


@dataclass(frozen=True, slots=True)
class Setup:
    """What is known of a video before its first frame.

    Attributes:
        start_s: time of the first frame on the session's clock. width_px, height_px: of the picture.
        decoder: the MPEG-4 headers, which a player needs before the first picture.
    """

    start_s: float
    width_px: int
    height_px: int
    decoder: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """One frame: how long it is shown (ticks), how many bytes it has, whether it needs no other."""

    ticks: int
    size: int
    key: bool


@dataclass(frozen=True, slots=True)
class Fragment:
    """Frames in a row: where their bytes begin in the file, and at which tick they do."""

    offset: int
    begin_ticks: int
    samples: Sequence[Sample]


def head(setup: Setup) -> bytes:
    """Return the bytes that a video begins with."""
    own = _SETUP.pack(setup.start_s, setup.width_px, setup.height_px, len(setup.decoder)) + setup.decoder
    extends = _full(b"trex", 0, 0, struct.pack(">5I", _TRACK, 1, 0, 0, 0))
    empty = _index(setup, (), _box(b"mvex", extends))
    return _box(b"ftyp", _FTYP) + _box(b"uuid", OURS, own) + _box(b"free", bytes(8)) + empty


def read_setup(data: bytes) -> tuple[Setup, int, bool] | None:
    """Return what a video begins with, where its place to be closed is, and whether it is; None where it is none.

    Args:
        data: the first bytes of a file: some hundred are enough.
    """
    uuid_at = 8 + len(_FTYP)
    own_at = uuid_at + 8 + len(OURS)
    if data[4:8] != b"ftyp" or data[uuid_at + 4 : own_at] != b"uuid" + OURS or len(data) < own_at + _SETUP.size:
        return None
    start_s, width_px, height_px, length = _SETUP.unpack_from(data, own_at)
    place = own_at + _SETUP.size + length
    kind = data[place + 4 : place + 8]
    if kind not in (b"free", b"mdat"):
        return None
    decoder = data[own_at + _SETUP.size : place]
    return Setup(start_s, width_px, height_px, decoder), place, kind == b"mdat"


def fragment(number: int, begin_ticks: int, samples: Sequence[Sample], data: bytes) -> bytes:
    """Return a moof and its mdat; ``number`` counts from 1, ``data`` are the frames' bytes one after the other."""
    frames = b"".join(_FRAME.pack(one.ticks, one.size, _KEY if one.key else _NOT_KEY) for one in samples)
    moof_size = _MOOF.size + len(frames)
    moof = _MOOF.pack(
        *(moof_size, b"moof"),
        *(16, b"mfhd", 0, number),
        *(moof_size - 24, b"traf"),
        *(16, b"tfhd", _TFHD_FLAGS, _TRACK),
        *(20, b"tfdt", 1 << 24, begin_ticks),
        *(20 + len(frames), b"trun", _TRUN_FLAGS, len(samples), moof_size + 8),
    )
    return moof + frames + _box(b"mdat", data)


def read_moof(data: bytes, offset: int) -> Fragment | None:
    """Return the fragment of a moof as `fragment` writes it, None where it is something else.

    Args:
        data: the whole moof.
        offset: where the bytes behind it begin in the file.
    """
    if len(data) < _MOOF.size:
        return None
    parts = _MOOF.unpack_from(data)
    begin_ticks, count, first = parts[15], parts[19], parts[20]
    kinds = (parts[1], parts[3], parts[7], parts[9], parts[13], parts[17])
    if kinds != (b"moof", b"mfhd", b"traf", b"tfhd", b"tfdt", b"trun"):
        return None
    if not count or len(data) != _MOOF.size + count * _FRAME.size or first != len(data) + 8:
        return None
    samples = [Sample(ticks, size, flags == _KEY) for ticks, size, flags in _FRAME.iter_unpack(data[_MOOF.size :])]
    return Fragment(offset + 8, begin_ticks, samples)


def index(setup: Setup, fragments: Sequence[Fragment]) -> bytes:
    """Return the moov with the place, the length and the time of every frame."""
    return _index(setup, fragments, b"")


def closing(length: int) -> bytes:
    """Return the head of an mdat of ``length`` bytes, itself included, in place of the ``free``."""
    return _CLOSING.pack(1, b"mdat", length)


def closed_length(data: bytes, place: int) -> int:
    """Return the length of the mdat that `closing` has put at ``place``; ``data``: the first bytes of a file."""
    return int(_CLOSING.unpack_from(data, place)[2])


def _index(setup: Setup, fragments: Sequence[Fragment], more: bytes) -> bytes:
    samples = [sample for one in fragments for sample in one.samples]
    ticks = _ticks(fragments)
    duration = sum(ticks)
    width, height = setup.width_px, setup.height_px
    times = [(len(list(group)), value) for value, group in groupby(ticks)]
    keys = [number for number, sample in enumerate(samples, start=1) if sample.key]
    counts = [len(one.samples) for one in fragments]
    chunks = [
        (number, count) for number, count in enumerate(counts, start=1) if number == 1 or count != counts[number - 2]
    ]
    table = _box(
        b"stbl",
        _full(b"stsd", 0, 0, struct.pack(">I", 1), _mp4v(setup)),
        _full(b"stts", 0, 0, struct.pack(f">I{2 * len(times)}I", len(times), *(x for pair in times for x in pair))),
        _full(b"stss", 0, 0, struct.pack(f">I{len(keys)}I", len(keys), *keys)) if samples else b"",
        _full(
            b"stsc", 0, 0,
            struct.pack(f">I{3 * len(chunks)}I", len(chunks), *(x for first, n in chunks for x in (first, n, 1))),
        ),
        _full(b"stsz", 0, 0, struct.pack(f">II{len(samples)}I", 0, len(samples), *(one.size for one in samples))),
        _full(
            b"co64", 0, 0,
            struct.pack(f">I{len(fragments)}Q", len(fragments), *(one.offset for one in fragments)),
        ),
    )  # fmt: skip
    reference = _full(b"dref", 0, 0, struct.pack(">I", 1), _full(b"url ", 0, 1))
    media = _box(
        b"mdia",
        _full(b"mdhd", 1, 0, struct.pack(">QQIQHH", 0, 0, TICKS_PER_S, duration, 0x55C4, 0)),
        _full(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"vide"), b"video\0"),
        _box(b"minf", _full(b"vmhd", 0, 1, bytes(8)), _box(b"dinf", reference), table),
    )
    shown = struct.pack(">QQI4xQ8xHHHH", 0, 0, _TRACK, duration, 0, 0, 0, 0) + _MATRIX
    track = _box(b"trak", _full(b"tkhd", 1, 3, shown, struct.pack(">II", width << 16, height << 16)), media)
    movie = struct.pack(">QQIQIH10x", 0, 0, TICKS_PER_S, duration, 0x10000, 0x100) + _MATRIX
    return _box(b"moov", _full(b"mvhd", 1, 0, movie, bytes(24), struct.pack(">I", _TRACK + 1)), track, more)


def _ticks(fragments: Sequence[Fragment]) -> list[int]:
    """Return how long each frame is shown; the last of a fragment until the next one begins."""
    ticks = [sample.ticks for one in fragments for sample in one.samples]
    last = -1
    for one, following in pairwise(fragments):
        last += len(one.samples)
        inside = sum(sample.ticks for sample in one.samples[:-1])
        ticks[last] = min(max(following.begin_ticks - one.begin_ticks - inside, 1), MOST_TICKS)
    return ticks


def _mp4v(setup: Setup) -> bytes:
    """Return the description of MPEG-4 part 2 pictures (ISO 14496-14, 5.6; the descriptors 14496-1, 7.2.6)."""
    decoder = _descriptor(5, setup.decoder)
    config = _descriptor(4, struct.pack(">BB3xII", 0x20, 0x11, 0, 0), decoder)
    stream = _descriptor(3, struct.pack(">HB", _TRACK, 0), config, _descriptor(6, b"\2"))
    entry = struct.pack(">6xH16xHHIIIH32xHH", 1, setup.width_px, setup.height_px, 72 << 16, 72 << 16, 0, 1, 24, 0xFFFF)
    return _box(b"mp4v", entry, _full(b"esds", 0, 0, stream))


def _descriptor(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    return bytes((tag, *(0x80 | (size >> shift) & 0x7F for shift in (21, 14, 7)), size & 0x7F)) + body


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)
