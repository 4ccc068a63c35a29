"""A standing reference of another session: what of it still holds here, and why not more.

Its angles and its scale are used at once: they belong to the runner. The heights of ear and crown belong to a picture:
they are used once camera, picture, facing, scale and floor have been seen to be the same, and only if they are.
"""

from __future__ import annotations

from collections import deque

from app.coach.filters import median
from app.coach.geometry import Body
from app.coach.standing import SAME_SCALE_TOLERANCE, StandingReference
from app.coach.types import Facing

STORED = "stored"
#: So much is looked at before heights are trusted: frames that show a leg, and the time they cover.
LEAST_FRAMES, LEAST_S = 15, 1.0
#: Knees near straight: only such legs are compared with the standing ones (a bent knee moves under the skin, and the
#: network shortens flying legs).
STRAIGHT_KNEE_DEG = 25.0
#: The floor may lie so much off: feet are found to 1 % BH (biomechanics D), a lid tipped by 1 degree moves it by 2.5 %.
FLOOR_BH = 0.02
#: A standing line that far from the stored one: the camera is rolled otherwise (both are good to a degree).
ROLL_DEG = 2.0
ANOTHER_CAMERA = "the stored standing was taken with another camera"


class StoredWatch:
    """Compares a stored reference with what is seen; of one session.

    Args:
        stored: as it was taken, with ``stale`` where its heights are known not to hold (another camera).
    """

    def __init__(self, stored: StandingReference) -> None:
        self._stored = stored
        self._legs_px: deque[float] = deque(maxlen=300)
        self._floors_px: deque[float] = deque(maxlen=300)
        self._since_s = float("nan")
        self._scaled = False
        #: Why its heights do not hold, one line; "" as long as nothing speaks against them.
        self.stale = stored.stale
        #: Whether the runner faces the other way than then.
        self.turned = False
        #: Whether everything was compared and is the same: its heights may be used.
        self.confirmed = False

    def start(self) -> StandingReference:
        """Return what can be used from the first frame on: angles and scale."""
        return self._stored.without_heights()

    def update(self, body: Body) -> StandingReference | None:
        """Take one frame; return the reference to use from now on where that changes, else None."""
        if self.confirmed or self._scaled:
            return None
        if not self.stale:
            self.stale = self._another_picture(body)
        legs = [leg for leg in body.known_legs if abs(body.knee_deg(leg)) <= STRAIGHT_KNEE_DEG]
        if not legs or body.lowest_y_px != body.lowest_y_px:
            return None
        if self._since_s != self._since_s:
            self._since_s = body.t_s
        self._legs_px.append(body.leg_length_px() if len(legs) == len(body.known_legs) else body_leg_px(body))
        self._floors_px.append(body.lowest_y_px)
        if len(self._legs_px) < LEAST_FRAMES or body.t_s - self._since_s < LEAST_S:
            return None
        return self._decide()

    def rolled(self, seen: StandingReference) -> bool:
        """Whether a standing seen here shows another roll of the camera than the stored one."""
        return abs(seen.roll_deg - self._stored.roll_deg) > ROLL_DEG

    def _another_picture(self, body: Body) -> str:
        stored = self._stored
        if body.image_size_px != stored.image_size_px:
            (width, height), (was_width, was_height) = body.image_size_px, stored.image_size_px
            return f"the stored standing was taken at {was_width}x{was_height}, the picture now is {width}x{height}"
        if Facing.UNKNOWN not in (body.facing, stored.facing) and body.facing is not stored.facing:
            self.turned = True
            return f"the stored standing was taken facing {stored.facing.value}"
        return ""

    def _decide(self) -> StandingReference:
        """Return the reference as it holds here, its scale put right."""
        stored = self._stored
        ratio = median(self._legs_px) / stored.leg_length_px
        floor_off = (median(self._floors_px) - stored.floor_y_px) / stored.body_height_px
        if not self.stale and not abs(ratio - 1.0) <= SAME_SCALE_TOLERANCE:
            self.stale = f"you are {abs(ratio - 1.0):.0%} {'nearer' if ratio > 1.0 else 'further off'} than when the "
            self.stale += "standing was stored"
        if not self.stale and not abs(floor_off) <= FLOOR_BH:
            self.stale = "the camera points higher or lower than when the standing was stored"
        if not self.stale:
            self.confirmed = True
            return stored
        self._scaled = True
        return stored.without_heights().rescaled(ratio) if ratio > 0.0 else stored.without_heights()


def body_leg_px(body: Body) -> float:
    """Return the length of the straightest leg, px."""
    leg = min(body.known_legs, key=lambda one: abs(body.knee_deg(one)))
    (hx, hy), (kx, ky), (ax, ay) = body.hip, leg.knee, leg.ankle
    return float(((hx - kx) ** 2 + (hy - ky) ** 2) ** 0.5 + ((kx - ax) ** 2 + (ky - ay) ** 2) ** 0.5)
