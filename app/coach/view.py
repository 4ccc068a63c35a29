"""From where the camera sees the runner: facing, kind of view, yaw. Slow votes, so that one frame decides nothing."""

from __future__ import annotations

import math
from collections import deque

from app.coach.filters import median
from app.coach.geometry import NAN
from app.coach.types import BodyPose, Facing, Landmark, ViewKind

#: Time constant of the facing vote, s; and the vote needed to turn round once decided.
FACING_TAU_S = 0.4
FACING_TURN = 0.5
#: Shoulder width over trunk length of an adult seen from the front (biacromial .204 BH over trunk .29 BH).
FRONT_WIDTH_PER_TRUNK = 0.70
#: Views beyond these yaws are oblique and front. A 10 deg lean reads 8.7 at 30 deg of yaw (peers.md, section 3).
#: Through the network a camera turned by 10, 20, 30 deg reads 8, 16, 34 (rendered runners).
SIDE_MAX_YAW_DEG = 24.0
OBLIQUE_MAX_YAW_DEG = 60.0
YAW_HYSTERESIS_DEG = 4.0
#: The median runs over this long: arm swing turns the shoulders at step rate and must average out.
VIEW_WINDOW_S = 1.5
SETTLE_EVERY_S = 0.1

_FEET = ((Landmark.LEFT_HEEL, Landmark.LEFT_TOE), (Landmark.RIGHT_HEEL, Landmark.RIGHT_TOE))


def facing_evidence(pose: BodyPose) -> float:
    """Return -1..+1: which way nose and toes point in this image (+ = right); 0 where nothing tells."""
    xy = pose.xy_px
    signs = []
    ear_x = median([float(xy[Landmark.LEFT_EAR, 0]), float(xy[Landmark.RIGHT_EAR, 0])])
    nose_dx = float(xy[Landmark.NOSE, 0]) - ear_x
    if nose_dx == nose_dx:
        signs += [_sign(nose_dx)] * 2
    for heel, toe in _FEET:
        dx = float(xy[toe, 0] - xy[heel, 0])
        if dx == dx:
            signs.append(_sign(dx))
    return sum(signs) / len(signs) if signs else 0.0


def _sign(value: float) -> float:
    """Return -1, 0 or +1; straight below one another tells nothing, in a mirror either."""
    return float(value > 0.0) - float(value < 0.0)


class ViewTracker:
    """Votes on facing and view over time."""

    def __init__(self, fixed: Facing = Facing.UNKNOWN) -> None:
        self._fixed = fixed
        self._vote = 0.0
        self._last_s: float | None = None
        self._widths: deque[tuple[float, float, float]] = deque()
        self._settled_s = float("-inf")
        self.facing = fixed
        #: How far the body is turned out of the side view (0) towards the front (90), unsigned; NaN unknown.
        self.yaw_deg = NAN
        self.kind = ViewKind.UNKNOWN

    def update(self, pose: BodyPose, shoulder_width_px: float, trunk_px: float) -> bool:
        """Take one frame with a person in it; return whether the facing changed."""
        self._remember_width(pose.t_s, shoulder_width_px, trunk_px)
        self._settle_view(pose.t_s)
        evidence = facing_evidence(pose)
        if self._last_s is None:
            self._vote = evidence
        else:
            weight = 1.0 - math.exp(-max(pose.t_s - self._last_s, 0.0) / FACING_TAU_S)
            self._vote += weight * (evidence - self._vote)
        self._last_s = pose.t_s
        if self._fixed is not Facing.UNKNOWN:
            return False
        wanted = Facing.RIGHT if self._vote > 0 else Facing.LEFT
        needed = 0.1 if self.facing is Facing.UNKNOWN else FACING_TURN
        if abs(self._vote) >= needed and wanted is not self.facing:
            if self.facing is Facing.UNKNOWN and wanted is Facing.LEFT:  # until now it counted as right
                self._widths = deque((t_s, -width, trunk) for t_s, width, trunk in self._widths)
            self.facing = wanted
            return True
        return False

    @property
    def contradicted(self) -> bool:
        """Whether the facing that was told is clearly not the one that is seen."""
        return self._fixed is not Facing.UNKNOWN and self._vote * self._fixed.sign < -FACING_TURN

    @property
    def why_not_side(self) -> str:
        """Why this is no side view to judge running in, one line; "" where it is one."""
        if self.kind is not ViewKind.SIDE and self.kind is not ViewKind.UNKNOWN:
            return f"the camera is not side-on (turned about {self.yaw_deg:.0f} deg)"
        if self.facing is Facing.UNKNOWN:
            return "cannot tell which way the runner faces"
        if self.contradicted:
            return f"the runner does not face {self.facing.value}, as was told"
        return ""

    def _remember_width(self, t_s: float, width_px: float, trunk_px: float) -> None:
        if width_px == width_px and trunk_px > 0:
            self._widths.append((t_s, width_px, trunk_px))
        while self._widths and t_s - self._widths[0][0] > VIEW_WINDOW_S:
            self._widths.popleft()

    def _settle_view(self, t_s: float) -> None:
        """Look at yaw and kind of view afresh; ten times a second is enough for a slow median."""
        if t_s - self._settled_s < SETTLE_EVERY_S or not self._widths:
            return
        self._settled_s = t_s
        width = median(w for _, w, _ in self._widths)
        trunk = median(t for _, _, t in self._widths)
        yaw_deg = math.degrees(math.asin(min(abs(width) / (FRONT_WIDTH_PER_TRUNK * trunk), 1.0)))
        self.yaw_deg = yaw_deg
        side_deg = SIDE_MAX_YAW_DEG + (YAW_HYSTERESIS_DEG if self.kind is ViewKind.SIDE else 0.0)
        oblique_deg = OBLIQUE_MAX_YAW_DEG - (YAW_HYSTERESIS_DEG if self.kind is ViewKind.FRONT else 0.0)
        if yaw_deg <= side_deg:
            self.kind = ViewKind.SIDE
        else:
            self.kind = ViewKind.OBLIQUE if yaw_deg <= oblique_deg else ViewKind.FRONT
