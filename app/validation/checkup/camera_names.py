"""What a camera's name tells of it."""

from __future__ import annotations

import re
from typing import Final

#: Names of cameras that are a program, and of a telephone that lends its own.
VIRTUAL: Final = re.compile(
    r"\bOBS\b|virtual|v4l2loopback|dummy video|snap camera|manycam|mmhmm|xsplit|droidcam|\bcamo\b|\bNDI\b|epoccam", re.I
)
CONTINUITY: Final = re.compile(r"iphone|ipad|continuity|desk view", re.I)


def is_virtual(name: str) -> bool:
    """Return whether a camera of this name is a program's."""
    return bool(VIRTUAL.search(name))


def is_telephone(name: str) -> bool:
    """Return whether a camera of this name is a telephone that lends its own (Continuity Camera)."""
    return bool(CONTINUITY.search(name))
