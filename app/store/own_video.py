"""Annotated videos of ours, known again by a mark at their end, so that a folder's clips can be told from them.

The mark is a ``free`` box (ISO/IEC 14496-12, 8.1.2): players pass over it, and copying or renaming keeps it.
"""

from __future__ import annotations

import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.store.video_file import video_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.store.video_file import VideoFile

_WORDS = b"hingecoach annotated video"
#: Four bytes of length, four of kind, then what it holds.
MARK = struct.pack(">I4s", 8 + len(_WORDS), b"free") + _WORDS


@contextmanager
def annotated_file(path: Path, fps: Callable[[], float]) -> Iterator[VideoFile]:
    """Give a `VideoFile` as `video_file` does; the finished file bears the mark. Raises OutputError."""
    with video_file(path, fps, MARK) as film:
        yield film


def is_annotated(path: Path) -> bool:
    """Return whether a file is an annotated video of ours; False for one that cannot be read."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - len(MARK)))
            return file.read() == MARK
    except (OSError, ValueError):
        return False
