"""How much memory this process holds, told as frames go by."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.store.json_values import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.session import Analysis

#: A figure is taken after so many analysed frames, again and again.
EVERY_FRAMES = 1000
_STATM = Path("/proc/self/statm")


def resident_mb() -> float:
    """Return the resident memory in MB; on macOS the largest so far, NaN where the system does not tell."""
    if _STATM.exists():
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return float("nan")


class MemoryLog:
    """Counts the frames of all parts; an observer of their sessions."""

    def __init__(self, measure: Callable[[], float] = resident_mb, every: int = EVERY_FRAMES) -> None:
        self._measure, self._every = measure, every
        self.frames = 0
        self._sizes: list[tuple[int, float]] = [(0, measure())]

    def __call__(self, _analysis: Analysis) -> None:
        """Count one frame."""
        self.frames += 1
        if self.frames % self._every == 0:
            self._sizes.append((self.frames, self._measure()))

    def figures(self, clip_bytes: int) -> dict[str, Any]:
        """Return what was held when, and what is held now that everything is closed; MB."""
        gc.collect()
        first = next((mb for frames, mb in self._sizes if frames > 0), None)
        last = self._sizes[-1][1] if self._sizes[-1][0] > 0 else None
        return {
            "clip_mb": number(clip_bytes / 1e6, 1),
            "at_start_mb": number(self._sizes[0][1], 1),
            "by_frames_mb": {str(frames): number(mb, 1) for frames, mb in self._sizes[1:]},
            "after_1000_frames_mb": number(first, 1),
            "grown_since_mb": number(last - first, 1) if first is not None and last is not None else None,
            "frames": self.frames,
            "at_end_mb": number(self._measure(), 1),
        }
