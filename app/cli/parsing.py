"""Words of the command line into values; each mistake is a `WorldError` that shows how to write it right."""

import math
import re
from enum import StrEnum
from typing import TypeVar

from app.coach.errors import WorldError

Choice = TypeVar("Choice", bound=StrEnum)

#: Statures of runners, cm.
LEAST_HEIGHT_CM, MOST_HEIGHT_CM = 100.0, 230.0
CM_PER_INCH = 2.54
INCHES_PER_FOOT = 12.0
#: A longer number is the name of a camera, if anything.
MOST_CAMERA_DIGITS = 9
#: The longest scene, s: a day.
MOST_SECONDS = 86_400.0

_FEET = re.compile(r"(\d{1,3})\s*(?:'|’|ft)\s*(?:(\d+(?:\.\d+)?)\s*(?:\"|”|''|in)?)?")
# Of bounded length: else the time to see that a text is none grows with its square.
_METRIC = re.compile(r"([-+]?\d{0,9}[.,]?\d{1,9})\s*(cm|m|)")


def height_cm(text: str) -> float:
    """Return a stature in cm from ``178``, ``178cm``, ``1.78m``, ``5'10"`` or ``5ft10``.

    Raises:
        WorldError: it is none of these, or no runner's stature.

    """
    words = text.strip().lower()
    match = _FEET.fullmatch(words)
    if match and float(match[2] or 0.0) >= INCHES_PER_FOOT:
        raise WorldError(f"--height-cm {text} is no height: inches run from 0 to 11, as in 5'10\".")
    if match:
        value_cm = (INCHES_PER_FOOT * int(match[1]) + float(match[2] or 0.0)) * CM_PER_INCH
    elif match := _METRIC.fullmatch(words):
        number, unit = float(match[1].replace(",", ".")), match[2]
        if not unit and 1.0 <= number < 2.5:
            taken = match[1].replace(",", ".")
            raise WorldError(
                f"--height-cm {text} taken as cm would be {taken} cm: write {100 * number:.0f} or {taken}m."
            )
        value_cm = 100.0 * number if unit == "m" else number
    else:
        raise WorldError(f"--height-cm {text} is no height: write 178, 178cm, 1.78m or 5'10\".")
    if not (math.isfinite(value_cm) and LEAST_HEIGHT_CM <= value_cm <= MOST_HEIGHT_CM):
        raise WorldError(
            f"--height-cm {text} is no runner's height: "
            f"it must be between {LEAST_HEIGHT_CM:.0f} and {MOST_HEIGHT_CM:.0f} cm."
        )
    return value_cm


def size_px(text: str) -> tuple[int, int]:
    """Return (width, height) in px from ``1280x720``. Raises WorldError."""
    match = re.fullmatch(r"(\d{2,5})\s*[x×]\s*(\d{2,5})", text.strip().lower())
    if match is None:
        raise WorldError(f"--size {text} is no picture size: write it like 1280x720.")
    width, height = int(match[1]), int(match[2])
    if not (64 <= width <= 7680 and 64 <= height <= 4320):
        raise WorldError(f"--size {text} is out of range: use 64x64 to 7680x4320.")
    return width, height


def camera(text: str) -> int | str:
    """Return a camera's number, or its name as it is."""
    number = text.strip()
    return int(number) if number.isdecimal() and len(number) <= MOST_CAMERA_DIGITS else text


def frames_per_s(value: float) -> float:
    """Return a frame rate if it is one. Raises WorldError."""
    if not (math.isfinite(value) and 1.0 <= value <= 240.0):
        raise WorldError(f"--fps {value:g} is out of range: use 1 to 240.")
    return value


def seconds(value: float | None) -> float | None:
    """Return a length in s if it is one. Raises WorldError."""
    if value is not None and not (math.isfinite(value) and 0.0 < value <= MOST_SECONDS):
        raise WorldError(f"--seconds {value:g} is no length: use a number above 0, at most {MOST_SECONDS:.0f} (a day).")
    return value


def one_of(kind: type[Choice], option: str, text: str, but_not: tuple[Choice, ...] = (), also: str = "") -> Choice:
    """Return the member of ``kind`` that ``text`` names.

    Raises:
        WorldError: none, or one of ``but_not``; names all that may be given, ``also`` among them.

    """
    allowed = {member.value: member for member in kind if member not in but_not}
    member = allowed.get(text.strip().lower())
    if member is None:
        raise WorldError(f"{option} {text} is unknown: use one of {', '.join([*allowed, *filter(None, (also,))])}.")
    return member
