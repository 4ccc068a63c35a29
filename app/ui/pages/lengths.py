"""Statures and drops as people write them: centimetres, feet and inches; and back into words."""

from __future__ import annotations

import math
import re
from typing import Final

from app.store.people import LEAST_HEIGHT_CM, MOST_HEIGHT_CM
from app.ui.prefs import Units
from app.ui.words import tr

CM_PER_INCH: Final = 2.54
INCHES_PER_FOOT: Final = 12

_FEET: Final = re.compile(r"(\d+)\s*(?:'|’|′|ft|feet|foot)\s*(?:(\d+(?:[.,]\d+)?)\s*(?:\"|”|″|''|in|inch|inches)?)?")
_METRIC: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*(cm|m|)")


def read_height(text: str) -> float | None:
    """Return a stature in cm from ``178``, ``178 cm``, ``1.78 m``, ``5'10"`` or ``5 ft 10``; None for nothing.

    A bare 1 to 2.5 is metres here: in a field of its own nobody writes centimetres so.

    Raises:
        ValueError: it is none of these, or no runner's stature; the message is one line to show.

    """
    words = text.strip().lower()
    if not words:
        return None
    value_cm = math.nan
    if match := _FEET.fullmatch(words):
        inches = float((match[2] or "0").replace(",", "."))
        if inches < INCHES_PER_FOOT:
            value_cm = (INCHES_PER_FOOT * int(match[1]) + inches) * CM_PER_INCH
    elif match := _METRIC.fullmatch(words):
        number = float(match[1].replace(",", "."))
        in_metres = match[2] == "m" or (not match[2] and 1.0 <= number < 2.5)
        value_cm = 100.0 * number if in_metres else number
    if math.isnan(value_cm):
        raise ValueError(tr("Write the height as 178, 1.78 m or 5'10\"."))
    if not LEAST_HEIGHT_CM <= value_cm <= MOST_HEIGHT_CM:
        line = tr("A runner is {least} to {most} tall.")
        least, most = (height_words(bound, Units.METRIC) for bound in (LEAST_HEIGHT_CM, MOST_HEIGHT_CM))
        raise ValueError(line.format(least=least, most=most))
    return value_cm


def height_words(height_cm: float | None, units: Units) -> str:
    """Return a stature as it is shown, "" for none."""
    if height_cm is None:
        return ""
    if units is Units.METRIC:
        return f"{height_cm:.1f}".removesuffix(".0") + " cm"
    feet, inches = divmod(round(height_cm / CM_PER_INCH, 1), INCHES_PER_FOOT)
    return f"{feet:.0f}'" + f"{inches:.1f}".removesuffix(".0") + '"'
