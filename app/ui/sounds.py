"""The names and lengths of the sounds in `assets/sounds` (made by `assets/make_sounds.py`)."""

from __future__ import annotations

from typing import Final

#: Sounds and their lengths in s (a test compares them with the files).
SOUNDS: Final[dict[str, float]] = {
    "bump": 0.16,
    "tunnel": 0.42,
    "hips": 0.46,
    "lean": 0.46,
    "praise": 0.60,
    "start": 0.50,
    "stop": 0.50,
    "countdown": 0.14,
}
