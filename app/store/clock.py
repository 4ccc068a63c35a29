"""A time within a session as people read it: the same in the window, in reports and on the command line."""

from __future__ import annotations

import math


def clock(seconds: float) -> str:
    """Return a time since the beginning, s, as m:ss of the seconds that are full."""
    # Times are differences of large ones: 2.9999999 s are three.
    whole = max(0, math.floor(seconds + 1e-6))
    return f"{whole // 60}:{whole % 60:02d}"
