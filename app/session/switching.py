"""How quickly Python hands its lock from one thread to the next, while sessions run.

With the usual 5 ms a pure-Python thread beside the network cuts it to 0.37 of its speed; with 0.2 ms to
0.89 (reference `landmarks.md`, section 6). The setting is the process's: sessions share and count it.
"""

from __future__ import annotations

import sys
import threading

QUICK_S = 0.0002

_lock = threading.Lock()
_holders = 0
_usual_s = 0.005


def quick_hand_over() -> None:
    """Switch quickly from now on; each call needs one `usual_hand_over`."""
    global _holders, _usual_s
    with _lock:
        if _holders == 0:
            _usual_s = sys.getswitchinterval()
            sys.setswitchinterval(QUICK_S)
        _holders += 1


def usual_hand_over() -> None:
    """Take back one `quick_hand_over`; the last one restores what was set before the first."""
    global _holders
    with _lock:
        _holders -= 1
        if _holders == 0:
            sys.setswitchinterval(_usual_s)
