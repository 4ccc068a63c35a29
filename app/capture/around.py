"""A source around another source."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.capture.source import FrameSource
    from app.coach.types import Frame


class Around:
    """Another source that is not live, passed through; what wraps one changes only what it is about."""

    live = False

    def __init__(self, source: FrameSource) -> None:
        self._source = source

    @property
    def inner(self) -> FrameSource:
        """The source itself."""
        return self._source

    @property
    def kind(self) -> str:
        """Of the source itself."""
        return self._source.kind

    @property
    def size_px(self) -> tuple[int, int]:
        """Of the source itself."""
        return self._source.size_px

    @property
    def fps(self) -> float:
        """Of the source itself."""
        return self._source.fps

    @property
    def frame_count(self) -> int | None:
        """Of the source itself."""
        return self._source.frame_count

    @property
    def notice(self) -> str:
        """Of the source itself."""
        return self._source.notice

    def open(self) -> None:
        """Open the source. Raises CaptureError."""
        self._source.open()

    def read(self) -> Frame | None:
        """Return the next frame. Raises CaptureError."""
        return self._source.read()

    def close(self) -> None:
        """Close the source."""
        self._source.close()
