"""A stored standing as JSON: every number by the name it has in the coach, what is missing as null."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from app.coach.standing import StandingReference
from app.coach.standing_quality import StandingQuality
from app.coach.types import Facing

#: What the virtual runner's camera is called; a standing of the figure is no runner's.
VIRTUAL = "virtual"
_NUMBERS = (
    "ear_y_px",
    "ear_height_px",
    "body_height_px",
    "leg_length_px",
    "leg_reach_px",
    "trunk_deg",
    "line_deg",
    "hip_offset_px",
    "shoulder_offset_px",
    "knee_deg",
    "still_s",
    "crown_y_px",
    "crown_height_px",
    "shank_deg",
    "floor_y_px",
    "level_deg",
)
_QUALITY = ("ear_bh", "hip_bh", "trunk_deg", "knee_deg")
#: No picture, and no body in one, is larger; no body smaller.
MOST_PX, LEAST_PX = 100_000.0, 1.0


class Damaged(Exception):  # noqa: N818 - no error of the program: a file that is to be set aside
    """A file is not what it should be; the message is the reason in a few words."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A standing that was taken.

    Attributes:
        taken_at: local date and time, ISO 8601 to the second. camera: what it is called.
        reference: the standing.
    """

    taken_at: str
    camera: str
    reference: StandingReference

    @property
    def of_figure(self) -> bool:
        """Whether it is the virtual runner's."""
        return self.camera == VIRTUAL


def to_json(calibration: Calibration) -> dict[str, Any]:
    """Return a calibration as plain JSON values; roll and scale are there for people, and not read again."""
    reference, quality = calibration.reference, calibration.reference.quality
    return {
        "taken_at": calibration.taken_at,
        "camera": calibration.camera,
        "image_size_px": list(reference.image_size_px),
        "facing": reference.facing.value,
        "from_front": reference.from_front,
        "roll_deg": _plain(reference.roll_deg),
        "px_per_cm": _plain(reference.px_per_cm),
        **{name: _plain(getattr(reference, name)) for name in _NUMBERS},
        "quality": None
        if quality is None
        else {"frames": quality.frames, **{name: _plain(getattr(quality, name)) for name in _QUALITY}},
    }


def from_json(tree: object) -> Calibration:
    """Return the calibration that ``tree`` is. Raises Damaged."""
    if not isinstance(tree, dict):
        raise Damaged("a calibration is none")
    taken_at, camera, size = tree.get("taken_at"), tree.get("camera"), tree.get("image_size_px")
    if not isinstance(taken_at, str) or not isinstance(camera, str):
        raise Damaged("a calibration has no date or camera")
    if not (isinstance(size, list) and len(size) == 2 and all(_is_count(side) for side in size)):
        raise Damaged("a calibration has no picture size")
    try:
        facing = Facing(str(tree.get("facing")))
    except ValueError:
        raise Damaged("a calibration has no facing") from None
    numbers: dict[str, Any] = {name: number(tree, name) for name in _NUMBERS}
    if not all(LEAST_PX <= numbers[name] < MOST_PX for name in ("body_height_px", "leg_length_px", "ear_height_px")):
        raise Damaged("a calibration has no scale")
    reference = StandingReference(
        source="recorded",
        from_front=tree.get("from_front") is True,
        facing=facing,
        image_size_px=(size[0], size[1]),
        quality=_quality(tree.get("quality")),
        **numbers,
    )
    return Calibration(taken_at, camera, reference)


def _quality(tree: object) -> StandingQuality | None:
    if not isinstance(tree, dict) or not _is_count(tree.get("frames")):
        return None
    return StandingQuality(tree["frames"], **{name: number(tree, name) for name in _QUALITY})


def number(tree: dict[str, Any], name: str) -> float:
    """Return a number, NaN for null. Raises Damaged where it is missing or none."""
    value = tree.get(name, "missing")
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise Damaged(f"{name} is no number")
    return float(value)


def _plain(value: float) -> float | None:
    return round(value, 5) + 0.0 if math.isfinite(value) else None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
