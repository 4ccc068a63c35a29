"""Memory that was freed is given back to the system."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """Give back what was freed; only glibc keeps it otherwise. Takes some ms and leaves Python's lock to others.

    A session holds a minute of packed pictures, some 50 KB each: too small for glibc to give back by itself when they
    are freed. Without this every session of the window held 10 MB more than the last (`benchmarks.soak`, five sets).
    """
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL("libc.so.6").malloc_trim(0)
