"""How good a standing reference is: how much it scattered while it was taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.coach.filters import median
from app.coach.geometry import Body


@dataclass(frozen=True, slots=True)
class StandingQuality:
    """How much a standing scattered from frame to frame: robust SDs (1.4826 MAD), and over how many frames.

    Attributes:
        ear_bh, hip_bh: of the heights of ear and hip, fraction of body height.
        trunk_deg, knee_deg: of the inclinations.
    """

    frames: int
    ear_bh: float
    hip_bh: float
    trunk_deg: float
    knee_deg: float


def _spread(values: Iterable[float]) -> float:
    known = [value for value in values if value == value]
    middle = median(known)
    return 1.4826 * median(abs(value - middle) for value in known)


def standing_quality(bodies: list[Body], body_height_px: float) -> StandingQuality:
    """Return how much ``bodies`` of one standing scatter."""
    return StandingQuality(
        frames=len(bodies),
        ear_bh=_spread(b.ear[1] for b in bodies) / body_height_px,
        hip_bh=_spread(b.hip[1] for b in bodies) / body_height_px,
        trunk_deg=_spread(b.trunk_deg for b in bodies),
        knee_deg=_spread(b.knee_deg(leg) for b in bodies for leg in b.known_legs),
    )
