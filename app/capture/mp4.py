"""The boxes of an MP4/MOV file, and what they tell of its length (ISO 14496-12; QuickTime has the same ones)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide")
_LARGEST_INDEX_BYTES = 100_000_000  # of a day's film; guards the memory against a nonsensical length


def mp4_is_whole(path: Path) -> bool | None:
    """Return whether the boxes of an MP4/MOV file end within it (4.2); None for other files."""
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        end = max((end for _, _, end in _file_boxes(file, size_bytes)), default=0)
    return end == size_bytes if end else None


def mp4_shown_s(path: Path) -> float | None:
    """Return how long the edit list shows the picture track, s; None where nothing says so.

    A trimmed clip still holds, and counts in its header, the frames before and after its trim (8.6.6).
    """
    index = mp4_index(path)
    return _shown_s(index) if index else None


def mp4_index(path: Path) -> bytes | None:
    """Return the content of the index (moov) of an MP4/MOV file, b"" where it has none; None for other files."""
    size_bytes, is_mp4 = path.stat().st_size, False
    with path.open("rb") as file:
        for kind, start, end in _file_boxes(file, size_bytes):
            is_mp4 = True
            if kind == b"moov" and end <= size_bytes and end - start <= _LARGEST_INDEX_BYTES:
                file.seek(start)
                return file.read(end - start)
    return b"" if is_mp4 else None


def _file_boxes(file: BinaryIO, size_bytes: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (kind, start of the content, end) of a file's top boxes; nothing where the first is not of an MP4."""
    at = 0
    while at + 8 <= size_bytes:
        file.seek(at)
        head = file.read(16)
        if at == 0 and head[4:8] not in _FIRST_BOXES:
            return
        length, start = int.from_bytes(head[:4], "big"), at + 8
        if length == 1:  # the true length follows
            length, start = int.from_bytes(head[8:16], "big"), at + 16
        end = size_bytes if length == 0 else at + length  # 0: to the end of the file
        if end < start:  # shorter than its own head: nothing after it can be found
            end = size_bytes + 1
        yield head[4:8], start, end
        at = end


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, content) of the boxes inside a box; stops at nonsense."""
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if not 8 <= length <= len(data) - at:
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + length]
        at += length


def inside(data: bytes, *kinds: bytes) -> bytes:
    """Return the content of the first box down this way, b"" where there is none."""
    for kind in kinds:
        data = next((content for name, content in boxes(data) if name == kind), b"")
    return data


def _shown_s(moov: bytes) -> float | None:
    """Return the length of the edits of the first picture track that show pictures, s."""
    head = inside(moov, b"mvhd")
    at = 20 if head[:1] == b"\1" else 12
    timescale = int.from_bytes(head[at : at + 4], "big")
    track = picture_track(moov)
    shown = sum(length for length, media_time, _ in edits_of(track) if media_time >= 0)
    return shown / timescale if shown and timescale else None


def picture_track(moov: bytes) -> bytes:
    """Return the content of the first picture track, b"" where there is none."""
    tracks = (content for kind, content in boxes(moov) if kind == b"trak")
    return next((track for track in tracks if inside(track, b"mdia", b"hdlr")[8:12] == b"vide"), b"")


def edits_of(track: bytes) -> list[tuple[int, int, int]]:
    """Return the edit list of a track: (length in the film's time scale, start in the track's, rate * 65536)."""
    edits = inside(track, b"edts", b"elst")
    entry = struct.Struct(">Qqi" if edits[:1] == b"\1" else ">Iii")
    content = edits[8 : 8 + (len(edits) - 8) // entry.size * entry.size] if len(edits) > 8 else b""
    return list(entry.iter_unpack(content))
