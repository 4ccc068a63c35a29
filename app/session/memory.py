"""Memory that was freed is given back to the system."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from app.session.status import Analysis

#: So often memory is given back while a session runs, s.
EVERY_S: Final = 60.0


def give_back() -> None:
    """Give back what was freed; only glibc keeps it otherwise. Takes 10 ms for 80 MB, leaves Python's lock to others.

    A session holds a minute of packed pictures, some 50 KB each: too small for glibc to give back by itself when they
    are freed. Without this every session of the window held 10 MB more than the last (`benchmarks.soak`, five sets).
    """
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL("libc.so.6").malloc_trim(0)


class GivesBack:
    """An observer of a session: gives memory back every `EVERY_S` of the frames' time.

    The counter of other people holds 100 MB, a screen that was looked at some; what they leave in holes between things
    that stay would be held to the session's end. Holes came to 80 MB in a minute (six tours of the window, measured),
    what is in use stayed at 400 MB, half of it the pictures of the benchmark.
    """

    def __init__(self) -> None:
        self._due_s = float("nan")

    def __call__(self, analysis: Analysis) -> None:
        """Look whether it is time."""
        t_s = analysis.frame.t_s
        if not t_s - self._due_s < 0.0 or self._due_s - t_s > EVERY_S:  # the first one, due, or time went back
            if self._due_s == self._due_s:
                give_back()
            self._due_s = t_s + EVERY_S
